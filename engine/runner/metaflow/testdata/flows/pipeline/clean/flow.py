"""Lies in a package of its project, and needs all that is around it."""

import pathlib

import sibling
from metaflow import FlowSpec, step
from pipeline.shared import GREETING


class CleanFlow(FlowSpec):
    @step
    def start(self):
        self.documents = [GREETING, sibling.NAME]
        self.next(self.end)

    @step
    def end(self):
        self.words = pathlib.Path(__file__).with_name("words.txt").read_text().split()
        print("FILE", __file__, flush=True)


if __name__ == "__main__":
    CleanFlow()
