"""Published figures as objects: registered as printed, recomputed from data, and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import NUMBER, WHOLE, ArgumentKind, accepts
from trustkit.caveats import Caveats
from trustkit.claims.printed_numbers import DECIMALS
from trustkit.claims.trail import TrailStep, trail_records
from trustkit.counted import Counted, counted_rows, result_bundle
from trustkit.display import Shown, for_notebook, html_notes, html_table, show_interval
from trustkit.estimation.assembly import Base  # noqa: TC001  # `accepts_fields` looks it up when it runs
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Statistic = Literal["proportion", "mean", "difference", "ratio", "net", "quantile", "margin of error"]
Judgement = Literal["reproduced", "consistent", "contradicted", "not checkable"]

OF_ANSWERS = ("proportion", "difference", "net")
"""The statistics that may count answers."""

ROUNDING = 1e-15
"""The relative rounding error of a computed number, a few times over."""

OF_DATA, BASE = (2, 3, 5), 4
"""The columns of the table of verdicts that tell what the data give, and the column of the base."""

HALF_TOLERANCE = 1e-9
"""Half of the last printed decimal may be exceeded by this share of it: a small difference of large means has
the rounding errors of the means."""

VERDICTS_MIME = "application/vnd.trustkit.verdicts+json"
"""The type under which a notebook's output carries its verdicts, for the site's contents page."""

DIGITS = 6
"""Decimals of the numbers a notebook's output carries: enough to judge a claim, without rounding errors."""


MOST_HEADLINES = 99
"""No report leads with more figures."""

PLACE = ArgumentKind(
    lambda value: WHOLE.fits(value) and 0 <= value <= MOST_HEADLINES,  # type: ignore[operator]
    f"a whole number from 0 to {MOST_HEADLINES}",
    "give the figure's place among those that the report leads with, or 0",
)


@dataclass(frozen=True)
class Reading:
    """One way to compute a published figure.

    Attributes
    ----------
    variable, level
        The variable, and the answer whose share is meant (empty for a mean).
    statistic
        ``proportion``, ``mean``, ``difference`` (of shares if an answer is named, else of means), ``ratio``,
        ``net`` (`trustkit.net`), ``quantile`` or ``margin of error`` (of the whole sample, for 50%).
    where, base
        As in `trustkit.proportion`.
    because
        Why the figure may have been computed in this way instead.
    levels
        Several answers that count together, in place of ``level``.
    minus
        The answers that count against, for ``net``.
    by, groups
        For ``difference``: the variable (also a wave), and two of its answers, the first less the second.
    denominator
        The variable below the line of a ``ratio``.
    quantile
        Which quantile, from 0 to 1.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Reading("trust", "No", base="asked", because="don't know may have been counted").statistic
    'proportion'
    """

    variable: str = ""
    level: str = ""
    statistic: Statistic = "proportion"
    where: Mapping[str, object] = field(default_factory=dict)
    base: Base = "valid"
    because: str = ""
    levels: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    by: str = ""
    groups: tuple[str, ...] = ()
    denominator: str = ""
    quantile: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that count; none for a statistic of numbers, such as a mean."""
        if self.statistic not in OF_ANSWERS:
            return ()
        return self.levels or ((self.level,) if self.level else ())

    @property
    def unit(self) -> str:
        """``%`` for shares, ``points`` for differences of shares and margins; empty for a variable's unit."""
        if self.statistic == "proportion":
            return "%"
        shares = self.statistic in ("net", "margin of error") or (
            self.statistic == "difference" and bool(self.answers)
        )
        return "points" if shares else ""

    @property
    def lacks(self) -> tuple[tuple[str, str], ...]:
        """What the statistic needs and the reading does not have: the fault, and what to do."""
        needs = {
            "proportion": (
                (self.answers, "a proportion needs a level: the answer whose share it is", "add level"),
            ),
            "net": (
                (self.answers, "a net score needs the answers that count for it", "add levels"),
                (self.minus, "a net score needs the answers that count against it", "add minus"),
            ),
            "difference": (
                (self.by, "a difference needs the variable of its groups or waves", "add by"),
                (len(self.groups) == 2, "a difference needs two groups", "add groups, as [women, men]"),  # noqa: PLR2004
            ),
            "ratio": ((self.denominator, "a ratio needs a denominator", "add denominator"),),
            "quantile": ((0 < self.quantile < 1, "a quantile is between 0 and 1", "give the median as 0.5"),),
        }
        faults = [(what, do) for given, what, do in needs.get(self.statistic, ()) if not given]
        if self.level and self.levels:
            faults.append(("level and levels are both given", "keep one of them"))
        return tuple(faults)

    def __str__(self) -> str:
        """Say in words how the figure is computed."""
        if self.statistic == "margin of error":
            return "margin of error of the whole sample"
        if not self.variable:
            return ""
        what = f"{self.statistic} of {self.variable}"
        what += f" = {' or '.join(self.answers)}" if self.answers else ""
        if self.statistic == "net" and self.minus:
            what += f" less {' or '.join(self.minus)}"
        if self.statistic == "ratio" and self.denominator:
            what += f" over {self.denominator}"
        if self.statistic == "difference" and self.by and self.groups:
            what += f", {self.groups[0]} less {self.groups[-1]} of {self.by}"
        who = " and ".join(f"{name} is {wanted}" for name, wanted in self.where.items())
        asked = "everyone asked" if self.base == "asked" and self.answers else ""
        parts = [what, f"where {who}" if who else "", asked, self.because]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, repr=False)
