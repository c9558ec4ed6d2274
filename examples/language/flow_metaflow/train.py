"""train."""

from metaflow import FlowSpec, Parameter, step


class TrainFlow(FlowSpec):
    """Trains one model."""

    trees = Parameter("trees", type=int)
    clean_run = Parameter("clean_run")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrainFlow()
