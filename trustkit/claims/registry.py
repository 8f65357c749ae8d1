"""Figures that others published on trust, privacy and consent, as data: with source and checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import NAME_LIST, TEXT, accepts
from trustkit.claims.claims import Claim, Reading
from trustkit.claims.feasibility import NO_N, WHOLE_PERCENT, Feasibility, feasible
from trustkit.claims.printed_numbers import DECIMALS
from trustkit.claims.reported_precision import change_beyond_noise, margin_fits
from trustkit.claims.reported_shares import subgroups_fit, sums_to_100
from trustkit.display import Shown
from trustkit.errors import ClaimError, how_many, suggest
from trustkit.field_kinds import accepts_columns, accepts_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FigureStatistic = Literal["proportion", "mean", "difference", "ratio", "net", "quantile", "margin of error"]
Access = Literal["publisher", "second hand"]
Extent = Literal["excerpt", "whole page"]
FigureWeighting = Literal["weighted", "unweighted", "not stated"]
StudyData = Literal["real", "synthetic"]
CheckKind = Literal["sum", "groups", "change"]

TOO_MANY = "with so many respondents every percentage is possible"
UNLIKE_DECIMALS = "the percentages were printed with different numbers of decimals"
NO_WEIGHTS = "the percentages are weighted, or may be, and the weights are not published"
UNREAD = "none was read, so the figure is unverified"
"""What stands in place of the page of a figure without one."""

VERDICT_ORDER = ("impossible", "possible", "cannot be checked")
"""The order in which publications are shown: first those in which a check found something."""

CHECK_COLUMNS = ("publication", "source", "check", "figures", "verdict", "reason")
"""The columns of `FigureChecks`."""


@dataclass(frozen=True, repr=False)
class PublishedFigure(Shown):
    """A figure that somebody published, as it was printed.

    Attributes
    ----------
    name, title
        A short name, and what the figure says in our words.
    published, decimals
        The number as printed, in percent for shares, and its decimals.
    statistic
        What the number is.
    publication, source
        The publication's short name, and who published it.
    url, read, extent, access
        The page, the day on which it was read, how much of it (``excerpt`` or ``whole page``), and whether
        the figure is known from the publisher or at second hand. ``url`` and ``read`` are empty if no page
        was read; the figure is unverified then.
    population, base, question, answers, dont_know
        Who and what was asked, which answers count, and what was done with "don't know". Empty if not known.
        The question is told in words of ours, such as "whether they trust the internet"; it is no wording.
    n, n_words
        Respondents in the base if the exact number is published; and how it was published.
    weighting, margin, margin_decimals, fieldwork
        Whether the figure is weighted, the margin of error in points that the publication states for this n,
        and when people were asked.
    alternatives
        Other bases or definitions under which it may have been computed.
    study, study_data
        The file of claims that recomputes it, in the folder of a study; and whether those data are real.
    note
        What a reader must also know.

    Examples
    --------
    >>> import trustkit as tk
    >>> figure = tk.published_figures()["pew_2014_control"]
    >>> figure.published, figure.n, figure.weighting
    (91.0, 607, 'not stated')
    """

    name: str
    title: str
    published: float
    decimals: int
    statistic: FigureStatistic
    publication: str
    source: str
    access: Access
    url: str = ""
    read: str = ""
    extent: Extent = "excerpt"
    population: str = ""
    base: str = ""
    question: str = ""
    answers: tuple[str, ...] = ()
    dont_know: str = ""
    n: int | None = None
    n_words: str = ""
    weighting: FigureWeighting = "not stated"
    margin: float | None = None
    margin_decimals: int = 0
    fieldwork: str = ""
    alternatives: tuple[str, ...] = ()
    study: str = ""
    study_data: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts(decimals=(self.decimals, DECIMALS), margin_decimals=(self.margin_decimals, DECIMALS))

    @property
    def claim(self) -> Claim:
        """The figure as a claim that cannot be recomputed, for a table of claims."""
        note = self.note if self.url else "; ".join(filter(None, (self.note, f"page: {UNREAD}")))
        return Claim(
            self.name, self.title, self.published, self.decimals, Reading(),
            source=self.source, population=self.population, n=self.n_words, note=note, url=self.url,
            unchecked="the answers behind it are not published",
        )  # fmt: skip

    @property
    def printed(self) -> str:
        """The figure as printed, with the unit of its statistic."""
        unit = {"proportion": "%", "margin of error": " points"}.get(self.statistic, "")
        return f"{self.published:.{self.decimals}f}{unit}"

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "published": self.printed,
            "by": self.source,
            "page": f"{self.url} ({self.access}; {self.extent} read on {self.read})" if self.url else UNREAD,
            "population": self.population,
            "base": self.base,
            "asked": self.question,
            "answers": ", ".join(self.answers),
            "respondents": self.n_words,
            "weighting": self.weighting,
            "fieldwork": self.fieldwork,
            "or as": "; ".join(self.alternatives),
            "recomputed in": f"{self.study} ({self.study_data} data)" if self.study else "",
            "note": self.note,
        }
        known = {name: words for name, words in about.items() if words}
        return self.title, pd.DataFrame({"figure": list(known), self.name: list(known.values())}), ()


@dataclass(frozen=True)
class RegisteredCheck:
    """A check of several figures that the registry names."""

    publication: str
    kind: CheckKind
    figures: tuple[str, ...]
    setting: str


@dataclass(frozen=True, repr=False)
class FigureChecks(Shown):
    """What arithmetic says about published figures whose answers are not published.

    Attributes
    ----------
    table
        One row per check: ``publication``, ``source``, ``check``, ``figures`` (their names), ``verdict``
        (possible, impossible, cannot be checked), ``reason``.

    Examples
    --------
    >>> import trustkit as tk
    >>> checks = tk.published_figures().check().table
    >>> checks.loc[checks["verdict"] == "impossible", "publication"].tolist()
    ['pew_2014']
    """

    table: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", CHECK_COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per check, as ``table``."""
        return self.table.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own = self.table
        ranks = own["verdict"].map(VERDICT_ORDER.index).groupby(own["publication"]).transform("min")
        shown = own.loc[ranks.sort_values(kind="stable").index, ["source", "check", "verdict", "reason"]]
        counted = [f"{(own['verdict'] == verdict).sum():,} {verdict}" for verdict in VERDICT_ORDER]
        tally = f"{how_many(len(own), 'check')} of {how_many(own['publication'].nunique(), 'publication')}"
        return (
            "Published figures, checked by arithmetic",
            shown.astype(str).reset_index(drop=True),
            (f"{tally}: {', '.join(counted)}.",),
        )


