"""Trains one family of models on the data of a clean run."""

from metaflow import FlowSpec, JSONType, Parameter, Run, namespace, step

from tumours import models


class TrainFlow(FlowSpec):
    """Artifacts: scores (one a fold), model (fitted), accuracy and curve on the
    test data."""

    clean_run = Parameter("clean_run", help="run ID of CleanFlow", required=True)
    family = Parameter("family", help="logistic, knn or forest", required=True)
    settings = Parameter("settings", help="arguments of the model", type=JSONType, default="{}")
    seed = Parameter("seed", help="seed of the model and its folds", type=int, default=7)

    @step
    def start(self):
        namespace(None)  # whoever made the run
        clean = Run(f"CleanFlow/{self.clean_run}").data
        x, y = clean.x_train, clean.y_train

        self.scores = models.cross_validate(models.build(self.family, self.settings, self.seed), x, y, self.seed)
        self.model = models.build(self.family, self.settings, self.seed).fit(x, y)
        self.accuracy = float(self.model.score(clean.x_test, clean.y_test))
        self.curve = models.roc_curve(self.model, clean.x_test, clean.y_test)
        print(f"{self.family}: {sum(self.scores) / len(self.scores):.4f} in cross-validation")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    TrainFlow()
