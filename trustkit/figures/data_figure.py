"""A chart that carries the numbers it draws.

In a notebook a chart shows itself as two outputs: a picture, whose plain text is the caption and the rounded
numbers; and below it headline and note as text, with a folded table of those numbers. nbval skips pixels and
compares text, so a changed number fails a check and a changed colour does not. The picture's metadata holds
it twice more, as SVG for pages: as wide as a page's column, and as wide as a phone. A saved chart holds its
headline, base, n and "Synthetic data" in the picture, so they stay with it wherever it is copied.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from matplotlib import style as matplotlib_style
from matplotlib.figure import Figure
from matplotlib.text import Text

from trustkit.arguments import NUMBER, PATH, TEXT, ArgumentKind, accepts, one_of
from trustkit.caveats import NO_CAVEATS, SYNTHETIC, Caveats
from trustkit.display import for_notebook, html_table, sentence, text_table, visible
from trustkit.errors import DataError, writing
from trustkit.field_kinds import accepts_fields
from trustkit.figures.house_style import HouseStyle
from trustkit.figures.lettering import fonts_for, missing_letters, weight_of
from trustkit.figures.page_svg import page_svg
from trustkit.figures.paper import HEAD, PHONE, SIZE, SMALL, WIDTH, Block, Paper, add_card
from trustkit.ledger import counts_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from os import PathLike

    import pandas as pd

    from trustkit.counted import Counted
    from trustkit.units import Unit

Words = Literal["inside", "beside"]

DPI = 144
"""Dots per inch of a picture."""

KINDS: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Kinds of files, and what keeps dates and versions out of them."""


NARROWEST, WIDEST = 1, 100
"""Inches; outside, no picture can be drawn."""

WIDTH_IN_INCHES = ArgumentKind(
    lambda value: NUMBER.fits(value) and NARROWEST <= value <= WIDEST,  # type: ignore[operator]
    f"a number of inches from {NARROWEST} to {WIDEST}",
    "leave it out, or give a width such as 7.6",
)


