"""A project in a temporary folder, with a Metaflow datastore written by hand.

That the real Metaflow writes the same is shown by test_metaflow.py.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock


class Project(unittest.TestCase):
    """A test in a fresh root folder, with no settings from outside."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "flowrider.hcl").touch()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FLOWRIDER_")}
        clean["FLOWRIDER_ROOT"] = str(self.root)
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)


def write_run(
    root: Path,
    pathspec: str,
    artifacts: dict[str, Any],
    *,
    step: str = "end",
    task: str = "2",
    attempt: int = 0,
    ok: Any = True,
    end_step: str | None = None,
    origin: str | None = None,
    encoding: str = "pickle-v4",
) -> Path:
    """Writes one finished task; returns its folder.

    end_step is what a plain run says of itself, origin the run that a resumed
    one continues.
    """
    flow = root / ".metaflow" / pathspec.split("/")[0]
    run = root / ".metaflow" / pathspec
    folder = run / step / task
    (folder / "_meta").mkdir(parents=True, exist_ok=True)
    objects = {**artifacts, "name": flow.name, "_task_ok": ok, "_success": ok}
    data = {
        "datastore": "local",
        "objects": {name: _store(flow, value) for name, value in objects.items()},
        "info": {name: {"encoding": encoding} for name in objects},
    }
    (folder / f"{attempt}.data.json").write_text(json.dumps(data))
    (folder / f"{attempt}.DONE.lock").touch()
    if end_step is not None:
        _write_field(run / "_parameters/0/_meta/sysmeta_end_step_1.json", end_step)
    if origin is not None:
        _write_field(folder / "_meta/sysmeta_origin-run-id_1.json", origin)
    return folder


def content_file(root: Path, flow: str, sha1: str) -> Path:
    """Where the datastore keeps the content of that digest."""
    return root / ".metaflow" / flow / "data" / sha1[:2] / sha1


def _store(flow: Path, value: Any) -> str:
    content = value if isinstance(value, bytes) else pickle.dumps(value, protocol=4)
    sha1 = hashlib.sha1(content).hexdigest()
    path = flow / "data" / sha1[:2] / sha1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content))
    path.with_name(sha1 + "_meta").write_text('{"cas_raw": false, "cas_version": 1}')
    return sha1


def _write_field(path: Path, value: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"value": value}))
