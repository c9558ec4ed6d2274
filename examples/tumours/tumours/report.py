"""Draws what the models reached as one web page that needs nothing beside it.

    python -m tumours.report --out report.html

The runs to show come in two variables: SELECT_RUN, a run ID of SelectFlow, and
TRAIN_RUNS, JSON with a run ID of TrainFlow for each family. The page holds no
run ID and no time, so the same models give the same page, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import os
from html import escape
from pathlib import Path

from flowrider import client

COLOURS = ("#0b6e99", "#d9730d", "#5f8a3c", "#8e5ea2", "#b03a48")  # best model first
SIDE = 360  # of the picture, in pixels
MARGIN = 48

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Which tumours are malignant?</title>
<style>
  body {{ font: 16px/1.5 sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
  td, th {{ padding: 0.2rem 1rem 0.2rem 0; text-align: left; }}
  svg {{ font: 13px sans-serif; }}
</style>
<h1>Which tumours are malignant?</h1>
<p>Chosen by cross-validation: <b>{best}</b>.</p>
<table>
<tr><th></th><th>model</th><th>cross-validated</th><th>folds</th><th>accuracy, test</th><th>settings</th></tr>
{rows}
</table>
<h2>Malignant tumours found, against false alarms</h2>
{picture}
</html>
"""


def draw_page(best: str, board: list[dict], trained: dict) -> str:
    """The page. board is SelectFlow's; trained holds TrainFlow's artifacts by family."""
    colours = {row["family"]: COLOURS[i % len(COLOURS)] for i, row in enumerate(board)}
    rows = [draw_row(row, trained[row["family"]], colours[row["family"]]) for row in board]
    curves = [draw_curve(trained[family].curve, colour) for family, colour in reversed(colours.items())]
    return PAGE.format(best=escape(best), rows="\n".join(rows), picture=draw_picture(curves))


def draw_row(row: dict, model, colour: str) -> str:
    """One line of the table."""
    cells = (
        f'<b style="color:{colour}">&#9632;</b>',
        escape(row["family"]),
        f"{row['score']:.4f}",
        f"{min(model.scores):.3f} to {max(model.scores):.3f}",
        f"{row['accuracy']:.1%}",
        escape(", ".join(f"{name} = {value}" for name, value in sorted(model.settings.items()))),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def draw_curve(curve: list[tuple[float, float]], colour: str) -> str:
    """One ROC curve; its points are shares from 0 to 1."""
    points = " ".join(f"{MARGIN + x * SIDE:.1f},{MARGIN + (1 - y) * SIDE:.1f}" for x, y in curve)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'


def draw_picture(curves: list[str]) -> str:
    """The axes, with a mark every quarter, and the curves on top."""
    low, high, size = MARGIN, MARGIN + SIDE, SIDE + 2 * MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" role="img" aria-label="ROC curves">']
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = low + share * SIDE, high - share * SIDE
        parts.append(f'<path d="M{x:g} {low}V{high}M{low} {y:g}H{high}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:g}" y="{high + 18}" text-anchor="middle">{share:.0%}</text>')
        parts.append(f'<text x="{low - 8}" y="{y + 4:g}" text-anchor="end">{share:.0%}</text>')
    parts.append(f'<path d="M{low} {high}L{high} {low}" stroke="#aaa" stroke-dasharray="4"/>')
    return "\n".join([*parts, *curves, "</svg>"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    out = parser.parse_args().out

    selected = client.run(f"SelectFlow/{os.environ['SELECT_RUN']}")
    runs = json.loads(os.environ["TRAIN_RUNS"])
    trained = {family: client.run(f"TrainFlow/{run}") for family, run in runs.items()}
    out.write_text(draw_page(selected.best, selected.board, trained), encoding="utf-8")
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
