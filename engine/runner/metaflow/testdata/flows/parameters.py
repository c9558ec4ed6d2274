"""One step only. Prints what arrived, as JSON on a line of its own."""

import json
import os
import sys

from metaflow import Config, FlowSpec, IncludeFile, JSONType, Parameter, current, step


class ParametersFlow(FlowSpec):
    text = Parameter("text", default="")
    whole = Parameter("whole", type=int, default=0)
    ratio = Parameter("learning-rate", type=float, default=0.0)
    flag = Parameter("flag", type=bool, default=True)
    other_flag = Parameter("other_flag", type=bool, default=False)
    tree = Parameter("tree", type=JSONType, default="null")
    items = Parameter("items", type=JSONType, default="null")
    parts = Parameter("parts", separator=",", default="")
    untouched = Parameter("untouched", default="its default")
    n = Parameter("n", type=int, default=1)
    words = IncludeFile("words", required=False)
    settings = Config("settings", default_value={"from": "default"})
    other_settings = Config("other_settings", default_value={"from": "default"})
    CONSTANT = 7

    @step(start=True, end=True)
    def only(self):
        self.colours = {"red", "green", "blue", "white", "black"}
        self.answer = 42
        arrived = {
            "text": self.text,
            "whole": self.whole,
            "learning-rate": self.ratio,
            "flag": self.flag,
            "other_flag": self.other_flag,
            "tree": self.tree,
            "items": self.items,
            "parts": self.parts,
            "untouched": self.untouched,
            "n": self.n,
            "words": self.words,
            "settings": dict(self.settings),
            "other_settings": dict(self.other_settings),
            "user": current.username,
            "byte code": not sys.dont_write_bytecode,
            "hash seed": os.environ["PYTHONHASHSEED"],
            "variable": os.environ.get("FROM_DECORATOR"),
        }
        print("ARRIVED " + json.dumps(arrived), flush=True)


if __name__ == "__main__":
    ParametersFlow()
