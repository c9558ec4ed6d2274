"""Fails in the way it is told to."""

import os
import signal
import sys

from metaflow import FlowSpec, Parameter, step


class FailingFlow(FlowSpec):
    how = Parameter("how", default="raise")

    @step
    def start(self):
        if self.how == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "leave":
            os._exit(3)
        if self.how == "kill parent":
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(1)
        if self.how != "nothing":
            raise RuntimeError("told to fail")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    try:
        FailingFlow()
    except SystemExit:
        if "--how=swallow" in sys.argv:
            sys.exit(0)
        raise
