"""The source of a design's weights, strata, PSUs and fpc: columns, crossed columns, or values by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from trustkit.design.first_stage import groups_of
from trustkit.design.sums import compact, cross
from trustkit.errors import DesignError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    from trustkit.survey.codebook import Roles

    Ints = NDArray[np.intp]

RowValues: TypeAlias = "pd.Series | pd.Index | ExtensionArray | np.ndarray[tuple[int], np.dtype[np.generic]]"
"""Values with one entry per row."""

Numbers: TypeAlias = "str | RowValues | Sequence[float]"
"""A source of weights or fpc: a column, or a number for each row."""

Groups: TypeAlias = "str | Sequence[str] | RowValues | Sequence[int]"
"""A source of strata or PSUs: a column, several columns that are crossed, or a label for each row."""

CROSSED = ("strata", "psu")
"""The roles that several columns may fill."""


@dataclass(frozen=True)
class Given:
    """The arguments of a design for each role; None if there is none.

    With ``replaces``, the codebook's columns of these roles are not used.
    """

    weights: Numbers | None = None
    strata: Groups | None = None
    psu: Groups | None = None
    fpc: Numbers | None = None
    replaces: tuple[str, ...] = ()

    def over(self, known: Roles) -> dict[str, object]:
        """Return the source of each role: the argument, or else the codebook's column."""
        mine = {role: value for role, value in vars(self).items() if role != "replaces" and value is not None}
        theirs = {role: value for role, value in vars(known).items() if role not in self.replaces}
        theirs.pop("replicates", None)
        return {role: value for role, value in {**theirs, **mine}.items() if value is not None}

    def keeps_replicates(self, known: Roles) -> bool:
        """Return whether the codebook's replicate weights belong to the design: no argument replaces it."""
        others = (self.strata, self.psu, self.fpc)
        same = self.weights is None or (isinstance(self.weights, str) and self.weights == known.weights)
        return same and not self.replaces and all(value is None for value in others)


@dataclass(frozen=True, eq=False)
class RoleColumns:
    """The columns of a design's roles, ready to be read.

    Attributes
    ----------
    data
        One column for each role, with the index of the rows.
    names
        The name of each role's column in ``data``: the survey's column, or words for the source.
    columns
        The columns of the survey that are used.
    """

    data: pd.DataFrame
    names: Mapping[str, str]
    columns: frozenset[str]


def read_roles(data: pd.DataFrame, filled: Mapping[str, object]) -> RoleColumns:
    """Return the column of each role.

    Parameters
    ----------
    data
        The rows.
    filled
        The roles, each with a column, several columns, or values.

    Raises
    ------
    DesignError
        A column that does not exist, several columns for weights or fpc, values that are not one per row or
        have another index than the rows, missing values in columns that are crossed.

    Examples
    --------
    >>> rows = pd.DataFrame({"region": ["n", "n", "s"], "urban": [1, 0, 1]})
    >>> roles = read_roles(rows, {"strata": ["region", "urban"], "weights": [2.0, 1.0, 1.0]})
    >>> roles.names["strata"], roles.names["weights"], roles.data["region x urban"].tolist()
    ('region x urban', 'given weights', ['n x 1', 'n x 0', 's x 1'])
    """
    filled_columns: dict[str, pd.Series] = {}
    names: dict[str, str] = {}
    used: list[str] = []
    for role, value in filled.items():
        columns = named_columns(value)
        if columns is None:
            values = _aligned(data, role, value)
            same = _own_column(data, values)
            columns = () if same is None else (same,)
            name = same or _free(f"given {role}", data)
        else:
            check_columns(role, columns, [name for name in data if isinstance(name, str)])
            values = data[columns[0]] if len(columns) == 1 else _crossed(data, columns)
            name = columns[0] if len(columns) == 1 else _free(" x ".join(map(str, columns)), data)
        filled_columns[name], names[role] = values, name
        used += columns
    return RoleColumns(pd.DataFrame(filled_columns, index=data.index), names, frozenset(used))


