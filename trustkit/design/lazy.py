"""Rows in an engine: the data stay in the engine, and only sums come back.

Each call sends one `GROUP BY` to the engine. Engines are DuckDB, Polars, Spark and others that narwhals reads
lazily; a Parquet path is opened with DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from trustkit.design.engines import collected
from trustkit.design.lazy_distributions import LazyDistribution
from trustkit.design.permitted import allowed
from trustkit.design.rows import refuse_infinite, refuse_large
from trustkit.design.sums import Sums
from trustkit.errors import DataError, DesignError, suggest
from trustkit.survey.columns import is_blank
from trustkit.survey.variable import CODED, Variable
from trustkit.survey.where import lazy_where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage
    from trustkit.design.rows import Centre, Dims, MemoryRows
    from trustkit.design.sums import Cells
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_LEVELS = 1_000
"""A column with more different values is not read as coded answers."""

COUNT, CUT = "__count", "__cut"


@dataclass(frozen=True, eq=False)
class Query:
    """The cells of rows in an engine, and the sums to compute there: the counterpart of `Cells`.

    Attributes
    ----------
    source
        The rows.
    dims
        Variables with the labels that count.
    monomials
        Products of numeric variables to sum besides the constant 1.
    linear
        The number of columns of the basis that the variance needs.
    where
        Variable -> levels, or a narwhals expression; None is every row.
    centres
        The number to subtract from each numeric variable, in the order of `numbers`; empty: nothing.
    cuts
        A numeric variable whose parts divide each of the dims' cells.
    """

    source: EngineRows
    dims: Dims
    monomials: Sequence[tuple[str, ...]]
    linear: int
    where: object = None
    centres: Sequence[float] = ()
    cuts: Cuts | None = None

    @property
    def size(self) -> int:
        """The number of cells."""
        parts = 1 if self.cuts is None else self.cuts.size
        return parts * prod(len(labels) for _, labels in self.dims)

    @property
    def keys(self) -> list[str]:
        """The columns that make the cells, each once."""
        return list(dict.fromkeys(name for name, _ in self.dims))

    @property
    def numbers(self) -> list[str]:
        """The numeric variables, each once."""
        names = [name for monomial in self.monomials for name in monomial]
        return list(dict.fromkeys([*names, *([] if self.cuts is None else [self.cuts.variable])]))

    def in_memory(self) -> Cells:
        """Refuse: a covariance of several variables needs the rows.

        Raises
        ------
        DesignError
            Always.
        """
        raise DesignError(
            "a lazy source without PSUs gives the covariance of one variable at a time",
            do="call once for each variable",
        )

    def sums(self, in_memory: Callable[[Cells], Sums]) -> Sums:
        """Return the sums, computed by the engine; ``in_memory`` is not used."""
        del in_memory
        return self.source.sums(self)

    def cut(self, thresholds: Floats) -> Query:
        """Divide each cell by the number of its thresholds, shape (C, k), that the only variable exceeds."""
        ((variable,),) = self.monomials
        return replace(self, monomials=[], linear=1, centres=(), cuts=Cuts(variable, thresholds))


@dataclass(frozen=True, eq=False)
class Cuts:
    """Cuts of a numeric variable, the last dimension of a `Query`.

    Attributes
    ----------
    variable
        The variable to cut.
    thresholds
        Shape (D, k): the thresholds of each domain. A row's part is the number of thresholds it exceeds.
    """

    variable: str
    thresholds: Floats

    @property
    def size(self) -> int:
        """The number of parts, k + 1."""
        return int(self.thresholds.shape[1]) + 1

    @property
    def known(self) -> Floats:
        """The thresholds of all domains, sorted, each once."""
        thresholds: Floats = np.unique(self.thresholds[~np.isnan(self.thresholds)])
        return thresholds


@dataclass(frozen=True, eq=False)
class EngineRows:
    """Rows in an engine, and the columns that carry the design.

    Attributes
    ----------
    frame
        The rows.
    columns
        Their names.
    codebook
        The description of the columns.
    roles
        The columns of ``weights``, ``strata``, ``psu`` and ``fpc``.
    groups
        One row for each PSU, or for each stratum where rows are their own PSUs, with sums of the weights.
    stage
        The first stage of sampling.
    """

    frame: nw.LazyFrame[Any]
    columns: tuple[str, ...]
    codebook: Codebook
    roles: Mapping[str, str]
    groups: pd.DataFrame
    stage: FirstStage
    _described: dict[str, Variable] = field(default_factory=dict)
    _medians: dict[tuple[str, ...], tuple[float, ...]] = field(default_factory=dict)

    def in_memory(self) -> MemoryRows:
        """Refuse what needs the rows.

        Raises
        ------
        DesignError
            Always.
        """
        raise DesignError(
            "this step needs the rows in memory, but they are in an engine",
            do="use an estimate from grouped sums, or bring the columns that the step needs into pandas",
        )

    def unknown_codes(self, about: Variable) -> list[str]:
        """Return nothing: the values of an engine's column are not read in advance."""
        del about
        return []

    def count(self, weights: Floats) -> int:
        """Count the rows."""
        del weights
        return int(self.groups["__rows"].sum())

    def unplaced(
        self,
        name: str,
        labels: Sequence[object],
        weights: Floats,  # noqa: ARG002 (an engine has its own)
        *,
        where: Where = None,
    ) -> int:
        """Count the respondents of ``where`` whose answer to a variable is none of ``labels``."""
        every, placed = (self.sums(self.cells(dims, where=where)) for dims in ([], [(name, labels)]))
        return int(every.count.sum() - placed.count.sum())

    def n_eff(self, weights: Floats) -> float:
        """Return Kish's effective number of respondents."""
        del weights
        return float(self.groups["__w"].sum() ** 2 / self.groups["__squares"].sum())

    def cells(
        self,
        dims: Dims,
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
        centre: Centre = "none",
    ) -> Query:
        """Return the cells of some coded variables, for the engine to sum (`Design.cells`)."""
        basis = 1 + len(monomials) if linear is None else linear
        query = Query(self, dims, monomials, basis, lazy_where(where, self.variable))
        if basis == 1 or not monomials:
            return query
        middles = self._middles(query)
        return replace(query, centres=middles) if centre == "middle" else query

    def _middles(self, query: Query) -> tuple[float, ...]:
        """Return the median of each numeric variable over the rows that a query counts, in one query.

        Raises
        ------
        DataError
            If a value is infinite, or too large to be squared.
        """
        key = (*query.numbers, repr(query.where)) if isinstance(query.where, dict | None) else None
        if key is not None and key in self._medians:
            return self._medians[key]
        import narwhals as nw  # noqa: PLC0415

        measures: dict[str, Any] = {}
        for place, name in enumerate(query.numbers):
            value = nw.col(name).cast(nw.Float64)
            measures[f"__infinite{place}"] = (~value.is_finite()).cast(nw.Int64).sum()
            measures[f"__largest{place}"] = value.abs().max()
            measures[f"__median{place}"] = value.median()
        row = collected(self.rows(query).select(**measures)).iloc[0].fillna(0.0)
        for place, name in enumerate(query.numbers):
            refuse_infinite(name, int(row[f"__infinite{place}"]))
            refuse_large(name, float(row[f"__largest{place}"]))
        medians = tuple(float(row[f"__median{place}"]) for place in range(len(query.numbers)))
        if key is not None:
            self._medians[key] = medians
        return medians

    def distribution(
        self, dims: Dims, variable: str, weights: Floats, *, where: Where = None
    ) -> LazyDistribution:
        """Return the weighted distribution of a numeric variable in each cell of some coded variables."""
        del weights
        query = self.cells(dims, [(variable,)], linear=1, where=where)
        return LazyDistribution(
            query,
            self.rows(query),
            variable,
            self.weight,
            query.keys,
            lambda collected_rows: self.domains(collected_rows, query),
        )

    def variable(self, name: str) -> Variable:
        """Return a column's description: the codebook's, or one made from its type and values."""
        if name not in self.columns:
            raise DataError(f"no variable {name!r}", got=repr(name), do=suggest(name, self.columns))
        known = self.codebook.variables.get(name)
        if known is None:
            if name not in self._described:
                self._described[name] = self._describe(name)
            known = self._described[name]
        return allowed(known, self.codebook)

    def _describe(self, name: str) -> Variable:
        import narwhals as nw  # noqa: PLC0415

        dtype = self.frame.collect_schema()[name]
        if dtype.is_numeric():
            return Variable(name, name, "numeric")
        if dtype.is_temporal():
            return Variable(name, name, "date")
        if isinstance(dtype, nw.Enum):
            labels = [label for label in dtype.categories if not is_blank(label)]
            return Variable(name, name, "single", codes={label: label for label in labels})
        # grouping, not `unique`, which numbers all rows in an engine that speaks SQL
        values = self.frame.filter(~nw.col(name).is_null()).group_by(name).agg(nw.len().alias(COUNT))
        distinct = collected(values.head(MOST_LEVELS + 1))
        if len(distinct) > MOST_LEVELS:
            raise DataError(
                f"{name} has more than {MOST_LEVELS:,} different values", do="describe it in a codebook"
            )
        labels = sorted(str(value) for value in distinct[name] if not is_blank(value))
        return Variable(name, name, "single", codes={label: label for label in labels})

    def sums(self, query: Query) -> Sums:
        """Sum over the design's groups and the query's cells, in one `GROUP BY`."""
        import narwhals as nw  # noqa: PLC0415

        weight = self.weight
        rows = self.rows(query)
        basis = [f"__b{number}" for number in range(len(query.monomials))]
        centre = dict(zip(query.numbers, query.centres or [0.0] * len(query.numbers), strict=True))
        products = {
            name: _product([nw.col(part).cast(nw.Float64) - centre[part] for part in monomial])
            for name, monomial in zip(basis, query.monomials, strict=True)
        }
        columns: list[str | None] = [None, *basis]
        terms: dict[str, Any] = {f"__s{i}": _term(weight, name) for i, name in enumerate(columns)}
        if not self.stage.clustered:
            terms |= {
                f"__q{i}_{j}": _term(_term(weight * weight, left), right)
                for i, left in enumerate(columns[: query.linear])
                for j, right in enumerate(columns[: i + 1])
            }
        terms[COUNT] = (weight > 0).cast(nw.Int64)
        keys = list(dict.fromkeys([*self._grouping, *query.keys]))
        if query.cuts is not None:
            cut = nw.col(query.cuts.variable).cast(nw.Float64)
            exceeded = [(cut > value).cast(nw.Int64) for value in query.cuts.known]
            rows = rows.with_columns(**{CUT: nw.sum_horizontal(*exceeded) if exceeded else nw.lit(0)})
            keys.append(CUT)
        summed = (rows.with_columns(**products) if products else rows).with_columns(**terms)
        totals = [nw.col(name).sum() for name in terms]
        table = collected(summed.group_by(*keys).agg(*totals) if keys else summed.select(*totals))
        return self._placed(table, query)

    @property
    def weight(self) -> nw.Expr:
        """The rows' weights."""
        import narwhals as nw  # noqa: PLC0415

        name = self.roles.get("weights")
        return nw.lit(1.0) if name is None else nw.col(name).cast(nw.Float64)

    @property
    def _grouping(self) -> list[str]:
        """The columns of strata and PSUs."""
        return [self.roles[role] for role in ("strata", "psu") if role in self.roles]

    def rows(self, query: Query) -> nw.LazyFrame[Any]:
        """Return the rows that a query counts."""
        import narwhals as nw  # noqa: PLC0415

        rows = self.frame
        if isinstance(query.where, dict):
            for name, levels in query.where.items():
                about = self.variable(name)
                codes = [code for level in levels for code in _codes_of(about, level)]
                rows = rows.filter(nw.col(name).is_in(codes))
        elif query.where is not None:
            rows = rows.filter(cast("nw.Expr", query.where))
        for name in query.numbers:
            about = self.variable(name)
            if about.kind in CODED:
                raise DataError(
                    f"the scores of {name} can't be summed in the engine",
                    do="recode the answers to numbers there",
                )
            rows = rows.filter(~nw.col(name).is_null())
            if self.frame.collect_schema()[name].is_float():
                rows = rows.filter(~nw.col(name).is_nan())
            if about.missing:
                rows = rows.filter(~nw.col(name).is_in(list(about.missing)))
            for span in about.missing_ranges:
                rows = rows.filter(~nw.col(name).is_between(span.low, span.high))
        return rows

    def _placed(self, table: pd.DataFrame, query: Query) -> Sums:
        """Return the engine's sums as arrays."""
        cell, inside = self.domains(table, query)
        if query.cuts is not None:
            # from the number of all domains' thresholds that a row exceeds, the number of its own domain's
            rank = np.searchsorted(query.cuts.known, query.cuts.thresholds)
            exceeded = rank[cell] < table[CUT].to_numpy(dtype=np.intp)[:, None]
            exceeded &= ~np.isnan(query.cuts.thresholds[cell])
            cell = cell * query.cuts.size + exceeded.sum(axis=1)
        group = self._group_of(table)
        table, cell, group = table[inside], cell[inside], group[inside]
        n_groups, width = len(self.stage.stratum_of_group), 1 + len(query.monomials)
        first = np.zeros((n_groups, query.size, width))
        for i in range(width):
            np.add.at(first[:, :, i], (group, cell), table[f"__s{i}"].to_numpy(dtype=float))
        count = np.zeros(query.size, dtype=np.intp)
        np.add.at(count, cell, table[COUNT].to_numpy(dtype=np.intp))
        second = None
        if not self.stage.clustered:
            second = np.zeros((query.size, query.linear, query.linear))
            scale = self.stage.factors[group]
            for i in range(query.linear):
                for j in range(i + 1):
                    sums = np.zeros(query.size)
                    np.add.at(sums, cell, scale * table[f"__q{i}_{j}"].to_numpy(dtype=float))
                    second[:, i, j] = second[:, j, i] = sums
        return Sums(first, second, count)

    def domains(self, table: pd.DataFrame, query: Query) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the place of summed rows in the cross-classification of the dims, and which have one."""
        cell = np.zeros(len(table), dtype=np.intp)
        inside = np.ones(len(table), dtype=bool)
        for name, labels in query.dims:
            place = _places(table[name], self.variable(name), labels)
            inside &= place >= 0
            cell = cell * len(labels) + place
        return cell, inside

    def _group_of(self, table: pd.DataFrame) -> Ints:
        """Return each summed row's group in the design."""
        names = self._grouping
        if not names:
            return np.zeros(len(table), dtype=np.intp)
        index = pd.MultiIndex.from_frame(self.groups[names].astype(str))
        return np.asarray(
            index.get_indexer(pd.MultiIndex.from_frame(table[names].astype(str))), dtype=np.intp
        )


