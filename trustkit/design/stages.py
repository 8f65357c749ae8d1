"""Sampling in several stages: the units inside PSUs, and what each stage adds to the variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.arguments import ArgumentKind, accepts
from trustkit.design.first_stage import groups_of, sampled_fractions
from trustkit.design.role_columns import read_roles
from trustkit.design.sums import compact, cross
from trustkit.errors import DesignError, first_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage
    from trustkit.design.role_columns import Groups, Numbers, RoleColumns

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


ROWS = (str, list, tuple, np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)
SOURCE = ArgumentKind(
    lambda value: isinstance(value, ROWS),
    "the name of a column, or one value per row",
).optional()


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of sampling, for the ``psu`` of a `trustkit.Design`.

    Attributes
    ----------
    psu
        The units that this stage sampled: a column, columns that are crossed, or one label per row. None, in
        the last stage only: each row is a unit. Below the first stage, the same label in two units of the
        stage above means two units.
    strata
        The strata inside each unit of the stage above, in the same forms. None: one stratum.
    fpc
        The number of units in each stratum, or the sampled fraction (all values at most 1): a column, or one
        number per row. None: the units of this stage were sampled with replacement, and the stages below it
        add nothing to the variance.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Stage("district", fpc="districts").psu
    'district'
    """

    psu: Groups | None = None
    strata: Groups | None = None
    fpc: Numbers | None = None

    def __post_init__(self) -> None:
        """Refuse values that are no columns."""
        accepts(psu=(self.psu, SOURCE), strata=(self.strata, SOURCE), fpc=(self.fpc, SOURCE))


@dataclass(frozen=True, eq=False)
class Level:
    """The units of one later stage, as sums over the finest groups need them.

    Attributes
    ----------
    units
        Shape (G,): the unit of each finest group; None if each row is a unit and the groups are strata.
    strata
        Shape (U,): the stratum of each unit (of each group, if each row is a unit). Strata of different units
        of the stage above are different.
    sizes
        Shape (H,): sampled units in each stratum.
    factors
        Shape (H,): (1 - f) n / (n - 1), times the sampled fractions of all stages above.
    """

    units: Ints | None
    strata: Ints
    sizes: Floats
    factors: Floats


@dataclass(frozen=True, eq=False)
class LaterStages:
    """The stages below the first.

    Attributes
    ----------
    groups
        Shape (n,): the finest group of each row: its unit in the last stage, or its stratum there if each row
        is a unit.
    psus
        Shape (G,): the first stage's PSU of each finest group.
    levels
        The stages, from the second.
    shares
        Shape (n,): the product of all sampled fractions; NaN if a stage has no fpc.
    """

    groups: Ints
    psus: Ints
    levels: tuple[Level, ...]
    shares: Floats

    @property
    def rows_are_units(self) -> bool:
        """Whether each row is a unit of the last stage."""
        return self.levels[-1].units is None

    def of_first_stage(self, sums: Floats, n_psus: int) -> Floats:
        """Add sums over the finest groups, shape (G, C, q), to sums over the PSUs of the first stage."""
        totals = np.zeros((n_psus, *sums.shape[1:]))
        np.add.at(totals, self.psus, sums)
        return totals


@dataclass(frozen=True, eq=False)
class SampledUnits:
    """The units that the stages so far have sampled: of each row, and the share of the population."""

    of_row: Ints
    shares: Floats


def units_or_stages(psu: Groups | Stage | Sequence[Stage] | None) -> tuple[Groups | None, tuple[Stage, ...]]:
    """Return the PSUs of a design of one stage, or the stages of a design of several.

    Examples
    --------
    >>> units_or_stages("town")
    ('town', ())
    >>> len(units_or_stages([Stage("town"), Stage("home")])[1])
    2
    """
    if isinstance(psu, Stage):
        return None, (psu,)
    if isinstance(psu, list | tuple) and any(isinstance(item, Stage) for item in psu):
        return None, tuple(psu)
    return cast("Groups | None", psu), ()


def first_of(stages: Sequence[Stage]) -> Stage:
    """Return the first of some stages.

    Raises
    ------
    DesignError
        Something else than stages among them, or rows as units before the last stage.
    """
    wrong = [stage for stage in stages if not isinstance(stage, Stage)]
    if wrong:
        raise DesignError(
            "psu mixes stages and other values",
            got=f"a list with {wrong[0]!r}",
            expected="tk.Stage(psu, strata=..., fpc=...) for each stage, the first stage first",
        )
    for number, stage in enumerate(stages[:-1], start=1):
        if stage.psu is None:
            raise DesignError(
                f"stage {number} has no units",
                where="psu", got="no psu", expected="units; only in the last stage are rows units",
                do="name the column that holds this stage's units",
            )  # fmt: skip
    return stages[0]


