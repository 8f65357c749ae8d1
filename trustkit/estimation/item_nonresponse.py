"""Item nonresponse: who was asked a question and gave no answer, by reason, and which questions together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, VARIABLES, accepts, accepts_estimator, one_of
from trustkit.cleaning.derive import strongest
from trustkit.counted import OUTCOME, ShownCount
from trustkit.design.held import held_by
from trustkit.design.sums import Cells
from trustkit.display import Shown, show_share
from trustkit.errors import DataError
from trustkit.estimation.assembly import (
    Part,
    assemble,
    names_of,
    refuse_nobody,
    refuse_too_many,
    shares_of_cells,
)
from trustkit.estimation.domains import By, Domains
from trustkit.estimation.intervals import IntervalMethod
from trustkit.estimation.results import counts_in_rows
from trustkit.field_kinds import accepts_fields, accepts_lengths
from trustkit.survey.columns import answered, blank, has_reason
from trustkit.survey.permissions import described_by
from trustkit.survey.variable import Variable
from trustkit.survey.where import asked_rows
from trustkit.units import MEASURES, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

REASONS = ("don't know", "refused", "skipped")
"""Why a respondent who was asked has no substantive answer, as the codebook tells it."""

UNLISTED = "not in the codebook"
"""What stands for a value that the codebook does not list."""

ANY = "any reason"
"""What stands for all reasons together."""

PATTERN = "nonresponse_pattern"
"""The name of the variable that says which questions a respondent left unanswered."""

MOST_PATTERNS = 30
"""More patterns are not told apart: the rarest count together."""

FEWEST = 2

COUNT = "respondents"
"""The column of the respondents without an answer, unweighted."""


@dataclass(frozen=True, eq=False, repr=False)
class ItemNonresponse(Shown):
    """How many of those who were asked gave no answer, by reason, with and without weights.

    Attributes
    ----------
    rates
        One row per question, domain and reason, as an `Estimate`: the weighted share of those asked.
    counts
        Shape (m,): the respondents without an answer for this reason.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> codes = {1: "yes", 2: "no"}
    >>> trust = tk.Variable("trust", "Trust?", "single", codes=codes, missing={9: "refused"})
    >>> survey = tk.Survey(pd.DataFrame({"trust": [1, 2, 9, 1]}), tk.Codebook({"trust": trust}))
    >>> tk.item_nonresponse(tk.Design(survey), "trust").to_frame()[["level", "respondents", "unweighted"]]
            level  respondents  unweighted
    0     refused            1        0.25
    1  any reason            1        0.25
    """

    rates: Estimate
    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_lengths(self, len(self.rates.keys), "counts")

    @property
    def unweighted(self) -> NDArray[np.float64]:
        """Shape (m,): the share of the respondents asked who gave no answer, without weights."""
        nothing = np.full(len(self.counts), np.nan)
        shares: Floats = np.divide(self.counts, self.rates.n, out=nothing, where=self.rates.n > 0)
        return shares

    def to_frame(self) -> pd.DataFrame:
        """Return one row per rate, unrounded.

        Returns
        -------
        DataFrame
            The columns of `Estimate.to_frame`, with ``respondents`` and ``unweighted`` (share) at the end.
        """
        return self.rates.to_frame().assign(respondents=self.counts, unweighted=self.unweighted)

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys((*MEASURES, "unweighted"), self.rates.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        columns = self._parts()[1].shape[1]
        first = columns - len(("estimate", "se", "interval", COUNT, "unweighted", "n"))
        return counts_in_rows(
            self.rates,
            lambda row: [(row, column) for column in range(first, columns - 1)],
            lambda row: [(row, columns - 1)],
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        heading, table, notes = self.rates._parts()  # noqa: SLF001
        place = list(table).index("n")
        table.insert(place, "unweighted", [show_share(value) for value in self.unweighted])
        table.insert(place, COUNT, [f"{count:,}" for count in self.counts])
        return heading, table.rename(columns={"n": "n asked"}), notes


def item_nonresponse(
    design: Design,
    variable: str | Sequence[str],
    *,
    by: By = None,
    where: Where = None,
    ci: IntervalMethod = "logit",
    conf: float = 0.95,
) -> ItemNonresponse:
    """Estimate which share of those who were asked a question gave no answer, by reason.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    variable
        A question, several of them, or a set's name. Numbers and texts count, too.
    by, where, ci, conf
        As in `trustkit.proportion`. ``by`` tells who gives no answer; compare groups with
        `trustkit.contrast` of ``rates``.

    Returns
    -------
    ItemNonresponse
        For each question: the reasons that the codebook or the data know (don't know, refused, skipped, a
        value that is not in the codebook), and any reason. The base is everyone asked: respondents who were
        not asked, as the codebook's ``asked`` or a code tells, do not count.

    Raises
    ------
    DataError
        An unknown variable, or one that nobody was asked; rows that are not in memory.

    Notes
    -----
    Shares of a domain, as `trustkit.proportion` estimates them. Whether answers are missing at random can't
    be seen in them. An empty cell, or a text without a visible character, counts as skipped, unless the
    codebook says that it means something else. After `trustkit.set_missing` the reasons of numbers and texts
    are gone: call this before it.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", None, "no", "yes"], "w": [1.0, 3.0, 1.0, 1.0]})
    >>> missing = tk.item_nonresponse(tk.Design(frame, weights="w"), "trust")
    >>> missing.to_frame()[["level", "estimate", "unweighted", "n"]]
            level  estimate  unweighted  n
    0     skipped       0.5        0.25  4
    1  any reason       0.5        0.25  4
    """
    accepts_estimator(
        design, by, where, conf, variable=(variable, VARIABLES), ci=(ci, one_of(IntervalMethod))
    )
    names = names_of(design, variable)
    domains = Domains.of(design, by, where, several=len(names) > 1)
    places = design.rows_in(domains.dims, where=domains.rows)
    parts = [_part(design, name, domains, places) for name in names]
    refuse_nobody([part for part, _ in parts], domains)
    shares = [part for part, _ in parts]
    variances = [part.functional.value * (1 - part.functional.value) for part in shares]
    rates = assemble(design, shares, "item nonresponse", conf, variances=variances, ci=ci)
    if len(names) > 1:  # whole wordings would make the table hard to read
        rates = replace(rates, labels={**rates.labels, **design.headings(names)})
    return ItemNonresponse(rates, np.concatenate([counts for _, counts in parts]))


def nonresponse_pattern(design: Design, variable: str | Sequence[str]) -> Design:
    """Add the questions that each respondent left unanswered as the variable ``nonresponse_pattern``.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    variable
        Two questions or more, or a set's name.

    Returns
    -------
    Design
        With the variable ``nonresponse_pattern``, whose answers are ``answered all`` and one for each set of
        questions that somebody left unanswered together, the most frequent first. Respondents who were not
        asked all the questions have none. `trustkit.proportion` gives the shares, in groups, too; in a model
        it shows what goes with a pattern.

    Raises
    ------
    DataError
        An unknown variable, fewer than two, nobody who was asked all of them, or the variable is there.

    Notes
    -----
    An answer is missing as in `item_nonresponse`, for any reason. More than 30 patterns are not told apart:
    the rarest are ``another pattern``.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", None, "no", None], "share": ["no", None, "no", "yes"]})
    >>> design = tk.nonresponse_pattern(tk.Design(frame), ["trust", "share"])
    >>> tk.proportion(design, "nonresponse_pattern").to_frame()[["level", "estimate"]]
                       level  estimate
    0           answered all      0.50
    1         without: trust      0.25
    2  without: trust, share      0.25
    """
    accepts(design=(design, DESIGN), variable=(variable, VARIABLES))
    names = names_of(design, variable)
    if len(names) < FEWEST:
        raise DataError(
            "a pattern needs several questions", got=", ".join(names), expected="at least 2",
            do="take tk.item_nonresponse for one question",
        )  # fmt: skip
    about = [design.variable(name) for name in names]
    codes = np.column_stack([outcomes(design.data, one)[1] for one in about])
    asked = (codes >= 0).all(axis=1)
    counted = asked & (design.weights > 0)
    if not counted.any():
        raise DataError("nobody was asked all of these questions", got=", ".join(names), do="name fewer")
    kinds, places, counts = np.unique(codes[asked] > 0, axis=0, return_inverse=True, return_counts=True)
    called = [design.headings([name]).get(name, name) for name in names]
    words = called if len(set(called)) == len(called) else names
    order = sorted(range(len(kinds)), key=lambda kind: (kinds[kind].any(), -counts[kind]))
    labels = [
        f"without: {', '.join(word for word, lost in zip(words, kinds[kind], strict=True) if lost)}"
        if kinds[kind].any()
        else "answered all"
        for kind in order
    ]
    rank = np.minimum(np.argsort(order), MOST_PATTERNS)
    if len(labels) > MOST_PATTERNS:
        labels = [*labels[:MOST_PATTERNS], "another pattern"]
    values = np.full(len(codes), -1, dtype=np.intp)
    values[asked] = rank[places.ravel()]
    new = Variable(
        PATTERN, f"Without an answer, of {len(names)} questions", "single",
        codes=dict(enumerate(labels, 1)), identifier=strongest(one.identifier for one in about),
        **described_by(about),
    )  # fmt: skip
    return design.with_variable(new, pd.Categorical.from_codes(values, dtype=pd.CategoricalDtype(labels)))


def _part(design: Design, name: str, domains: Domains, places: Cells) -> tuple[Part, NDArray[np.int64]]:
    """Return the rates of one question before their variance, and how many respondents they count."""
    about = design.variable(name)
    reasons, codes = outcomes(design.data, about)
    width = len(reasons) + 1
    inside = (codes >= 0) & (places.codes < places.size)
    size = places.size * width
    cells = Cells(np.where(inside, places.codes.astype(np.intp) * width + codes, size), size)
    sums = design.sums(cells)
    n = sums.count.reshape(-1, width)
    asked = n.sum(axis=1)
    nonempty = domains.nonempty(asked, name)
    each = np.eye(width)[:, 1:]  # the first outcome is an answer
    counted = np.column_stack([each, each.sum(axis=1)])
    refuse_too_many(len(nonempty), counted.shape[1], name, domains)
    functional, mass = shares_of_cells(cells, sums, counted, nonempty)
    rows = np.repeat(nonempty, counted.shape[1])
    unsaid = "skipped" in reasons and not about.asked and about.empty == "no answer"
    about_blanks = (
        f"Blanks of {about.called} count as skipped; if not everyone was asked, name under asked who was.",
    )
    part = Part(
        functional,
        asked[rows],
        domains.keys(nonempty, name, [*reasons, ANY]),
        domains.counted("everyone asked", about, design.called),
        name,
        held_by(design.sample, cells, sums, np.arange(size) // width, rows),
        (name, *domains.names),
        np.repeat(mass, counted.shape[1]),
        notes=(*domains.notes, *(about_blanks if unsaid else ())),
        counted=domains.respondents(
            nonempty, f"{name}{OUTCOME}", n, ["answered", *reasons],
            [*(ShownCount(0, one, (one,)) for one in reasons), ShownCount(0, ANY, tuple(reasons))],
        ),
    )  # fmt: skip
    return part, (n[nonempty] @ counted).astype(np.int64).ravel()


def outcomes(data: pd.DataFrame, about: Variable) -> tuple[tuple[str, ...], Ints]:
    """Return the reasons of a question without an answer, and what became of it in each row.

    Returns
    -------
    tuple
        The k reasons that the codebook lists or a row has; and shape (n,): 0 for an answer, 1 to k for a
        reason, -1 for a row that was not asked.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit.survey.variable import Variable
    >>> age = Variable("age", "Age", "numeric", missing={-9: "refused", -1: "not asked"})
    >>> outcomes(pd.DataFrame({"age": [30, -9, None, -1]}), age)
    (('refused', 'skipped'), array([ 0,  1,  2, -1]))
    """
    column = data[about.name]
    codes = np.zeros(len(column), dtype=np.intp)
    known = (*REASONS, UNLISTED)
    reason_of = about.reason_of
    codes[~answered(column, about).to_numpy(dtype=bool)] = known.index(UNLISTED) + 1
    codes[column.isna().to_numpy() | blank(column)] = known.index("skipped") + 1
    for label, reason in reason_of.items():
        if reason != "not asked":
            codes[has_reason(column, about, label)] = known.index(reason) + 1
    asked = asked_rows(data, about)
    given = {str(why) for why in reason_of.values() if why != "not asked"}
    given |= {known[code - 1] for code in np.unique(codes[asked & (codes > 0)])}
    kept = tuple(name for name in known if name in given)
    order = np.zeros(len(known) + 1, dtype=np.intp)
    for place, name in enumerate(kept, 1):
        order[known.index(name) + 1] = place
    return kept, np.where(asked, order[codes], -1)
