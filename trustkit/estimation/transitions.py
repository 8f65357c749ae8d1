"""Transitions: who gave which answer in a later wave, among those who answered in both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, NAME_LIST, NUMBER, WHERE, accepts, one_of
from trustkit.counted import NOTES, counted_table
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, Functional
from trustkit.design.wave_pairs import wave_pair
from trustkit.display import Shown, p_in_words
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble
from trustkit.estimation.distributions import f_p_value, without_df
from trustkit.estimation.domains import Base, Domains
from trustkit.estimation.significance import TestResult
from trustkit.field_kinds import accepts_fields
from trustkit.units import MEASURES, Unit, show_ends, show_values, with_plus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.design.sums import Sums
    from trustkit.design.wave_pairs import WavePair
    from trustkit.estimation.assembly import Assembled
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

TransitionShares = Literal["row", "total"]
WeightsOf = Literal["earlier", "later"]

SAME, OTHER = "same answer", "another answer"

NOT_IN_CHANGE = "Only respondents of both waves are counted. The change of all respondents is another number."


@dataclass(frozen=True, eq=False, repr=False)
class Transitions(Shown):
    """How respondents moved between answers from one wave to another.

    Attributes
    ----------
    shares
        One row per answer of the earlier wave (``from``) and of the later one (``level``), with the
        covariance of all: shares of those who gave the earlier answer, or of all.
    flows
        Gross flows as shares of all: who gave the same answer, who gave another one, and for each answer who
        left it and who came to it.
    net
        Net flows: for each answer its share in the later wave less its share in the earlier one.
    test
        The test that each answer has the same share in both waves (Stuart and Maxwell, by Wald).
    waves
        The earlier and the later wave.
    answers
        The answers, in the codebook's order.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 1, 2, 3], "year": ["2019"] * 3 + ["2021"] * 3, "trust": list("yyn" "yny")}
    >>> found = tk.transitions(tk.Design(pd.DataFrame(rows)), "trust", wave="year", person="id")
    >>> found.waves, found.net.estimate.round(6).tolist()
    (('2019', '2021'), [0.0, 0.0])
    """

    shares: Estimate
    flows: Estimate
    net: Estimate
    test: TestResult
    waves: tuple[str, str]
    answers: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        if "from" not in self.shares.keys:
            raise DataError(
                "the argument 'shares' can't be used", where="Transitions",
                got=", ".join(map(str, self.shares.keys)), expected="an estimate with a column from",
                do="make transitions with tk.transitions",
            )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair of answers, unrounded: ``from``, ``to``, and the columns of an estimate."""
        return self.shares.to_frame().rename(columns={"level": "to"}).drop(columns="variable")

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys(MEASURES, self.shares.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        frame, (_, table, notes) = self.to_frame(), self._parts()
        rows, columns = list(dict.fromkeys(frame["from"])), list(table.columns)
        of_all = [(NOTES, note) for note in range(1, len(notes))]
        place = {
            (earlier, later): (rows.index(earlier), columns.index(later))
            for earlier, later in frame[["from", "to"]].itertuples(index=False, name=None)
        }
        base = {answer: (row, len(columns) - 1) for row, answer in enumerate(rows)}
        return tuple(
            table.printing(
                [
                    replace(
                        one,
                        cells=(*filter(None, [place.get((earlier, one.level))]), *of_all),
                        base_cells=(base[earlier],) if earlier in base else (),
                    )
                    for one in table.shown
                    for earlier in table.groups[one.group]
                ]
            )
            for table in self.shares.counted
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        frame = self.to_frame()
        shares = self.shares
        shown = show_values(shares.estimate, shares.units, shares.se)
        wide = frame.assign(shown=shown).pivot_table(
            index="from", columns="to", values="shown", aggfunc="first", sort=False
        )
        table = wide.reset_index().rename(
            columns={"from": f"{self.waves[0]} in rows, {self.waves[1]} in columns"}
        )
        table.columns.name = None
        table["n"] = [f"{count:,}" for count in frame.groupby("from", sort=False)["n"].first()]
        notes = [f"Base: {self.shares.base}."]
        flows = self.flows
        gross, ends = _in_words(flows), (SAME, OTHER)
        notes += [f"{name.capitalize()}: {words}." for name, words in zip(ends, gross, strict=False)]
        moved = ", ".join(
            f"{answer} {words}"
            for answer, words in zip(self.net.keys["level"], _in_words(self.net), strict=True)
        )
        notes.append(f"Net change in percentage points: {moved}.")
        if self.test.reason:
            notes.append(f"No test of equal shares: {self.test.reason}.")
        else:
            notes.append(f"Null hypothesis: {self.test.null}; {p_in_words(self.test.p_value)}.")
        return f"Transitions: {self.shares.label(self.shares.keys['variable'].iloc[0])}", table, [
            *notes, *self.shares.remarks,
        ]  # fmt: skip


def transitions(
    design: Design,
    variable: str,
    *,
    wave: str,
    person: str,
    between: Sequence[str] | None = None,
    kind: TransitionShares = "row",
    weights: WeightsOf = "later",
    where: Where = None,
    base: Base = "valid",
    conf: float = 0.95,
) -> Transitions:
    """Estimate how respondents of two waves moved between the answers of a question.

    Parameters
    ----------
    design
        One row per person and wave (`stack_waves` makes such rows).
    variable
        A question with labelled answers, under one name in both waves.
    wave, person, between
        As in `change`.
    kind
        ``"row"``: shares of those who gave the earlier answer. ``"total"``: shares of all.
    weights
        The wave whose weights count: those of the later wave usually make up for the persons lost.
    where, base
        As in `proportion`; a respondent meets ``where`` in both waves. With ``base="asked"`` don't know and
        refused are answers, too.
    conf
        The intervals' coverage.

    Returns
    -------
    Transitions
        With net and gross flows, and the test that the answers have the same shares in both waves.

    Raises
    ------
    DataError
        Unknown waves, a variable without labelled answers, or nobody who answered in both waves.
    DesignError
        As in `link_waves`.

    Notes
    -----
    A person who answered in both waves is in one cell (earlier answer, later answer) and adds the weight of
    one wave. Shares are functions of the cells' sums, linearised, with persons (or PSUs that hold them) as
    PSUs; everybody else stays in the design. Shares have logit intervals, net flows t intervals.
    The test is W / q with q and df - q degrees of freedom, where W = d' V^-1 d for the net flows d of all
    answers but one (Stuart 1955; Maxwell 1970). It needs no model of the table. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 1, 2, 3], "year": ["2019"] * 3 + ["2021"] * 3, "trust": list("yyn" "yyy")}
    >>> found = tk.transitions(tk.Design(pd.DataFrame(rows)), "trust", wave="year", person="id")
    >>> found.to_frame()[["from", "to", "estimate"]].to_dict("list")
    {'from': ['n', 'n', 'y', 'y'], 'to': ['n', 'y', 'n', 'y'], 'estimate': [0.0, 1.0, 0.0, 1.0]}
    """
    accepts(
        design=(design, DESIGN), variable=(variable, NAME), wave=(wave, NAME), person=(person, NAME),
        between=(between, NAME_LIST.optional()), kind=(kind, one_of(TransitionShares)),
        weights=(weights, one_of(WeightsOf)), where=(where, WHERE), base=(base, one_of(Base)),
        conf=(conf, NUMBER),
    )  # fmt: skip
    pair = wave_pair(design, wave, person, between)
    about = coded_variable(pair.design, variable)
    levels = about.labels if base == "valid" else about.asked_labels
    domains = Domains.of(pair.design, None, where, base)
    answers = pair.design.rows_in([(variable, levels)], where=domains.rows)
    inside = answers.codes < answers.size
    codes = _cells_of_persons(pair, answers.codes.astype(np.intp), inside, len(levels), weights)
    table = _Table(pair, Cells(codes, len(levels) ** 2), tuple(levels), variable, domains)
    flows, net = table.flows(conf), table.net(conf)
    shares = table.row_shares(conf) if kind == "row" else table.total_shares(conf)
    notes = (pair.in_words(inside), *shares.notes, NOT_IN_CHANGE)
    return Transitions(
        replace(shares, notes=notes),
        flows,
        net,
        _margins_test(net, pair.names, variable),
        pair.names,
        tuple(levels),
    )


def _cells_of_persons(pair: WavePair, codes: Ints, inside: Bools, count: int, weights: WeightsOf) -> Ints:
    """Return each row's cell: the two answers of its person, on the row of one wave."""
    answer = np.full((2, int(pair.persons.max()) + 1), -1, dtype=np.intp)
    for place in (0, 1):
        rows = pair.rows[place] & inside
        answer[place, pair.persons[rows]] = codes[rows]
    own = np.where((answer >= 0).all(axis=0), answer[0] * count + answer[1], count**2)
    used = pair.rows[0 if weights == "earlier" else 1] & inside
    return np.where(used, own[pair.persons], count**2)


@dataclass(frozen=True, eq=False)
class _Table:
    """The cells of two answers, and the estimates that are made from their sums."""

    pair: WavePair
    cells: Cells
    levels: tuple[str, ...]
    variable: str
    domains: Domains

    @property
    def size(self) -> int:
        return len(self.levels)

    @property
    def sums(self) -> Sums:
        sums = self.pair.design.sums(self.cells)
        if not sums.count.any():
            raise self.domains.empty(f"{self.variable} in both waves, {self.pair.words}")
        return sums

    def row_shares(self, conf: float) -> Estimate:
        """Return the later answers of those who gave each earlier answer."""
        sums, size = self.sums, self.size
        count = sums.count.reshape(size, size).sum(axis=1)
        present = np.flatnonzero(count)

        def shares_of(first: Floats) -> Floats:
            mass = first[..., 0].reshape(*first.shape[:-2], size, size)[..., present, :]
            with np.errstate(divide="ignore", invalid="ignore"):
                shares: Floats = mass / mass.sum(axis=-1, keepdims=True)
            return shares.reshape(*first.shape[:-2], -1)

        mass = sums.total[:, 0].reshape(size, size).sum(axis=1)[present]
        value = shares_of(sums.total).reshape(len(present), size)
        gradient = np.zeros((size, size, len(present), size))
        each = np.arange(len(present))
        gradient[present, :, each, :] = (np.eye(size) - value[:, None]) / mass[:, None, None]
        keys = [(self.levels[old], self.variable, new) for old in present for new in self.levels]
        functional = Functional(self.cells, sums, shares_of, gradient.reshape(size**2, 1, -1))
        found = self._estimate(
            functional, keys, np.repeat(count[present], size), np.repeat(present, size), conf
        )
        lost = [level for place, level in enumerate(self.levels) if place not in present]
        words = (f"Nobody gave the answer {', '.join(lost)} in {self.pair.names[0]}.",) if lost else ()
        return replace(found, notes=(*found.notes, *words))

    def total_shares(self, conf: float) -> Estimate:
        """Return the shares of all cells."""
        keys = [(old, self.variable, new) for old in self.levels for new in self.levels]
        return self._linear(np.eye(self.size**2), keys, conf, "proportion")

    def flows(self, conf: float) -> Estimate:
        """Return gross flows: the same answer, another one, and who left and came to each answer."""
        size = self.size
        same = np.eye(size)
        moved = 1 - same
        rows = [same, moved]
        names = [SAME, OTHER]
        for place, level in enumerate(self.levels):
            unit = np.eye(size)[place]
            rows += [moved * unit[:, None], moved * unit[None, :]]
            names += [f"left {level}", f"came to {level}"]
        keys = [("", self.variable, name) for name in names]
        return self._linear(np.array([row.ravel() for row in rows]), keys, conf, "proportion")

    def net(self, conf: float) -> Estimate:
        """Return net flows: each answer's share in the later wave less that in the earlier one."""
        unit = np.eye(self.size)
        rows = [(unit[place][None, :] - unit[place][:, None]).ravel() for place in range(self.size)]
        keys = [("", self.variable, level) for level in self.levels]
        return self._linear(np.array(rows), keys, conf, "difference of shares")

    def _counted(self) -> Counted:
        """Return the respondents of each answer in the earlier wave, and of each in the later one."""
        counts = self.sums.count.reshape(self.size, self.size)
        return counted_table([(self.variable, self.levels), ("from", self.levels)], counts.T, None)

    def _linear(
        self, rows: Floats, keys: Sequence[tuple[str, str, str]], conf: float, statistic: Assembled
    ) -> Estimate:
        """Return linear combinations, shape (m, C), of the shares of all cells."""
        sums = self.sums

        def combined(first: Floats) -> Floats:
            mass = first[..., 0]
            with np.errstate(divide="ignore", invalid="ignore"):
                values: Floats = (mass @ rows.T) / mass.sum(axis=-1, keepdims=True)
            return values

        total = sums.total[:, 0].sum()
        gradient = ((rows - combined(sums.total)[:, None]) / total).T[:, None, :]
        functional = Functional(self.cells, sums, combined, gradient)
        n = np.full(len(rows), int(sums.count.sum()))
        return self._estimate(functional, keys, n, np.zeros(len(rows), dtype=np.intp), conf, statistic)

    def _estimate(
        self,
        functional: Functional,
        keys: Sequence[tuple[str, str, str]],
        n: Ints,
        domain: Ints,
        conf: float,
        statistic: Assembled = "proportion",
    ) -> Estimate:
        """Return estimates with their covariance; ``domain`` is the earlier answer, or 0 for all."""
        design, pair = self.pair.design, self.pair
        names = pd.DataFrame(keys, columns=["from", "variable", "level"])
        lone = not names["from"].any()
        of_cell = np.arange(self.cells.size) // self.size if domain.any() or not lone else None
        by_domain = of_cell is not None and len(set(domain.tolist())) > 1
        held = held_by(
            design.sample, self.cells, functional.sums,
            of_cell if by_domain and of_cell is not None else np.zeros(self.cells.size, dtype=np.intp),
            domain if by_domain else np.zeros(len(n), dtype=np.intp),
        )  # fmt: skip
        about = design.variable(self.variable)
        words = "substantive answers" if self.domains.base == "valid" else "everyone asked"
        part = Part(
            functional, n, names.drop(columns="from") if lone else names,
            self.domains.counted(f"{words} in both waves, {pair.words}", about, design.called),
            self.variable, held, (self.variable, *self.domains.names), notes=self.domains.notes,
            counted=self._counted(),
        )  # fmt: skip
        share = statistic == "proportion"
        value = functional.value
        found = assemble(
            design, [part], statistic, conf,
            variances=[value * (1 - value)] if share else (), ci="logit" if share else "t",
        )  # fmt: skip
        return replace(found, labels={**found.labels, "from": f"answer in {pair.names[0]}"})


def _margins_test(net: Estimate, waves: tuple[str, str], variable: str) -> TestResult:
    """Test that each answer has the same share in both waves."""
    given = np.diag(net.vcov) > 0
    q = max(int(given.sum()) - 1, 0)
    keep = np.flatnonzero(given)[:q]
    d, spread = net.estimate[keep], net.vcov[np.ix_(keep, keep)]
    df = (float(q), net.df_of(np.ones(len(net.df), dtype=bool)) - q)
    if np.isnan(net.se).any():
        reason = next(filter(None, net.reasons), "the net flows have no standard errors")
    elif not q:
        reason = "nobody moved to another answer"
    elif np.linalg.matrix_rank(spread, hermitian=True) < q:
        reason = "there are too few PSUs, or nobody moved between some of the answers"
    else:
        reason = without_df(*df)
    value = np.nan if reason else float(d @ np.linalg.solve(spread, d)) / q
    return TestResult(
        f"Test of equal shares in {waves[0]} and {waves[1]}: {net.label(variable)}",
        null=f"each answer has the same share in {waves[0]} and {waves[1]}",
        statistic=value,
        statistic_name="F",
        df=df,
        p_value=np.nan if reason else f_p_value(value, df),
        n=int(net.n[0]),
        base=net.base,
        reason=reason,
        notes=net.notes,
        caveats=net.caveats,
    )


def _in_words(estimate: Estimate) -> list[str]:
    """Return each estimate with its interval in brackets."""
    values = show_values(estimate.estimate, estimate.units, estimate.se)
    if estimate.unit == "points":
        values = list(map(with_plus, values))
    ends = show_ends(estimate.ci_low, estimate.ci_high, estimate.units, estimate.se)
    return [f"{value} ({between})" for value, between in zip(values, ends, strict=True)]
