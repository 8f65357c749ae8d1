"""Reading a design whose rows are in an engine: one query checks the weights of all strata and PSUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustkit.design.engines import collected, open_source
from trustkit.design.first_stage import first_stage_of
from trustkit.design.lazy import EngineRows
from trustkit.errors import DesignError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals as nw
    import pandas as pd

    from trustkit.survey.codebook import Codebook


def open_rows(source: object, codebook: Codebook, roles: Mapping[str, str]) -> EngineRows:
    """Open rows in an engine and read their design, in one query.

    Parameters
    ----------
    source
        The path of a Parquet file, or a source that narwhals reads lazily.
    codebook
        The description of the columns.
    roles
        The columns of ``weights``, ``strata``, ``psu`` and ``fpc``.

    Raises
    ------
    DataError
        A source that can't be read.
    DesignError
        As for a frame: a column that does not exist, bad weights, strata, PSUs or fpc, with counts.
    """
    frame = open_source(source)
    columns = tuple(frame.collect_schema().names())
    for role, column in roles.items():
        if column not in columns:
            raise DesignError(f"no column {column!r} for {role}", do=suggest(column, columns))
    groups = _read_groups(frame, roles)
    return EngineRows(frame, columns, codebook, roles, groups, first_stage_of(groups, roles))


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
    groups = collected(frame.group_by(*names).agg(*totals) if names else frame.select(*totals))
    if not groups["__rows"].sum():
        raise DesignError("the source has no rows")
    for what in ("missing", "negative", "infinite"):
        count = int(groups[f"__{what}"].sum())
        if count:
            raise DesignError(
                f"{count:,} weights are {what}", where=roles.get("weights"),
                expected="finite weights of at least 0", do="filter or correct them in the engine",
            )  # fmt: skip
    if not groups["__positive"].sum():
        raise DesignError("all weights are zero", where=roles.get("weights"))
    for name in names:
        if groups[name].isna().any():
            raise DesignError(
                f"{int(groups.loc[groups[name].isna(), '__rows'].sum()):,} values are missing", where=name
            )
    return groups.sort_values(names, ignore_index=True) if names else groups
