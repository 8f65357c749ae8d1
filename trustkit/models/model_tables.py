"""Several models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import ArgumentKind, accepts, is_of
from trustkit.display import Shown, show_interval, show_numbers
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields
from trustkit.models.fit import counted_coefficients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.counted import Counted, Place
    from trustkit.models.fit import Fit

FITS = ArgumentKind(
    lambda value: (
        isinstance(value, dict | list | tuple)
        and bool(value)
        and all(isinstance(name, str) for name in (value if isinstance(value, dict) else ()))
        and all(is_of(fit, "Fit") for fit in (value.values() if isinstance(value, dict) else value))
    ),
    "a list of Fits, or a mapping of names to them, such as {'age': fit}",
    "fit the models first, such as with tk.glm",
)

NOT_IN_MODEL = ""
"""What stands in the place of a coefficient that a model does not have."""


@dataclass(frozen=True, eq=False, repr=False)
class ModelTable(Shown):
    """Several models, with one column for each.

    Attributes
    ----------
    fits
        The name of each model -> the model.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 6.0, 5.0], "age": [2, 3, 4, 5, 6]})
    >>> design = tk.Design(frame)
    >>> models = tk.model_table({"mean": tk.glm(design, "trust ~ 1"), "age": tk.glm(design, "trust ~ age")})
    >>> models.to_frame()[["model", "term", "estimate"]].round(2)
      model         term  estimate
    0  mean  (Intercept)       3.6
    1   age  (Intercept)      -1.2
    2   age          age       1.2
    """

    fits: Mapping[str, Fit]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, no models, and unlike intervals."""
        accepts_fields(self)
        if not self.fits:
            raise DataError("there are no models", where="fits", do="give at least one model")
        coverages = {fit.coefficients.conf for fit in self.fits.values()}
        if len(coverages) > 1:
            raise DataError(
                "the models' intervals have different coverages", where="fits",
                got=", ".join(f"{conf:g}" for conf in sorted(coverages)), do="fit all models with one conf",
            )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row per model and coefficient, unrounded.

        Returns
        -------
        DataFrame
            ``model``, and the columns of `Fit.to_frame`.
        """
        frames = [fit.to_frame() for fit in self.fits.values()]
        own = [frame.assign(model=name) for name, frame in zip(self.fits, frames, strict=True)]
        table = pd.concat(own, ignore_index=True)
        return table[["model", *(name for name in table if name != "model")]]

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        terms = list(dict.fromkeys(name for fit in self.fits.values() for name in fit.names))
        found: list[Counted] = []
        for column, fit in enumerate(self.fits.values(), 1):
            places = [(terms.index(name), column) for name in fit.names]
            base = (len(terms), column)
            found += counted_coefficients(fit, partial(_at, places), partial(_at, [base] * len(places)))
        return tuple(found)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        labels: dict[str, str] = {}
        for fit in self.fits.values():
            labels |= {name: fit.coefficients.label(name) for name in fit.names}
        columns = {name: _shown(fit) for name, fit in self.fits.items()}
        table = pd.DataFrame({"term": list(labels.values())})
        for name, cells in columns.items():
            table[name] = [cells.get(term, NOT_IN_MODEL) for term in labels]
        table.loc[len(table)] = ["n", *(f"{fit.n:,}" for fit in self.fits.values())]
        conf = next(iter(self.fits.values())).coefficients.conf
        about = f"Coefficients with their {conf:.0%} intervals; a model without the term has an empty cell."
        methods = {fit.method for fit in self.fits.values()}
        title = "Models side by side" if len(methods) > 1 else methods.pop()
        return title, table, (about, *self._notes())

    def _notes(self) -> list[str]:
        """Return what is said of all models once, and what is said of some with their names."""
        own = {
            name: (f"Model: {fit.method}", f"Base: {fit.base}.", *fit.coefficients.remarks)
            for name, fit in self.fits.items()
        }
        if len({fit.method for fit in self.fits.values()}) == 1:  # the title names it
            own = {name: notes[1:] for name, notes in own.items()}
        said = list(dict.fromkeys(note for notes in own.values() for note in notes))
        lines = []
        for note in said:
            names = [name for name, notes in own.items() if note in notes]
            lines.append(note if len(names) == len(own) else f"{', '.join(names)}: {note}")
        return lines


def model_table(fits: Mapping[str, Fit] | Sequence[Fit]) -> ModelTable:
    """Put several models side by side, with coefficients and intervals.

    Parameters
    ----------
    fits
        The models in the order of the columns, numbered (1), (2) and so on; or name -> model.

    Returns
    -------
    ModelTable
        A row per coefficient of any model and a column per model, with n below.

    Raises
    ------
    DataError
        If the intervals have different coverages.

    Notes
    -----
    Models of different respondents can't be compared by their coefficients alone: the bases are stated, and n
    stands below each column. Coefficients of logit models also change when a predictor is added that is not
    related to the others, so compare `trustkit.average_effect` (Mood 2010, doi:10.1093/esr/jcp006).

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 6.0, 5.0], "age": [2, 3, 4, 5, 6]})
    >>> design = tk.Design(frame)
    >>> tk.model_table({"mean": tk.glm(design, "trust ~ 1"), "age": tk.glm(design, "trust ~ age")})
    Linear regression: trust
    term       mean                 age
    Intercept  3.60 (1.03 to 6.17)  -1.20 (-3.77 to 1.37)
    age                             1.20 (0.35 to 2.05)
    n          5                    5
    Coefficients with their 95% intervals; a model without the term has an empty cell.
    Base: answers to all variables of the model.
    """
    accepts(fits=(fits, FITS))
    named = dict(fits) if isinstance(fits, Mapping) else {f"({k})": fit for k, fit in enumerate(fits, 1)}
    return ModelTable(named)


def _shown(fit: Fit) -> dict[str, str]:
    """Return each coefficient with its interval in words."""
    own = fit.coefficients
    decimals = own.decimals + 1
    values = show_numbers(own.estimate, decimals=decimals)
    ends = [
        show_interval(low, high, lambda end: show_numbers([end], decimals=decimals)[0])
        for low, high in zip(own.ci_low, own.ci_high, strict=True)
    ]
    return {name: f"{value} ({end})" for name, value, end in zip(fit.names, values, ends, strict=True)}


def _at(places: Sequence[Place], row: int) -> list[Place]:
    return [places[row]]