class Claim(Shown):
    """A published figure.

    Attributes
    ----------
    name
        Short name, unique in its file.
    title
        The figure's sentence.
    published
        The number as printed: percent for shares, the variable's unit for means.
    decimals
        Decimals it was printed with.
    reading
        How it is computed.
    alternatives
        Other bases or definitions under which it may have been computed.
    source, population, n, note
        Where it was published, the population, the number of respondents, and what else a reader must know.
    url
        The address of the publication, which begins with https:// or http://.
    unchecked
        Why it can't be recomputed; empty if it can.
    scale
        The scale of a figure that is no share, as words that follow the number: "on a scale from 0 to 100".
    headline
        The figure's place among those that the report leads with, from 1 on; 0 if it is not among them.

    Examples
    --------
    >>> import trustkit as tk
    >>> claim = tk.Claim("distrust", "Four in ten do not trust brands", 40, 0, tk.Reading("trust", "No"))
    >>> claim.rounds_to(40.4), claim.rounds_to(40.6)
    (True, False)
    """

    name: str
    title: str
    published: float
    decimals: int
    reading: Reading
    alternatives: tuple[Reading, ...] = ()
    source: str = ""
    population: str = ""
    n: str = ""
    note: str = ""
    unchecked: str = ""
    url: str = ""
    scale: str = ""
    headline: int = 0

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts(decimals=(self.decimals, DECIMALS), headline=(self.headline, PLACE))

    def shown(self, value: float) -> str:
        """Show a number with one decimal more than the figure was printed with.

        Examples
        --------
        >>> import trustkit as tk
        >>> tk.Claim("distrust", "Four in ten do not trust", 40, 0, tk.Reading("trust", "No")).shown(39.971)
        '40.0'
        """
        accepts(value=(value, NUMBER))
        return "-" if math.isnan(value) else f"{value:,.{self.decimals + 1}f}"

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "published": f"{printed_with_unit(self)} {self.scale}".rstrip(),
            "by": self.source,
            "population": self.population,
            "respondents": self.n,
            "computed as": str(self.reading),
            "or as": "; ".join(map(str, self.alternatives)),
            "not checkable": self.unchecked,
            "note": self.note,
        }
        told = {name: words for name, words in about.items() if words}
        return self.title, pd.DataFrame({"claim": list(told), self.name: list(told.values())}), ()

    def judged(self, value: float, low: float, high: float) -> Judgement:
        """Return the verdict on an estimate and its interval, in the claim's unit, without the alternatives.

        Examples
        --------
        >>> import trustkit as tk
        >>> claim = tk.Claim("distrust", "Four in ten do not trust", 40, 0, tk.Reading("trust", "No"))
        >>> claim.judged(40.2, 38.0, 42.4), claim.judged(41.2, 39.0, 43.4), claim.judged(51.2, 49.0, 53.4)
        ('reproduced', 'consistent', 'contradicted')
        """
        accepts(value=(value, NUMBER), low=(low, NUMBER), high=(high, NUMBER))
        if self.rounds_to(value):
            return "reproduced"
        return "consistent" if low <= self.published <= high else "contradicted"

    def rounds_to(self, value: float) -> bool:
        """Return whether a number in the claim's unit rounds to the printed one; a half rounds either way."""
        accepts(value=(value, NUMBER))
        rounding = ROUNDING * max(abs(value), abs(self.published))
        half = 0.5 * 10.0**-self.decimals * (1 + HALF_TOLERANCE)
        return abs(value - self.published) <= half + rounding


