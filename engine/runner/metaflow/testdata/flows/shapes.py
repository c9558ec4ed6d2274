"""Every shape of a run: foreach in foreach, a retry, a loop, an end step of
another name, and a step that fails until the file READY exists."""

import os

from metaflow import FlowSpec, Parameter, current, retry, step


class ShapesFlow(FlowSpec):
    up_run = Parameter("up_run", default="none")
    seen = Parameter("seen-by", default="none")  # another name than the attribute's

    @step
    def start(self):
        self.regions = ["uk", "fr"]
        self.next(self.region, foreach="regions")

    @retry(times=1, minutes_between_retries=0)
    @step
    def region(self):
        if self.input == "fr" and current.retry_count == 0:
            raise RuntimeError("the first attempt fails")
        self.years = [2019, 2020] if self.input == "uk" else [2021]
        self.region_name = self.input
        self.next(self.year, foreach="years")

    @step
    def year(self):
        self.cell = f"{self.region_name}-{self.input}"
        self.next(self.join_years)

    @step
    def join_years(self, inputs):
        self.cells = [i.cell for i in inputs]
        self.next(self.join_regions)

    @step
    def join_regions(self, inputs):
        self.table = [i.cells for i in inputs]
        self.rounds = 0
        self.next(self.loop)

    @step
    def loop(self):
        self.rounds += 1
        self.go = "again" if self.rounds < 2 else "on"
        self.next({"again": self.loop, "on": self.wait}, condition="go")

    @step
    def wait(self):
        if not os.path.exists(os.environ["READY"]):
            raise RuntimeError("not ready")
        self.next(self.last)

    @step(end=True)
    def last(self):
        self.words = {"red", "green", "blue", "white", "black"}


if __name__ == "__main__":
    ShapesFlow()
