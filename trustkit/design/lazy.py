"""Lazy sources: data that stay where they are.

One `GROUP BY` per call goes to the engine, and only sums come back.

DuckDB relations, Polars and Spark frames and whatever else narwhals reads lazily; a Parquet path is opened
with DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from trustkit.design.first_stage import Frame, frame_of
from trustkit.design.sums import Cuts, Query, Sums
from trustkit.errors import DataError, DesignError, install_hint, suggest
from trustkit.survey.variable import CODED, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from trustkit.survey.codebook import Codebook

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_LEVELS = 1_000
"""How many different values a column may have and still be taken for coded answers."""

COUNT, CUT = "__count", "__cut"


@dataclass(frozen=True, eq=False)
class LazySource:
    """Rows in an engine, and the columns that carry the design.

    Attributes
    ----------
    frame
        The rows.
    columns
        Their names.
    codebook
        What is known of them.
    weights, strata, psu
        The design's columns; None for none.
    """

    frame: nw.LazyFrame[Any]
    columns: tuple[str, ...]
    codebook: Codebook
    weights: str | None
    strata: str | None
    psu: str | None
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    _described: dict[str, Variable] = field(default_factory=dict)

    def variable(self, name: str) -> Variable:
        """Return a column's description: the codebook's, or one made from its type and values."""
        if name not in self.columns:
            raise DataError(f"no variable {name!r}", got=repr(name), do=suggest(name, self.columns))
        known = self.codebook.variables.get(name)
        if known is not None:
            return known
        if name not in self._described:
            self._described[name] = self._describe(name)
        return self._described[name]

    def _describe(self, name: str) -> Variable:
        import narwhals as nw  # noqa: PLC0415

        dtype = self.frame.collect_schema()[name]
        if dtype.is_numeric():
            return Variable(name, name, "numeric")
        # grouping, not `unique`, which numbers all rows in an engine that speaks SQL
        values = self.frame.filter(~nw.col(name).is_null()).group_by(name).agg(nw.len().alias(COUNT))
        found = collected(values.head(MOST_LEVELS + 1))
        if len(found) > MOST_LEVELS:
            raise DataError(
                f"{name} has more than {MOST_LEVELS:,} different values", do="describe it in a codebook"
            )
        labels = sorted(str(value) for value in found[name])
        return Variable(name, name, "single", codes={label: label for label in labels})

    def sums(self, query: Query, frame: Frame, factors: Floats) -> Sums:
        """Sum over the design's groups and the query's cells, in one `GROUP BY`.

        Parameters
        ----------
        query
            What to sum.
        frame
            The first stage of sampling.
        factors
            Shape (H,): each stratum's finite-population and sample-size factor.
        """
        import narwhals as nw  # noqa: PLC0415

        weight = self.weight
        rows = self.rows(query)
        basis = [f"__b{number}" for number in range(len(query.monomials))]
        products = {
            name: _product([nw.col(part).cast(nw.Float64) for part in monomial])
            for name, monomial in zip(basis, query.monomials, strict=True)
        }
        columns: list[str | None] = [None, *basis]
        terms: dict[str, Any] = {f"__s{i}": _term(weight, name) for i, name in enumerate(columns)}
        if not frame.clustered:
            terms |= {
                f"__q{i}_{j}": _term(_term(weight * weight, left), right)
                for i, left in enumerate(columns[: query.linear])
                for j, right in enumerate(columns[: i + 1])
            }
        terms[COUNT] = (weight > 0).cast(nw.Int64)
        keys = [*(name for name in (self.strata, self.psu) if name), *(name for name, _ in query.dims)]
        keys = list(dict.fromkeys(keys))
        if query.cuts is not None:
            cut = nw.col(query.cuts.variable).cast(nw.Float64)
            exceeded = [(cut > value).cast(nw.Int64) for value in _thresholds(query.cuts)]
            rows = rows.with_columns(**{CUT: nw.sum_horizontal(*exceeded) if exceeded else nw.lit(0)})
            keys.append(CUT)
        summed = (rows.with_columns(**products) if products else rows).with_columns(**terms)
        totals = [nw.col(name).sum() for name in terms]
        found = collected(summed.group_by(*keys).agg(*totals) if keys else summed.select(*totals))
        return self._placed(found, query, frame, factors)

    @property
    def weight(self) -> nw.Expr:
        """The rows' weights."""
        import narwhals as nw  # noqa: PLC0415

        return nw.lit(1.0) if self.weights is None else nw.col(self.weights).cast(nw.Float64)

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
        numbers = [part for monomial in query.monomials for part in monomial]
        if query.cuts is not None:
            numbers.append(query.cuts.variable)
        for name in dict.fromkeys(numbers):
            about = self.variable(name)
            if about.kind in CODED:
                raise DataError(f"the scores of {name} can't be summed in the engine", do="recode it there")
            rows = rows.filter(~nw.col(name).is_null())
            if self.frame.collect_schema()[name].is_float():
                rows = rows.filter(~nw.col(name).is_nan())
            if about.missing:
                rows = rows.filter(~nw.col(name).is_in(list(about.missing)))
            for span in about.missing_ranges:
                rows = rows.filter(~nw.col(name).is_between(span.low, span.high))
        return rows

    def _placed(self, found: pd.DataFrame, query: Query, frame: Frame, factors: Floats) -> Sums:
        """Put the engine's sums into arrays."""
        cell, inside = self.domains(found, query)
        if query.cuts is not None:
            # how many of its domain's thresholds a row exceeds, from how many of all domains' it does
            rank = np.searchsorted(_thresholds(query.cuts), query.cuts.thresholds)
            exceeded = rank[cell] < found[CUT].to_numpy(dtype=np.intp)[:, None]
            exceeded &= ~np.isnan(query.cuts.thresholds[cell])
            cell = cell * query.cuts.size + exceeded.sum(axis=1)
        group = self._group_of(found)
        found, cell, group = found[inside], cell[inside], group[inside]
        n_groups, width = len(frame.stratum_of_group), 1 + len(query.monomials)
        first = np.zeros((n_groups, query.size, width))
        for i in range(width):
            np.add.at(first[:, :, i], (group, cell), found[f"__s{i}"].to_numpy(dtype=float))
        count = np.zeros(query.size, dtype=np.intp)
        np.add.at(count, cell, found[COUNT].to_numpy(dtype=np.intp))
        second = None
        if not frame.clustered:
            second = np.zeros((query.size, query.linear, query.linear))
            scale = factors[group]
            for i in range(query.linear):
                for j in range(i + 1):
                    sums = np.zeros(query.size)
                    np.add.at(sums, cell, scale * found[f"__q{i}_{j}"].to_numpy(dtype=float))
                    second[:, i, j] = second[:, j, i] = sums
        return Sums(first, second, count)

    def domains(self, found: pd.DataFrame, query: Query) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the place of summed rows in the cross-classification of the dims, and which have one."""
        cell = np.zeros(len(found), dtype=np.intp)
        inside = np.ones(len(found), dtype=bool)
        for name, labels in query.dims:
            place = _places(found[name], self.variable(name), labels)
            inside &= place >= 0
            cell = cell * len(labels) + place
        return cell, inside

    def _group_of(self, found: pd.DataFrame) -> Ints:
        """Return each summed row's group in the design."""
        names = [name for name in (self.strata, self.psu) if name]
        if not names:
            return np.zeros(len(found), dtype=np.intp)
        index = pd.MultiIndex.from_frame(self.groups[names].astype(str))
        return np.asarray(
            index.get_indexer(pd.MultiIndex.from_frame(found[names].astype(str))), dtype=np.intp
        )


