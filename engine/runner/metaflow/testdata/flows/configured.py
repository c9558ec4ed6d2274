import os

from metaflow import Config, FlowSpec, config_expr, environment, step


class ConfiguredFlow(FlowSpec):
    settings = Config("settings")

    @step
    def start(self):
        self.next(self.end)

    @environment(vars={"BY_DECORATOR": config_expr("str(settings.x)")})
    @step
    def end(self):
        if not os.path.exists(os.environ["READY"]):
            raise ValueError("not yet")
        self.seen = [os.environ["BY_DECORATOR"], self.settings.x]
        print("SEEN", *self.seen)


if __name__ == "__main__":
    ConfiguredFlow()
