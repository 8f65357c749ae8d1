"""The audit of a study: what each export holds, what is not stated about it, and what no analysis uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import PATH, accepts
from trustkit.files.read import read
from trustkit.privacy.gaps import GAP
from trustkit.privacy.inventory import Inventory, inventory
from trustkit.reporting.processed_data import processed_columns
from trustkit.reporting.review import first_names
from trustkit.reporting.study import study_exports
from trustkit.reporting.used_columns import used_columns

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, eq=False)
class Audited:
    """One export of a study: the names of its file and of its codebook, and its inventory with the gaps."""

    export: str
    codebook: str
    inventory: Inventory


def audit_study(folder: str | Path, *, on: str | dt.date | None = None) -> list[Audited]:
    """Return the inventory of each export of a study, compared with its data and its notebooks.

    Parameters
    ----------
    folder
        The study.
    on
        The day on which terms are compared; None: they are not.

    Raises
    ------
    DataError
        If there is no export, it can't be read, or ``on`` is not a date.
    CodebookError
        With every fault of a codebook.
    """
    accepts(folder=(folder, PATH))
    folder = Path(folder)
    return [audit_export(folder, export, book, on=on) for export, book in study_exports(folder)]


def audit_export(folder: Path, export: Path, codebook: Path, *, on: str | dt.date | None = None) -> Audited:
    """Return the inventory of one export of a study; as `audit_study`."""
    survey = read(export, codebook)
    book = survey.codebook
    used = used_columns(folder, export, book)
    columns = [str(name) for name in survey.data.columns]
    held = inventory(book, columns=columns, used=sorted(used), on=on, cleaned=processed_columns(folder))
    return Audited(export.name, codebook.name, held)


def grouped_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Group gaps that read alike: the ``gap``, how many ``variables`` have it, and the first few of them.

    Examples
    --------
    >>> why = "Nobody knows why it is held (GDPR Art. 5(1)(b))."
    >>> gaps = pd.DataFrame({"variable": ["id", "region"], "missing": "purpose", "why": why})
    >>> grouped_gaps(gaps).values.tolist()
    [['purpose: Nobody knows why it is held (GDPR Art. 5(1)(b)).', 2, 'id, region']]
    """
    groups: dict[str, list[str]] = {}
    for variable, missing, why in gaps[list(GAP)].itertuples(index=False, name=None):
        groups.setdefault(f"{missing}: {why}", []).append(str(variable))
    rows = [
        (gap, len(names), first_names(names))
        for gap, names in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]
    return pd.DataFrame(rows, columns=["gap", "variables", "such as"])
