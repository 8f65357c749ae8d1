"""Published figures as objects: registered as printed, recomputed from data, and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import NUMBER, WHOLE, ArgumentKind, accepts
from trustkit.claims.printed_numbers import DECIMALS
from trustkit.display import Shown, show_interval
from trustkit.estimation.domains import Base  # noqa: TC001  # `accepts_fields` looks it up when it runs
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Statistic = Literal["proportion", "mean", "difference", "ratio", "net", "quantile", "margin of error"]
Judgement = Literal["reproduced", "consistent", "contradicted", "not checkable"]

OF_ANSWERS = ("proportion", "difference", "net")
"""The statistics that may count answers."""

ROUNDING = 1e-15
"""The relative rounding error of a computed number, a few times over."""

HALF_TOLERANCE = 1e-9
"""Half of the last printed decimal may be exceeded by this share of it: a small difference of large means has
the rounding errors of the means."""


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
            "published": [printed_with_unit(claim) for claim in self],
            "source": [claim.source for claim in self],
        }
        return "Claims", pd.DataFrame(about), ()

    __repr__ = Shown.__repr__


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
