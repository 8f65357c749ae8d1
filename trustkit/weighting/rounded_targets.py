"""Targets as printed tables give them: rounding is removed and noted, larger differences are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.weight_history import CROSSED
from trustkit.weighting.fitting import fit_margins
from trustkit.weighting.targets import PERCENT, ROUNDING_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.errors import Faults
    from trustkit.weighting.targets import Margin

    Floats = NDArray[np.float64]
    Shared = tuple[str, list[str], NDArray[np.intp], Floats]

EXACT = 1e-9
"""Smaller differences, as fractions of the total, come from the computer's arithmetic and are not noted."""

MOST_PASSES = 1000
"""Passes over the margins that a joint margin shares with others."""

FEW_NOTES = 5
"""At most this many differences are written out in the note."""


def rounded_totals(margins: Sequence[Margin], base: float, faults: Faults) -> tuple[list[Floats], list[str]]:
    """Return what the levels of each margin must weigh, and notes on the margins that were rescaled.

    Parameters
    ----------
    margins
        The margins of one domain. Shares that sum to 1 and percentages that sum to 100, both within
        `ROUNDING_TOLERANCE`, are multiplied so that they sum to ``base``. Counts keep the total of the first
        margin of counts.
    base
        The sum of the base weights.
    faults
        Records margins whose sums differ by more, and margins that share variables and disagree on them.

    Examples
    --------
    >>> from trustkit.errors import Faults, TargetsError
    >>> from trustkit.weighting.targets import Margin
    >>> sex = Margin(("sex",), {("m",): 0.49, ("f",): 0.509})
    >>> faults = Faults("the targets", TargetsError)
    >>> totals, notes = rounded_totals([sex], 1000.0, faults)
    >>> totals[0].round(2).tolist(), notes
    ([490.49, 509.51], ['Rounded targets were rescaled: sex sums to 0.999, not to 1.'])
    """
    scaled: list[Floats] = []
    counts: list[tuple[str, float]] = []
    relative: list[str] = []
    changes: list[str] = []
    notes: list[str] = []
    for margin in margins:
        values = np.array(list(margin.levels.values()))
        total, words = float(values.sum()), margin.words
        ideal = margin.whole
        if ideal:
            relative.append(f"{words} {'shares' if ideal == 1 else 'percentages'}")
            wanted = base
            if ideal == PERCENT:
                notes.append(f"Targets of {words} were read as percentages; the weights keep their sum.")
        else:
            counts.append((words, total))
            ideal = wanted = counts[0][1]
        off = abs(total / ideal - 1)
        if off > EXACT:
            changes.append(f"{words} sums to {total:,.10g}, not to {ideal:,.10g}")
        if off > ROUNDING_TOLERANCE and ideal in (1, PERCENT):
            faults.add(
                f"the {'shares' if ideal == 1 else 'percentages'} sum to {total:.6g}, not to {ideal:g} "
                f"(rounding may change the sum by at most {ROUNDING_TOLERANCE:.1%})",
                where=words,
                do=f"add the levels that are missing, or rescale: divide each target by {total / ideal:.6g}",
            )
        scaled.append(values / total * wanted)
    _check_counts(counts, relative, faults)
    if faults:
        return scaled, []
    _reconcile(margins, scaled, changes, faults)
    more = f"; and {len(changes) - FEW_NOTES:,} more" if len(changes) > FEW_NOTES else ""
    if changes:
        notes.append(f"Rounded targets were rescaled: {'; '.join(changes[:FEW_NOTES])}{more}.")
    return scaled, notes


def _check_counts(counts: Sequence[tuple[str, float]], relative: Sequence[str], faults: Faults) -> None:
    """Record counts with different totals, and counts beside shares."""
    sums = [total for _, total in counts]
    if not counts or not (relative or max(sums) / min(sums) - 1 > ROUNDING_TOLERANCE):
        return
    given = ", ".join([*(f"{words} {total:,.10g}" for words, total in counts), *relative])
    faults.add(
        f"totals disagree between margins: {given} (rounding may change a total by at most "
        f"{ROUNDING_TOLERANCE:.1%})",
        do="give all as shares, or as counts of one total",
    )


def _reconcile(margins: Sequence[Margin], scaled: list[Floats], changes: list[str], faults: Faults) -> None:
    """Fit margins to those with fewer variables that they share; record those that differ too much."""
    order = sorted(range(len(margins)), key=lambda place: len(margins[place].variables))
    for after, place in enumerate(order):
        shared = [
            both
            for other in order[:after]
            if (both := _shared(margins[place], margins[other], scaled[other]))
        ]
        if not shared:
            continue
        total = float(scaled[place].sum())
        largest = 0.0
        for name, labels, levels, wanted in shared:
            now = np.bincount(levels, scaled[place], len(labels))
            off = np.abs(now - wanted) / total
            worst = int(off.argmax())
            largest = max(largest, float(off[worst]))
            if off[worst] > ROUNDING_TOLERANCE or (now[worst] == 0 and off[worst] > EXACT):
                faults.add(
                    f"gives {labels[worst]!r} {now[worst] / total:.2%} of the total, but {name} gives it "
                    f"{wanted[worst] / total:.2%} (rounding may change it by {ROUNDING_TOLERANCE:.1%})",
                    where=margins[place].words,
                    do="take both from one table, or leave one of them out",
                )
        if EXACT < largest <= ROUNDING_TOLERANCE:
            names = " and ".join(name for name, *_ in shared)
            fitted = fit_margins(
                scaled[place][None], [one[2] for one in shared], [one[3] for one in shared], MOST_PASSES
            )
            scaled[place] = scaled[place] * fitted.factors[0]
            changes.append(
                f"{margins[place].words} was fitted to {names}, which differ by up to {largest:.2g} "
                f"of the total"
            )


def _shared(margin: Margin, other: Margin, theirs: Floats) -> Shared | None:
    """Return the other margin's name, and the totals it gives the variables that both have.

    The parts are its name, the labels of the shared variables, each own level's place in them, and totals.
    """
    names = [name for name in other.variables if name in margin.variables]
    if not names:
        return None
    mine = _parts_of(margin, names)
    yours = _parts_of(other, names)
    labels = list(dict.fromkeys([*mine, *yours]))
    index = {label: place for place, label in enumerate(labels)}
    places = np.array([index[label] for label in mine], dtype=np.intp)
    wanted: Floats = np.bincount([index[label] for label in yours], theirs, len(labels)).astype(float)
    return other.name, labels, places, wanted


def _parts_of(margin: Margin, names: Sequence[str]) -> list[str]:
    """Return the labels of some of a margin's variables, for each of its levels."""
    at = [margin.variables.index(name) for name in names]
    return [CROSSED.join(level[place] for place in at) for level in margin.levels]
