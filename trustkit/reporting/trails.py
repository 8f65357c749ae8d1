"""How published numbers were made: what the pages show of the trails that verdicts carry.

Claims of one design share all steps but the last, the base. They are shown together, their steps once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trustkit.reporting.page_templates import show_plain, show_unit
from trustkit.tables.marks import without_few_answers

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence


def trail_of(verdict: Mapping[Hashable, Any]) -> tuple[tuple[str, int, int], ...]:
    """Return a verdict's steps as words, respondents and removed; none if they can't be read.

    Examples
    --------
    >>> trail_of({"trail": [{"words": "Raw data", "n": 12, "removed": 0}]})
    (('Raw data', 12, 0),)
    >>> trail_of({"trail": "nonsense"})
    ()
    """
    given = verdict.get("trail")
    steps = given if isinstance(given, list) else []
    try:
        return tuple((str(step["words"]), int(step["n"]), int(step["removed"])) for step in steps)
    except (KeyError, TypeError, ValueError):
        return ()


def protected_trail(steps: Sequence[Mapping[str, Any]], fewest: int) -> list[dict[str, Any]]:
    """Return a trail without the number of few respondents whom a step removed.

    Such a step is told together with the one before it; if it is the first one, the number of rows before it
    is not told.

    Parameters
    ----------
    steps
        The steps as notebooks hold them: ``words``, ``n`` and ``removed``.
    fewest
        The smallest number of respondents that is published.

    Examples
    --------
    >>> trail = [("Raw data", 140, 0), ("Seen twice", 103, 37), ("Too fast", 100, 3)]
    >>> steps = [{"words": words, "n": n, "removed": removed} for words, n, removed in trail]
    >>> [(step["words"], step["n"], step["removed"]) for step in protected_trail(steps, 10)]
    [('Raw data', 140, 0), ('Seen twice; too fast', 100, 40)]
    """
    told: list[dict[str, Any]] = []
    for given in steps:
        told.append({**given, "words": without_few_answers(str(given["words"]))})
        while 0 < told[-1]["removed"] < fewest:
            last = told.pop()
            if not told:
                told = [{**last, "removed": 0}]
                break
            before = told.pop()
            words = f"{before['words']}; {last['words'][:1].lower()}{last['words'][1:]}"
            removed = before["removed"] + last["removed"]
            told.append({**last, "words": words, "removed": removed if told else 0})
    return told


def shared_trails(verdicts: Iterable[Mapping[Hashable, Any]]) -> list[dict[str, Any]]:
    """Return each way to a base once, with the claims that were made so: what ``trails`` shows.

    Parameters
    ----------
    verdicts
        Verdicts as notebooks hold them, with ``title``, ``trail``, ``unit``, estimate and interval.
    """
    ways: dict[tuple[tuple[str, int, int], ...], list[dict[str, str]]] = {}
    for verdict in verdicts:
        trail = trail_of(verdict)
        if trail:
            ways.setdefault(trail[:-1], []).append(_end(verdict, trail[-1]))
    return [{"steps": [_shown(step) for step in steps], "ends": ends} for steps, ends in ways.items()]


def _shown(step: tuple[str, int, int]) -> dict[str, str]:
    words, n, removed = step
    return {"words": words, "n": f"{n:,}", "removed": f"{removed:,}" if removed else ""}


def _end(verdict: Mapping[Hashable, Any], base: tuple[str, int, int]) -> dict[str, str]:
    """Return where a claim's way ends: who is counted, and what was estimated of them."""
    value, low, high = (_number(verdict.get(name)) for name in ("estimate", "ci_low", "ci_high"))
    unit = show_unit(verdict.get("unit"))
    estimate = "" if math.isnan(value) else f"{show_plain(value)}{unit}"
    if estimate and not math.isnan(high - low):
        estimate += f" (95% interval {show_plain(low)} to {show_plain(high)})"
    words, n, _ = base
    return {"title": str(verdict.get("title", "")), "base": words, "n": f"{n:,}", "estimate": estimate}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
