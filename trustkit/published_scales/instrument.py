"""One instrument: what was read about its items, answers, scoring, reliability and norms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import TEXT, accepts
from trustkit.display import Shown
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Licence = Literal["copyrighted", "open", "unknown"]
Scoring = Literal["mean", "sum", "topbox", "net", "segments", "share"]

BY_RESPONDENT = ("mean", "sum", "topbox")
"""The ways of scoring that give each respondent a score."""

DONT_KNOW = "don't-know rule"
"""The name of the fact how the authors count the answer don't know."""

DONT_KNOW_UNREAD = (
    "How its authors count the answer don't know was not read at a source; here it is a missing answer."
)
"""The remark in the log of scores where that is not known."""

ELSEWHERE: dict[str, str] = {
    "net": "use tk.nps or tk.net",
    "segments": "use tk.segments",
    "share": "estimate the share of its answers with tk.proportion",
}
"""What to do about instruments that give a respondent no score."""


@dataclass(frozen=True)
class PublishedReliability:
    """A reliability coefficient that somebody published.

    Attributes
    ----------
    population, n
        Who answered, and how many.
    method
        Which coefficient.
    subscale
        Of which subscale; empty: of all items.
    value
        As printed.
    source
        Where it was read.
    """

    population: str
    n: int
    method: str
    subscale: str
    value: float
    source: str


@dataclass(frozen=True)
class Norm:
    """A published value of an instrument in a population.

    Attributes
    ----------
    name
        How `trustkit.compare_norm` calls it.
    population, year, n
        Who answered, when, and how many (None: not read).
    weighting
        How the numbers were weighted, in words.
    statistic
        ``mean`` or ``proportion``.
    subscale
        Of which subscale or item; empty: of all items.
    value
        As printed; shares are between 0 and 1.
    source
        Where it was read.
    """

    name: str
    population: str
    year: int
    n: int | None
    weighting: str
    statistic: str
    subscale: str
    value: float
    source: str


@dataclass(frozen=True, repr=False)
class Instrument(Shown):
    """A published scale: facts that were read at a source, never the wording of its items.

    Attributes
    ----------
    id, name, construct
        What it is called here, and what it measures, in words of ours; they are there also if the year and
        the authors were not read.
    year, authors, doi
        Where it was published; None and empty if that was not read.
    licence
        Whether its items may be used freely, as far as that was read.
    items
        How many items it has; None if that was not read.
    reversed_items
        The positions of reversed items, counted from 1.
    about
        Position -> what the item is about, in a few words of ours.
    subscales
        Name -> the positions of its items; empty if it has none, or that was not read.
    low, high, anchors
        The range of answers and what its ends mean; None if that was not read.
    scoring, boxes, min_items
        How it is scored, how many answers at the upper end count (``topbox``), and how many items must be
        answered; None if that was not read.
    dont_know
        How its authors count the answer don't know, in words of ours; empty if that was not read.
    reliability, norms, caveats
        What was published about it.
    sources
        Where these facts were read.
    verified, unverified
        The names of the facts that were read at a source, and of those that were not and are left out here.
    supersedes
        The ``id`` of the instrument that this one replaces; empty if none, or if that was not read.

    Examples
    --------
    >>> import trustkit as tk
    >>> edelman = tk.instrument("edelman")
    >>> edelman.items, edelman.scoring, edelman.boxes
    (4, 'topbox', 4)
    """

    id: str
    name: str
    construct: str
    year: int | None = None
    authors: str = ""
    doi: str = ""
    licence: Licence = "unknown"
    items: int | None = None
    reversed_items: tuple[int, ...] = ()
    about: Mapping[int, str] = field(default_factory=dict)
    subscales: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    anchors: tuple[str, ...] = ()
    scoring: Scoring | None = None
    boxes: int | None = None
    min_items: int | None = None
    dont_know: str = ""
    reliability: tuple[PublishedReliability, ...] = ()
    norms: tuple[Norm, ...] = ()
    caveats: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    supersedes: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def needs(self) -> tuple[str, ...]:
        """The facts without which nobody can be scored, and which were not read."""
        missing = [
            name for name in ("items", "reversed items", "response", "scoring") if name not in self.verified
        ]
        return (*missing, *(["subscales"] if "subscales" in self.unverified else []))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the users of its scores should know that nobody has read at a source."""
        return (DONT_KNOW_UNREAD,) if DONT_KNOW in self.unverified else ()

    @property
    def scales(self) -> Mapping[str, tuple[int, ...]]:
        """Each scale that is scored: its name (empty: all items) -> positions of its items."""
        return self.subscales or {"": tuple(range(1, (self.items or 0) + 1))}

    def norm(self, name: str) -> Norm:
        """Return a norm by its name.

        Raises
        ------
        DataError
            If there is none of this name.
        """
        accepts(name=(name, TEXT))
        for norm in self.norms:
            if norm.name == name:
                return norm
        names = [norm.name for norm in self.norms]
        raise DataError(
            f"{self.id} has no norm {name!r}",
            expected=", ".join(names) or "no norm was read",
            do=suggest(name, names),
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        ends = "" if self.low is None or self.high is None else f"{self.low:g} to {self.high:g}"
        named = ", ".join(f"{position} {what}" for position, what in self.about.items())
        parts = "; ".join(
            f"{name} ({', '.join(map(str, positions))})" for name, positions in self.subscales.items()
        )
        about = {
            "construct": self.construct,
            "by": f"{self.authors} ({self.year})" if self.authors else "",
            "doi": self.doi,
            "items": "" if self.items is None else f"{self.items}{f' ({named})' if named else ''}",
            "reversed": ", ".join(map(str, self.reversed_items)),
            "subscales": parts,
            "answers": f"{ends} {' to '.join(self.anchors)}".strip(),
            "scoring": " ".join(
                filter(None, (self.scoring or "", f"of {self.boxes} answers" if self.boxes else ""))
            ),
            "don't know counts": self.dont_know,
            "reliability": "; ".join(
                f"{value.value:g} ({value.method}, {value.population}, n = {value.n:,})"
                for value in self.reliability
            ),
            "norms": "; ".join(
                f"{norm.name}: {norm.value:g} ({norm.population}, {norm.year})" for norm in self.norms
            ),
            "items' licence": self.licence,
            "read at": "; ".join(self.sources),
            "not verified": ", ".join(self.unverified),
        }
        known = {name: words for name, words in about.items() if words}
        table = pd.DataFrame({"fact": list(known), self.id: list(known.values())})
        return self.name, table, self.caveats


def refuse_unready(found: Instrument) -> None:
    """Raise the error that an instrument cannot be scored, if a fact is missing or it gives no score.

    Raises
    ------
    DataError
        With the facts that nobody has read at a source.
    """
    if found.scoring is not None and found.scoring not in BY_RESPONDENT:
        raise DataError(
            f"{found.id} gives a respondent no score",
            got=f"scoring: {found.scoring}", do=ELSEWHERE[found.scoring],
        )  # fmt: skip
    if found.needs:
        raise DataError(
            f"{found.id} can't be scored from the registry, because facts about it are unverified",
            got=f"not read at a source: {', '.join(found.needs)}",
            do="check them at the source, then score the items with tk.score(survey, items, into=...)",
        )