def _term(left: Any, right: str | None) -> Any:  # noqa: ANN401
    import narwhals as nw  # noqa: PLC0415

    return left if right is None else left * nw.col(right)


def _product(columns: Sequence[Any]) -> Any:  # noqa: ANN401
    product = columns[0]
    for column in columns[1:]:
        product = product * column
    return product


def _codes_of(about: Variable, level: object) -> list[object]:
    """Return the values of the source that mean a level: its label, or its codes."""
    if not about.codes:
        return [level]
    return [code for code, label in about.codes.items() if level in (label, code)] or [level]


def _places(column: pd.Series, about: Variable, labels: Sequence[object]) -> Ints:
    """Return the place of each value among the labels, -1 for any other."""
    place = {label: number for number, label in enumerate(labels)}
    named = {str(code): label for code, label in about.codes.items()}
    named |= {str(code): name for code, name in about.missing_names.items()}

    def name_of(value: Any) -> str:  # noqa: ANN401
        if _plain(value) in named:
            return named[_plain(value)]
        spans = [span.reason.capitalize() for span in about.missing_ranges if span.holds(value)]
        return spans[0] if spans else str(value)

    return np.array(
        [-1 if pd.isna(value) else place.get(name_of(value), -1) for value in column], dtype=np.intp
    )


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
