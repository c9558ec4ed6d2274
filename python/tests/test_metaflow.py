"""Runs that the real Metaflow made: we read what its own client reads.

Skipped where Metaflow is not installed; `go test ./python` installs it.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FLOW = '''
import os
from metaflow import Config, FlowSpec, IncludeFile, JSONType, Parameter, retry, step

class WideFlow(FlowSpec):
    n = Parameter("n", default=3)
    settings = Parameter("settings", type=JSONType, default="{}")
    config = Config("config", default_value='{"depth": {"max": 2}}')
    text = IncludeFile("text", is_text=True, encoding="latin-1")
    raw = IncludeFile("raw", is_text=False)
    absent = IncludeFile("absent", default=None)

    @step
    def start(self):
        self.items = list(range(self.n))
        self.next(self.work, foreach="items")

    @retry(times=1, minutes_between_retries=0)
    @step
    def work(self):
        from metaflow import current
        if self.input == 1 and current.retry_count == 0:
            raise ValueError("once")
        self.square = self.input ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.squares = [i.square for i in inputs]
        self.next(self.finish)

    @step(end=True)
    def finish(self):
        if not os.path.exists(os.environ["GATE"]):
            raise ValueError("not yet")
        self.words = {"a", "b"}

if __name__ == "__main__":
    WideFlow()
'''


# Both print each artifact of a run's last step: name, type, value.
OURS = """
import sys
from flowrider import client
for name, value in client.run("WideFlow/{run}").items():
    print(name, type(value).__name__, sorted(value) if isinstance(value, set) else repr(value))
assert "metaflow" not in sys.modules
"""
THEIRS = """
from metaflow import Run, namespace
namespace(None)
for artifact in sorted(Run("WideFlow/{run}")["finish"].task.artifacts, key=lambda a: a.id):
    if artifact.id != "name":
        value = artifact.data
        print(artifact.id, type(value).__name__, sorted(value) if isinstance(value, set) else repr(value))
"""


@unittest.skipUnless(importlib.util.find_spec("metaflow"), "SKIPPED: Metaflow is not installed")
class RealRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = Path(tempfile.mkdtemp()).resolve()
        cls.addClassCleanup(shutil.rmtree, cls.base)
        cls.root = cls.base / "project"
        (cls.root / ".metaflow").mkdir(parents=True)
        (cls.root / "flowrider.hcl").touch()
        (cls.root / "wide.py").write_text(FLOW)
        (cls.root / "text.txt").write_bytes("grün\r\nrot\n".encode("latin-1"))
        cls.env = {name: value for name, value in os.environ.items() if not name.startswith(("METAFLOW_", "FLOWRIDER_"))}
        cls.env |= {
            "METAFLOW_USER": "tester",
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(cls.root),
            "METAFLOW_DATATOOLS_LOCALROOT": str(cls.root / ".metaflow/data"),
            "GATE": str(cls.base / "gate"),
        }
        cls.failed = cls.start("run", "--settings={\"a\": [1, null]}", "--text=text.txt", "--raw=text.txt", fails=True)
        (cls.base / "gate").touch()
        cls.resumed = cls.start("resume", f"--origin-run-id={cls.failed}")
        cls.cloned = cls.start("resume", f"--origin-run-id={cls.resumed}")

    @classmethod
    def start(cls, *args, fails=False):
        """Runs the flow; its run ID."""
        file = cls.base / "run_id"
        command = [sys.executable, "wide.py", "--no-pylint", *args, f"--run-id-file={file}"]
        ended = subprocess.run(command, cwd=cls.root, env=cls.env, capture_output=True, text=True)
        if (ended.returncode != 0) != fails:
            raise AssertionError(ended.stdout + ended.stderr)
        return file.read_text()

    def read(self, root, program):
        """The lines that a program prints in a process of its own."""
        env = self.env | {"PYTHONPATH": str(Path(__file__).parents[1])}
        ended = subprocess.run([sys.executable, "-c", program], cwd=root, env=env, capture_output=True, text=True)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout.splitlines()

    def test_resumed_and_cloned_runs_read_as_metaflow_reads_them(self):
        for run in (self.resumed, self.cloned):
            with self.subTest(run):
                theirs = self.read(self.root, THEIRS.format(run=run))
                self.assertEqual(theirs, self.read(self.root, OURS.format(run=run)))
                self.assertIn("squares list [0, 1, 4]", theirs)
                self.assertIn("text str 'grün\\nrot\\n'", theirs)

    def test_a_moved_project_still_reads(self):
        moved = self.base / "moved"
        shutil.copytree(self.root, moved)
        ours = OURS.format(run=self.cloned)
        here = self.read(self.root, ours)
        self.root.rename(self.base / "away")
        try:
            self.assertEqual(here, self.read(moved, ours))
        finally:
            (self.base / "away").rename(self.root)

    def test_a_failed_run_is_refused(self):
        program = f"""
from flowrider import FlowriderError, client
try:
    client.run("WideFlow/{self.failed}")
except FlowriderError as error:
    print(error)
"""
        self.assertIn("did not", self.read(self.root, program)[0])


if __name__ == "__main__":
    unittest.main()
