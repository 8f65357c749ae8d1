"""Small groups: notes on a comparison whose degrees of freedom hide those of one small group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ENOUGH_DF = 30
"""With more degrees of freedom than this, a smaller number hardly changes a test."""

FEW_DF = 5
"""With fewer degrees of freedom than this, a standard error may be far too small by chance."""

SMALL_GROUP = (
    "One of the groups is small. This result uses the {0:g} degrees of freedom of all groups together, "
    "and may find differences too often. Satterthwaite's rule gives {1:.1f}; tk.contrast accepts it as df."
)

TINY_GROUP = (
    "One of the groups has very few degrees of freedom ({0:g}): its standard error may be too small by "
    "chance. This result uses the {1:g} of all groups together, and may find differences too often. "
    "tk.contrast accepts df={0:g}, which is on the safe side."
)

TEST_OF_TINY_GROUP = (
    "The group {0} has very few degrees of freedom ({1:g}): its standard error may be too small by chance. "
    "This test uses those of all groups together, and may find differences too often."
)


def satterthwaite_df(variances: Floats, df: Floats) -> float:
    """Return the degrees of freedom of a sum of independent estimates by Satterthwaite's rule.

    NaN if a variance is NaN, or an estimate has no degrees of freedom.

    Examples
    --------
    >>> round(satterthwaite_df(np.array([4.0, 1.0]), np.array([2.0, 38.0])), 2)
    3.11
    """
    below = float((variances**2 / df).sum()) if (df > 0).all() else np.nan
    return float(variances.sum() ** 2 / below) if below > 0 else np.nan


def note_small_group(variances: Floats, df: Floats, together: float) -> tuple[str, ...]:
    """Return a note if a group has far fewer degrees of freedom than all groups together; else nothing.

    Satterthwaite's rule rests on the estimated variances. It sees no small group where that group's variance
    came out small by chance, which is where a test goes wrong; so few degrees of freedom are noted, too.
    """
    fewest, by_rule = float(df.min()), satterthwaite_df(variances, df)
    if fewest < min(together / 2, FEW_DF):
        return (TINY_GROUP.format(fewest, together),)
    return (SMALL_GROUP.format(together, by_rule),) if by_rule < min(together / 2, ENOUGH_DF) else ()


def note_tiny_group(groups: Sequence[str], df: Floats, together: float) -> tuple[str, ...]:
    """Return a note of a test of all groups at once if one has very few degrees of freedom; else nothing.

    Examples
    --------
    >>> import numpy as np
    >>> note_tiny_group(["Men", "Women"], np.array([30.0, 24.0]), 54.0)
    ()
    >>> note_tiny_group(["Men", "Women"], np.array([30.0, 2.0]), 32.0)[0][:50]
    'The group Women has very few degrees of freedom (2'
    """
    place = int(np.argmin(df))
    fewest = float(df[place])
    if fewest >= min(together / 2, FEW_DF):
        return ()
    return (TEST_OF_TINY_GROUP.format(groups[place], fewest),)
