"""TURF: which few items reach the most respondents, by trying every set of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import POSITIVE_WHOLE, TEXT, VARIABLES, accepts_estimator
from trustkit.counted import NOTES, Counted, ShownCount, all_cells, counted_everywhere
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, Functional
from trustkit.display import Shown, show_decimals, show_interval, show_share
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble, names_of
from trustkit.estimation.domains import Domains
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.headings import range_of_n, shortened
from trustkit.survey.quoted_cells import suggest_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.caveats import Caveats
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_ITEMS = 20
"""The reach of all 2^m sets of m items is held in memory."""

COLUMNS = ("items", "reach", "se", "ci_low", "ci_high", "behind", "behind_se")

BASE_NOTE = 1
"""The note that tells the base, counted from 0."""

OPTIMISTIC = (
    "The best of many sets is chosen by the same answers that give its reach, so its reach is a little too "
    "high. A set behind by less than two standard errors may be as good."
)


@dataclass(frozen=True, eq=False, repr=False)
class Turf(Shown):
    """The sets of items that reach the most respondents.

    Attributes
    ----------
    table
        One row per set, the best first: ``items`` (their names), ``reach``, ``se``, ``ci_low``, ``ci_high``,
        ``behind`` (how far its reach is below that of the best) and ``behind_se``.
    estimate
        The reach of these sets, with their covariance.
    tried
        How many sets were tried: all of this size.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 1, 0, 0], "c": [0, 0, 0, 1]})
    >>> codes = {1: "Selected", 0: "Not selected"}
    >>> book = tk.Codebook({name: tk.Variable(name, name, "multiple", codes=codes) for name in frame})
    >>> found = tk.turf(tk.Design(tk.Survey(frame, book)), ["a", "b", "c"], size=2)
    >>> found.table["items"].iloc[0], float(found.table["reach"].iloc[0]), found.tried
    (('a', 'c'), 1.0, 3)
    """

    table: pd.DataFrame
    estimate: Estimate
    tried: int

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", COLUMNS)

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data."""
        return self.estimate.caveats

    def to_frame(self) -> pd.DataFrame:
        """Return one row per set, as ``table``."""
        return self.table.copy()

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the sets: if one number is hidden, its place must not be told."""
        return counted_everywhere(
            self.estimate.counted, all_cells(len(self.table), 4, first=0), [(NOTES, BASE_NOTE)]
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        rows = self.table
        every = list(dict.fromkeys(name for items in rows["items"] for name in items))
        short, shared = shortened([self.estimate.label(name) for name in every])
        called = dict(zip(every, short, strict=True))
        shown = pd.DataFrame(
            {
                "items": [" + ".join(called[name] for name in items) for items in rows["items"]],
                "reach": [show_share(value) for value in rows["reach"]],
                f"{self.estimate.conf:.0%} interval": [
                    show_interval(low, high, show_share)
                    for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
                ],
                "behind the best, points": [
                    f"{show_decimals(100 * behind, 1)} (standard error {show_decimals(100 * se, 1)})"
                    if place
                    else "-"
                    for place, (behind, se) in enumerate(zip(rows["behind"], rows["behind_se"], strict=True))
                ],
            }
        )
        title = "Sets of items that reach the most respondents" + (f": {shared}" if shared else "")
        tried = f"Reach: at least one item of the set. All {self.tried:,} sets were tried."
        base = f"Base: {self.estimate.base}; {range_of_n(self.estimate.n)}."
        return title, shown, (tried, base, *self.estimate.remarks, OPTIMISTIC)


def turf(
    design: Design,
    items: str | Sequence[str],
    *,
    size: int,
    level: str = "Selected",
    top: int = 10,
    where: Where = None,
    conf: float = 0.95,
) -> Turf:
    """Find the sets of items that reach the most respondents: total unduplicated reach and frequency.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items
        A set's name, or variables; at most 20.
    size
        How many items a set has.
    level
        The answer by which an item reaches a respondent.
    top
        How many of the best sets are returned.
    where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    Turf
        The best sets, with the standard error of each one's distance to the best.

    Raises
    ------
    DataError
        Too many items, a size that is not below their number, an unknown answer, or nobody who answered all
        items.

    Notes
    -----
    Every set is tried: adding the best item to the best smaller set need not give the best set. The weighted
    share of respondents whose answers lie within each of the 2^m sets comes from one pass of sums over
    subsets; the reach of a set is 1 less that of its complement. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import trustkit as tk
    >>> folder = tk.example_folder("consumer_trust")
    >>> design = tk.Design(tk.clean(tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml")))
    >>> tk.turf(design, "share_email", size=2, top=1).table["items"].tolist()
    [('share_email_discount', 'share_email_rewards')]
    """
    accepts_estimator(
        design, None, where, conf,
        items=(items, VARIABLES), size=(size, POSITIVE_WHOLE), level=(level, TEXT), top=(top, POSITIVE_WHOLE),
    )  # fmt: skip
    names = names_of(design, items)
    m = len(names)
    if not 2 <= m <= MOST_ITEMS:  # noqa: PLR2004
        raise DataError(
            "turf needs several items", got=f"{m}", expected=f"2 to {MOST_ITEMS}", do="choose items"
        )
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{twice[0]} is given twice in items", do="name each item once")
    if size >= m:
        raise DataError("size must be below the number of items", got=str(size), expected=f"1 to {m - 1}")
    domains = Domains.of(design, None, where)
    base = design.rows_in((), where=domains.rows)
    pattern, answered = np.zeros(len(base.codes), dtype=np.intp), base.codes < base.size
    for place, name in enumerate(names):
        about = coded_variable(design, name)
        labels = about.labels
        if level not in labels:
            raise DataError(f"{name} has no answer {level!r}", do=suggest_answer(level, labels, about))
        codes = design.codes(name, labels)
        answered &= codes >= 0
        pattern += (codes == labels.index(level)).astype(np.intp) << place
    kinds, codes = np.unique(pattern[answered], return_inverse=True)
    if not (design.weights[answered] > 0).any():
        raise DataError("nobody answered all items", do="widen where, or leave out an item")
    full = np.full(len(pattern), len(kinds))
    full[answered] = codes
    cells = Cells(full, len(kinds))
    sums = design.sums(cells)
    chosen = _best(kinds, sums.total[:, 0], m, size, top)
    reached = (np.bitwise_and.outer(kinds, chosen) > 0).astype(float)
    mass = float(sums.total[:, 0].sum())

    def estimate(first: Floats) -> Floats:
        shares: Floats = first[..., 0] @ reached / first[..., 0].sum(axis=-1, keepdims=True)
        return shares

    sets = [tuple(name for place, name in enumerate(names) if one >> place & 1) for one in chosen.tolist()]
    everyone = np.zeros(len(kinds), dtype=np.intp)
    part = Part(
        Functional(cells, sums, estimate, ((reached - estimate(sums.total)) / mass)[:, None, :]),
        np.full(len(chosen), sums.count.sum()),
        pd.DataFrame({"items": [" + ".join(one) for one in sets], "variable": "reach", "level": ""}),
        domains.counted("respondents who answered all items", design.variable(names[0]), design.called),
        names[0],
        held_by(design.sample, cells, sums, everyone, np.zeros(len(chosen), dtype=np.intp)),
        (*names, *domains.names),
        notes=domains.notes,
        counted=_reached(names, sets, sums.count, reached, domains),
    )
    found = assemble(design, [part], "proportion", conf, ci="logit")
    spread = np.diag(found.vcov) + found.vcov[0, 0] - 2 * found.vcov[0]
    table = pd.DataFrame(
        {
            "items": sets, "reach": found.estimate, "se": found.se, "ci_low": found.ci_low,
            "ci_high": found.ci_high, "behind": found.estimate[0] - found.estimate,
            "behind_se": np.sqrt(np.maximum(spread, 0.0)),
        }
    )  # fmt: skip
    return Turf(table, found, comb(m, size))


def _reached(
    names: Sequence[str], sets: Sequence[tuple[str, ...]], count: Ints, reached: Floats, domains: Domains
) -> Counted:
    """Return the respondents that each set of items reaches, and those that it does not reach."""
    inside = (count @ reached).round().astype(np.intp)
    return Counted(
        "reach", ("reached", "not reached"), ("items",),
        tuple((" + ".join(one),) for one in sets),
        None if domains.chosen is None else (*domains.chosen, ("all of", tuple(names))),
        np.column_stack([inside, int(count.sum()) - inside]),
        tuple(ShownCount(place, "", ("reached",)) for place in range(len(sets))),
    )  # fmt: skip


def _best(kinds: Ints, mass: Floats, m: int, size: int, top: int) -> Ints:
    """Return the sets of a size with the highest reach, as bits, the best first; ties in the items' order."""
    within = np.zeros(1 << m)
    within[kinds] = mass
    table = within.reshape((2,) * m)
    for axis in range(m):  # sums over all subsets: a set with an item also holds the answers without it
        upper = [slice(None)] * m
        lower = [slice(None)] * m
        upper[axis], lower[axis] = slice(1, 2), slice(0, 1)
        table[tuple(upper)] += table[tuple(lower)]
    sets = np.array([sum(1 << place for place in one) for one in combinations(range(m), size)], dtype=np.intp)
    missed = within[((1 << m) - 1) ^ sets]
    order = np.argsort(np.round(missed / mass.sum(), 12), kind="stable")
    best: Ints = sets[order[:top]]
    return best
