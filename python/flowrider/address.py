"""Addresses of flows, such as flow.clean and flow.train["forest"].

Where a flow's record lies is `flowrider.record`'s to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowrider.errors import AddressInvalid

_FORM = re.compile(r'(?:flow\.)?(?P<name>[^\W\d][\w-]*)(?:\[(?P<key>"(?:[^"\\\n]|\\.)*")\])?')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))|\$\$\{|%%\{|[$%]\{")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Address:
    """One flow, or one instance of a flow that has for_each.

    key is None for a flow without for_each.
    """

    name: str
    key: str | None = None

    def __str__(self) -> str:
        if self.key is None:
            return f"flow.{self.name}"
        return f"flow.{self.name}[{_quote(self.key)}]"


def parse(text: str, key: str | None = None) -> Address:
    """The address written as in the configuration; "flow." may be left out.

    key names the instance where the text does not. Raises AddressInvalid.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise AddressInvalid(f'{text!r} is not the address of a flow; write it as in flow.clean or flow.train["forest"]')
    if form["key"] is None:
        return Address(form["name"], key)
    if key is not None:
        raise AddressInvalid(f"{text!r} names an instance already; leave the key {key!r} out")
    return Address(form["name"], _unquote(text, form["key"][1:-1]))


def _quote(key: str) -> str:
    """key as a string of the configuration language."""
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        key = key.replace(plain, quoted)
    return '"' + key.replace("${", "$${").replace("%{", "%%{") + '"'


def _unquote(text: str, body: str) -> str:
    """The reverse of _quote; text is the whole address, for the message."""

    def replace(match: re.Match[str]) -> str:
        if match[0] in ("$${", "%%{"):
            return match[0][1:]
        code = match[1] or match[2]
        if code is not None and int(code, 16) < 0x110000:
            return chr(int(code, 16))
        if match[3] in _LETTERS:
            return _LETTERS[match[3]]
        raise AddressInvalid(f"{match[0]!r} in {text!r} cannot be read; give the key by itself, as in get(\"train\", KEY)")

    return _ESCAPE.sub(replace, body)
