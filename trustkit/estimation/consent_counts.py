"""Consent rates from counts of a consent platform, under each definition and for each unit counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.estimation.consent_definitions import read_counted
from trustkit.estimation.results import Estimate, Numbers, estimate_of
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COUNTS = ("opt_in", "opt_out", "implied", "explicit", "marketing", "shown")
"""What a consent platform counts."""

KEYS = ("unit", "purpose")
SHIPPED = Path(__file__).with_name("consent_count_definitions.yaml")
"""The definitions that come with trustkit."""

MODEL = (
    "Intervals assume that the units counted are independent. Counts do not show how two rates vary "
    "together, so their difference has no interval."
)
REPEATED = "A device that decided on several days counts once among devices, and often among device-days."
NOT_GIVEN = "Not computed, because the source does not give a count: {}."


class Counted(Protocol):
    """What has counts of consents, such as `Consents`."""

    def counts(self) -> pd.DataFrame:
        """Return the counts."""


@dataclass(frozen=True)
class CountDefinition:
    """One definition of a consent rate from counts: what is summed above and below the line."""

    name: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    counted: str
    source: str


def read_count_definitions(path: str | Path) -> tuple[CountDefinition, ...]:
    """Read definitions of consent rates from counts.

    Raises
    ------
    DataError
        With every error in the file, each with its line and path.

    Examples
    --------
    >>> [definition.name for definition in read_count_definitions(SHIPPED)][:2]
    ['Of choices', 'Of banners shown']
    """
    document = Document(path, DataError)
    top = document.root
    top.keys(["title", "definitions"], needed=["definitions"])
    needed = ("numerator", "denominator", "counted", "source")
    read = []
    for name, entry in top.child("definitions").children():
        entry.keys(needed, needed=needed)
        above, below = (read_counted(entry.child(side), COUNTS, "counted") for side in needed[:2])
        counted, source = (entry.child(part).text() for part in needed[2:])
        read.append(CountDefinition(str(name), above, below, counted, source))
    document.finish()
    return tuple(read)


@cache
def shipped_count_definitions() -> tuple[CountDefinition, ...]:
    """Return the definitions that come with trustkit."""
    return read_count_definitions(SHIPPED)


def rates_of_counts(counts: pd.DataFrame, conf: float) -> Estimate:
    """Estimate consent rates from counts, of each unit and purpose, summed over the days.

    Parameters
    ----------
    counts
        The columns ``unit``, ``purpose`` and those of `COUNTS`, missing where a source does not say.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per unit, purpose and definition. The standard error is that of a share of a simple random
        sample with replacement: the root of p (1 - p) / (n - 1), with n - 1 degrees of freedom.

    Raises
    ------
    DataError
        If columns are missing, a count is negative or no number, a part is larger than its whole, or no
        definition can be computed.
    """
    totals = _totals(counts)
    rows, lacking, kept = [], [], 0
    for (unit, purpose), row in totals.items():
        for definition in shipped_count_definitions():
            above, below = (_sum(row, names) for names in (definition.numerator, definition.denominator))
            if above is None or below is None or not below:
                lacking.append(definition.name)
                continue
            if above > below:
                raise DataError(
                    f"more are counted above than below the line of {definition.name!r}",
                    where=f"{unit}, {purpose}", got=f"{above:,} of {below:,}",
                    do="correct the counts, or read the file again",
                )  # fmt: skip
            kept += 1
            rows.append((unit, purpose, definition.name, definition.counted, above, below))
    if not kept:
        raise DataError(
            "no consent rate can be computed", where="counts", got="counts without choices",
            expected="opted in and opted out, or banners shown", do="give counts of choices",
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*KEYS, "definition", "counted", "above", "below"])
    n = table["below"].to_numpy(dtype=np.int64)
    rates: Floats = table["above"].to_numpy(dtype=np.float64) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = np.where(n > 1, rates * (1 - rates) / (n - 1), np.nan)
    vcov = np.full((len(n), len(n)), np.nan)
    np.fill_diagonal(vcov, variances)
    keys = table[[*KEYS, "definition", "counted"]].assign(variable="consents", level="")
    notes = [MODEL]
    if len(set(table["unit"])) > 1:
        notes.append(REPEATED)
    missing = [name for name in dict.fromkeys(lacking) if name not in set(table["definition"])]
    if missing:
        notes.append(NOT_GIVEN.format(", ".join(missing)))
    return estimate_of(
        Numbers(keys, rates, vcov, n, df=(n - 1).astype(float), unit="share"),
        statistic="proportion", base="what each definition counts", conf=conf, ci="logit", notes=tuple(notes),
        labels={"consents": "Consents"},
    )  # fmt: skip


def _totals(counts: pd.DataFrame) -> dict[tuple[str, str], dict[str, int | None]]:
    """Return the counts of each unit and purpose, summed over the days; None if one of them is missing."""
    lacking = [name for name in (*KEYS, *COUNTS) if name not in counts]
    if lacking:
        raise DataError(
            "the counts lack columns", got=", ".join(map(str, counts.columns[:20])) or "no columns",
            expected=", ".join((*KEYS, *COUNTS)), do="give a design, or what tk.read_consents returns",
        )  # fmt: skip
    for name in COUNTS:
        column = counts[name]
        if not pd.api.types.is_numeric_dtype(column) and column.notna().any():
            raise DataError("a count is not a number", where=str(name), do="give whole numbers")
        known = column.dropna().astype(float)
        if (known < 0).any() or (known % 1 != 0).any():
            raise DataError("a count is not a whole number of 0 or more", where=str(name), do="correct it")
    totals = {}
    for (unit, purpose), group in counts.groupby(list(KEYS), sort=False, dropna=False):
        totals[str(unit), str(purpose)] = {
            name: None if group[name].isna().any() else int(group[name].sum()) for name in COUNTS
        }
    return totals


def _sum(totals: dict[str, int | None], names: tuple[str, ...]) -> int | None:
    """Return the sum of some counts; None if one of them is missing."""
    known = [value for value in (totals[name] for name in names) if value is not None]
    return sum(known) if len(known) == len(names) else None
