"""Does not call its flow."""

from metaflow import FlowSpec, step


class UnguardedFlow(FlowSpec):
    @step(start=True, end=True)
    def only(self):
        pass