@dataclass(frozen=True, eq=False, repr=False)
class DataFigure:
    """A chart and the numbers it draws.

    Attributes
    ----------
    title
        The headline: what the chart shows, or its message.
    note
        Its base, its n, and what else a reader must know beside the numbers.
    data
        The numbers drawn, unrounded.
    table
        The numbers drawn, as shown.
    draw
        Draws onto paper of any width.
    subtitle
        The measure, its unit, the population, the place and the time.
    source
        Where the data come from.
    style
        Colours, font and logo.
    counted
        The unweighted respondents behind the numbers, with their places in ``table``, where they are known.
    kind
        What is drawn, if it has no numbers of respondents: the name of the class of a result.
    caveats
        What a reader must know about the data; ``note`` has it in words.
    units
        The unit of the estimate in each row of ``data``; empty if it has no estimates.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes"], "sex": ["m", "f", "f"]})
    >>> figure = tk.dot_interval(tk.proportion(tk.Design(frame), "trust", level="yes"), title="Trust")
    >>> figure.title, figure.table.shape
    ('Trust', (1, 4))
    """

    title: str
    note: str
    data: pd.DataFrame
    table: pd.DataFrame
    draw: Callable[[Paper], None]
    subtitle: str = ""
    source: str = ""
    style: HouseStyle = field(default_factory=HouseStyle)
    counted: tuple[Counted, ...] = ()
    kind: str = "DataFigure"
    caveats: Caveats = NO_CAVEATS
    units: tuple[Unit, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def caption(self) -> str:
        """Headline, subtitle, note and source: the picture's alternative text."""
        heads = map(sentence, self._heads())
        return " ".join([*heads, *self.feet])

    def captioned(self, *, subtitle: str = "", source: str = "") -> DataFigure:
        """Return the chart with a subtitle and a source.

        Parameters
        ----------
        subtitle
            The measure, its unit, the population, the place and the time: "Percent of adults, 2024".
        source
            Where the data come from, without the word "Source".

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes"]}))
        >>> chart = tk.dot_interval(tk.proportion(design, "trust"), title="Most trust brands")
        >>> chart.captioned(source="a survey of three people").caption
        'Most trust brands. Base: substantive answers; n = 3. Source: a survey of three people.'
        """
        accepts(subtitle=(subtitle, TEXT), source=(source, TEXT))
        return replace(self, subtitle=subtitle or self.subtitle, source=source or self.source)

    def styled(self, style: HouseStyle) -> DataFigure:
        """Return the chart in another style, which `house_style` makes."""
        return replace(self, style=style)

    def figure(self, width: float = WIDTH, *, words: Words = "inside") -> Figure:
        """Return the picture as a matplotlib figure.

        Parameters
        ----------
        width
            In inches. Below 5 the rows' labels stand above their marks; 3.33 is the width of a phone.
        words
            ``"inside"``: headline, note and source are drawn. ``"beside"``: they are left to the page, and of
            the note only "Synthetic data." is drawn.
        """
        accepts(width=(width, WIDTH_IN_INCHES), words=(words, one_of(Words)))
        with self._settings():
            return self._drawn(width, words)

    def png(self, width: float = WIDTH, *, words: Words = "inside") -> bytes:
        """Return the picture as PNG, the same bytes every time."""
        accepts(width=(width, WIDTH_IN_INCHES), words=(words, one_of(Words)))
        return self._bytes(".png", width, words)

    def svg(self, width: float = WIDTH, *, words: Words = "inside") -> bytes:
        """Return the picture as SVG, the same bytes every time; its text can be selected and searched."""
        accepts(width=(width, WIDTH_IN_INCHES), words=(words, one_of(Words)))
        return self._bytes(".svg", width, words)

    def page_svg(self, width: float = WIDTH) -> str:
        """Return the picture for a web page, as SVG that is light or dark as the page is.

        Headline, note and source are left to the page, as with ``words="beside"``. Show the file as an image
        (``<img src=...>``): it then follows the ``color-scheme`` of the page.

        Parameters
        ----------
        width
            In inches. Below 5 the rows' labels stand above their marks; 3.33 is the width of a phone.

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes"]}))
        >>> chart = tk.dot_interval(tk.proportion(design, "trust"), title="Trust")
        >>> "prefers-color-scheme:dark" in chart.page_svg()
        True
        """
        return self._page_svg(self.svg(width, words="beside"), width)

    def save(self, path: str | PathLike[str], *, width: float = WIDTH) -> None:
        """Save the picture, with headline, note and source; the same bytes every time.

        Parameters
        ----------
        path
            The file, which ends in .png, .svg or .pdf.
        width
            In inches.

        Raises
        ------
        DataError
            If the file's name ends otherwise.

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes"]}))
        >>> tk.dot_interval(tk.proportion(design, "trust"), title="Trust").save("trust.jpeg")
        Traceback (most recent call last):
        trustkit.errors.DataError: a chart cannot be saved in this format
          where: trust.jpeg
          got: '.jpeg'
          expected: a name that ends in .png, .svg or .pdf
        """
        accepts(path=(path, PATH), width=(width, WIDTH_IN_INCHES))
        kind = Path(path).suffix.lower()
        if kind not in KINDS:
            raise DataError(
                "a chart cannot be saved in this format",
                where=str(path),
                got=repr(kind),
                expected="a name that ends in .png, .svg or .pdf",
            )
        picture = self._bytes(kind, width, "inside")
        with writing(path):
            Path(path).write_bytes(picture)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Save the numbers drawn, unrounded, as CSV in UTF-8; the same bytes every time."""
        accepts(path=(path, PATH))
        text = self.data.to_csv(index=False, lineterminator="\n")
        with writing(path):
            Path(path).write_text(text, encoding="utf-8", newline="\n")

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return self.counted

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return self.title, self.table, self.feet

    def __repr__(self) -> str:
        """Show the caption and the rounded numbers."""
        return f"Figure: {visible(self.caption, lines='joined')}\n{text_table(self.table)}"

    def _heads(self) -> list[str]:
        return [text for text in (self.title, self.subtitle) if text]

    @property
    def feet(self) -> list[str]:
        """What stands below the picture: the note, letters that no font has, and the source."""
        cells = self.table.astype(str).to_numpy().ravel().tolist()
        text = "".join(map(str, [*self._heads(), self.note, self.source, *self.table.columns, *cells]))
        source = f"Source: {self.source.removesuffix('.')}." if self.source else ""
        return [foot for foot in (self.note, missing_letters(text, self.style.font), source) if foot]

    def _settings(self) -> AbstractContextManager[None]:
        """Return the settings of matplotlib under which the chart is drawn and saved."""
        return matplotlib_style.context(["default", self.style.rc()])

    def _drawn(self, width: float, words: Words) -> Figure:
        """Draw the picture."""
        style = self.style
        figure = Figure(dpi=DPI)
        paper = Paper(figure.add_axes((0, 0, 1, 1)), width, style, self.subtitle)
        self.draw(paper)
        heads = [
            Block(self.title, HEAD, style.ink, "bold"),
            Block(self.subtitle, SIZE, style.muted),
        ]
        feet = [Block(text, SMALL, style.muted) for text in self.feet]
        if words == "beside":
            heads = []
            feet = [Block(SYNTHETIC, SMALL, style.muted)] if SYNTHETIC in self.note else []
        paper.finish(figure, heads, feet)
        _choose_fonts(figure, style.font)
        return figure

    def _page_svg(self, light: bytes, width: float) -> str:
        """Join the picture with its twin on dark paper."""
        dark = self.styled(self.style.in_dark()).svg(width, words="beside")
        return page_svg(light, dark, title=self.title, description=self.caption)

    def _bytes(self, kind: str, width: float, words: Words) -> bytes:
        with self._settings():
            return self._saved(self._drawn(width, words), kind)

    def _saved(self, figure: Figure, kind: str, *, transparent: bool = False) -> bytes:
        """Return a drawn picture as a file, the same bytes every time; without paper if transparent."""
        stream = io.BytesIO()
        metadata = dict(KINDS[kind])
        if kind == ".svg":
            metadata |= {"Title": visible(self.title), "Description": visible(self.caption)}
        ground = "none" if transparent else "auto"
        figure.savefig(stream, format=kind[1:], metadata=metadata, facecolor=ground)
        return stream.getvalue()

    def _ipython_display_(self) -> None:
        # JupyterLab shows only the HTML of a bundle that holds a picture too, hence two outputs.
        from IPython.display import display  # noqa: PLC0415

        show: Callable[..., object] = display

        with self._settings():  # drawn once for both files
            drawn = self._drawn(WIDTH, "beside")
            svg = self._saved(drawn, ".svg")
            add_card(drawn, self.style)
            png = self._saved(drawn, ".png", transparent=True)
        picture = {
            "image/png": base64.b64encode(png).decode(),
            "text/plain": repr(self),
        }
        headline = f'<p class="tk-headline"><strong>{escape(visible(self.title))}</strong></p>'
        if self.subtitle:
            headline += f'<p class="tk-subtitle">{escape(visible(self.subtitle))}</p>'
        below = headline + (
            "".join(f'<p class="tk-note">{escape(visible(foot))}</p>' for foot in self.feet)
            + f"<details><summary>Numbers in the figure</summary>"
            f"{html_table(self.table, caption=self.title)}</details>"
        )
        about = {
            "alt": self.caption,
            "width": round(WIDTH * 96),
            "words": "beside",
            "svg": {"wide": self._page_svg(svg, WIDTH), "narrow": self.page_svg(PHONE)},
        }
        show(picture, raw=True, metadata={"image/png": about})
        shown = {"text/html": for_notebook(below), "text/plain": f"Table: {self.caption}"}
        show({**shown, **counts_bundle(self.counted, kind=self.kind)}, raw=True)


def _choose_fonts(figure: Figure, font: str) -> None:
    """Give every text the fonts that have its letters."""
    for axes in figure.axes:
        labels = [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        axes.tick_params(labelfontfamily=list(fonts_for("".join(labels), font)))
    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_fontfamily(list(fonts_for(text.get_text(), font)))
            if text.get_fontweight() == "bold":
                text.set_fontweight(weight_of(text.get_text(), "bold", font))
