"""Reads the selected records of flows, and believes none that it cannot verify.

    <root>/runs/clean.json              flow.clean
    <root>/runs/train/forest.json       flow.train["forest"]
    <root>/runs/@prod/clean.json        flow.clean in the workspace prod
    <root>/.flowrider/selected/...      laid out as runs: this machine's choice,
                                        where the record in runs names a run that
                                        lies in another store

The format is engine/record's, in the Go program, and the same files test both.
Nothing is written here, and what a record points to is not looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flowrider import root as roots
from flowrider.address import Address
from flowrider.errors import RecordMissing, RecordUnreadable

SCHEMA = 1  #: the newest record format that is understood

_CONFLICT = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?:[ \r]|$)", re.MULTILINE)
_CHECKSUM = re.compile(rb'(?:(?<=\A{\n)|(?<=\A{\n  "asserted": true,\n))  "checksum": "([^\n]*?)",\n')
_STRINGS = ("flow", "runner", "run_id", "config_hash", "data_version", "started")


def read(root: Path, address: Address) -> dict[str, Any]:
    """The record of a flow that counts here, as engine/record/record.go lays it out.

    That is the committed record or, where its run lies in another store, this
    machine's choice, if there is one. Raises RecordMissing, RecordUnreadable
    and WorkspaceInvalid.
    """
    committed = _read(roots.runs(root), address)
    if committed.get("store", "") in ("", roots.store(root)):
        return committed
    try:
        return _read(roots.choices(root), address)
    except RecordMissing:
        return committed


def _read(folder: Path, address: Address) -> dict[str, Any]:
    """The record of a flow in a folder of records."""
    path = folder / file_name(address)
    try:
        if path.exists() and not path.is_file():
            raise OSError("not a regular file")
        fields = parse(path.read_bytes())
    except FileNotFoundError as error:
        raise RecordMissing(_missing(path, address)) from error
    except OSError as error:
        raise RecordUnreadable(f"{path} cannot be read: {error}") from error
    except ValueError as error:
        raise RecordUnreadable(f"{path} {error}") from error
    if fields["flow"] != str(address):
        raise RecordUnreadable(f"{path} belongs to {fields['flow']}, not to {address}; {_again(address)}")
    return fields


def parse(text: bytes) -> dict[str, Any]:
    """The fields of a record's text, verified.

    A ValueError's message completes "runs/clean.json …".
    """
    if _CONFLICT.search(text):
        raise ValueError("has git conflict markers; take one side, or run `flowrider apply` to decide it again")
    try:
        fields = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is torn or no record ({error}); run `flowrider apply` to mend it") from error
    if not isinstance(fields, dict):
        raise ValueError("is no record; run `flowrider apply` to mend it")
    # The format number comes first: a newer format may have another checksum.
    schema = fields.get("schema")
    if type(schema) is not int or schema < 1:
        raise ValueError("has no format number; run `flowrider apply` to mend it")
    if schema > SCHEMA:
        raise ValueError(f"was written by a newer flowrider (record format {schema}, this one knows {SCHEMA}); use that one")
    if not _is_intact(text):
        raise ValueError("was edited: its checksum does not fit; run `flowrider apply` to mend it")
    for name in _STRINGS:
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise ValueError(f"is no record: it has no {name}; run `flowrider apply` to mend it")
    return fields


def file_name(address: Address) -> str:
    """Where a flow's record stands below the folder of records, a slash path."""
    if address.key is None:
        return f"{_escape(address.name)}.json"
    return f"{_escape(address.name)}/{_escape(address.key)}.json"


def blob(root: Path, digest: str, name: str) -> Path:
    """Where engine/blob keeps a command's output, whether it is there or not.

    digest is "h1:" and 64 hexadecimal digits, name the output's own file name.
    """
    return root / ".flowrider/blobs" / digest.removeprefix("h1:") / name


def parse_time(text: str) -> datetime:
    """A time as records have it, 2026-11-22T00:28:01.317264899Z, to the microsecond."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    moment = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return moment + timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))


def _is_intact(text: bytes) -> bool:
    """Whether the text has the checksum that stands in it.

    It is the SHA-256 of the canonical text without the line of the checksum.
    A text that was only laid out anew, by an editor or by git's line endings,
    still fits.
    """
    line = _CHECKSUM.search(text)
    if line is not None and _digest(text[: line.start()] + text[line.end() :]) == line[1].decode("utf-8", "replace"):
        return True
    fields = json.loads(text.decode("utf-8"), parse_int=_Number, parse_float=_Number)
    stated = str(fields.pop("checksum", None))
    return _digest((_canonical(fields) + "\n").encode("utf-8", "replace")) == stated


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


class _Number(str):
    """A number as it was spelled."""


def _canonical(value: Any, margin: str = "\n") -> str:
    """Sorted keys, two spaces a level, and no escape that need not be."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, (dict, list)) and value:
        deeper = margin + "  "
        if isinstance(value, dict):
            items = [f"{_canonical(key)}: {_canonical(value[key], deeper)}" for key in sorted(value)]
            return "{" + deeper + f",{deeper}".join(items) + margin + "}"
        return "[" + deeper + f",{deeper}".join(_canonical(item, deeper) for item in value) + margin + "]"
    # Two line separators that Go escapes and Python does not.
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escape(text: str) -> str:
    """A file name for a flow's name or key: letters, digits, "_", "-", "." (not
    in front), and %XX for every other byte."""
    if not text:
        return "%"
    name, cut = "", 0
    for i, byte in enumerate(text.encode("utf-8")):
        character = chr(byte)
        plain = byte < 128 and (character.isalnum() or character in "_-" or (character == "." and i > 0))
        name += character if plain else f"%{byte:02X}"
        if len(name) <= 80:
            cut = len(name)
    if len(name) <= 120:
        return name
    # Too long for a file system: a part, and a digest of the whole.
    return f"{name[:cut]}%~{hashlib.sha256(text.encode('utf-8')).hexdigest()[:32]}"


def _missing(path: Path, address: Address) -> str:
    """What to say of a record that is not there."""
    instances = path.with_suffix("")
    if address.key is None and instances.is_dir():
        keys = sorted("" if file.stem == "%" else unquote(file.stem) for file in instances.glob("*.json"))
        if keys:
            return f'{address} has several instances: {", ".join(keys)}; name one, as in get("{address.name}", "{keys[0]}")'
    return f"{address} has no record at {path}; {_again(address)}"


def _again(address: Address) -> str:
    return f"run `flowrider apply '{address}'`" if address.key is not None else f"run `flowrider apply {address}`"


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
