"""Verdicts on published figures: what recomputing each of them gave, as a table and for a report's pages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.caveats import SYNTHETIC, Caveats
from trustkit.claims.claims import Claim, Judgement, ends_with_unit, printed_with_unit, with_unit
from trustkit.claims.trail import TrailStep, trail_records
from trustkit.counted import Counted, counted_rows
from trustkit.design.opt_in import in_words
from trustkit.display import Shown, for_notebook, html_notes, html_table
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shortened
from trustkit.ledger import result_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_DATA, BASE = (2, 3, 5), 4
"""The columns of the table of verdicts that tell what the data give, and the column of the base."""

VERDICTS_MIME = "application/vnd.trustkit.verdicts+json"
"""The type under which a notebook's output carries its verdicts, for the site's contents page."""

DIGITS = 6
"""Decimals of the numbers a notebook's output carries: enough to judge a claim, without rounding errors."""

MADE = "were made by a program, so a verdict on them checks the method alone."
"""What a reader must know about verdicts on synthetic data."""


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
        about: list[str] = []
        if data == {"synthetic"}:
            about = [SYNTHETIC, f"The data {MADE}"]
        elif data:
            about = [f"Data: {' and '.join(sorted(data))}."]
            about += [f"The synthetic data {MADE}"] if "synthetic" in data else []
        reasons = self._reasons(fewest)
        if not self.verdicts:
            reasons = ["No figure is registered, so none was checked."]
        notes = [*about, *reasons, *replace(self.caveats, synthetic=False).sentences]
        return "Claims and their verdicts", table, notes

    def _reasons(self, fewest: int) -> list[str]:
        """Return why figures were not reproduced, each reason once; it names its claims if others differ."""
        reasons: dict[tuple[str, str], list[str]] = {}
        for verdict in self.verdicts:
            if verdict.verdict != "reproduced":
                reason = verdict._reason_for(fewest)  # noqa: SLF001
                reasons.setdefault((verdict.verdict, reason), []).append(verdict.claim.title)
        alike = Counter(word for word, _ in reasons)
        return [
            f"{word.capitalize()}: {reason}."
            if alike[word] == 1
            else f"{word.capitalize()}, {reason}: {_listed(titles)}."
            for (word, reason), titles in reasons.items()
        ]

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


def _listed(titles: Sequence[str]) -> str:
    """Return titles as a list, with the words with which all of them begin once."""
    own, shared = shortened(titles)
    start = shared.removesuffix("...")
    if not start or start == shared or any("," in part for part in own):
        return "; ".join(titles)
    return start + in_words(own)


def _range(verdict: Verdict) -> str:
    if verdict.verdict == "not checkable":
        return "-"
    return ends_with_unit(verdict.claim, verdict.ci_low, verdict.ci_high)
