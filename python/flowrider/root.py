"""Where the project is: the folder of flowrider.hcl, and those of its records."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from flowrider.errors import RecordUnreadable, RootNotFound, WorkspaceInvalid

_WORKSPACE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")


def find(root: str | os.PathLike[str] | None = None) -> Path:
    """The root folder, absolute.

    It is root if given, else FLOWRIDER_ROOT (which flowrider sets for the
    flows and hooks that it starts), else the nearest folder with a
    flowrider.hcl, from the working folder upward. Raises RootNotFound.
    """
    given = root if root is not None else os.environ.get("FLOWRIDER_ROOT") or None
    if given is not None:
        folder = Path(given).absolute()
        if not folder.is_dir():
            raise RootNotFound(f"{folder} is not a folder; give the one that holds flowrider.hcl")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "flowrider.hcl").is_file():
            return folder
    raise RootNotFound(
        f"no flowrider.hcl in {here} or above; work inside the project, give root=, or set FLOWRIDER_ROOT"
    )


def workspace(root: Path) -> str:
    """The name of the workspace whose records count.

    It is FLOWRIDER_WORKSPACE (which flowrider sets for the flows and hooks that
    it starts), else what `flowrider workspace select` has selected in this
    clone, else "default". Raises WorkspaceInvalid.
    """
    name = os.environ.get("FLOWRIDER_WORKSPACE") or _text(root / ".flowrider/workspace") or "default"
    if not _WORKSPACE.fullmatch(name):
        raise WorkspaceInvalid(f"{name!r} cannot be the name of a workspace; `flowrider workspace list` lists them")
    return name


def runs(root: Path) -> Path:
    """The folder of the committed records of the workspace.

    This package reads no HCL: a project whose settings name another folder
    than runs sets FLOWRIDER_RUNS to it.
    """
    return _of(workspace(root), root / (os.environ.get("FLOWRIDER_RUNS") or "runs"))


def choices(root: Path) -> Path:
    """The folder of what this machine has chosen where a committed record's run
    lies in another store, for the workspace."""
    return _of(workspace(root), root / ".flowrider/selected")


def store(root: Path) -> str:
    """The ID of this machine's store of runs; "" if it has none yet.

    A checksum follows it. Raises RecordUnreadable where that does not fit.
    """
    text = _text(root / ".flowrider/store")
    name, _, checksum = text.partition("\n")
    if text and checksum != "sha256:" + hashlib.sha256(f"{name}\n".encode()).hexdigest():
        raise RecordUnreadable(
            ".flowrider/store does not hold the ID of a store; "
            "restore it, or remove it and lose touch with the runs on this machine"
        )
    return name


def _of(name: str, folder: Path) -> Path:
    return folder if name == "default" else folder / f"@{name}"


def _text(path: Path) -> str:
    """The text of a small file; "" if there is no such file."""
    try:
        return path.read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
