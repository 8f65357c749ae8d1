"""The formulas as loops over respondents, strata and PSUs: slow, plain, independent of trustkit."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np

HALVES = (ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN)


def covariance(influence, *, strata=None, psu=None, fractions=None):
    """Return the covariance of sums over respondents of ``influence`` (already weighted), shape (m, m).

    ``fractions`` maps a stratum to the share of its PSUs that was sampled.
    """
    influence = np.asarray(influence, dtype=float)
    influence = influence.reshape(len(influence), -1)
    n, m = influence.shape
    strata = ["all"] * n if strata is None else list(strata)
    psu = list(range(n)) if psu is None else list(psu)
    found = np.zeros((m, m))
    for stratum in dict.fromkeys(strata):
        totals = {}
        for row in range(n):
            if strata[row] == stratum:
                totals[psu[row]] = totals.get(psu[row], 0) + influence[row]
        sampled = len(totals)
        centre = sum(totals.values()) / sampled
        fraction = 0.0 if fractions is None else fractions[stratum]
        for total in totals.values():
            deviation = total - centre
            found += (1 - fraction) * sampled / (sampled - 1) * np.outer(deviation, deviation)
    return found


def shares(answers, levels, weights, base=None):
    """Return the weighted shares of some answers among the rows of the base, and their influence."""
    base = np.ones(len(answers), dtype=bool) if base is None else np.asarray(base)
    whole = sum(w for w, b in zip(weights, base, strict=True) if b)
    found, influence = [], []
    for level in levels:
        chosen = [bool(b) and a == level for a, b in zip(answers, base, strict=True)]
        p = sum(w for w, c in zip(weights, chosen, strict=True) if c) / whole
        found.append(p)
        influence.append([
            w * (c - p) / whole if b else 0.0 for w, c, b in zip(weights, chosen, base, strict=True)
        ])  # fmt: skip
    return np.array(found), np.array(influence).T


def mean(values, weights, base=None):
    """Return the weighted mean among the rows of the base, and its influence."""
    found, influence = ratio(values, np.ones(len(values)), weights, base)
    return found, influence


def ratio(above, below, weights, base=None):
    """Return the ratio of two weighted totals among the rows of the base, and its influence."""
    base = np.ones(len(above), dtype=bool) if base is None else np.asarray(base)
    top = sum(w * y for w, y, b in zip(weights, above, base, strict=True) if b)
    bottom = sum(w * x for w, x, b in zip(weights, below, base, strict=True) if b)
    found = top / bottom
    influence = [
        w * (y - found * x) / bottom if b else 0.0
        for w, y, x, b in zip(weights, above, below, base, strict=True)
    ]
    return found, np.array(influence)


def rake(weights, margins, targets, *, rounds=60):
    """Return weights raked by cycling over the margins, row by row."""
    weights = np.array(weights, dtype=float)
    rows = [
        (np.asarray(margin) == level, target)
        for margin, wanted in zip(margins, targets, strict=True)
        for level, target in wanted.items()
    ]
    for _ in range(rounds):
        for members, target in rows:
            weights[members] *= target / weights[members].sum()
    return weights


def weighted_quantile(values, weights, p):
    """Return the smallest value whose cumulative weight reaches p."""
    order = sorted(range(len(values)), key=lambda row: values[row])
    whole, reached = sum(weights), 0.0
    for row in order:
        reached += weights[row]
        if reached >= p * whole - 1e-12 * whole:
            return values[row]
    return values[order[-1]]


def printed_forms(value, decimals):
    """Return every way in which an exact number is printed, with a half rounded up, down or to even."""
    unit = Decimal(1).scaleb(-decimals)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return {exact.quantize(unit, rounding=rule) for rule in HALVES}
