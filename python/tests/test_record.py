"""Records: the fixtures that the Go program's tests read too, and their words."""

import hashlib
import json
import os
import shutil
import unittest
from datetime import datetime, timezone
from pathlib import Path

from flowrider import client, record
from flowrider.address import Address, parse
from flowrider.errors import RecordMissing, RecordUnreadable, RootNotFound, WorkspaceInvalid
from store import Project

FIXTURES = Path(__file__).parents[1] / "testdata/records"
CASES = json.loads((FIXTURES / "cases.json").read_text())


class Fixtures(Project):
    def place(self, file, path):
        target = self.root / "runs" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FIXTURES / file, target)

    def judge(self, address):
        try:
            record.read(self.root, parse(address))
        except RecordUnreadable as error:
            return "newer" if "newer flowrider" in str(error) else "refused"
        return "believed"

    def test_each_is_judged_as_the_go_program_judges_it(self):
        self.assertGreater(len(CASES), 15)
        for case in CASES:
            with self.subTest(case["file"]):
                self.place(case["file"], case["path"])
                self.assertEqual(case["verdict"], self.judge(case["address"]))

    def test_file_names_are_those_of_the_go_program(self):
        for case in CASES:
            with self.subTest(case["file"]):
                self.assertEqual(case["path"], record.file_name(parse(case["address"])))

    def test_no_change_of_a_byte_is_believed(self):
        good = (FIXTURES / "metaflow.json").read_bytes()
        fields = record.parse(good)
        for at in range(len(good)):
            for damaged in (good[:at], good[:at] + b"7" + good[at:], good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]):
                try:
                    # Only the layout may have changed, as when the last line break is cut.
                    self.assertEqual(fields, record.parse(damaged), f"at byte {at}")
                except ValueError:
                    pass

    def test_words(self):
        for file, words in (
            ("conflicted.json", "git conflict markers.*flowrider apply"),
            ("torn.json", "torn.*flowrider apply"),
            ("edited-run.json", "was edited.*flowrider apply"),
            ("foreign.json", r"belongs to flow\.report, not to flow\.train"),
            ("newer.json", "newer flowrider .record format 2, this one knows 1."),
        ):
            with self.subTest(file):
                self.place(file, "train/forest.json")
                with self.assertRaisesRegex(RecordUnreadable, "train/forest.json .*" + words):
                    client.get("train", "forest")


class Reading(Project):
    def test_no_record_says_which_command_makes_one(self):
        with self.assertRaisesRegex(RecordMissing, "run `flowrider apply flow.clean`"):
            client.get("clean")
        with self.assertRaisesRegex(RecordMissing, "run `flowrider apply 'flow.train\\[\"knn\"\\]'`"):
            client.get("train", "knn")

    def test_a_flow_with_instances_names_them(self):
        for key in ("knn", "a b", ""):
            path = self.root / "runs" / record.file_name(Address("train", key))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        with self.assertRaisesRegex(RecordMissing, "several instances: , a b, knn; name one"):
            client.get("train")

    def test_what_is_no_file_is_refused(self):
        (self.root / "runs/clean.json").mkdir(parents=True)
        os.mkfifo(self.root / "runs/pipe.json")  # opening it would wait for ever
        for flow in ("clean", "pipe"):
            with self.subTest(flow), self.assertRaisesRegex(RecordUnreadable, "not a regular file"):
                client.get(flow)

    def test_deep_nesting_is_refused(self):
        (self.root / "runs").mkdir()
        (self.root / "runs/clean.json").write_text("[" * 100_000)
        with self.assertRaises(RecordUnreadable):
            client.get("clean")

    def test_times(self):
        second = datetime(2026, 11, 22, 0, 28, 1, tzinfo=timezone.utc)
        self.assertEqual(second, record.parse_time("2026-11-22T00:28:01Z"))
        self.assertEqual(second.replace(microsecond=317264), record.parse_time("2026-11-22T00:28:01.317264899Z"))
        self.assertEqual(second.replace(microsecond=500000), record.parse_time("2026-11-22T00:28:01.5Z"))


