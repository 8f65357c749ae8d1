"""The first stage of sampling: strata, PSUs, finite populations and weights, read from columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.design.sums import compact, cross
from trustkit.design.weight_history import CROSSED
from trustkit.errors import DesignError, first_few, how_many
from trustkit.survey.quoted_cells import quoted_cells, quoted_crossed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trustkit.survey.variable import Variable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FirstStage:
    """The first stage of sampling, row by row and stratum by stratum.

    Attributes
    ----------
    groups
        Shape (n,): the row's PSU, or its stratum where each row is its own PSU; None if there is
        one group only.
    stratum_of_group
        Shape (G,): the stratum of each group.
    sizes
        Shape (H,): sampled PSUs in each stratum.
    fractions
        Shape (H,): share of the stratum's PSUs that was sampled (0 without fpc).
    clustered
        Whether PSUs hold several rows.
    df
        PSUs with a positive weight, minus strata.
    pairs
        Shape (G, G): what each pair of PSUs adds to the variance, if their probabilities are unequal
        (`trustkit.Pps`).
    """

    groups: Ints | None
    stratum_of_group: Ints
    sizes: Floats
    fractions: Floats
    clustered: bool
    df: float
    pairs: Floats | None = None

    @property
    def factors(self) -> Floats:
        """Each stratum's (1 - f) n / (n - 1), shape (H,); 1 - f where there is one PSU."""
        repeated = np.where(self.sizes > 1, self.sizes / np.maximum(self.sizes - 1, 1), 1.0)
        return (1 - self.fractions) * repeated

    def counting(self, used: NDArray[np.bool_]) -> FirstStage:
        """Return the first stage with the df of the rows that are used, shape (n,)."""
        if used.all():
            return self
        size = len(self.stratum_of_group)
        groups = np.zeros(len(used), dtype=np.intp) if self.groups is None else self.groups
        rows = np.bincount(groups[used], minlength=size)
        strata = len(np.unique(self.stratum_of_group[rows > 0]))
        return replace(self, df=float((np.count_nonzero(rows) if self.clustered else rows.sum()) - strata))


Nest = Literal["nested", "unique"]

MOST_ROWS = 5_000
"""The most rows that may each become a PSU: replicates need memory for the square of this number."""


def rows_as_psus(stage: FirstStage, n: int) -> FirstStage:
    """Return a first stage in which each row is a separate PSU, and marked so.

    Raises
    ------
    DesignError
        Above `MOST_ROWS` rows.
    """
    if n > MOST_ROWS:
        raise DesignError(
            "replicates of single rows take too much memory",
            got=f"{n:,} rows", expected=f"at most {MOST_ROWS:,}",
            do="give PSUs, or random groups of rows as PSUs",
        )  # fmt: skip
    strata = np.zeros(n, dtype=np.intp) if stage.groups is None else stage.groups
    return replace(stage, groups=np.arange(n), stratum_of_group=strata, clustered=True)


