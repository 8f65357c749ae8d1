"""The sampling design: weights, strata, PSUs, finite populations, and the one variance function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from trustkit.codebook import CODED, Codebook, Variable
from trustkit.errors import DataError, DesignError, suggest
from trustkit.lazy import LazySource, open_lazy
from trustkit.replicates import Replicates, ReplicateWeights, make_replicates, read_replicates
from trustkit.results import Shown
from trustkit.sampling import Frame, read_frame, read_weights, refuse_lonely, rows_as_psus
from trustkit.sums import (
    Cells,
    Functional,
    Query,
    Sums,
    counts,
    cross,
    first_sums,
    group_totals,
    joint_sums,
    second_sums,
)
from trustkit.survey import ExclusionLog, Survey, answered, coded, describe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]
DomainLonely = Literal["ignore", "apply"]
Where: TypeAlias = "Mapping[str, object] | pd.Series | nw.Expr | None"


@dataclass(frozen=True, eq=False)
class Calibration:
    """The margins that the weights were made to meet; estimates vary only around what they explain.

    Attributes
    ----------
    cells
        Shape (n,): the row's cell in the cross-classification of the margins.
    margins
        Shape (A, p): indicators of each margin's levels in each cell.
    weights
        Shape (n,): the weights of the regression on the margins (final or base weights).
    """

    cells: Ints
    margins: Floats
    weights: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Design(Shown):
    """Respondents with their weights and the way they were sampled.

    Parameters
    ----------
    survey
        A `Survey`, a pandas DataFrame, the path of a Parquet file (opened with DuckDB), or what narwhals
        reads lazily: a DuckDB relation, a Polars LazyFrame, a Spark DataFrame. A codebook that names
        weights, strata, PSU or fpc needs no arguments; an argument given here goes first.
    codebook
        Describes the columns of a frame or lazy source; a `Survey` brings its own.
    weights
        Column of sampling weights, non-negative and finite. None: every row weighs 1.
    strata, psu
        Columns of first-stage strata and primary sampling units. None: one stratum; each row its own PSU.
    fpc
        Column with each stratum's population of PSUs, or the fraction sampled (all values at most 1).
    nest
        ``"nested"``: PSU labels are counted anew in each stratum. ``"unique"``: a label in two strata
        is an error.
    lonely_psu
        What a stratum with one PSU does: ``fail`` (default), ``remove`` or ``certainty`` (adds nothing),
        ``adjust`` (deviation from zero instead of its own mean), ``average`` (as the mean stratum).
    domain_lonely
        ``"apply"``: ``adjust`` and ``average`` also hold where a domain has rows in one PSU only of a
        stratum (``survey.adjust.domain.lonely`` of R survey). ``"ignore"`` (default): they don't.
    replicates
        `Replicates` that stand in columns; they, not strata and PSUs, then give the variance.

    Raises
    ------
    DesignError
        Missing, negative, infinite or all-zero weights; missing strata or PSUs; a PSU in two strata;
        an fpc that varies in a stratum or is below the sample; a lonely PSU under ``fail``.

    Notes
    -----
    Single-stage variance with replacement, times (1 - fraction) with fpc, as `svydesign` of R survey
    with one ``ids`` stage (Lumley 2004, doi:10.18637/jss.v009.i08). If PSUs are left out that the
    sample had, standard errors are silently too small.

    Examples
    --------
    >>> frame = pd.DataFrame({"answer": ["yes", "no", "yes", "no"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> Design(frame, weights="w").df
    3.0
    """

    source: pd.DataFrame | LazySource
    codebook: Codebook
    weights: Floats
    frame: Frame
    roles: Mapping[str, str]
    lonely_psu: LonelyPsu
    log: ExclusionLog
    domain_lonely: DomainLonely
    replicates: ReplicateWeights | None
    calibration: Calibration | None
    history: tuple[Shown, ...]
    _scratch: dict[str, Floats] = field(default_factory=dict)

    def __init__(
        self,
        survey: Survey | pd.DataFrame | object,
        *,
        codebook: Codebook | None = None,
        weights: str | None = None,
        strata: str | None = None,
        psu: str | None = None,
        fpc: str | None = None,
        nest: Literal["nested", "unique"] = "nested",
        lonely_psu: LonelyPsu = "fail",
        domain_lonely: DomainLonely = "ignore",
        replicates: Replicates | None = None,
    ) -> None:
        book = codebook or Codebook({}, title="data frame")
        if lonely_psu not in get_args(LonelyPsu):
            raise DesignError(
                f"no lonely-PSU policy {lonely_psu!r}", do=suggest(lonely_psu, get_args(LonelyPsu))
            )
        if domain_lonely not in get_args(DomainLonely):
            raise DesignError(
                f"no such domain_lonely {domain_lonely!r}", do=suggest(domain_lonely, get_args(DomainLonely))
            )
        if isinstance(survey, pd.DataFrame):
            survey = Survey(survey, book)
        known = survey.codebook.design if isinstance(survey, Survey) else book.design
        named = {
            role: column
            for role, column in {
                "weights": weights or known.weights,
                "strata": strata or known.strata,
                "psu": psu or known.psu,
                "fpc": fpc or known.fpc,
            }.items()
            if column
        }
        source: pd.DataFrame | LazySource
        made: ReplicateWeights | None = None
        if isinstance(survey, Survey):
            source, book, log = survey.data, survey.codebook, survey.log
            if source.empty:
                raise DesignError("the survey has no rows")
            for role, column in named.items():
                if column not in source:
                    raise DesignError(f"no column {column!r} for {role}", do=suggest(column, source.columns))
            values = read_weights(source, named.get("weights"))
            frame = read_frame(source, named, values, nest)
            made = None if replicates is None else read_replicates(source, replicates)
        else:
            if replicates is not None:
                raise DesignError(
                    "a lazy source takes no replicates", do="bring the columns needed into pandas"
                )
            source, frame = open_lazy(survey, book, named)
            values, log = np.empty(0), ExclusionLog()
        if lonely_psu == "fail" and replicates is None:
            refuse_lonely(source if isinstance(source, pd.DataFrame) else source.groups, named, frame)
        for name, value in {
            "source": source,
            "codebook": book,
            "weights": values,
            "frame": frame,
            "roles": named,
            "lonely_psu": lonely_psu,
            "domain_lonely": domain_lonely,
            "replicates": made,
            "log": log,
            "calibration": None,
            "history": (),
            "_scratch": {},
        }.items():
            object.__setattr__(self, name, value)

    @property
    def data(self) -> pd.DataFrame:
        """The rows.

        Raises
        ------
        DesignError
            If they are in an engine.
        """
        if isinstance(self.source, LazySource):
            raise DesignError(
                "this needs rows, and they are in an engine",
                do="estimates from grouped sums work there; for others bring the columns needed into pandas",
            )
        return self.source

    @property
    def columns(self) -> Collection[str]:
        """The names of the columns."""
        return self.source.columns

    @property
    def df(self) -> float:
        """Design degrees of freedom: PSUs with a positive weight, less strata, or the replicates' own."""
        return self.frame.df if self.replicates is None else self.replicates.df

    @property
    def notes(self) -> tuple[str, ...]:
        """What every output made from this design must say."""
        notes = []
        if self.codebook.data == "synthetic":
            notes.append("Synthetic data.")
        if self.codebook.sample == "opt-in":
            notes.append("Opt-in sample: intervals hold under the weighting model, not by random selection.")
        return tuple(notes)

    def variable(self, name: str) -> Variable:
        """Return a column's description."""
        if isinstance(self.source, LazySource):
            return self.source.variable(name)
        return describe(self.source, self.codebook, name)

    def labels(self, names: Iterable[str]) -> dict[str, str]:
        """Return the wording of each variable that the codebook describes."""
        known = self.codebook.variables
        return {name: known[name].label for name in names if name in known}

    def codes(self, name: str, labels: Sequence[object]) -> Ints:
        """Return each row's place in ``labels``, -1 for any other value of the column."""
        return coded(self.data[name], labels)

    def reweighted(
        self, weights: Floats, calibration: Calibration | None, step: Shown, log: ExclusionLog
    ) -> Design:
        """Return the design with other weights, one more step in its history, and its log."""
        return _copied(self, weights=weights, calibration=calibration, history=(*self.history, step), log=log)

    def cells(
        self,
        dims: Sequence[tuple[str, Sequence[object]]],
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
    ) -> Cells | Query:
        """Place each row in the cross-classification of some coded variables.

        Parameters
        ----------
        dims
            Variables with the labels that count; a row with another value is in no cell.
        monomials
            Products of numeric variables to sum beside the constant: ``("y",)``, ``("y", "y")``. A row
            that misses one of the variables is in no cell.
        linear
            How many columns of the basis (the constant first) the variance needs; None is all.
        where
            Only these rows are in a cell, as in `trustkit.proportion`.
        """
        basis = 1 + len(monomials) if linear is None else linear
        if isinstance(self.source, LazySource):
            return Query(dims, monomials, basis, lazy_where(self, where))
        inside, _ = domain(self, where)
        codes: Ints | None = None
        size = 1
        for name, labels in dims:
            found = self.codes(name, labels)
            if found.min(initial=0) < 0:
                inside = found >= 0 if inside is None else inside & (found >= 0)
            codes = cross(codes, found, len(labels))
            size *= len(labels)
        numbers: dict[str, Floats] = {}
        for name in dict.fromkeys(name for monomial in monomials for name in monomial):
            numbers[name], valid = self.numbers(name)
            if valid is not None:
                inside = valid if inside is None else inside & valid
        if codes is None:
            codes = np.zeros(len(self.data), dtype=np.intp)
        if inside is not None:
            codes = np.where(inside, codes, size)
        values = [_product([numbers[name] for name in monomial]) for monomial in monomials]
        return Cells(codes, size, values, basis)

    def rows_in(
        self,
        dims: Sequence[tuple[str, Sequence[object]]],
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        where: Where = None,
    ) -> Cells:
        """Place each row as `cells` does, for what needs the rows themselves; refuse a lazy source."""
        found = self.cells(dims, monomials, where=where)
        if isinstance(found, Query):
            raise DesignError(
                "this needs rows, and they are in an engine", do="bring the columns needed into pandas"
            )
        return found

    def sums(self, cells: Cells | Query) -> Sums:
        """Sum the rows over the design's groups and some cells."""
        frame, replicates = self.frame, self.replicates
        if isinstance(cells, Query):
            if not isinstance(self.source, LazySource):
                raise DesignError("a query needs a lazy source")
            return self.source.sums(cells, frame, self._factors())
        first = first_sums(frame.groups, len(frame.stratum_of_group), cells, self.weights)
        second = None if frame.clustered or replicates is not None else second_sums(cells, self._squares())
        repeated = None if replicates is None else replicates.sums(cells, first)
        return Sums(first, second, counts(cells, self.weights), repeated)

    def numbers(self, name: str) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Return a variable's numbers, 0 where there is none, and where there is one (None: everywhere).

        Raises
        ------
        DataError
            If it isn't numeric and its answers have no scores, or a value is infinite.
        """
        about = self.variable(name)
        values = numeric_values(self.data[name], about)
        valid = np.isfinite(values)
        if valid.all():
            return values, None
        infinite = int(np.isinf(values).sum())
        if infinite:
            raise DataError(f"{infinite:,} values of {name} are infinite", do="mend or blank them")
        return np.where(valid, values, 0.0), valid

    def covariance(self, *functionals: Functional) -> Floats:
        """Return the covariance of all estimates of some functionals.

        Parameters
        ----------
        functionals
            Their estimates stand side by side in the result.

        Returns
        -------
        array
            Shape (m, m), m counting the estimates of all functionals.

        Notes
        -----
        With u the row's influence, t its PSU's total, n_h PSUs in stratum h and f_h sampled, this is the
        sum over h of (1 - f_h) n_h / (n_h - 1) times the sum over PSUs of (t - mean t)(t - mean t)'
        (Binder 1983, doi:10.2307/1402588). After calibration, u is the residual from the margins. With
        replicates, it is their spread (see `ReplicateWeights`).
        """
        if self.replicates is not None:
            return self._replicated(functionals, self.replicates)
        frame = self.frame
        totals = np.hstack([part.totals(part.sums.first) for part in functionals])
        explained = self._explained(functionals)
        if explained is not None:
            totals -= self._margin_sums() @ explained
        if frame.clustered:
            return self._between(totals, functionals)
        spread = self._spread(functionals)
        if explained is not None:
            spread += self._explained_spread(functionals, explained)
        centre = totals * np.sqrt(self._factors() / frame.sizes)[:, None]
        found: Floats = spread - centre.T @ centre
        return found

    def _replicated(self, functionals: Sequence[Functional], replicates: ReplicateWeights) -> Floats:
        """Return the spread of the replicates' estimates."""
        found = [
            part.estimate(part.sums.replicates) for part in functionals if part.sums.replicates is not None
        ]
        if replicates.centre == "estimate":
            return replicates.spread(np.hstack(found), np.concatenate([part.value for part in functionals]))
        return replicates.covariance(np.hstack(found))

    def _spread(self, functionals: Sequence[Functional]) -> Floats:
        """Return the sum of squared influences of rows that are their own PSUs."""
        blocks = [[np.empty(0)] * len(functionals) for _ in functionals]
        for i, left in enumerate(functionals):
            blocks[i][i] = left.spread()
            for j, right in enumerate(functionals[:i]):
                joint = joint_sums(rows_of(left), rows_of(right), self._squares())
                block = left.flat.T @ joint @ right.flat
                blocks[i][j], blocks[j][i] = block, block.T
        return np.block(blocks)

    def _held(self, functionals: Sequence[Functional]) -> Floats:
        """Count, per stratum and estimate, the PSUs with rows in the estimate's domain, shape (H, m)."""
        present = np.hstack([(part.sums.first[:, :, 0] > 0) @ part.touched for part in functionals]) > 0
        held = np.zeros((len(self.frame.sizes), present.shape[1]))
        np.add.at(held, self.frame.stratum_of_group, present)
        return held

    def _between(self, totals: Floats, functionals: Sequence[Functional]) -> Floats:
        """Return the covariance of PSU totals, shape (G, m), within strata."""
        frame = self.frame
        place = frame.stratum_of_group
        means = np.zeros((len(frame.sizes), totals.shape[1]))
        np.add.at(means, place, totals)
        means /= frame.sizes[:, None]
        scale = np.sqrt(self._factors())[place][:, None]
        lonely = np.broadcast_to((frame.sizes == 1)[:, None], means.shape)
        if self.lonely_psu in ("adjust", "average") and (lonely.any() or self.domain_lonely == "apply"):
            held = self._held(functionals)
            if self.domain_lonely == "apply":
                lonely = lonely | (held == 1)
            if self.lonely_psu == "adjust":
                means = np.where(lonely, 0.0, means)
            else:
                lonely = lonely & (held > 0)
                strata = (held > 0).sum(axis=0)
                scale = scale * ~lonely[place] * np.sqrt(strata / (strata - lonely.sum(axis=0)))
        scaled = (totals - means[place]) * scale
        found: Floats = scaled.T @ scaled
        return found

    def _factors(self) -> Floats:
        """(1 - f) n / (n - 1) by stratum; 1 - f where there is one PSU."""
        sizes = self.frame.sizes
        return (1 - self.frame.fractions) * np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)

    def _squares(self) -> Floats:
        """Squared weights times their stratum's factor, kept for the next call."""
        if "squares" not in self._scratch:
            factors = self._factors()
            factor = factors[0] if self.frame.groups is None else factors[self.frame.groups]
            self._scratch["squares"] = self.weights**2 * factor
        return self._scratch["squares"]

    def _explained(self, functionals: Sequence[Functional]) -> Floats | None:
        """Regress the linearised estimates on the margins: their values in each margin cell, (A, m)."""
        known = self.calibration
        if known is None:
            return None
        size = len(known.margins)
        outcome = np.hstack(
            [part.totals(first_sums(known.cells, size, rows_of(part), known.weights)) for part in functionals]
        )
        mass = group_totals(known.cells, known.weights, size)
        gram = known.margins.T @ (known.margins * mass[:, None])
        found: Floats = known.margins @ (np.linalg.pinv(gram, hermitian=True) @ (known.margins.T @ outcome))
        return found

    def _margin_sums(self) -> Floats:
        """Sum the weights over groups and margin cells, (G, A), kept for the next call."""
        if "margins" not in self._scratch and self.calibration is not None:
            known, groups = self.calibration, len(self.frame.stratum_of_group)
            cells = Cells(known.cells, len(known.margins))
            self._scratch["margins"] = first_sums(self.frame.groups, groups, cells, self.weights)[:, :, 0]
        return self._scratch["margins"]

    def _explained_spread(self, functionals: Sequence[Functional], explained: Floats) -> Floats:
        """Return what residuals change in the sum of squared influences of rows that are their own PSUs."""
        known = self.calibration
        if known is None:
            raise DesignError("only calibrated weights have residuals")
        size, squares = len(known.margins), self._squares()
        joint = np.hstack(
            [part.totals(first_sums(known.cells, size, rows_of(part), squares)) for part in functionals]
        )
        both = joint.T @ explained
        mass = group_totals(known.cells, squares, size)
        found: Floats = explained.T @ (explained * mass[:, None]) - both - both.T
        return found

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        frame = self.frame
        if isinstance(self.source, LazySource):
            groups = self.source.groups
            n, kish = int(groups["__rows"].sum()), float(groups["__w"].sum() ** 2 / groups["__squares"].sum())
        else:
            n = len(self.weights)
            kish = float(self.weights.sum() ** 2 / (self.weights**2).sum())
        psus = int(frame.sizes.sum())
        about = {
            "respondents": f"{n:,}",
            "weights": self.roles.get("weights", "none"),
            "strata": f"{len(frame.sizes):,}",
            "PSUs": f"{psus:,}" if frame.clustered else "each respondent",
            "degrees of freedom": f"{frame.df:,.0f}",
            "effective n (Kish)": f"{kish:,.0f}",
        }
        table = pd.DataFrame({"design": list(about), "": list(about.values())})
        return "Design", table, self.notes


def rows_of(part: Functional) -> Cells:
    """Return the rows' cells, for a covariance that needs them; refuse a lazy source."""
    if isinstance(part.cells, Query):
        raise DesignError(
            "a lazy source without PSUs gives one variable's covariance at a time",
            do="call once for each variable",
        )
    return part.cells


def replicate(
    design: Design,
    kind: Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR"],
    *,
    count: int = 200,
    rho: float = 0.5,
    seed: int = 0,
    centre: Literal["mean", "estimate"] = "mean",
) -> Design:
    """Return the design with replicate weights made from its strata and PSUs.

    Parameters
    ----------
    design
        The design. Without PSUs each row is one, up to 5,000 rows.
    kind
        ``JK1`` (one stratum), ``JKn``, ``BRR`` and ``Fay`` (two PSUs in each stratum), ``bootstrap`` (Rao-Wu)
        or ``SDR`` (successive differences, PSUs in the order of their labels).
    count, seed
        Number of bootstrap replicates, and their seed.
    rho
        Fay's coefficient, used by ``Fay`` only.
    centre
        Deviations from the replicates' ``mean`` (as R survey) or from the full-sample ``estimate``.

    Raises
    ------
    DesignError
        If the design does not fit the kind, or is calibrated.

    Notes
    -----
    Multipliers of PSUs are kept, not weights of rows, so replicates cost next to nothing.

    Examples
    --------
    >>> frame = pd.DataFrame({"psu": [1, 1, 2, 2, 3, 3]})
    >>> replicate(Design(frame, psu="psu"), "JK1").df
    2.0
    """
    if design.calibration is not None:
        raise DesignError(
            "replicates of a calibrated design would ignore its calibration", do="make replicates first"
        )
    frame = design.frame if design.frame.clustered else rows_as_psus(design.frame, len(design.data))
    made = make_replicates(
        frame, kind, count=count, rho=rho if kind == "Fay" else 0.0, seed=seed, centre=centre
    )
    return _copied(design, frame=frame, replicates=made)


def numeric_values(column: pd.Series, about: Variable) -> Floats:
    """Return a column's numbers, NaN where there is none: its values, or the scores of its answers."""
    if about.kind in CODED:
        scoring = about.scoring
        if not scoring or not isinstance(column.dtype, pd.CategoricalDtype):
            raise DataError(
                f"the answers of {about.name} are not numbers", do="use proportion, or give it scores"
            )
        scores = [scoring.get(category, np.nan) for category in column.cat.categories]
        return np.array([*scores, np.nan])[column.cat.codes.to_numpy()]
    try:
        values = column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DataError(f"{about.name} is not numeric", got=str(column.dtype)) from None
    if about.missing:
        values = np.where(answered(column, about).to_numpy(), values, np.nan)
    return values


def _product(columns: Sequence[Floats]) -> Floats:
    """Multiply columns."""
    found = columns[0]
    for column in columns[1:]:
        found = found * column
    return found


def _copied(design: Design, **changes: object) -> Design:
    """Copy a design with some fields changed and nothing kept from earlier calls."""
    copy = object.__new__(Design)
    for name, value in {**vars(design), "_scratch": {}, **changes}.items():
        object.__setattr__(copy, name, value)
    return copy


def domain(design: Design, where: Where) -> tuple[NDArray[np.bool_] | None, str]:
    """Return which rows a ``where`` selects, and that in words.

    Parameters
    ----------
    design
        The design.
    where
        ``{variable: level or list of levels}``, or a boolean Series on the data's index.

    Raises
    ------
    DataError
        Unknown variable or level, or a Series that is not boolean or not aligned.
    """
    if where is None:
        return None, ""
    if not isinstance(where, Mapping | pd.Series):
        raise DataError("where must be a mapping or a boolean Series", got=type(where).__name__)
    if isinstance(where, pd.Series):
        if where.dtype != bool or not where.index.equals(design.data.index):
            raise DataError(
                "where must be a boolean Series on the data's index",
                got=f"dtype {where.dtype}, {len(where):,} rows",
                do="build it from the design's data, such as design.data['age'] > 30",
            )
        return where.to_numpy(), str(where.name or "a condition")
    chosen = np.ones(len(design.data), dtype=bool)
    levels = _levels(design, where)
    for name, wanted in levels.items():
        chosen &= design.data[name].isin(wanted).to_numpy()
    return chosen, _words(levels)


def condition(design: Design, where: object) -> str:
    """Say in words which rows a ``where`` selects."""
    if where is None:
        return ""
    if isinstance(where, Mapping):
        return _words(_levels(design, where))
    return str(where.name) if isinstance(where, pd.Series) and where.name else "a condition"


def lazy_where(design: Design, where: object) -> object:
    """Return a ``where`` for an engine: variable -> list of levels, or a narwhals expression as it is."""
    if isinstance(where, pd.Series):
        raise DataError("a lazy source takes no boolean Series", do="pass a mapping or a narwhals expression")
    return _levels(design, where) if isinstance(where, Mapping) else where


def _levels(design: Design, where: Mapping[str, object]) -> dict[str, list[object]]:
    """Return each condition's levels, all of them known."""
    found = {}
    for name, wanted in where.items():
        variable = design.variable(name)
        levels = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
        known = [*variable.labels, *variable.missing_labels]
        for level in levels:
            if variable.kind != "numeric" and known and level not in known:
                raise DataError(f"{name} has no answer {level!r}", do=suggest(level, known))
        found[name] = levels
    return found


def _words(levels: Mapping[str, Sequence[object]]) -> str:
    return " and ".join(f"{name} is {' or '.join(map(str, wanted))}" for name, wanted in levels.items())