class Workspaces(Project):
    def place(self, file, path):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FIXTURES / file, target)

    def run_id(self):
        return client.get("train", "forest").run_id

    def test_each_has_its_own_records(self):
        self.place("metaflow.json", "runs/@prod/train/forest.json")
        with self.assertRaisesRegex(RecordMissing, "has no record at .*runs/train/forest.json"):
            self.run_id()
        os.environ["FLOWRIDER_WORKSPACE"] = "prod"
        self.assertEqual("1795303798650001", self.run_id())

    def test_the_variable_comes_before_what_is_selected(self):
        self.place("metaflow.json", "runs/@prod/train/forest.json")
        (self.root / ".flowrider").mkdir()
        (self.root / ".flowrider/workspace").write_text("prod\n")
        self.assertEqual("1795303798650001", self.run_id())
        os.environ["FLOWRIDER_WORKSPACE"] = "dev"
        with self.assertRaisesRegex(RecordMissing, "runs/@dev/train/forest.json"):
            self.run_id()
        os.environ["FLOWRIDER_WORKSPACE"] = "default"
        with self.assertRaisesRegex(RecordMissing, "runs/train/forest.json"):
            self.run_id()

    def test_a_name_that_leads_elsewhere_is_refused(self):
        for name in ("../prod", ".prod", "a/b", "a b", "x" * 65, "prod\n"):
            os.environ["FLOWRIDER_WORKSPACE"] = name
            with self.subTest(name), self.assertRaisesRegex(WorkspaceInvalid, "cannot be the name of a workspace"):
                self.run_id()

    def test_a_choice_that_cannot_be_believed_is_named(self):
        self.place("metaflow.json", "runs/train/forest.json")
        self.place("torn.json", ".flowrider/selected/train/forest.json")
        with self.assertRaisesRegex(RecordUnreadable, "selected/train/forest.json is torn"):
            self.run_id()
        store = "local:01KAMEXAMPLE\n"
        (self.root / ".flowrider/store").write_text(f"{store}sha256:{hashlib.sha256(store.encode()).hexdigest()}\n")
        self.assertEqual("1795303798650001", self.run_id(), "the committed record's run lies here")
        (self.root / ".flowrider/store").write_text("local:01KAMEXAMPLF\n")
        with self.assertRaisesRegex(RecordUnreadable, ".flowrider/store does not hold the ID of a store"):
            self.run_id()


class Root(Project):
    def setUp(self):
        super().setUp()
        (self.root / "runs").mkdir()
        shutil.copyfile(FIXTURES / "command.json", self.root / "runs/report.json")
        (self.root / "a/b").mkdir(parents=True)
        self.addCleanup(os.chdir, os.getcwd())

    def test_upward_from_the_working_folder(self):
        del os.environ["FLOWRIDER_ROOT"]
        os.chdir(self.root / "a/b")
        self.assertEqual("flow.report", client.get("report").address)

    def test_given_root_comes_before_the_variable(self):
        os.environ["FLOWRIDER_ROOT"] = "/nowhere"
        self.assertEqual("flow.report", client.get("report", root=self.root).address)
        with self.assertRaisesRegex(RootNotFound, "/nowhere is not a folder"):
            client.get("report")

    def test_none(self):
        del os.environ["FLOWRIDER_ROOT"]
        (self.root / "flowrider.hcl").unlink()
        os.chdir(self.root / "a/b")
        with self.assertRaisesRegex(RootNotFound, "set FLOWRIDER_ROOT"):
            client.get("report")

    def test_records_in_another_folder(self):
        (self.root / "runs").rename(self.root / "a/records")
        os.environ["FLOWRIDER_RUNS"] = "a/records"
        self.assertEqual("flow.report", client.get("report").address)


if __name__ == "__main__":
    unittest.main()
