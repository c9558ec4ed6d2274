"""Chooses the best of several trained models."""

from metaflow import FlowSpec, JSONType, Parameter, Run, namespace, step


class SelectFlow(FlowSpec):
    """Artifacts: board (family, mean score and accuracy, best first), best (a
    family), model (the fitted model of that family).

    No run ID gets into an artifact. So if the models come out as before, this
    result does too, whatever the numbers of their runs, and what is built on
    it stays up to date.
    """

    runs = Parameter("runs", help="run ID of TrainFlow by family", type=JSONType, required=True)

    @step
    def start(self):
        namespace(None)  # whoever made the runs
        trained = {family: Run(f"TrainFlow/{run}").data for family, run in sorted(self.runs.items())}

        self.board = sorted(
            (
                {"family": family, "score": sum(t.scores) / len(t.scores), "accuracy": t.accuracy}
                for family, t in trained.items()
            ),
            # By score; of equal ones the first by name, never by chance.
            key=lambda row: (-row["score"], row["family"]),
        )
        self.best = self.board[0]["family"]
        self.model = trained[self.best].model
        print(f"chosen: {self.best}")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SelectFlow()
