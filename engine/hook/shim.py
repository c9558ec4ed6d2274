# Calls hooks: one JSON request a line comes in on descriptor 3, one JSON
# answer a line goes out there. What hooks print goes where it always goes.
import sys

# The working folder is on the path of `python -c`; a json.py there must not
# stand in for the one that this program needs.
sys.path[:] = [folder for folder in sys.path if folder]

import importlib
import json
import os
import socket
import traceback

MAX_ANSWER = 1 << 20  # bytes


def user_traceback(error, sensitive):
    """The traceback from the first frame that is neither ours nor the import system's."""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name not in (__file_name, importlib.__file__) and not name.startswith("<frozen importlib"):
            break
        trace = trace.tb_next
    if sensitive:
        return "".join(traceback.format_tb(trace))
    return "".join(traceback.format_exception(type(error), error, trace))


def unique(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two keys of an object are written {name!r}")
    return dict(pairs)


def encode(value):
    """The value as UTF-8 JSON; raises for what other programs would read differently."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    json.loads(text, object_pairs_hook=unique)
    return text.encode()


def find(module, function):
    target = importlib.import_module(module)
    for name in function.split("."):
        target = getattr(target, name)
    return target


def call(request):
    sensitive = request["sensitive"]
    try:
        function = find(request["module"], request["function"])
        value = function(*request["args"], **request["kwargs"])
    except SystemExit as error:
        return {"message": "the function called sys.exit" + ("" if sensitive else f"({error.code!r})")}
    except BaseException as error:
        said = " (what it says is not shown, since the hook is sensitive)" if sensitive else f": {error}"
        return {"message": type(error).__name__ + said, "traceback": user_traceback(error, sensitive)}
    try:
        text = encode(value)
    except (TypeError, ValueError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        kind = type(value)
        said = "" if sensitive else f": {error}"
        return {"message": f"the function returned a value of type {kind.__module__}.{kind.__qualname__}, which is no JSON{said}"}
    if len(text) > MAX_ANSWER:
        return {"message": f"the function returned {len(text)} bytes of JSON; a hook's value has at most {MAX_ANSWER}"}
    return {"value": value}


def main():
    channel, process = socket.socket(fileno=3), os.getpid()
    os.set_inheritable(3, False)
    channel.sendall(b"{}\n")  # ready
    sys.path.insert(0, os.getcwd())
    for line in channel.makefile("rb"):
        answer = call(json.loads(line))
        if os.getpid() != process:
            os._exit(0)  # a function has forked and returned in both processes
        sys.stdout.flush()
        channel.sendall(json.dumps(answer).encode() + b"\n")


__file_name = main.__code__.co_filename
main()