class Claims(tuple[Claim, ...], Shown):
    """Several published figures, as a tuple that shows them in one table.

    Examples
    --------
    >>> reading = Reading("trust", "No")
    >>> Claims([Claim("distrust", "Four in ten do not trust", 40, 0, reading, source="A firm")])
    Claims
    claim                     published  source
    Four in ten do not trust        40%  A firm
    """

    __slots__ = ()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "claim": [claim.title for claim in self],
            "published": [f"{claim.published:.{claim.decimals}f}{_sign(claim)}" for claim in self],
            "source": [claim.source for claim in self],
        }
        return "Claims", pd.DataFrame(about), ()

    __repr__ = Shown.__repr__


@dataclass(frozen=True, repr=False)
class Verdict(Shown):
    """What recomputing a claim gave.

    Attributes
    ----------
    claim
        The claim.
    verdict
        ``reproduced``: the same base rounds to the printed number. ``consistent``: the printed number is
        inside the interval, or a listed alternative rounds to it. ``contradicted``: neither.
        ``not checkable``: see the reason.
    estimate, ci_low, ci_high
        In the claim's unit; NaN if not checkable.
    n
        Respondents in the base.
    reason
        The reason for the verdict.
    caveats
        What a reader must know about the data; None if no data were used.
    trail
        How the estimate was made, step by step, from the raw data to the base: each step has ``words``, ``n``
        (respondents left after it) and ``removed`` (respondents that it removed). Empty if no data were used.
    counted
        The unweighted respondents behind the estimate.
    tried
        The estimate and the respondents of each alternative of the claim, in their order and in its unit;
        empty if no data were used.
    reduced_reason, reason_n
        The reason without a number that rests on other respondents than the estimate, and how many of them it
        tells about: where they are few, it is published so. Empty and 0 if the reason has no such number.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> claim = tk.Claim("half", "Half say yes", 50, 0, tk.Reading("answer", "yes"))
    >>> design = tk.Design(pd.DataFrame({"answer": ["yes", "no"]}))
    >>> verdict = tk.verify([claim], design).verdicts[0]
    >>> verdict.verdict, verdict.estimate, verdict.n
    ('reproduced', 50.0, 2)
    """

    claim: Claim
    verdict: Judgement
    estimate: float
    ci_low: float
    ci_high: float
    n: int
    reason: str
    caveats: Caveats | None = None
    trail: tuple[TrailStep, ...] = ()
    counted: tuple[Counted, ...] = ()
    tried: tuple[tuple[float, int], ...] = ()
    reduced_reason: str = ""
    reason_n: int = 0

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the estimate, and where its numbers are in the table."""
        return Verdicts((self,))._printed()  # noqa: SLF001

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return Verdicts((self,))._parts()  # noqa: SLF001

    def _repr_html_(self) -> str:
        return Verdicts((self,))._repr_html_()

    def _reason_for(self, fewest: int) -> str:
        """Return the reason as it may be published, without the number of fewer respondents."""
        return self.reduced_reason if 0 < self.reason_n < fewest else self.reason

    def _parts_for(self, fewest: int) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return Verdicts((self,))._parts_for(fewest)  # noqa: SLF001

    @property
    def data(self) -> str:
        """``real`` or ``synthetic``; ``none`` if no data were used."""
        return "none" if self.caveats is None else self.caveats.data

    @property
    def alternatives(self) -> tuple[str, ...]:
        """What each alternative of the claim gives, in words; its words alone if no data were used."""
        words = [other.because or str(other) for other in self.claim.alternatives]
        if not self.tried:
            return tuple(words)
        return tuple(
            f"{with_unit(replace(self.claim, reading=other), value)} if {said}"
            for other, said, (value, _) in zip(self.claim.alternatives, words, self.tried, strict=True)
        )

    @property
    def assumption(self) -> str:
        """The model under which the interval of an opt-in sample holds; empty for a probability sample."""
        return "" if self.caveats is None else self.caveats.assumption or ""


@dataclass(frozen=True, repr=False)
class Verdicts(Shown):
    """The verdicts on several claims.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> claims = [tk.Claim(f"yes_{p}", f"{p}% say yes", p, 0, tk.Reading("answer", "yes")) for p in (50, 99)]
    >>> verdicts = tk.verify(claims, tk.Design(pd.DataFrame({"answer": ["yes", "no"] * 50})))
    >>> verdicts.to_frame()[["claim", "published", "estimate", "verdict"]]
        claim  published  estimate       verdict
    0  yes_50         50      50.0    reproduced
    1  yes_99         99      50.0  contradicted
    """

    verdicts: tuple[Verdict, ...]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def __add__(self, other: Verdicts) -> Verdicts:
        """Return both lists of verdicts as one."""
        return Verdicts(self.verdicts + other.verdicts)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per claim.

        Returns
        -------
        DataFrame
            ``claim``, ``title``, ``published``, ``estimate``, ``ci_low``, ``ci_high``, ``n``, ``verdict``,
            ``reason``, ``data``, ``assumption``. Shares are in percent, as published. Then what is known of
            the publication: ``unit`` (``%`` for shares, ``points`` for their differences), ``source``,
            ``population``, ``published_n``, ``url``, ``note``, the ``alternatives`` in words, with what each
            of them gives, the ``scale`` of other figures than shares, and ``headline``, the place among the
            figures that the report leads with.
        """
        return pd.DataFrame(
            [
                {
                    "claim": verdict.claim.name,
                    "title": verdict.claim.title,
                    "published": verdict.claim.published,
                    "estimate": verdict.estimate,
                    "ci_low": verdict.ci_low,
                    "ci_high": verdict.ci_high,
                    "n": verdict.n,
                    "verdict": verdict.verdict,
                    "reason": verdict.reason,
                    "data": verdict.data,
                    "assumption": verdict.assumption,
                    "unit": verdict.claim.reading.unit,
                    "source": verdict.claim.source,
                    "population": verdict.claim.population,
                    "published_n": verdict.claim.n,
                    "url": verdict.claim.url,
                    "note": verdict.claim.note,
                    "alternatives": "; ".join(verdict.alternatives),
                    "scale": verdict.claim.scale,
                    "headline": verdict.claim.headline,
                }
                for verdict in self.verdicts
            ]
        )

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data behind all verdicts."""
        return Caveats().joined(*(verdict.caveats for verdict in self.verdicts if verdict.caveats))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the estimates, and where each number is in the table."""
        return tuple(
            table.printing(
                [
                    replace(one, cells=tuple((row, column) for column in OF_DATA), base_cells=((row, BASE),))
                    for one in table.shown
                ]
            )
            for row, verdict in enumerate(self.verdicts)
            for table in verdict.counted or _base_alone(verdict)
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return self._parts_for(0)

    def _parts_for(self, fewest: int) -> tuple[str, pd.DataFrame, Sequence[str]]:
        """Return the parts with reasons that give no number of fewer respondents."""
        # Reasons are shown below the table: as a column they would push the verdict off a narrow page.
        table = pd.DataFrame(
            {
                "claim": [verdict.claim.title for verdict in self.verdicts],
                "published": [printed_with_unit(verdict.claim) for verdict in self.verdicts],
                "estimate": [with_unit(verdict.claim, verdict.estimate) for verdict in self.verdicts],
                "95% interval": [_range(verdict) for verdict in self.verdicts],
                "n": [f"{verdict.n:,}" if verdict.n else "-" for verdict in self.verdicts],
                "verdict": [verdict.verdict for verdict in self.verdicts],
            }
        )
        data = {verdict.data for verdict in self.verdicts if verdict.n}
        if len(data) > 1:
            table["data"] = [verdict.data if verdict.n else "-" for verdict in self.verdicts]
        reasons: dict[str, list[str]] = {}
        for verdict in self.verdicts:
            if verdict.verdict != "reproduced":
                about = f"{verdict.verdict.capitalize()}, {verdict._reason_for(fewest)}"  # noqa: SLF001
                reasons.setdefault(about, []).append(verdict.claim.title)
        notes = [f"{reason}: {'; '.join(titles)}." for reason, titles in reasons.items()]
        if not self.verdicts:
            notes.append("No figure is registered, so none was checked.")
        if data:
            notes.append(f"Data: {' and '.join(sorted(data))}.")
        if "synthetic" in data:
            notes.append(
                "Synthetic data were made to reach their figures: a verdict on them checks the method alone."
            )
        return "Claims and their verdicts", table, [*notes, *replace(self.caveats, synthetic=False).sentences]

    def _repr_html_(self) -> str:
        title, table, notes = self._parts()
        sources = [verdict.claim.source for verdict in self.verdicts]
        if not all(sources) or not sources:
            return super()._repr_html_()
        table.insert(0, "source", sources)
        return for_notebook(html_table(table, caption=title, group="source") + html_notes(notes))

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """Show as text and HTML, and carry the numbers for the pages that collect verdicts from notebooks."""
        frame = self.to_frame().round(DIGITS)
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        for record, verdict in zip(records, self.verdicts, strict=True):
            record["trail"] = trail_records(verdict.trail)
            if verdict.reason_n:
                record["reduced"] = {"reason": verdict.reduced_reason, "n": verdict.reason_n}
            record["tried"] = [
                {"words": words, "n": n, "named": other.because or str(other)}
                for words, (_, n), other in zip(
                    verdict.alternatives, verdict.tried, verdict.claim.alternatives, strict=False
                )
            ]
        shown = {"text/plain": repr(self), "text/html": self._repr_html_(), VERDICTS_MIME: records}
        return {**shown, **result_bundle(self)}


def _base_alone(verdict: Verdict) -> tuple[Counted, ...]:
    """Return the respondents of a verdict that only knows its base; none if no data were used."""
    return (counted_rows([verdict.claim.name], [verdict.n], lambda _: ()),) if verdict.n else ()


def _range(verdict: Verdict) -> str:
    if verdict.verdict == "not checkable":
        return "-"
    return ends_with_unit(verdict.claim, verdict.ci_low, verdict.ci_high)


def printed_with_unit(claim: Claim) -> str:
    """Return the published figure as printed, with its unit.

    Examples
    --------
    >>> import trustkit as tk
    >>> reading = tk.Reading("trust", "No", statistic="difference", by="sex", groups=("women", "men"))
    >>> printed_with_unit(tk.Claim("gap", "Women trust less", 14, 0, reading))
    '14 points'
    """
    return f"{claim.published:.{claim.decimals}f}{_sign(claim)}"


def with_unit(claim: Claim, value: float) -> str:
    """Return a number in the unit of a published figure, with one decimal more than it was printed with.

    Examples
    --------
    >>> import trustkit as tk
    >>> with_unit(tk.Claim("distrust", "Four in ten do not trust", 40, 0, tk.Reading("trust", "No")), 39.971)
    '40.0%'
    """
    return "-" if math.isnan(value) else f"{claim.shown(value)}{_sign(claim)}"


def ends_with_unit(claim: Claim, low: float, high: float) -> str:
    """Return an interval in the unit of a published figure; "points" stands behind both ends.

    Examples
    --------
    >>> import trustkit as tk
    >>> reading = tk.Reading("trust", "No", statistic="difference", by="sex", groups=("women", "men"))
    >>> ends_with_unit(tk.Claim("gap", "Women trust less", 14, 0, reading), 10.12, 16.43)
    '10.1 to 16.4 points'
    """
    if claim.reading.unit == "%":
        return show_interval(low, high, partial(with_unit, claim))
    text = show_interval(low, high, claim.shown)
    return text if text == "-" else f"{text}{_sign(claim)}"


def _sign(claim: Claim) -> str:
    """Return the unit of a share or a difference of shares; the title of another figure has its unit."""
    return {"%": "%", "points": " points"}.get(claim.reading.unit, "")