def open_lazy(source: object, codebook: Codebook, roles: Mapping[str, str]) -> tuple[LazySource, Frame]:
    """Open a lazy source and read its design, in one query.

    Parameters
    ----------
    source
        The path of a Parquet file, or what narwhals reads lazily.
    codebook
        What is known of the columns.
    roles
        The columns of ``weights``, ``strata``, ``psu`` and ``fpc``.

    Raises
    ------
    DataError
        A source that can't be read, or a column that isn't there.
    DesignError
        As for a frame: bad weights, strata, PSUs or fpc, with counts.
    """
    try:
        import narwhals as nw  # noqa: PLC0415
    except ImportError:
        raise DataError("lazy sources need the package narwhals", do=install_hint("lazy")) from None
    native = _parquet(Path(source)) if isinstance(source, str | Path) else source
    try:
        frame = nw.from_native(native).lazy()  # type: ignore[call-overload]
    except TypeError:
        raise DataError(
            "this is no source of rows", got=type(source).__name__,
            expected="a Survey, a DataFrame, a Parquet path, or what narwhals reads lazily",
        ) from None  # fmt: skip
    columns = tuple(frame.collect_schema().names())
    for role, column in roles.items():
        if column not in columns:
            raise DesignError(f"no column {column!r} for {role}", do=suggest(column, columns))
    opened = LazySource(frame, columns, codebook, roles.get("weights"), roles.get("strata"), roles.get("psu"))
    groups = _read_groups(frame, roles)
    stage = frame_of(groups, roles)
    return LazySource(**{**vars(opened), "groups": groups}), stage