@dataclass(frozen=True, repr=False)
class PublishedFigures(Shown):
    """A registry of published figures.

    Attributes
    ----------
    title
        What it holds.
    figures
        The figures, by publication.
    checks
        The checks of several figures that it names.

    Examples
    --------
    >>> import trustkit as tk
    >>> registry = tk.published_figures()
    >>> registry["kpmg_2021"].published
    40.0
    >>> frame = registry.to_frame()
    >>> frame["publication"].nunique()
    23
    """

    title: str
    figures: tuple[PublishedFigure, ...]
    checks: tuple[RegisteredCheck, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def __getitem__(self, name: str) -> PublishedFigure:
        """Return a figure by its name.

        Raises
        ------
        ClaimError
            If there is none of this name.
        """
        accepts(name=(name, TEXT))
        by_name = {figure.name: figure for figure in self.figures}
        if name not in by_name:
            raise ClaimError(f"no figure is named {name!r}", do=suggest(name, by_name))
        return by_name[name]

    def select(self, names: Sequence[str]) -> tuple[PublishedFigure, ...]:
        """Return some figures, in the order of their names.

        Raises
        ------
        ClaimError
            If there is none of a name.
        """
        accepts(names=(names, NAME_LIST))
        return tuple(self[name] for name in names)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per figure, with a column for each attribute of `PublishedFigure`."""
        return pd.DataFrame([dict(vars(figure)) for figure in self.figures])

    def check(self) -> FigureChecks:
        """Check what can be checked without the answers, and say of each publication why no more can be.

        Returns
        -------
        FigureChecks
            For each publication: its margin of error against n, the sums, groups and changes that the
            registry names, and whether single percentages can be checked against n.
        """
        rows: list[dict[str, str]] = []
        for publication in dict.fromkeys(figure.publication for figure in self.figures):
            figures = {figure.name: figure for figure in self.figures if figure.publication == publication}
            results = _margins(figures.values())
            results += [
                ([*check.figures], _registered(check, self))
                for check in self.checks
                if check.publication == publication
            ]
            results += _single(figures.values())
            source = next(iter(figures.values())).source
            rows += [
                {
                    "publication": publication, "source": source, "check": result.check,
                    "figures": ", ".join(names), "verdict": result.verdict, "reason": result.reason,
                }
                for names, result in results
            ]  # fmt: skip
        return FigureChecks(pd.DataFrame(rows))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = pd.DataFrame(
            {
                "source": [figure.source for figure in self.figures],
                "figure": [figure.title for figure in self.figures],
                "published": [figure.printed for figure in self.figures],
                "respondents": [figure.n_words or "not published" for figure in self.figures],
            }
        )
        return self.title, table, _reading_notes(self.figures)


def unverified(figures: Iterable[PublishedFigure]) -> tuple[str, ...]:
    """Return a note that names the sources of which no page was read; none if a page of each was."""
    sources = dict.fromkeys(figure.source for figure in figures if not figure.url)
    return (f"Unverified, as no page was read: {'; '.join(sources)}.",) if sources else ()


def _reading_notes(figures: Sequence[PublishedFigure]) -> tuple[str, ...]:
    """Say how much was read of the pages of publications, and which figures are unverified."""
    read = {figure.publication: figure.extent if figure.url else "" for figure in figures}
    counted = Counter(read.values())
    pages = (
        f"Pages of {len(read):,} publications: {counted['whole page']:,} read whole, "
        f"{counted['excerpt']:,} in an excerpt, {counted['']:,} not read."
    )
    return (pages, *unverified(figures))


def _margins(figures: Iterable[PublishedFigure]) -> list[tuple[list[str], Feasibility]]:
    """Check the margins of error that a publication states, each once."""
    results = []
    stated = []
    for figure in figures:
        if figure.statistic == "margin of error":
            results.append(
                ([figure.name], margin_fits(figure.published, n=figure.n, decimals=figure.decimals))
            )
        elif figure.margin is not None and (figure.margin, figure.n) not in stated:
            stated.append((figure.margin, figure.n))
            checked = margin_fits(figure.margin, n=figure.n, decimals=figure.margin_decimals)
            results.append(([figure.name], checked))
    return results


def _registered(check: RegisteredCheck, registry: PublishedFigures) -> Feasibility:
    """Do a check of several figures."""
    figures = [registry[name] for name in check.figures]
    decimals, shares = figures[0].decimals, [figure.published for figure in figures]
    if any(figure.decimals != decimals for figure in figures):
        printed = ", ".join(f"{figure.published:.{figure.decimals}f}%" for figure in figures)
        return Feasibility(f"{check.kind} of {printed}", "cannot be checked", UNLIKE_DECIMALS)
    if check.kind == "sum":
        return sums_to_100(shares, decimals, answers="one" if check.setting == "one" else "several")
    if check.kind == "groups":
        labels = [figure.base or figure.title for figure in figures[1:]]
        if len(set(labels)) < len(labels):
            labels = [figure.name for figure in figures[1:]]
        parts = dict(zip(labels, shares[1:], strict=True))
        return subgroups_fit(shares[0], parts, decimals, groups="all" if check.setting == "all" else "some")
    earlier, later = figures
    words = f"change from {shares[0]:.{decimals}f}% to {shares[1]:.{decimals}f}%"
    if earlier.n is None or later.n is None:
        return Feasibility(words, "cannot be checked", NO_N)
    changed = change_beyond_noise(
        shares[0], shares[1], n=(earlier.n, later.n), decimals=decimals,
        definition="same" if check.setting == "same" else "different",
    )  # fmt: skip
    notes = "; ".join(note[:1].lower() + note[1:].rstrip(".") for note in changed.notes)
    return Feasibility(words, "cannot be checked", "; ".join(filter(None, (changed.reason, notes))))


def _single(figures: Iterable[PublishedFigure]) -> list[tuple[list[str], Feasibility]]:
    """Check single percentages against n, or say in one row for each reason why that is not possible."""
    results = []
    reasons: dict[str, list[str]] = {}
    for figure in figures:
        if figure.statistic != "proportion":
            continue
        if figure.n is None:
            some = figure.n_words not in ("", "not published")
            reason = f'respondents are published as "{figure.n_words}" only' if some else NO_N
        elif figure.n >= WHOLE_PERCENT * 10**figure.decimals:
            reason = TOO_MANY
        elif figure.weighting == "unweighted":
            checked = feasible(figure.published, n=figure.n, decimals=figure.decimals)
            results.append(([figure.name], checked))
            continue
        else:
            reason = NO_WEIGHTS
        reasons.setdefault(reason, []).append(figure.name)
    for reason, names in reasons.items():
        check = f"{how_many(len(names), 'percentage')} against n"
        results.append((names, Feasibility(check, "cannot be checked", reason)))
    return results
