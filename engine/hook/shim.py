# Calls hooks: one JSON request a line comes in on descriptor 3, one JSON
# answer a line goes out there. What hooks print goes where it always goes.
import sys

# The working folder is on the path of `python -c`; a json.py there must not
# stand in for the one that this program needs.
sys.path[:] = [folder for folder in sys.path if folder]

import importlib
import json
import os
import socket
import traceback

MAX_ANSWER = 1 << 20  # bytes


def user_traceback(error):
    """The traceback from the first frame that is neither ours nor the import system's."""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name not in (__file_name, importlib.__file__) and not name.startswith("<frozen importlib"):
            break
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def find(module, function):
    target = importlib.import_module(module)
    for name in function.split("."):
        target = getattr(target, name)
    return target


def call(request):
    try:
        function = find(request["module"], request["function"])
        value = function(*request["args"], **request["kwargs"])
    except SystemExit as error:
        return {"message": f"the function called sys.exit({error.code!r})"}
    except BaseException as error:
        return {"message": f"{type(error).__name__}: {error}", "traceback": user_traceback(error)}
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        kind = type(value)
        return {"message": f"the function returned a value of type {kind.__module__}.{kind.__qualname__}, which is no JSON: {error}"}
    if len(text) > MAX_ANSWER:
        return {"message": f"the function returned {len(text)} bytes of JSON; a hook's value has at most {MAX_ANSWER}"}
    return {"value": value}


def main():
    channel = socket.socket(fileno=3)
    os.set_inheritable(3, False)
    sys.path.insert(0, os.getcwd())
    for line in channel.makefile("rb"):
        answer = json.dumps(call(json.loads(line)))
        sys.stdout.flush()
        channel.sendall(answer.encode() + b"\n")


__file_name = main.__code__.co_filename
main()