def _read_groups(frame: nw.LazyFrame[Any], roles: Mapping[str, str]) -> pd.DataFrame:
    """Count the rows and check the weights of each stratum and PSU."""
    import narwhals as nw  # noqa: PLC0415

    names = [roles[role] for role in ("strata", "psu") if role in roles]
    weight = nw.col(roles["weights"]).cast(nw.Float64) if "weights" in roles else nw.lit(1.0)
    frame = frame.with_columns(__w=weight)
    bad = nw.col("__w")
    frame = frame.with_columns(
        __missing=(bad.is_null() | bad.is_nan()).cast(nw.Int64),
        __negative=(bad < 0).cast(nw.Int64),
        __infinite=(~bad.is_finite() & ~bad.is_nan()).cast(nw.Int64),
        __positive=(bad > 0).cast(nw.Int64),
        __rows=nw.lit(1),
        __squares=bad * bad,
    )
    totals = [nw.col(name).sum() for name in (
        "__rows", "__missing", "__negative", "__infinite", "__positive", "__w", "__squares",
    )]  # fmt: skip
    if "fpc" in roles:
        totals += [
            nw.col(roles["fpc"]).min().alias("__fpc_low"),
            nw.col(roles["fpc"]).max().alias("__fpc_high"),
        ]
    found = collected(frame.group_by(*names).agg(*totals) if names else frame.select(*totals))
    if not found["__rows"].sum():
        raise DesignError("the source has no rows")
    for what in ("missing", "negative", "infinite"):
        count = int(found[f"__{what}"].sum())
        if count:
            raise DesignError(
                f"{count:,} weights are {what}", where=roles.get("weights"),
                expected="finite weights of at least 0", do="filter or correct them in the engine",
            )  # fmt: skip
    if not found["__positive"].sum():
        raise DesignError("all weights are zero", where=roles.get("weights"))
    for name in names:
        if found[name].isna().any():
            raise DesignError(
                f"{int(found.loc[found[name].isna(), '__rows'].sum()):,} values are missing", where=name
            )
    return found.sort_values(names, ignore_index=True) if names else found


def _parquet(path: Path) -> object:
    """Open a Parquet file with DuckDB."""
    try:
        import duckdb  # noqa: PLC0415
    except ImportError:
        raise DataError("Parquet paths need the package duckdb", do=install_hint("lazy")) from None
    if not path.exists() and not any(mark in str(path) for mark in "*?["):
        raise DataError("no such file", where=path.as_posix(), do="check the path and the working directory")
    return duckdb.read_parquet(str(path))


def _thresholds(cuts: Cuts) -> Floats:
    """Return the thresholds of all domains, sorted, each once."""
    known = cuts.thresholds[~np.isnan(cuts.thresholds)]
    found: Floats = np.unique(known)
    return found


def collected(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Bring a small result into Python."""
    found: pd.DataFrame = frame.collect(backend="pandas").to_pandas()
    return found


def _term(left: Any, right: str | None) -> Any:  # noqa: ANN401
    import narwhals as nw  # noqa: PLC0415

    return left if right is None else left * nw.col(right)


def _product(columns: Sequence[Any]) -> Any:  # noqa: ANN401
    found = columns[0]
    for column in columns[1:]:
        found = found * column
    return found


def _codes_of(about: Variable, level: object) -> list[object]:
    """Return what stands in the source for a level: its label, or its code."""
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
