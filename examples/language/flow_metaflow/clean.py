"""clean."""

from metaflow import Config, FlowSpec, Parameter, step


class CleanFlow(FlowSpec):
    """Throws away what is no measurement."""

    rows = Parameter("rows", type=int)
    settings = Config("settings")
    limits = Config("limits")

    @step
    def start(self):
        self.table = list(range(self.rows))
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CleanFlow()
