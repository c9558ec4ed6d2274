"""Reads finished runs straight from Metaflow's local datastore.

    <root>/.metaflow/<Flow>/<run>/<step>/<task>/<attempt>.data.json   names to digests
    <root>/.metaflow/<Flow>/data/<first two>/<sha1>                   gzip of a pickle

Importing Metaflow costs more than reading most artifacts, and needs its
package, so it is not imported. Stores elsewhere (S3, a metadata service) are
left to Metaflow's own client, as are artifacts of plug-in serializers.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import zlib
from pathlib import Path
from typing import Any

from flowrider.errors import ArtifactMissing, ArtifactUnreadable, RunUnavailable

# SHA-1 of a pickled True. An interrupted task has None there, so nothing is
# asked but whether it is True.
_TRUE = "868436778cb011a1c6230bc12534683ab0b7f1c3"
_PICKLES = {"pickle-v2", "pickle-v4", "gzip+pickle-v2", "gzip+pickle-v4"}
_REPLACE = "To make it again, run `flowrider apply --replace` for its flow"
_LONGEST_CHAIN = 100  # resumed runs: each may be the origin of the next


class Run:
    """A successful run in the local datastore under root.

    pathspec is "<Flow>/<run ID>". Artifacts are those of the run's last step:
    what a join did not merge is not there.
    """

    def __init__(self, root: Path, pathspec: str) -> None:
        flow, _, run_id = pathspec.partition("/")
        if not flow or not run_id or "/" in run_id or flow.startswith(".") or run_id.startswith("."):
            raise RunUnavailable(f"{pathspec!r} is not a run; write it as in TrainFlow/1700000000000000")
        self.pathspec = pathspec
        self._store = root / ".metaflow"
        self._flow = self._store / flow
        self._folder = self._flow / run_id
        self._task: dict[str, Any] | None = None

    def artifacts(self) -> dict[str, str]:
        """Artifact names to SHA-1 digests, sorted. Raises RunUnavailable."""
        objects = self._read_task()["objects"]
        return {name: objects[name] for name in sorted(objects) if not name.startswith("_") and name != "name"}

    def load(self, name: str) -> Any:
        """The value of an artifact.

        Raises ArtifactMissing, ArtifactUnreadable, and RunUnavailable.
        """
        task = self._read_task()
        if name not in self.artifacts():
            names = ", ".join(self.artifacts()) or "none"
            raise ArtifactMissing(f"{self.pathspec} has no artifact {name!r} in its last step; there are: {names}")
        encoding = task.get("info", {}).get(name, {}).get("encoding", "gzip+pickle-v2")
        if encoding not in _PICKLES:
            raise self._unreadable(name, f"is kept as {encoding}; {self._by_metaflow()}.data.{name}")
        return self._unpickle(name, self._read_content(name, task["objects"][name]))

    def _read_task(self) -> dict[str, Any]:
        """data.json of the last attempt of the last step's task."""
        if self._task is not None:
            return self._task
        if not self._folder.is_dir():
            raise RunUnavailable(
                f"{self.pathspec} is not in {self._store}; it may have been made on another machine or with another datastore. "
                f"Run `flowrider apply` to make it here, or {self._by_metaflow()}"
            )
        step = self._folder / _end_step(self._folder)
        # One task a step outside foreach; should there be several, the last.
        tasks = sorted((p for p in step.glob("*") if p.name != "_meta" and p.is_dir()), key=_number) if step.is_dir() else []
        done = sorted(tasks[-1].glob("*.DONE.lock"), key=_number) if tasks else []
        if not done:
            raise RunUnavailable(f"{self.pathspec} did not finish: its step {step.name!r} is not done. Run `flowrider apply`")
        data = done[-1].with_name(done[-1].name.split(".")[0] + ".data.json")
        try:
            task: dict[str, Any] = json.loads(data.read_bytes())
            objects = task["objects"]
            succeeded = objects.get("_task_ok") == _TRUE and objects.get("_success") == _TRUE
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunUnavailable(f"{data} cannot be read ({error}). Run `flowrider apply`") from error
        if not succeeded:
            raise RunUnavailable(f"{self.pathspec} did not succeed. Run `flowrider apply`")
        self._task = task
        return task

    def _read_content(self, name: str, sha1: str) -> bytes:
        """The bytes stored under a digest, checked against it."""
        path = self._flow / "data" / sha1[:2] / sha1
        try:
            stored = path.read_bytes()
            meta = path.with_name(sha1 + "_meta")
            raw = meta.is_file() and json.loads(meta.read_bytes()).get("cas_raw", False)
            content = stored if raw else gzip.decompress(stored)
        except (OSError, ValueError, EOFError, zlib.error) as error:
            raise self._unreadable(name, f"cannot be read: {error}. {_REPLACE}") from error
        if hashlib.sha1(content).hexdigest() != sha1:
            raise self._unreadable(name, f"is damaged: {path} has other content than its name says. {_REPLACE}")
        return content

    def _unpickle(self, name: str, content: bytes) -> Any:
        try:
            value = _Unpickler(io.BytesIO(content)).load()
        except ModuleNotFoundError as error:
            raise self._unreadable(
                name,
                f"needs the module {error.name!r}: read it in the flow's environment, with the project's folder on sys.path",
            ) from error
        except Exception as error:  # unpickling runs any code that the classes bring
            raise self._unreadable(
                name,
                f"cannot be unpickled here ({type(error).__name__}: {error}): read it in the flow's environment; "
                "classes must come from an importable module, not from the flow's own file",
            ) from error
        return self._read_included(name, value) if isinstance(value, _IncludedFile) else value

    def _read_included(self, name: str, included: _IncludedFile) -> str | bytes:
        """Content of an IncludeFile. Its stored URL is absolute and wrong once
        the project has moved, but ends in the flow's name and the SHA-1."""
        about = included.__dict__.get("_descriptor", {})
        url = str(about.get("url", ""))
        path = self._store / "data" / self._flow.name / url.rpartition("/")[2]
        if not url.startswith("local://"):
            raise self._unreadable(name, f"lies at {url}; {self._by_metaflow()}.data.{name}")
        # A file that Metaflow did not store itself stays as the user left it.
        stored = about.get("sub-type", about.get("type")) in ("uploaded", "uploader-v1")
        try:
            content = gzip.decompress(path.read_bytes()) if stored else Path(url[len("local://") :]).read_bytes()
            if stored and hashlib.sha1(content).hexdigest() != path.name:
                raise ValueError(f"{path} has other content than its name says")
            if not about.get("is_text"):
                return content
            # As Metaflow reads text: line ends become "\n".
            return io.TextIOWrapper(io.BytesIO(content), encoding=about.get("encoding")).read()
        except (OSError, ValueError, LookupError, EOFError, zlib.error) as error:
            raise self._unreadable(name, f"cannot be read: {error}. {_REPLACE}") from error

    def _unreadable(self, name: str, why: str) -> ArtifactUnreadable:
        return ArtifactUnreadable(f"artifact {name!r} of {self.pathspec} {why}")

    def _by_metaflow(self) -> str:
        return f"read it with metaflow.Run({self.pathspec!r})"


class _IncludedFile:
    """Stands for metaflow.includefile.IncludedFile."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("metaflow.includefile", "IncludedFile"):
            return _IncludedFile
        return super().find_class(module, name)


def _end_step(folder: Path) -> str:
    """Name of a run's last step. A resumed run does not have it, so it is
    taken from the run that it resumed, and so on."""
    seen: set[Path] = set()
    while folder not in seen and len(seen) < _LONGEST_CHAIN:
        seen.add(folder)
        named = _field((folder / "_parameters/0/_meta").glob("sysmeta_end_step_*.json"))
        if named:
            return named
        origin = _field(folder.glob("*/*/_meta/sysmeta_origin-run-id_*.json"))
        if not origin or origin == "None":
            break
        folder = folder.with_name(origin)
    return "end"


def _field(files: Any) -> str:
    """Value of the last of some metadata files, "" if there is none."""
    for path in sorted(files, reverse=True):
        try:
            return str(json.loads(path.read_bytes())["value"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return ""


def _number(path: Path) -> tuple[int, str]:
    """Sorts 9 before 10, and names that are no numbers first."""
    head = path.name.split(".")[0]
    return (int(head) if head.isdecimal() else -1, head)
