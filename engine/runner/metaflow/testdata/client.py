"""Prints the artifacts that Metaflow's own client sees: client.py Flow/run..."""

import json
import sys

from metaflow import Run, namespace

namespace(None)
runs = {}
for pathspec in sys.argv[1:]:
    tasks = runs[pathspec] = {}
    for step in Run(pathspec):
        for task in step:
            tasks[f"{step.id}/{task.id}"] = {a.id: a.sha for a in task if not a.id.startswith("_")}
print(json.dumps(runs))
