"""What client.get gives, from records that the Go program wrote."""

import copy
import shutil
import unittest
from datetime import datetime, timezone
from pathlib import Path

from flowrider import client, record
from flowrider.errors import ArtifactMissing, ArtifactUnreadable, RunUnavailable
from store import Project, write_run

FIXTURES = Path(__file__).parents[1] / "testdata/records"


class Metaflow(Project):
    def setUp(self):
        super().setUp()
        (self.root / "runs/train").mkdir(parents=True)
        shutil.copyfile(FIXTURES / "metaflow.json", self.root / "runs/train/forest.json")

    def write_run(self, **artifacts):
        write_run(self.root, "TrainFlow/1795303798650001", artifacts)

    def test_the_record(self):
        for forest in (client.get('flow.train["forest"]'), client.get("train", "forest")):
            self.assertEqual('flow.train["forest"]', forest.address)
            self.assertEqual("1795303798650001", forest.run_id)
            self.assertEqual("TrainFlow/1795303798650001", forest.pathspec)
            self.assertEqual("metaflow", forest.runner)
            self.assertEqual(6, forest.parameters["settings"]["max_depth"])
            self.assertEqual("h1:" + "1" * 64, forest.config_hash)
            self.assertEqual("h1:" + "2" * 64, forest.data_version)
            self.assertEqual(datetime(2026, 11, 22, 0, 28, 1, 317264, timezone.utc), forest.started)
            self.assertEqual(2.064, forest.duration)
            self.assertFalse(forest.asserted)

    def test_artifacts(self):
        self.write_run(model={"trees": 120}, run_id="an artifact of that name")
        forest = client.get("train", "forest")
        self.assertEqual({"trees": 120}, forest.model)
        self.assertEqual("an artifact of that name", forest.artifacts["run_id"])
        self.assertEqual(["model", "run_id"], list(forest.artifacts))
        self.assertIn("model", dir(forest))
        words = r"""flow\.train\["forest"\] has no artifact 'modell'; did you mean 'model'"""
        with self.assertRaisesRegex(ArtifactMissing, words):
            forest.modell

    def test_outputs(self):
        self.write_run(model=5)
        model = client.get("train", "forest").outputs["model"]
        self.assertEqual((5, "a" * 40, "h1:" + "5" * 64), (model.value, model.digest, model.data_version))
        with self.assertRaisesRegex(ArtifactUnreadable, "is no file; use its value"):
            model.path

    def test_the_record_is_there_where_the_run_is_not(self):
        forest = client.get("train", "forest")
        self.assertEqual("1795303798650001", forest.run_id)
        with self.assertRaisesRegex(RunUnavailable, "flowrider apply"):
            forest.model
        self.assertIn("run_id", dir(forest))
        self.assertEqual('<flow.train["forest"], run TrainFlow/1795303798650001>', repr(forest))

    def test_copies(self):
        self.write_run(model=5)
        self.assertEqual(5, copy.deepcopy(client.get("train", "forest")).model)


class Command(Project):
    def setUp(self):
        super().setUp()
        (self.root / "runs").mkdir()
        shutil.copyfile(FIXTURES / "command.json", self.root / "runs/report.json")

    def test_outputs(self):
        report = client.get("report")
        page = record.blob(self.root, report.outputs["html"].digest, "report.html")
        page.parent.mkdir(parents=True)
        page.write_text("<html>")
        self.assertEqual(page, report.html)
        self.assertEqual(page, report.outputs["html"].path)
        self.assertEqual({"forest": 0.99}, report.scores)
        self.assertEqual(["html", "scores"], list(report.artifacts))
        self.assertIsNone(report.pathspec)
        self.assertTrue(report.asserted)
        with self.assertRaisesRegex(ArtifactUnreadable, "is a file; use its path"):
            report.outputs["html"].value
        with self.assertRaises(ArtifactMissing):
            report.htm

    def test_a_file_that_is_not_here_says_how_to_get_it(self):
        with self.assertRaisesRegex(ArtifactUnreadable, "run `flowrider apply flow.report`"):
            client.get("report").html


if __name__ == "__main__":
    unittest.main()
