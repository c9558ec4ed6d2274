#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""A file with what is easily read wrong."""
from __future__ import annotations; import os, sys as system
from . import sibling
from ..package.module import (
    one,  # a comment, and a bracket )
    two as zwei,
)

if True:
    import json as j
elif False: import nothing
else:
    try: from a.b import c
    except ImportError: c = None

joined = "one " 'two ' """three
"four" """
raw = r"a\nb\"c"
escaped = "tab\tquote\"\x41\u00e9\101\
end"
not_a_class = """
class Hidden(FlowSpec):
    pass
"""
formatted = f"{not_a_class!r:>{10}} {{class Hidden: }} {'}'} {dict(a=1)['a']}"
continued = 1 + \
    2
number = -1_000.5e-3
hex_number = 0xE+1
a = b = 3
x: int = 4
d = {"lambda": lambda a, b=1, *c: (a, b), "s": {1, 2}, **{}}
call = make("a", *rest, key=lambda: [x for x in y if x], other=f"{x}")


@decorator(argument=["def f(): pass"])
@other.decorator
class Odd(Base[int], metaclass=Meta, **kwargs):
    """Its own text.

    class NotInside: pass
    """

    field = 1; second = "2"
    annotated: "Field[int]" = None

    def method(self, a, /, b: int = 1, *args: str, c, d=(1, 2), **kw) -> dict[str, int]:
        nested = "def not_seen(): pass"
        class Local: pass
        def inner(): import deep.module as deep

    if os.name == "nt":
        def method(self): pass

    async def later(self, *, only): yield


def one_line(a, b=lambda x, y: (x, y)): return a if b else {a: b}


async def no_arguments() -> None: pass
match = 1
match[0] = {}
type = 2
	
if match: pass
