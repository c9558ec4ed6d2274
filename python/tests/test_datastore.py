"""Runs and artifacts, read from a datastore without Metaflow."""

import gzip
import json
import pickle
import sys
import types
import unittest

from flowrider import client
from flowrider.errors import ArtifactMissing, ArtifactUnreadable, FlowriderError, RunUnavailable
from store import Project, content_file, write_run


class Artifacts(Project):
    def test_by_attribute_and_by_name(self):
        write_run(self.root, "TrainFlow/7", {"scores": [0.5, 1.0], "keys": "k"})
        run = client.run("TrainFlow/7")
        self.assertEqual([0.5, 1.0], run.scores)
        self.assertEqual("k", run["keys"])  # a name that every mapping has
        self.assertEqual(["keys", "scores"], list(run))
        self.assertIn("scores", dir(run))

    def test_read_once(self):
        write_run(self.root, "TrainFlow/7", {"scores": [1]})
        run = client.run("TrainFlow/7")
        self.assertIs(run.scores, run.scores)

    def test_internal_names_are_hidden(self):
        write_run(self.root, "TrainFlow/7", {"x": 1})
        self.assertEqual(["x"], list(client.run("TrainFlow/7")))

    def test_a_missing_one_is_an_attribute_error_with_a_suggestion(self):
        write_run(self.root, "TrainFlow/7", {"scores": 1, "model": 2})
        run = client.run("TrainFlow/7")
        with self.assertRaisesRegex(ArtifactMissing, "did you mean 'scores'"):
            run.score
        with self.assertRaisesRegex(ArtifactMissing, "there are: model, scores"):
            run.zzz
        self.assertFalse(hasattr(run, "zzz"))
        with self.assertRaises(KeyError):
            run["zzz"]

    def test_content_that_is_not_compressed(self):
        folder = write_run(self.root, "F/1", {"x": 5})
        sha1 = json.loads((folder / "0.data.json").read_text())["objects"]["x"]
        path = content_file(self.root, "F", sha1)
        path.write_bytes(gzip.decompress(path.read_bytes()))
        path.with_name(sha1 + "_meta").write_text('{"cas_raw": true, "cas_version": 1}')
        self.assertEqual(5, client.run("F/1").x)

    def test_content_of_another_digest_is_not_believed(self):
        folder = write_run(self.root, "F/1", {"x": 5})
        sha1 = json.loads((folder / "0.data.json").read_text())["objects"]["x"]
        path = content_file(self.root, "F", sha1)
        good = path.read_bytes()
        for damaged in (gzip.compress(pickle.dumps(6)), b"", good[:-9], good[:10] + b"\xff" * 9 + good[10:]):
            path.write_bytes(damaged)
            with self.assertRaises(ArtifactUnreadable):
                client.run("F/1").x
        path.unlink()
        with self.assertRaises(ArtifactUnreadable):
            client.run("F/1").x

    def test_serializers_of_others_are_left_to_metaflow(self):
        write_run(self.root, "F/1", {"x": 5}, encoding="avro")
        with self.assertRaisesRegex(ArtifactUnreadable, r"kept as avro.*metaflow\.Run\('F/1'\)\.data\.x"):
            client.run("F/1").x

    def test_a_class_that_is_not_here_names_its_module(self):
        module = types.ModuleType("flowrider_gone")
        module.Thing = type("Thing", (), {"__module__": "flowrider_gone"})
        sys.modules["flowrider_gone"] = module
        write_run(self.root, "F/1", {"x": module.Thing()})
        del sys.modules["flowrider_gone"]
        with self.assertRaisesRegex(ArtifactUnreadable, "needs the module 'flowrider_gone'"):
            client.run("F/1").x

    def test_a_class_from_the_flow_file_says_to_move_it(self):
        write_run(self.root, "F/1", {"x": b"\x80\x04c__main__\nNowhere\n."})
        with self.assertRaisesRegex(ArtifactUnreadable, "importable module"):
            client.run("F/1").x


class Runs(Project):
    def test_last_step_by_another_name(self):
        write_run(self.root, "F/1", {"x": 1}, step="finish", end_step="finish")
        self.assertEqual(1, client.run("F/1").x)

    def test_resumed_runs_take_the_last_step_from_their_origin(self):
        write_run(self.root, "F/1", {}, step="start", end_step="finish")
        write_run(self.root, "F/2", {}, step="finish", ok=None, origin="1")
        write_run(self.root, "F/3", {"x": 3}, step="finish", origin="2")
        self.assertEqual(3, client.run("F/3").x)

    def test_a_circle_of_origins_ends(self):
        write_run(self.root, "F/1", {"x": 1}, origin="2")
        write_run(self.root, "F/2", {"x": 2}, origin="1")
        self.assertEqual(1, client.run("F/1").x)

    def test_the_last_finished_attempt_counts(self):
        for attempt in (0, 9, 10):
            write_run(self.root, "F/1", {"x": attempt}, attempt=attempt)
        folder = write_run(self.root, "F/1", {"x": "unfinished"}, attempt=11)
        (folder / "11.DONE.lock").unlink()
        self.assertEqual(10, client.run("F/1").x)

    def test_what_is_not_a_successful_run_is_refused_with_a_way_out(self):
        write_run(self.root, "Failed/1", {"x": 1}, ok=False)
        write_run(self.root, "Stopped/1", {"x": 1}, ok=None)
        write_run(self.root, "Early/1", {"x": 1}, step="start")
        (write_run(self.root, "Torn/1", {"x": 1}) / "0.data.json").write_text('{"objects": {"x"')
        for pathspec in ("Failed/1", "Stopped/1", "Early/1", "Torn/1", "Absent/1"):
            with self.subTest(pathspec), self.assertRaisesRegex(RunUnavailable, "flowrider apply"):
                client.run(pathspec)

    def test_what_is_not_a_pathspec_is_refused(self):
        for text in ("", "F", "F/", "/1", "F/1/end", "../F/1", "F/..", "./1"):
            with self.subTest(text), self.assertRaisesRegex(RunUnavailable, "is not a run"):
                client.run(text)

    def test_all_errors_are_caught_at_once(self):
        with self.assertRaises(FlowriderError):
            client.run("Absent/1")


if __name__ == "__main__":
    unittest.main()
