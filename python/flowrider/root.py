"""Where the project is: the folder of flowrider.hcl, and that of its records."""

from __future__ import annotations

import os
from pathlib import Path

from flowrider.errors import RootNotFound


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


def runs(root: Path) -> Path:
    """The folder of the committed records.

    This package reads no HCL: a project whose settings name another folder
    than runs sets FLOWRIDER_RUNS to it.
    """
    return root / (os.environ.get("FLOWRIDER_RUNS") or "runs")
