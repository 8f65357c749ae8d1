"""Willingness to share: each kind of data for each benefit, and which benefits differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import MAPPING, TEXT, WORDS, ArgumentKind, accepts_estimator
from trustkit.counted import NOTES
from trustkit.display import Shown, show_decimals, show_share
from trustkit.errors import DataError
from trustkit.estimation.estimates import proportion
from trustkit.estimation.pairs import pairwise
from trustkit.estimation.results import counts_in_rows
from trustkit.estimation.significance import adjusted
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.headings import range_of_n, shortened
from trustkit.survey.columns import items_of
from trustkit.units import MEASURES, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.caveats import Caveats
    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

GRID = ArgumentKind(
    lambda value: (
        MAPPING.fits(value)
        and bool(value)
        and all(TEXT.fits(row) or (WORDS.fits(row) and row) for row in dict(value).values())  # type: ignore[call-overload]
    ),
    "a mapping of kinds of data to a set's name, or to benefits and their variables",
    'write it as {"email": "share_email"}, or as {"email": {"discount": "share_email_discount"}}',
)

PAIR_COLUMNS = (
    "datum", "first", "second", "difference", "se", "t", "df", "p_value", "p_adjusted", "reason",
)  # fmt: skip

KIND = "kind of data"
"""What stands above the rows of the grid."""

STATED = "Willingness is what people say that they would share; what they do share may differ."


@dataclass(frozen=True, eq=False, repr=False)
class Willingness(Shown):
    """Willingness to share each kind of data for each benefit.

    Attributes
    ----------
    estimate
        One row per ``datum`` and ``benefit``, with one covariance.
    pairs
        One row per pair of benefits of the same datum: ``datum``, ``first``, ``second``, ``difference``
        (first minus second), ``se``, ``t``, ``df``, ``p_value``, ``p_adjusted`` (Holm 1979, over all rows of
        this frame) and the ``reason`` where there is no test.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"email_points": [1, 1, 1, 0] * 9, "email_speed": [0, 0, 1, 0] * 9})
    >>> codes = {1: "Selected", 0: "Not selected"}
    >>> book = tk.Codebook({name: tk.Variable(name, name, "multiple", codes=codes) for name in frame})
    >>> grid = {"email": {"points": "email_points", "speed": "email_speed"}}
    >>> found = tk.willingness(tk.Design(tk.Survey(frame, book)), grid)
    >>> found.pairs[["datum", "first", "second", "difference"]].values.tolist()
    [['email', 'points', 'speed', 0.5]]
    """

    estimate: Estimate
    pairs: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and frames that lack columns.

        Raises
        ------
        DataError
            If the estimate has no columns ``datum`` and ``benefit``.
        """
        accepts_fields(self)
        accepts_columns(self, "pairs", PAIR_COLUMNS)
        if not {"datum", "benefit"} <= {*self.estimate.keys}:
            raise DataError(
                "the estimate has no columns datum and benefit", where="Willingness",
                got=", ".join(map(str, self.estimate.keys)), do="make it with tk.willingness",
            )  # fmt: skip

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data."""
        return self.estimate.caveats

    def to_frame(self) -> pd.DataFrame:
        """Return one row per datum and benefit, unrounded."""
        return self.estimate.to_frame()

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys(MEASURES, self.estimate.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        table, keys = self._parts()[1], self.estimate.keys
        rows, columns = table[KIND].tolist(), list(table.columns)
        count = self._findings()
        places = [
            (rows.index(datum), columns.index(benefit))
            for datum, benefit in keys[["datum", "benefit"]].itertuples(index=False, name=None)
        ]
        return counts_in_rows(
            self.estimate,
            lambda row: [places[row], *((NOTES, note) for note in range(count))],
            lambda _: [(NOTES, count)],
        )

    def _findings(self) -> int:
        """Return how many notes tell which shares differ."""
        return 2 if (self.pairs["p_adjusted"] <= 1 - self.estimate.conf).any() else 1

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        estimate = self.estimate
        wide = estimate.keys.assign(shown=[show_share(value) for value in estimate.estimate])
        table = wide.pivot_table(
            index="datum", columns="benefit", values="shown", aggfunc="first", sort=False
        )
        table = table[list(dict.fromkeys(wide["benefit"]))].fillna("-").rename_axis(columns=None)
        differ = self.pairs[self.pairs["p_adjusted"] <= 1 - estimate.conf]
        counted = f"{len(differ)} of {len(self.pairs)} pairs of benefits of the same kind of data differ"
        notes = [f"{counted}, with all pairs taken together (Holm) at {estimate.conf:.0%}."]
        for row in differ.iloc[differ["difference"].abs().argsort()[::-1][:1]].to_dict("records"):
            better, worse = (row["first"], row["second"]) if row["t"] > 0 else (row["second"], row["first"])
            points = show_decimals(100 * abs(row["difference"]), 1)
            notes.append(f"The largest difference: {row['datum']}, {better} over {worse}, {points} points.")
        title = "Willingness to share, by kind of data and benefit"
        return (
            title,
            table.rename_axis(KIND).reset_index(),
            (*notes, f"Base: {estimate.base}; {range_of_n(estimate.n)}.", *estimate.remarks),
        )


def willingness(
    design: Design,
    grid: Mapping[str, str | Mapping[str, str]],
    *,
    level: str = "Selected",
    where: Where = None,
    conf: float = 0.95,
) -> Willingness:
    """Estimate who would share each kind of data for each benefit, and test which benefits differ.

    Parameters
    ----------
    design
        The design.
    grid
        Kind of data -> benefit -> the variable that asks for both. Or kind of data -> the name of a set, one
        variable for each benefit, which is then named by what its wording has of its own.
    level
        The answer that means yes.
    where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    Willingness
        The shares with one covariance, and all pairs of benefits within a kind of data.

    Raises
    ------
    DataError
        An unknown variable or answer, a variable that is given twice, or nobody in the base.

    Notes
    -----
    Each pair has the t test of `pairwise`, with the covariance of both shares: the same respondents answered.
    Holm's adjustment is over all pairs of all kinds of data together, so the probability of any false finding
    in the whole grid is held. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import trustkit as tk
    >>> folder = tk.example_folder("consumer_trust")
    >>> design = tk.Design(tk.clean(tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml")))
    >>> benefits = {"discounts": "share_email_discount", "speed": "share_email_faster"}
    >>> tk.willingness(design, {"email": benefits}).to_frame()[["datum", "benefit", "n"]].values.tolist()
    [['email', 'discounts', 5201], ['email', 'speed', 5201]]
    """
    accepts_estimator(design, None, where, conf, grid=(grid, GRID), level=(level, TEXT))
    cells = [
        (datum, benefit, name)
        for datum, row in grid.items()
        for benefit, name in (row.items() if isinstance(row, Mapping) else _benefits(design, row))
    ]
    names = [name for _, _, name in cells]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{twice[0]} is given twice in the grid", do="give each cell its own variable")
    shares = proportion(design, names, level=level, where=where, conf=conf)
    keys = pd.DataFrame(cells, columns=["datum", "benefit", "variable"]).assign(level=level)
    estimate = replace(shares, keys=keys, notes=(*shares.notes, STATED))
    pairs = []
    for datum in grid:
        mine = np.flatnonzero(keys["datum"] == datum)
        if len(mine) > 1:
            pairs.append(pairwise(_rows(estimate, mine), adjust="none").table.assign(datum=datum))
    table = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=list(PAIR_COLUMNS))
    if pairs:
        table["p_adjusted"] = adjusted(table["p_value"].to_numpy(dtype=float), "holm")
    return Willingness(estimate, table[list(PAIR_COLUMNS)])


def _benefits(design: Design, name: str) -> list[tuple[str, str]]:
    """Return the benefits of a set by the words that they do not share, with their variables."""
    names = items_of(design.codebook, name)
    words, _ = shortened([design.variable(one).label for one in names])
    return list(zip(words, names, strict=True))


def _rows(estimate: Estimate, rows: np.ndarray) -> Estimate:
    """Return some rows of an estimate, which differ in their benefit alone."""
    arrays = {
        name: getattr(estimate, name)[rows]
        for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff")
    }
    reasons = tuple(estimate.reasons[row] for row in rows) if estimate.reasons else ()
    held = tuple(replace(part, rows=part.rows[rows]) for part in estimate.held)
    keys = estimate.keys.iloc[rows].assign(variable="").reset_index(drop=True)
    return replace(
        estimate,
        keys=keys,
        vcov=estimate.vcov[np.ix_(rows, rows)],
        reasons=reasons,
        held=held,
        units=tuple(estimate.units[row] for row in rows),
        **arrays,
    )
