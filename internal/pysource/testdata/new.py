# What older versions of Python do not read.
type Alias[T] = list[T]
nested = f"{f"{"deep"}"} {x["key"]} {
    y  # a comment }
    :>{width}}"


def generic[T: (int, str), *Ts](a: T, *args: *Ts) -> T:
    return a


class Box[T](Base): size = "1"


def matches(x):
    match x:
        case {"a": [1, *rest]} if rest: return 1
        case str() | None:
            from inside import name
        case _: pass


try: pass
except* ValueError as group: pass
