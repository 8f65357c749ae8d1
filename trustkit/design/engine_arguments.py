"""Arguments of the methods by which estimators ask a design for sums: what each of them takes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

import numpy as np
import pandas as pd

from trustkit.arguments import ARRAY, TEXT, WHOLE, ArgumentKind, a_trustkit
from trustkit.design.replicates import MOST_REPLICATES

PAIR = 2

DIMS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and all(
            isinstance(dim, tuple)
            and len(dim) == PAIR
            and TEXT.fits(dim[0])
            and isinstance(dim[1], list | tuple)
            for dim in value
        )
    ),
    "pairs of a variable and a list of its labels",
    'write them as [("sex", ["men", "women"])], or as () for no variable',
)
MONOMIALS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and all(isinstance(product, tuple) and all(map(TEXT.fits, product)) for product in value)
    ),
    "a list of tuples of variables' names",
    'write it as [("age",), ("age", "age")]',
)
LABELS = ArgumentKind(
    lambda value: (
        isinstance(value, Collection)
        and not isinstance(value, str | bytes | Mapping | pd.DataFrame)
        and all(isinstance(label, Hashable) for label in value)
    ),
    "a list of labels",
    'write it as ["men", "women"]',
)
WEIGHT_ARRAY = ArgumentKind(
    lambda value: (
        isinstance(value, np.ndarray)
        and ARRAY.fits(value)
        and bool(np.isfinite(value).all() and (value >= 0).all())
    ),
    "an array of weights that are finite and not negative",
    "make it with numpy.asarray",
)
MASK = ArgumentKind(
    lambda value: isinstance(value, np.ndarray) and value.dtype == bool,
    "an array of True and False",
    "make it by comparing, such as estimate.n > 30",
)
WEIGHT_STEP = a_trustkit("WeightStep", "take one from a design's history")
FUNCTIONALS = a_trustkit("Functional", "").listed(
    "one or more Functionals", "make them as an estimator does", least=1
)
CELLS = ArgumentKind(
    lambda value: hasattr(type(value), "sums"), "cells of rows", "make them with design.cells"
)
REPLICATE_COUNT = ArgumentKind(
    lambda value: WHOLE.fits(value) and -MOST_REPLICATES <= value <= MOST_REPLICATES,  # type: ignore[operator]
    f"a whole number up to {MOST_REPLICATES:,}",
    "give one whole number, without quotation marks",
)
