# Answers what only Python knows, about code that it neither runs nor imports:
# whether files compile, and where modules lie. The question is a JSON text, the
# first argument; the answer goes to standard output.
import json
import os
import site
import sys
import warnings


def compiles(path):
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"line": error.lineno or 1, "reason": error.msg or "invalid syntax"}
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        return {"line": 1, "reason": str(error) or type(error).__name__}
    return None


def find(module):
    """The module's file, "" for one without, None where there is none."""
    path, spec, name = None, None, ""
    for part in module.split("."):
        name = name + "." + part if name else part
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path) if hasattr(finder, "find_spec") else None
            if spec is not None:
                break
        if spec is None:
            return None
        path = spec.submodule_search_locations
        if path is None and name != module:
            return None
    return spec.origin if spec.has_location and spec.origin else ""


warnings.simplefilter("ignore")
user = site.getusersitepackages()
if sys.prefix == sys.base_prefix and os.path.isdir(user):
    site.addsitedir(user)  # -I leaves it out, and flows have it
question = json.loads(sys.argv[1])
answer = {
    "files": {path: compiles(path) for path in question["files"]},
    "modules": {module: find(module) for module in question["modules"]},
}
print(json.dumps(answer))
