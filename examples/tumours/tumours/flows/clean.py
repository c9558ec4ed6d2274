"""Loads the measurements and sets some tumours aside for the test."""

from metaflow import FlowSpec, JSONType, Parameter, step

from tumours import measurements


class CleanFlow(FlowSpec):
    """Artifacts: x_train, y_train, x_test, y_test, dropped (a count)."""

    columns = Parameter("columns", help="names of the columns to keep", type=JSONType, required=True)
    test_share = Parameter("test_share", help="share of tumours for the test", type=float, default=0.25)
    seed = Parameter("seed", help="seed of the split", type=int, default=7)

    @step
    def start(self):
        x, y, self.dropped = measurements.load(self.columns)
        self.x_train, self.x_test, self.y_train, self.y_test = measurements.split(
            x, y, self.test_share, self.seed
        )
        print(f"{len(self.y_train)} tumours to learn from, {len(self.y_test)} to test with")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    CleanFlow()