def read_later_stages(
    data: pd.DataFrame, stages: Sequence[Stage], first: FirstStage, *, lonely_psu: str, domain_lonely: str
) -> tuple[LaterStages | None, frozenset[str]]:
    """Read the stages below the first, and the columns that they use.

    Parameters
    ----------
    data
        The rows.
    stages
        All stages.
    first
        The first stage, as it was read.
    lonely_psu, domain_lonely
        The policies for strata with one unit, which hold in every stage.

    Returns
    -------
    later, columns
        None if later stages add nothing: there are none, or the first stage has no fpc.

    Raises
    ------
    DesignError
        As for the first stage, naming the stage.
    """
    known = [read_roles(data, _filled(stage)) for stage in stages[1:]]
    columns = frozenset[str]().union(*(roles.columns for roles in known))
    if not known or stages[0].fpc is None or first.groups is None:
        return None, columns
    sampled = SampledUnits(first.groups, first.fractions[first.stratum_of_group])
    rows: list[tuple[Ints | None, Ints, Floats, Floats]] = []
    finest = sampled.of_row
    for number, (stage, roles) in enumerate(zip(stages[1:], known, strict=True), start=2):
        last = number == len(stages) or stage.fpc is None
        sampled, level = _read_level(roles, sampled, last=last)
        units, strata, sizes, fractions = level
        above = np.zeros(len(sizes))
        above[strata] = sampled.shares
        lonely = (sizes == 1) & (fractions < 1) & (above > 0)
        _refuse_lonely(number, roles, lonely, lonely_psu, domain_lonely)
        factors = above * (1 - fractions) * np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
        rows.append((units, strata, sizes, factors))
        finest = sampled.of_row
        sampled = SampledUnits(sampled.of_row, sampled.shares * fractions[strata])
        if last:
            break
    n_groups = len(sampled.shares)
    first_row = np.zeros(n_groups, dtype=np.intp)
    first_row[finest[::-1]] = np.arange(len(finest))[::-1]
    levels = tuple(
        Level(None if units is None else units[first_row], strata, sizes, factors)
        for units, strata, sizes, factors in rows
    )
    whole = all(stage.fpc is not None for stage in stages)
    shares = sampled.shares[finest] if whole else np.full(len(data), np.nan)
    return LaterStages(finest, first.groups[first_row], levels, shares), columns


def _filled(stage: Stage) -> dict[str, object]:
    roles = {"strata": stage.strata, "psu": stage.psu, "fpc": stage.fpc}
    return {role: value for role, value in roles.items() if value is not None}


def _read_level(
    roles: RoleColumns, above: SampledUnits, *, last: bool
) -> tuple[SampledUnits, tuple[Ints | None, Ints, Floats, Floats]]:
    """Read the units of a stage inside the units of the stage above.

    Returns
    -------
    sampled
        The units (the strata, if each row is a unit), with the share of the stages above.
    level
        The unit of each row (None: each row is one), the stratum of each unit, and of each stratum its
        sampled units and their fraction.
    """
    strata = above.of_row
    parent = np.arange(len(above.shares))
    if "strata" in roles.names:
        codes, levels = groups_of(roles.data, roles.names["strata"])
        pairs, strata = compact(cross(strata, codes, levels), len(above.shares) * levels)
        parent = pairs // levels
    units = None
    if "psu" in roles.names:
        codes, labels = groups_of(roles.data, roles.names["psu"])
        pairs, units = compact(cross(strata, codes, labels), len(parent) * labels)
        if last and len(pairs) == len(units):
            units = None
    if units is None:
        sizes = np.bincount(strata, minlength=len(parent)).astype(float)
        of_unit, of_row = np.arange(len(parent)), strata
    else:
        of_unit, of_row = pairs // labels, units
        sizes = np.bincount(of_unit, minlength=len(parent)).astype(float)
    fpc = {role: name for role, name in roles.names.items() if role == "fpc"}
    fractions = sampled_fractions(roles.data, fpc, strata, sizes)
    return SampledUnits(of_row, above.shares[parent[of_unit]]), (units, of_unit, sizes, fractions)


def _refuse_lonely(
    number: int, roles: RoleColumns, lonely: NDArray[np.bool_], lonely_psu: str, domain_lonely: str
) -> None:
    """Refuse strata of a later stage with a single unit, under the policies that can't take them."""
    if lonely_psu == "average" and (lonely.any() or domain_lonely == "apply"):
        raise DesignError(
            "lonely_psu='average' is for the first stage only",
            got=f"{int(lonely.sum()):,} strata with one unit in stage {number}",
            do="choose lonely_psu: adjust, remove or certainty",
        )
    if lonely_psu == "fail" and lonely.any():
        raise DesignError(
            f"{int(lonely.sum()):,} strata have one unit, so their variance can't be estimated",
            where=f"stage {number}: {', '.join(roles.names.values())}",
            got=f"strata number {first_few(np.flatnonzero(lonely) + 1)} of this stage",
            do="merge strata, or choose lonely_psu: adjust, remove or certainty",
        )