def single_columns(filled: Mapping[str, object]) -> dict[str, str]:
    """Return the column of each role of rows in an engine.

    Raises
    ------
    DesignError
        Values, or several columns.
    """
    columns_of_roles = {}
    for role, value in filled.items():
        columns = named_columns(value)
        if columns is None or len(columns) != 1:
            raise DesignError(
                f"rows in an engine take one column for {role}",
                got="values for each row" if columns is None else f"{len(columns):,} columns",
                expected="the name of one column",
                do="make it a column of the source, or read the rows into pandas",
            )
        columns_of_roles[role] = columns[0]
    return columns_of_roles


def named_columns(value: object) -> tuple[str, ...] | None:
    """Return the names of the columns of a role; None if the role has values.

    Examples
    --------
    >>> named_columns("w"), named_columns(["a", "b", "a"]), named_columns([1.0, 2.0])
    (('w',), ('a', 'b'), None)
    """
    if isinstance(value, list | tuple):
        texts = [item for item in value if isinstance(item, str)]
        return tuple(dict.fromkeys(texts)) if len(texts) == len(value) else None
    return (value,) if isinstance(value, str) else None


def check_columns(role: str, columns: tuple[str, ...], known: Sequence[str]) -> None:
    """Refuse columns that do not exist, none, or several where only one can be."""
    if not columns:
        raise DesignError(f"no column is named for {role}", got="an empty list", do="leave the argument out")
    for column in columns:
        if column not in known:
            raise DesignError(f"no column {column!r} for {role}", do=suggest(column, known))
    if len(columns) > 1 and role not in CROSSED:
        raise DesignError(
            f"{role} takes one column",
            got=", ".join(columns),
            do="name one column; only strata and psu can cross several columns",
        )


def _aligned(data: pd.DataFrame, role: str, value: object) -> pd.Series:
    """Return values as a column with the index of the rows."""
    if not isinstance(value, pd.Series):
        plain = value if isinstance(value, pd.Index | pd.api.extensions.ExtensionArray) else np.asarray(value)
        if plain.ndim != 1:
            raise DesignError(
                f"{role} must have one value for each row",
                got=type(value).__name__ if plain.ndim == 0 else f"a table of {plain.ndim} dimensions",
                expected=f"the name of a column, a Series, or an array of {len(data):,} values",
                do="to cross several columns, give a list of their names" if role in CROSSED else "",
            )
        _refuse_length(data, role, len(plain))
        return pd.Series(plain, index=data.index)
    _refuse_length(data, role, len(value))
    if value.index.equals(data.index):
        return value.set_axis(data.index)
    if value.index.is_unique and data.index.is_unique and value.index.isin(data.index).all():
        return value.reindex(data.index)
    foreign = value.index[~value.index.isin(data.index)]
    raise DesignError(
        f"the index of {role} is not the index of the rows",
        got=f"the label {foreign[0]} among others" if len(foreign) else "labels that repeat in another order",
        expected="a Series whose index has each row's label once",
        do="pass values.to_numpy() if they are already in the order of the rows",
    )


def _own_column(data: pd.DataFrame, values: pd.Series) -> str | None:
    """Return the name of the column that some values come from; None if they come from elsewhere."""
    name = values.name
    return name if isinstance(name, str) and name in data and values.equals(data[name]) else None


def _refuse_length(data: pd.DataFrame, role: str, length: int) -> None:
    """Refuse values that are not one per row."""
    if length != len(data):
        raise DesignError(
            f"{role} must have one value for each row",
            got=f"{length:,} values",
            expected=f"{len(data):,}",
            do="take them from the same rows, or give the name of a column",
        )


def _crossed(data: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """Return some columns crossed, as labels such as ``north x 1``."""
    places: Ints = np.zeros(len(data), dtype=np.intp)
    size = 1
    for column in columns:
        codes, levels = groups_of(data, column)
        pairs, places = compact(cross(places, codes, levels), size * levels)
        size = len(pairs)
    first = np.unique(places, return_index=True)[1]
    values = [tuple(row) for row in data[list(columns)].iloc[first].astype(object).to_numpy()]
    words = [" x ".join(map(str, row)) for row in values]
    labels = words if len(set(words)) == len(words) else [repr(row) for row in values]
    return pd.Series(pd.Categorical.from_codes(places, pd.Index(labels)), index=data.index)


def _free(name: str, data: pd.DataFrame) -> str:
    """Return a name that no column of the rows has."""
    while name in data:
        name += "*"
    return name
