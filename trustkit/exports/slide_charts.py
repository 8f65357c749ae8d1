"""Charts of PowerPoint that can be edited, with intervals, which python-pptx does not draw itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trustkit.errors import needs
from trustkit.exports.printed_tables import Cell
from trustkit.exports.workbooks import COLOURS, EDGE, INK, number_format

if TYPE_CHECKING:
    from trustkit.exports.printed_tables import Chart, PrintedTable, Series

NAMESPACE = "http://schemas.openxmlformats.org/drawingml/2006/chart"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"

GAP, OVERLAP = 50, 0
"""The space between groups of bars and the overlap of bars beside each other, in percent of a bar."""

SMALL, MEDIUM = 10, 12
"""Points of letters in a chart."""


def add_slide_chart(slide: Any, table: PrintedTable, place: tuple[Any, Any, Any, Any]) -> None:  # noqa: ANN401
    """Draw the chart of a table on a slide.

    Parameters
    ----------
    slide
        The slide.
    table
        A table that has a chart.
    place
        Left, top, width and height.
    """
    chart = table.chart
    assert chart is not None  # noqa: S101  # the caller asked
    data = needs("pptx.chart.data", "office", ".pptx").CategoryChartData(
        number_format=number_format(Cell(0.0, chart.unit, chart.decimals))
    )
    data.categories = list(chart.categories)
    for one in chart.series:
        data.add_series(
            one.name or "estimate", [value if math.isfinite(value) else None for value in one.numbers]
        )
    kinds = needs("pptx.enum.chart", "office", ".pptx")
    kind = (
        kinds.XL_CHART_TYPE.BAR_STACKED_100 if chart.kind == "stacked" else kinds.XL_CHART_TYPE.BAR_CLUSTERED
    )
    frame = slide.shapes.add_chart(kind, *place, data)
    frame.name = "Chart"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.described(table.title))  # noqa: SLF001
    _dress(frame.chart, chart, kinds)
    if chart.kind == "clustered":
        for one, own in zip(chart.series, frame.chart.plots[0].series, strict=True):
            if one.has_errors:
                add_error_bars(own._element, one)  # noqa: SLF001


def _dress(made: Any, chart: Chart, kinds: Any) -> None:  # noqa: ANN401
    """Set axes, labels, colours and the legend."""
    units = needs("pptx.util", "office", ".pptx")
    colours = needs("pptx.dml.color", "office", ".pptx").RGBColor
    numbers = number_format(Cell(0.0, chart.unit, chart.decimals))
    made.has_title = False
    made.has_legend = len(chart.series) > 1
    if made.has_legend:
        made.legend.position = kinds.XL_LEGEND_POSITION.BOTTOM
        made.legend.include_in_layout = False
        made.legend.font.size = units.Pt(MEDIUM)
    bars = len(chart.categories) * (1 if chart.kind == "stacked" else len(chart.series))
    size = units.Pt(MEDIUM if bars <= 12 else SMALL)  # noqa: PLR2004
    made.category_axis.reverse_order = True
    made.category_axis.tick_labels.font.size = size
    made.category_axis.format.line.color.rgb = colours.from_string(EDGE)
    axis = made.value_axis
    axis.tick_label_position = kinds.XL_TICK_LABEL_POSITION.HIGH
    axis.tick_labels.font.size = units.Pt(SMALL)
    axis.tick_labels.number_format = "0%" if chart.unit == "share" else numbers
    axis.tick_labels.number_format_is_linked = False
    axis.major_gridlines.format.line.color.rgb = colours.from_string("DDDDDD")
    if chart.unit == "share":
        axis.minimum_scale, axis.maximum_scale = 0, 1
    plot = made.plots[0]
    plot.gap_width = GAP
    plot.overlap = 100 if chart.kind == "stacked" else OVERLAP
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = numbers, False
    labels.font.size, labels.font.color.rgb = size, colours.from_string(INK)
    labels.position = (
        kinds.XL_LABEL_POSITION.CENTER if chart.kind == "stacked" else kinds.XL_LABEL_POSITION.INSIDE_BASE
    )
    for own, colour in zip(plot.series, COLOURS, strict=False):
        own.format.fill.solid()
        own.format.fill.fore_color.rgb = colours.from_string(colour)
        own.format.line.color.rgb = colours.from_string(EDGE)
        own.invert_if_negative = False


def add_error_bars(series: Any, one: Series) -> None:  # noqa: ANN401
    """Add the intervals of a series where the schema has their place: before its categories.

    Parameters
    ----------
    series
        The element ``c:ser`` of a bar chart.
    one
        The values and the ends of their intervals.
    """
    parse = needs("pptx.oxml", "office", ".pptx").parse_xml
    plus, minus = one.errors()
    line = f'<a:ln w="12700"><a:solidFill><a:srgbClr val="{INK}"/></a:solidFill></a:ln>'
    bars = parse(
        f'<c:errBars xmlns:c="{NAMESPACE}" xmlns:a="{DRAWING}"><c:errBarType val="both"/>'
        f'<c:errValType val="cust"/><c:noEndCap val="0"/><c:plus>{_numbers(plus)}</c:plus>'
        f"<c:minus>{_numbers(minus)}</c:minus><c:spPr>{line}</c:spPr></c:errBars>"
    )
    series.find(f"{{{NAMESPACE}}}cat").addprevious(bars)


def _numbers(values: tuple[float, ...]) -> str:
    points = "".join(f'<c:pt idx="{place}"><c:v>{value!r}</c:v></c:pt>' for place, value in enumerate(values))
    return (
        f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numLit>'
    )