def read_weights(data: pd.DataFrame, name: str | None) -> Floats:
    """Return the weights of a column (1 each without one), refusing values that can't be weights."""
    if name is None:
        return np.ones(len(data))
    try:
        values = data[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DesignError(
            "weights must be numbers", where=name, got=str(data[name].dtype),
            do="name a numeric column, or give one number per row",
        ) from None  # fmt: skip
    for what, bad in (
        ("missing", np.isnan(values)),
        ("negative", values < 0),
        ("infinite", np.isinf(values)),
    ):
        if bad.any():
            raise DesignError(
                f"{bad.sum():,} weights are {what}",
                where=name,
                got=f"first at rows {_rows(data, bad)}",
                expected="finite weights of at least 0",
                do="correct the weights, or leave the rows out before making the design",
            )
    if not values.any():
        raise DesignError("all weights are zero", where=name, expected="at least one positive weight")
    return values


def read_first_stage(data: pd.DataFrame, roles: Mapping[str, str], weights: Floats, nest: Nest) -> FirstStage:
    """Read the first stage of sampling from the columns that the roles name."""
    strata, n_strata = _grouping(data, roles.get("strata"))
    psus, n_psus = _grouping(data, roles.get("psu"))
    present = weights > 0
    if psus is None:
        n = np.bincount(strata, minlength=n_strata) if strata is not None else np.array([len(data)])
        used = np.bincount(strata[present], minlength=n_strata) if strata is not None else present.sum()
        sizes = n.astype(float)
        df = float(np.sum(used) - np.count_nonzero(used))
        fractions = sampled_fractions(data, roles, strata, sizes)
        return FirstStage(strata, np.arange(n_strata), sizes, fractions, clustered=False, df=df)
    pairs, groups = compact(cross(strata, psus, n_psus), n_strata * n_psus)
    if nest == "unique" and len(pairs) > n_psus:
        repeated = np.flatnonzero(np.bincount(pairs % n_psus) > 1)
        names = pd.factorize(data[roles["psu"]], sort=True)[1]
        raise DesignError(
            f"{how_many(len(repeated), 'PSU', 'is', 'are')} in more than one stratum",
            where=roles["psu"],
            got=first_few(names[repeated]),
            do="pass nest='nested' if the same label in two strata means two PSUs",
        )
    stratum_of_group = pairs // n_psus
    sizes = np.bincount(stratum_of_group, minlength=n_strata).astype(float)
    with_weight = np.bincount(groups[present], minlength=len(pairs)) > 0
    df = float(with_weight.sum() - len(np.unique(stratum_of_group[with_weight])))
    fractions = sampled_fractions(data, roles, strata, sizes)
    return FirstStage(groups, stratum_of_group, sizes, fractions, clustered=True, df=df)


def first_stage_of(groups: pd.DataFrame, roles: Mapping[str, str]) -> FirstStage:
    """Return the first stage of sampling from its strata and PSUs, one row each.

    Parameters
    ----------
    groups
        One row per PSU (or per stratum, where rows are their own PSUs), with the columns of the roles,
        ``__rows``, ``__positive`` and, if there is an fpc, ``__fpc_low`` and ``__fpc_high``.
    roles
        The columns of ``strata``, ``psu`` and ``fpc``.
    """
    strata, n_strata = _grouping(groups, roles.get("strata"))
    place = np.zeros(len(groups), dtype=np.intp) if strata is None else strata
    positive = groups["__positive"].to_numpy(dtype=float)
    clustered = "psu" in roles
    if clustered:
        sizes = np.bincount(place, minlength=n_strata).astype(float)
        df = float((positive > 0).sum() - len(np.unique(place[positive > 0])))
    else:
        sizes = np.bincount(place, groups["__rows"].to_numpy(dtype=float), minlength=n_strata)
        df = float(positive.sum() - np.count_nonzero(np.bincount(place, positive, minlength=n_strata)))
    fractions = np.zeros(n_strata)
    if "fpc" in roles:
        ends = [groups.assign(**{roles["fpc"]: groups[end]}) for end in ("__fpc_low", "__fpc_high")]
        fractions = sampled_fractions(pd.concat(ends, ignore_index=True), roles, np.tile(place, 2), sizes)
    return FirstStage(
        None, place if clustered else np.arange(n_strata), sizes, fractions, clustered=clustered, df=df
    )


def _grouping(data: pd.DataFrame, name: str | None) -> tuple[Ints | None, int]:
    """Return the group of each row and how many groups there are; no column is one group."""
    return (None, 1) if name is None else groups_of(data, name)


def groups_of(data: pd.DataFrame, name: str) -> tuple[Ints, int]:
    """Return the group of each row and how many groups there are, in the order of the column's values.

    Raises
    ------
    DesignError
        Missing values, or values of types that have no order.
    """
    column = data[name]
    if pd.api.types.is_integer_dtype(column.dtype) and not column.isna().any():
        values = column.to_numpy(dtype=np.intp)
        low = int(values.min())
        span = int(values.max()) - low + 1
        if span <= max(10 * len(values), 1_000_000):
            occurring, places = compact(values - low, span)
            return places, len(occurring)
    try:
        codes, labels = pd.factorize(column, sort=True)
    except TypeError:
        types = dict.fromkeys(type(value).__name__ for value in column)
        raise DesignError(
            "the values have several types, so they have no order",
            where=name,
            got=", ".join(types),
            do="convert all of them to text",
        ) from None
    if (codes < 0).any():
        raise DesignError(
            f"{(codes < 0).sum():,} values are missing",
            where=name,
            got=f"first at rows {_rows(data, codes < 0)}",
            do="fill them in, or leave the rows out before making the design",
        )
    return codes.astype(np.intp), len(labels)


def sampled_fractions(
    data: pd.DataFrame, roles: Mapping[str, str], strata: Ints | None, sizes: Floats
) -> Floats:
    """Return the sampled share of each stratum's PSUs.

    Raises
    ------
    DesignError
        Values that are missing, infinite, not positive, different in one stratum, or below the sample.
    """
    name = roles.get("fpc")
    if name is None:
        return np.zeros(len(sizes))
    try:
        values = data[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DesignError(
            "fpc must be numbers", where=name, got=str(data[name].dtype),
            do="name a numeric column, or give one number per row",
        ) from None  # fmt: skip
    bad = ~(values > 0) | np.isinf(values)
    if bad.any():
        numbers, are = how_many(int(bad.sum()), "value"), "is" if bad.sum() == 1 else "are"
        raise DesignError(
            f"{numbers} of fpc {are} missing, infinite or not positive",
            where=name,
            got=f"first at rows {_rows(data, bad)}",
            expected="population sizes of PSUs, or sampled fractions",
        )
    place = np.zeros(len(values), dtype=np.intp) if strata is None else strata
    by_stratum = np.empty(len(sizes))
    by_stratum[place] = values
    varies = values != by_stratum[place]
    if varies.any():
        raise DesignError(
            "fpc varies inside a stratum",
            where=name,
            got=f"first at rows {_rows(data, varies)}",
            do="give one population size, or one fraction, for each stratum",
        )
    fractions = by_stratum if (by_stratum <= 1).all() else sizes / by_stratum
    small = fractions > 1
    if small.any():
        worst = int(np.flatnonzero(small)[0])
        stratum = _in_stratum(data, roles, place == worst)
        raise DesignError(
            f"fpc is smaller than the sample in {small.sum():,} strata",
            where=name,
            got=f"fpc {by_stratum[worst]:g} for {sizes[worst]:g} sampled PSUs{stratum}",
            expected="at least the number of sampled PSUs, or fractions of at most 1",
        )
    return fractions


def _in_stratum(data: pd.DataFrame, roles: Mapping[str, str], rows: NDArray[np.bool_]) -> str:
    """Name the stratum of some rows."""
    name = roles.get("strata")
    if not name:
        return ""
    stratum = data.loc[rows, name].iloc[0]
    return f" in {name} {quoted_cells([stratum], None, among=data[name].unique())}"


def refuse_lonely(
    data: pd.DataFrame, roles: Mapping[str, str], stage: FirstStage, variables: Mapping[str, Variable]
) -> None:
    """Refuse strata with a single PSU: their variance can't be estimated."""
    lonely = np.flatnonzero((stage.sizes == 1) & (stage.fractions < 1))
    if not len(lonely):
        return
    name = roles.get("strata")
    labels = pd.factorize(data[name], sort=True)[1].tolist() if name else ["(all)"]
    strata = [labels[place] for place in lonely.tolist()]
    parts = [variables.get(part) for part in (name or "").split(CROSSED)]
    shown = (
        quoted_cells(strata[:20], variables.get(name or ""), among=strata)
        if len(parts) == 1
        else ", ".join(quoted_crossed(strata[:20], parts, CROSSED, among=strata))
    )
    raise DesignError(
        f"{len(lonely):,} strata have one PSU, so their variance can't be estimated",
        where=name,
        got=shown,
        do="merge strata, or choose lonely_psu: adjust, average, remove or certainty",
    )


def _rows(data: pd.DataFrame, bad: NDArray[np.bool_]) -> str:
    return first_few(data.index[bad])
