"""Charts look as they did when their pictures were stored, within a tolerance.

After a change that is meant: look at the new pictures, which ``python tests/figures/sample_charts.py`` draws.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from figures.sample_charts import BASELINES, WIDTHS, drawn_with, every_chart, pixels
from matplotlib.image import imread
from matplotlib.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.figures.data_figure import DataFigure

NAMES = sorted({path.stem.rpartition("_")[0] for path in BASELINES.glob("*.png")})
TOLERANCE = 1.5
"""Root mean square of the pixels' difference, of 255. A dot that moves by its own width makes more."""


@pytest.fixture(scope="module")
def charts() -> dict[str, DataFigure]:
    return every_chart()


def difference(drawn: NDArray[np.uint8], name: str) -> float:
    stored = np.round(255 * imread(BASELINES / f"{name}.png"))
    assert drawn.shape == stored.shape, f"{name}: the size was {stored.shape[:2]} and is {drawn.shape[:2]}"
    return float(np.sqrt(((drawn.astype(float) - stored) ** 2).mean()))


def needs_same_versions() -> None:
    stored = json.loads((BASELINES / "versions.json").read_text(encoding="utf-8"))
    if stored != drawn_with():
        pytest.skip(f"the stored pictures were drawn with {stored}, not with {drawn_with()}")


def test_every_kind_of_chart_has_stored_pictures_and_every_picture_a_chart(
    charts: dict[str, DataFigure],
) -> None:
    stored = {path.stem for path in BASELINES.glob("*.png")}
    assert stored == {f"{name}_{kind}" for name in charts for kind in WIDTHS}


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_looks_as_it_did(charts: dict[str, DataFigure], name: str, kind: str) -> None:
    needs_same_versions()
    assert difference(pixels(charts[name], WIDTHS[kind]), f"{name}_{kind}") <= TOLERANCE


def test_the_tolerance_notices_a_dot_that_moves(charts: dict[str, DataFigure]) -> None:
    needs_same_versions()
    drawn = pixels(charts["dots"], WIDTHS["wide"]).copy()
    row, column = np.argwhere((drawn[:, :, :3] == (0x0B, 0x6E, 0x82)).all(axis=2))[0]
    dot = drawn[row : row + 6, column - 3 : column + 4].copy()
    drawn[row : row + 6, column - 3 : column + 4] = 255
    drawn[row : row + 6, column + 9 : column + 16] = dot
    assert difference(drawn, "dots_wide") > TOLERANCE


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_chart_is_cut_at_the_papers_edge(
    charts: dict[str, DataFigure], name: str, width: float
) -> None:
    figure = charts[name].figure(width, words="beside")
    figure.draw_without_rendering()
    axes, paper, slack = figure.axes[0], figure.bbox, 1.5
    beyond = {
        id(part)
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for part in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }  # matplotlib makes these labels and does not draw them
    boxes = {
        text.get_text(): text.get_window_extent()
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in beyond
    }
    assert boxes
    assert [
        text
        for text, box in boxes.items()
        if min(box.x0, box.y0) < -slack or box.x1 > paper.x1 + slack or box.y1 > paper.y1 + slack
    ] == []
