"""Named choices of a sensitivity analysis: what each option changes, checked."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from trustkit.arguments import MAPPING, ArgumentKind
from trustkit.cleaning.clean import EXCLUSIONS, refuse_cleaning_faults
from trustkit.errors import DataError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustkit.claims.claims import Reading
    from trustkit.survey.survey import Survey

    Changes = Mapping[str, object]
    Choices = Mapping[str, Mapping[str, Changes]]
    Combination = tuple[str, ...]

MOST = 2_048
"""More combinations are refused."""

OF_READING = ("variable", "level", "levels", "minus", "where", "base", "by", "groups", "denominator")
SEVERAL = ("levels", "minus", "groups")
LEAVE_OUT, WEIGHTS = "leave_out", "targets"
KEYS = (*OF_READING, LEAVE_OUT, WEIGHTS)


def _are_choices(value: object) -> bool:
    """Return whether a value maps choices to two or more options each."""
    if not MAPPING.fits(value) or not value:
        return False
    choices = dict(value).values()  # type: ignore[call-overload]
    return all(
        MAPPING.fits(options) and len(options) > 1 and all(map(MAPPING.fits, options.values()))
        for options in choices
    )


OPTIONS = ArgumentKind(
    _are_choices,
    "a mapping of choices, each to two or more options, each to what it changes",
    'write it as {"base": {"valid answers": {}, "everyone asked": {"base": "asked"}}}',
)


def combinations_of(choices: Choices) -> list[Combination]:
    """Return all combinations, the reference first."""
    return list(product(*choices.values()))


def changes_of(combination: Combination, choices: Choices) -> dict[str, object]:
    """Return what a combination changes; rules that several choices leave out are left out together."""
    changes: dict[str, object] = {}
    for option, options in zip(combination, choices.values(), strict=True):
        for key, value in options[option].items():
            left = changes.get(key, ())
            changes[key] = [*left, *_listed(value)] if key == LEAVE_OUT else value  # type: ignore[misc]
    return changes


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]


def reading_with(reading: Reading, changes: Mapping[str, object]) -> Reading:
    """Return the reading with its changes; a new answer replaces several, and several replace one."""
    fields = {key: value for key, value in changes.items() if key in OF_READING}
    for key in SEVERAL:
        if key in fields:
            fields[key] = tuple(_listed(fields[key]))
    if "levels" in fields:
        fields.setdefault("level", "")
    elif "level" in fields:
        fields["levels"] = ()
    return replace(reading, **fields)  # type: ignore[arg-type]


def exclusion_rules(survey: Survey) -> dict[str, list[int]]:
    """Return the exclusion rules of a survey's cleaning list: step -> the places of its entries."""
    dropping = {step.__name__ for step in EXCLUSIONS}
    done = [step.step for step in survey.log.steps if step.step in dropping]
    if done:
        raise DataError("the survey was cleaned already", got=", ".join(done), do="pass it as it was read")
    survey.refuse_faults()
    refuse_cleaning_faults(survey)
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(survey.codebook.cleaning):
        step = str(entry.get("step", ""))
        if step in dropping:
            places.setdefault(step, []).append(place)
    return places


def refuse_options(choices: Choices, rules: Mapping[str, list[int]]) -> None:
    """Refuse options that change nothing known, choices that change the same thing, and too many of them."""
    count = prod(len(options) for options in choices.values())
    if count > MOST:
        raise DataError(
            "too many combinations",
            got=f"{count:,}",
            expected=f"at most {MOST:,}",
            do="leave out some options",
        )
    changed: dict[str, str] = {}
    for choice, options in choices.items():
        for option, changes in options.items():
            where = f"choices, {choice}, {option}"
            for key, value in changes.items():
                if key not in KEYS:
                    raise DataError(
                        f"an option can't change {key!r}", where=where, expected=", ".join(KEYS),
                        do=suggest(key, KEYS) or "see the documentation of choices",
                    )  # fmt: skip
                if key != LEAVE_OUT and changed.setdefault(key, choice) != choice:
                    raise DataError(
                        f"two choices change {key}", got=f"{changed[key]} and {choice}",
                        do="make one choice of them, with an option for each combination",
                    )  # fmt: skip
                if key == LEAVE_OUT:
                    _refuse_rules(value, rules, where)


def _refuse_rules(value: object, rules: Mapping[str, list[int]], where: str) -> None:
    """Refuse what is no list of exclusion rules of the cleaning list."""
    if not isinstance(value, str | list | tuple):
        raise DataError(
            "leave_out must name exclusion rules", where=where, got=repr(value), do='write ["drop_speeders"]'
        )
    for name in _listed(value):
        if name not in rules:
            raise DataError(
                f"the cleaning list has no exclusion rule {name!r}", where=where,
                expected=", ".join(rules) or "rules under cleaning in the codebook",
                do=suggest(name, list(rules)) or "name one of them",
            )  # fmt: skip
