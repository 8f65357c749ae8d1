"""The sampling design: weights, strata, PSUs, finite populations, and the one variance function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np
import pandas as pd

from trustkit.design.first_stage import (
    Nest,
    read_frame,
    read_weights,
    refuse_lonely,
    rows_as_psus,
)
from trustkit.design.lazy import LazySource, open_lazy
from trustkit.design.opt_in import (
    assume,
    margins_of,
    opt_in_note,
    other_steps,
)
from trustkit.design.replicates import (
    Replicates,
    ReplicateWeights,
    make_replicates,
    read_replicates,
)
from trustkit.design.sums import (
    Cells,
    Functional,
    Query,
    Sums,
)
from trustkit.design.variance import (
    Calibration,
    DomainLonely,
    LonelyPsu,
    Sample,
)
from trustkit.display import Shown
from trustkit.errors import DataError, DesignError, suggest
from trustkit.survey.codebook import Codebook
from trustkit.survey.columns import (
    coded,
    describe,
    numeric_values,
    placed,
    tracked_shares,
)
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.survey import Survey
from trustkit.survey.variable import CODED
from trustkit.survey.where import Where, lazy_where, rows_where

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.weight_history import WeightStep
    from trustkit.survey.variable import Variable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

LARGEST = 1e150
"""The largest number whose square, times a weight, is surely a number."""


MOST_SHOWN = 20
"""The most unknown answers of a variable that an error names."""

MIDDLE = 1_000
"""Of how many values, at most, the one in the middle is taken."""


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
        Describes the columns. A `Survey` brings its own; a codebook given here replaces it, if it knows the
        answers that the survey holds.
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
        stratum (``survey.adjust.domain.lonely`` of R survey; designs with PSUs). ``"ignore"`` (default):
        they don't.
    replicates
        `Replicates` that stand in columns; they, not strata and PSUs, then give the variance.

    Raises
    ------
    DesignError
        Missing, negative, infinite or all-zero weights; missing strata or PSUs; a PSU in two strata;
        an fpc that varies in a stratum or is below the sample; a lonely PSU under ``fail``; a codebook
        that does not know the answers of a survey that is labelled already.

    Notes
    -----
    Single-stage variance with replacement, times (1 - fraction) with fpc, as `svydesign` of R survey
    with one ``ids`` stage (Lumley 2004, doi:10.18637/jss.v009.i08). If PSUs are left out that the
    sample had, standard errors are silently too small. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"answer": ["yes", "no", "yes", "no"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> tk.Design(frame, weights="w").df
    3.0
    """

    source: pd.DataFrame | LazySource
    codebook: Codebook
    sample: Sample
    roles: Mapping[str, str]
    log: ExclusionLog
    history: tuple[WeightStep, ...]

    def __init__(
        self,
        survey: Survey | pd.DataFrame | object,
        *,
        codebook: Codebook | None = None,
        weights: str | None = None,
        strata: str | None = None,
        psu: str | None = None,
        fpc: str | None = None,
        nest: Nest = "nested",
        lonely_psu: LonelyPsu = "fail",
        domain_lonely: DomainLonely = "ignore",
        replicates: Replicates | None = None,
    ) -> None:
        book = codebook or Codebook({}, title="data frame")
        check_choice("lonely-PSU policy", lonely_psu, LonelyPsu)
        check_choice("such nest", nest, Nest)
        check_choice("such domain_lonely", domain_lonely, DomainLonely)
        if isinstance(survey, pd.DataFrame):
            survey = Survey(survey, book)
        elif isinstance(survey, Survey) and codebook is not None:
            survey = _described(survey, codebook)
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
            "sample": Sample(values, frame, lonely_psu, domain_lonely, made),
            "roles": named,
            "log": log,
            "history": (),
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
            raise _in_engine()
        return self.source

    @property
    def columns(self) -> Collection[str]:
        """The names of the columns."""
        return self.source.columns

    @property
    def weights(self) -> Floats:
        """The rows' weights, shape (n,).

        Raises
        ------
        DesignError
            If the rows are in an engine.
        """
        if isinstance(self.source, LazySource):
            raise _in_engine()
        return self.sample.weights

    @property
    def df(self) -> float:
        """Design degrees of freedom: PSUs with a positive weight, less strata, or the replicates' own."""
        return self.sample.df

    @property
    def n(self) -> int:
        """Respondents: rows with a positive weight (in an engine, all rows)."""
        if isinstance(self.source, LazySource):
            return int(self.source.groups["__rows"].sum())
        return int((self.weights > 0).sum())

    @property
    def n_eff(self) -> float:
        """Kish's effective number of respondents, (sum of w)^2 / sum of w^2; it knows nothing of PSUs."""
        if isinstance(self.source, LazySource):
            groups = self.source.groups
            return float(groups["__w"].sum() ** 2 / groups["__squares"].sum())
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @property
    def notes(self) -> tuple[str, ...]:
        """What every output made from this design must say."""
        return self.notes_with()

    def notes_with(self, *margins: str) -> tuple[str, ...]:
        """Return what must be said once the weights also meet the margins of these variables."""
        notes = []
        if self.codebook.data == "synthetic":
            notes.append("Synthetic data.")
        if self.codebook.sample == "opt-in":
            column = [self.roles["weights"]] if "weights" in self.roles else []
            assumption = assume(
                list(dict.fromkeys([*margins_of(self.history), *margins])),
                weighted=[*column, *other_steps(self.history)],
                strata=self.roles.get("strata", ""),
                psu=self.roles.get("psu", ""),
            )
            notes.append(opt_in_note(assumption))
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
        self,
        weights: Floats,
        step: WeightStep,
        *,
        reason: str,
        calibration: Calibration | None = None,
        replicates: ReplicateWeights | None = None,
    ) -> Design:
        """Return the design with other weights, one more step in its history and in its log.

        Parameters
        ----------
        weights
            Shape (n,).
        step
            What was done.
        reason
            Why, for the log.
        calibration
            What the weights meet; None if they are taken as given.
        replicates
            Their replicates; None: the design's own, changed as the weights are.
        """
        own = self.sample.replicates
        if replicates is None and own is not None:
            ratios = np.divide(weights, self.weights, out=np.zeros_like(weights), where=self.weights > 0)
            replicates = own.scaled(ratios)
        frame = self.sample.frame.counting(weights > 0)
        sample = replace(
            self.sample,
            weights=weights,
            frame=frame,
            calibration=calibration,
            replicates=replicates,
            _kept={},
        )
        figures = tracked_shares(self.data, self.codebook, weights)
        n = int((self.weights > 0).sum()), int((weights > 0).sum())
        log = self.log.add(Step(step.step, step.rule, reason, *n, figures))
        return _copied(self, sample=sample, history=(*self.history, step), log=log)

    def cells(
        self,
        dims: Sequence[tuple[str, Sequence[object]]],
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
        centre: Literal["none", "middle"] = "none",
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
        centre
            ``"middle"`` takes a middling value of the rows that are in a cell off each variable, for
            estimates that can add it back: a column far from zero then loses no digits, whatever stands in
            the rows outside. A lazy source stays as it is.
        """
        basis = 1 + len(monomials) if linear is None else linear
        if isinstance(self.source, LazySource):
            return Query(dims, monomials, basis, lazy_where(where, self.variable))
        inside = rows_where(where, self.data, self.variable)
        size = prod(len(labels) for _, labels in dims)
        # the smallest whole numbers that hold the codes: a table has few cells, and rows are many
        most = prod(max(len(labels), 1) for _, labels in dims)
        codes = np.zeros(len(self.data), dtype=np.min_scalar_type(-most - 1))
        for name, labels in dims:
            found = placed(self.data[name], labels)
            if found.min(initial=0) < 0:
                inside = found >= 0 if inside is None else inside & (found >= 0)
            codes *= len(labels)
            codes += found.astype(codes.dtype, copy=False)
        names = list(dict.fromkeys(name for monomial in monomials for name in monomial))
        numbers: list[Floats] = []
        for name in names:
            values, valid = self.numbers(name)
            if basis > 1 and max(values.max(initial=0.0), -values.min(initial=0.0)) > LARGEST:
                raise DataError(f"values of {name} are too large to be squared", do="give it another unit")
            numbers.append(values)
            if valid is not None:
                inside = valid if inside is None else inside & valid
        if inside is not None:
            codes[~inside] = size
        products = [tuple(names.index(name) for name in monomial) for monomial in monomials]
        centres = [_middle(values, inside) for values in numbers] if centre == "middle" else ()
        return Cells(codes, size, numbers, products, basis, centres)

    def rows_in(
        self,
        dims: Sequence[tuple[str, Sequence[object]]],
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        where: Where = None,
    ) -> Cells:
        """Place each row as `cells` does, for what needs the rows themselves; refuse a lazy source."""
        found = self.cells(dims, monomials, linear=1, where=where)
        if isinstance(found, Query):
            raise _in_engine()
        return found

    def sums(self, cells: Cells | Query) -> Sums:
        """Sum the rows over the design's groups and some cells."""
        if isinstance(self.source, LazySource) and isinstance(cells, Query):
            return self.source.sums(cells, self.sample.frame, self.sample.factors())
        return self.sample.sums(cast("Cells", cells))

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
        if not valid.all():
            infinite = int(np.isinf(values).sum())
            if infinite:
                raise DataError(f"{infinite:,} values of {name} are infinite", do="mend or blank them")
            values = np.where(valid, values, 0.0)
        return values, None if valid.all() else valid

    def covariance(self, *functionals: Functional) -> Floats:
        """Return the covariance of all estimates of some functionals (`Sample.covariance`)."""
        return self.sample.covariance(*functionals)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        frame = self.sample.frame
        psus = int(frame.sizes.sum())
        made = [
            *(self.roles[role] for role in ("weights",) if role in self.roles),
            *(step.title for step in self.history),
        ]
        about = {
            "respondents": f"{self.n:,}",
            "weights": " then ".join(made) or "none",
            "strata": f"{len(frame.sizes):,}",
            "PSUs": f"{psus:,}" if frame.clustered else "each respondent",
            "degrees of freedom": f"{self.df:,.0f}",
            "effective n (Kish)": f"{self.n_eff:,.0f}",
        }
        table = pd.DataFrame({"design": list(about), "value": list(about.values())})
        return "Design", table, self.notes


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
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"psu": [1, 1, 2, 2, 3, 3]})
    >>> tk.replicate(tk.Design(frame, psu="psu"), "JK1").df
    2.0
    """
    sample = design.sample
    if sample.calibration is not None:
        raise DesignError(
            "replicates of a calibrated design would ignore its calibration", do="make replicates first"
        )
    frame = sample.frame if sample.frame.clustered else rows_as_psus(sample.frame, len(design.data))
    made = make_replicates(
        frame, kind, count=count, rho=rho if kind == "Fay" else 0.0, seed=seed, centre=centre
    )
    return _copied(design, sample=replace(sample, frame=frame, replicates=made, _kept={}))


def _middle(values: Floats, inside: NDArray[np.bool_] | None) -> float:
    """Return the median of some of the values inside, one of them; 0 if there are none.

    Examples
    --------
    >>> _middle(np.array([9e9, 3.0, 1.0, 2.0]), np.array([False, True, True, True]))
    2.0
    """
    rows = np.arange(len(values)) if inside is None else np.flatnonzero(inside)
    held = np.sort(values[rows[:: len(rows) // MIDDLE + 1]])
    return float(held[len(held) // 2]) if len(held) else 0.0


def check_choice(what: str, value: str, choices: object) -> None:
    """Refuse a value that is not among the choices of a `Literal`; a near miss is suggested."""
    if value not in get_args(choices):
        raise DesignError(f"no {what} {value!r}", do=suggest(value, get_args(choices)))


def _described(survey: Survey, codebook: Codebook) -> Survey:
    """Return a survey with another codebook.

    Raises
    ------
    DesignError
        With every variable that holds answers unknown to the codebook.
    """
    log = replace(survey.log, synthetic=codebook.data == "synthetic")
    described = replace(survey, codebook=codebook, log=log)
    unknown = {
        name: [label for label in held if label not in (*about.labels, *about.missing_labels)]
        for name, about in codebook.variables.items()
        if name in described.data and isinstance(described.data[name].dtype, pd.CategoricalDtype)
        for held in [described.data[name].cat.remove_unused_categories().cat.categories]
        if about.kind in CODED
    }
    lines = [
        f"{name}: {', '.join(map(str, labels[:MOST_SHOWN]))}" for name, labels in unknown.items() if labels
    ]
    if lines:
        raise DesignError(
            "the codebook does not know the survey's answers",
            where="codebook",
            got="\n    ".join(["", *lines]),
            expected="the labels or codes of a codebook that describes this survey",
            do="add these answers to it, or read the file again with it: tk.read(path, codebook=...)",
        )
    return described


def _in_engine() -> DesignError:
    """Return the refusal of what needs the rows of a lazy source."""
    return DesignError(
        "this needs rows, and they are in an engine",
        do="estimates from grouped sums work there; for others bring the columns needed into pandas",
    )


def _copied(design: Design, **changes: object) -> Design:
    """Copy a design with some fields changed and nothing kept from earlier calls."""
    copy = object.__new__(Design)
    for name, value in {**vars(design), **changes}.items():
        object.__setattr__(copy, name, value)
    return copy
