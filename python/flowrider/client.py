"""Results of flows, by the names they have in the configuration.

    from flowrider import client

    forest = client.get("train", "forest")     # or client.get('flow.train["forest"]')
    forest.run_id                              # "1795303798650001"
    forest.parameters["settings"]              # {"max_depth": 6, "n_estimators": 120}
    forest.model.predict(x)                    # an artifact, unpickled

What flowrider selected is what is given: never the latest run, always the
recorded one. Artifacts are unpickled, so read only projects that you trust,
in an environment that has the packages their classes come from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from flowrider import address, datastore, record
from flowrider import root as roots
from flowrider.errors import ArtifactMissing, ArtifactUnreadable, FlowriderError

__all__ = ["Artifacts", "Output", "Result", "get", "run"]


def get(flow: str, key: str | None = None, *, root: str | os.PathLike[str] | None = None) -> Result:
    """The recorded result of a flow.

    flow is an address as in the configuration, "flow." may be left out; key is
    the instance of a flow with for_each. root is the folder of flowrider.hcl,
    found by itself inside a project. The record is that of the selected
    workspace, or of FLOWRIDER_WORKSPACE; where its run lies on another machine,
    this machine's own run counts. Nothing but the record is read until an
    artifact is asked for.

    Raises AddressInvalid, RootNotFound, WorkspaceInvalid, RecordMissing,
    RecordUnreadable.
    """
    folder = roots.find(root)
    return Result(folder, record.read(folder, address.parse(flow, key)))


def run(pathspec: str, *, root: str | os.PathLike[str] | None = None) -> Artifacts:
    """The artifacts of one Metaflow run, for flows that were given a run ID.

    pathspec is "<Flow>/<run ID>". Raises RootNotFound and RunUnavailable.
    """
    artifacts = Artifacts(datastore.Run(roots.find(root), pathspec))
    len(artifacts)  # a run that is not there is said now, not at first use
    return artifacts


class Artifacts(Mapping[str, Any]):
    """The artifacts of a run by name: artifacts["model"] or artifacts.model.

    Each is read when it is first asked for, and kept.
    """

    def __init__(self, run: datastore.Run) -> None:
        self._run = run
        self._values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._run.artifacts():
            raise KeyError(name)
        if name not in self._values:
            self._values[name] = self._run.load(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.artifacts())

    def __len__(self) -> int:
        return len(self._run.artifacts())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked for by copy and pickle before anything is set
            raise AttributeError(name)
        return _attribute(self, name, self._run.pathspec)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self})

    def __repr__(self) -> str:
        return f"<artifacts of {self._run.pathspec}: {', '.join(self)}>"


class Output:
    """A declared output of a result.

    name is its name in the configuration; digest is that of its content;
    data_version is what dependents compare.
    """

    def __init__(self, root: Path, owner: Result, name: str, about: dict[str, Any]) -> None:
        self.name = name
        self.digest: str = about["digest"]
        self.data_version: str = about["data_version"]
        self._root, self._owner, self._about = root, owner, about

    @property
    def value(self) -> Any:
        """What the output holds: an artifact, or what the command printed.

        A file has no value: use path. Raises ArtifactUnreadable.
        """
        if "value" in self._about:
            return self._about["value"]
        if self._about.get("artifact"):
            return self._owner.artifacts[self._about["artifact"]]
        raise ArtifactUnreadable(f"{self._owner.address} output {self.name!r} is a file; use its path")

    @property
    def path(self) -> Path:
        """The stored file or folder, to be read only. Raises ArtifactUnreadable.

        It is not read through here; `flowrider apply` checks it and restores it.
        """
        if not self._about.get("file"):
            raise ArtifactUnreadable(f"{self._owner.address} output {self.name!r} is no file; use its value")
        path = record.blob(self._root, self.digest, Path(self._about["file"]).name)
        if not path.exists():
            raise ArtifactUnreadable(
                f"{self._owner.address} output {self.name!r} is not on this machine; run `flowrider apply {self._owner.address}`"
            )
        return path

    def __repr__(self) -> str:
        return f"<output {self.name!r} of {self._owner.address}, {self.digest}>"


class Result:
    """What is recorded of one flow, and its artifacts as attributes.

    An artifact whose name is taken here, such as run_id, is in artifacts.
    Outputs of a command are attributes too: the path of a file, else the
    value.
    """

    address: str  #: flow.train["forest"]
    runner: str  #: "metaflow" or "command"
    run_id: str
    pathspec: str | None  #: "TrainFlow/1795303798650001"; None for commands
    parameters: dict[str, Any]  #: as passed; what was sensitive is not there
    config_hash: str  #: "h1:…", of the configuration that the run had
    data_version: str  #: what dependents compare
    started: datetime  #: UTC
    duration: float  #: seconds
    asserted: bool  #: whether somebody vouched for it instead of running it
    outputs: dict[str, Output]

    def __init__(self, root: Path, stored: dict[str, Any]) -> None:
        self.address = stored["flow"]
        self.runner = stored["runner"]
        self.run_id = stored["run_id"]
        self.pathspec = stored.get("pathspec") or None
        self.parameters = stored.get("parameters") or {}
        self.config_hash = stored["config_hash"]
        self.data_version = stored["data_version"]
        self.started = record.parse_time(stored["started"])
        self.duration = stored["duration_s"]
        self.asserted = stored.get("asserted", False)
        outputs = stored.get("outputs") or {}
        self.outputs = {name: Output(root, self, name, outputs[name]) for name in sorted(outputs)}
        self.artifacts: Mapping[str, Any] = _OutputValues(self.outputs)
        if self.runner == "metaflow":
            self.artifacts = Artifacts(datastore.Run(root, stored["pathspec"]))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked for by copy and pickle before anything is set
            raise AttributeError(name)
        return _attribute(self.artifacts, name, self.address)

    def __dir__(self) -> list[str]:
        try:
            artifacts = list(self.artifacts)
        except FlowriderError:  # whoever only looks around wants no error
            artifacts = []
        return sorted({*super().__dir__(), *artifacts})

    def __repr__(self) -> str:
        return f"<{self.address}, run {self.pathspec or self.run_id}>"


class _OutputValues(Mapping[str, Any]):
    """The outputs of a command, seen as artifacts."""

    def __init__(self, outputs: dict[str, Output]) -> None:
        self._outputs = outputs

    def __getitem__(self, name: str) -> Any:
        output = self._outputs[name]
        return output.path if output._about.get("file") else output.value

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)


def _attribute(artifacts: Mapping[str, Any], name: str, owner: str) -> Any:
    """artifacts[name], where Python asks for an attribute."""
    if name in artifacts:
        return artifacts[name]
    close = get_close_matches(name, list(artifacts), 1)
    hint = f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(artifacts) or 'none'}"
    raise ArtifactMissing(f"{owner} has no artifact {name!r}{hint}")
