"""Cleaning: the steps of a codebook's ``cleaning`` list, checked, applied in their order and logged."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pandas as pd

from trustkit.checksums import verify_digest
from trustkit.cleaning.derive import DerivedKind, derive, set_missing
from trustkit.cleaning.exclusions import EXCLUSIONS, flag_inconsistent
from trustkit.cleaning.recode import collapse, recode, reverse
from trustkit.cleaning.scores import score
from trustkit.errors import CodebookError, DataError, TrustkitError, suggest
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustkit.survey.codebook import Codebook

    Settings = Mapping[str, object]

_STEPS: tuple[Callable[..., Survey], ...] = (
    *EXCLUSIONS, flag_inconsistent, recode, collapse, reverse, derive, score, set_missing,
)  # fmt: skip
STEPS: Mapping[str, Callable[..., Survey]] = {step.__name__: step for step in _STEPS}
"""The steps that a codebook can name."""


def clean(survey: Survey, *, by: str = "") -> Survey:
    """Apply the codebook's cleaning steps in their order.

    Parameters
    ----------
    survey
        As read. Its data must agree with its codebook.
    by
        A variable with answers: the log then says of which group each step removed how many
        (`trustkit.exclusion_losses` draws it).

    Returns
    -------
    Survey
        With one row in its log for each step. If the survey was read from a file that is still there, the
        file is compared again with its digest, and the log holds it.

    Raises
    ------
    DataError
        If the data disagree with the codebook (all faults at once), a step excludes everybody, or the raw
        file has changed since it was read.
    CodebookError
        With every fault of the cleaning list, each with its entry's number.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> steps = ({"step": "drop_duplicates", "by": "id"},)
    >>> book = tk.Codebook({"id": tk.Variable("id", "Id", "id")}, cleaning=steps)
    >>> cleaned = tk.clean(tk.Survey(pd.DataFrame({"id": ["a", "b", "b"]}), book))
    >>> cleaned.log.to_frame()[["step", "n_before", "n_after"]]
                  step  n_before  n_after
    0  drop_duplicates         3        2
    """
    survey.refuse_faults()
    refuse_cleaning_faults(survey, by=by)
    if by:
        survey = replace(survey, log=replace(survey.log, by=by))
    return _with_digest(apply_steps(survey, survey.codebook.cleaning))


def apply_steps(survey: Survey, steps: Iterable[Settings]) -> Survey:
    """Apply entries of a cleaning list in their order, as they are."""
    for settings in steps:
        arguments = dict(settings)
        survey = STEPS[str(arguments.pop("step"))](survey, **arguments)
    return survey


def cleaning_faults(codebook: Codebook) -> list[str]:
    """List every fault of a codebook's cleaning list, each with its entry's number; data are not needed.

    A column that the codebook doesn't describe is unknown here; `rehearse` and `clean` find it in the data.

    Examples
    --------
    >>> from trustkit.survey.codebook import Codebook
    >>> from trustkit.survey.variable import Variable
    >>> steps = ({"step": "drop_duplicates", "by": "idd"},)
    >>> cleaning_faults(Codebook({"id": Variable("id", "Id", "id")}, cleaning=steps))
    ["entry 1, drop_duplicates: no variable 'idd'; did you mean 'id'?"]
    """
    nobody = pd.DataFrame({name: pd.Series(dtype=object) for name in codebook.variables})
    return rehearse(Survey(nobody, codebook))[0]


def refuse_cleaning_faults(survey: Survey, *, by: str = "") -> None:
    """Raise one `CodebookError` that lists every fault of the cleaning list; see `clean`."""
    faults, rehearsed = rehearse(survey)
    if faults:
        raise CodebookError(
            f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the cleaning list\n  - "
            + "\n  - ".join(faults)
        )
    column = rehearsed.data.get(by)
    if by and (column is None or not isinstance(column.dtype, pd.CategoricalDtype)):
        grouping = [name for name, about in rehearsed.codebook.variables.items() if about.codes]
        raise DataError(
            f"losses can't be told by {by!r}", expected="a variable with answers", do=suggest(by, grouping)
        )


def rehearse(survey: Survey) -> tuple[list[str], Survey]:
    """Take the cleaning steps without any respondent; return their faults, and the survey they lead to.

    A step on nobody finds the variables and answers that it names, or says which it doesn't, and the next
    step finds what this one makes.
    """
    nobody = replace(survey, data=survey.data.iloc[:0])
    faults: list[str] = []
    unmade: set[str] = set()
    for number, settings in enumerate(nobody.codebook.cleaning, 1):
        arguments = dict(settings)
        name = str(arguments.pop("step", ""))
        place = f"entry {number}, {name}" if name in STEPS else f"entry {number}"
        wrong = _argument_faults(name, arguments)
        taken = not wrong and not unmade & _words(arguments)
        if taken:
            try:
                nobody = STEPS[name](nobody, **arguments)
            except TrustkitError as fault:
                taken = False
                wrong = [_in_words(fault)]
        if not taken and isinstance(arguments.get("into"), str):
            unmade.add(str(arguments["into"]))  # what rests on it would only repeat this fault
        faults += [f"{place}: {fault}" for fault in wrong]
    return faults, nobody


def _in_words(fault: TrustkitError) -> str:
    """Say a fault in one line."""
    got = f", got {fault.got}" if fault.got and fault.got not in fault.what else ""
    return f"{fault.what}{got}{'; ' + fault.do if fault.do else ''}"


def _argument_faults(name: str, arguments: Settings) -> list[str]:
    """List what is wrong with a step's name and arguments before they are looked up in the codebook."""
    if name not in STEPS:
        return [f"no cleaning step {name!r}; {suggest(name, STEPS)}"]
    known = {
        item: about for item, about in inspect.signature(STEPS[name]).parameters.items() if item != "survey"
    }
    faults = [f"unknown argument {item!r}; {suggest(item, known)}" for item in arguments if item not in known]
    faults += [
        f"the argument {item!r} is missing"
        for item, about in known.items()
        if about.default is inspect.Parameter.empty and item not in arguments
    ]
    for item, value in arguments.items():
        if item in known:
            fits, wanted = VALUES[known[item].annotation]
            needed = known[item].default is inspect.Parameter.empty
            if not fits(value) or (needed and value == ""):
                faults.append(f"{item} can't be {value!r}; give {wanted}")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_texts(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list | tuple) and bool(value) and all(map(_is_text, value)))


def _maps(value: object, fits: Callable[[object], bool]) -> bool:
    """Tell whether a value maps texts to what fits, and to something at all."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(map(_is_text, value))
        and all(map(fits, value.values()))
    )


def _is_condition(value: object) -> bool:
    """Tell whether a value maps variables to an answer, a list of answers or a range."""

    def fits(wanted: object) -> bool:
        if isinstance(wanted, Mapping):
            return set(wanted) <= {"low", "high"} and bool(wanted) and all(map(_is_number, wanted.values()))
        levels = wanted if isinstance(wanted, list | tuple) else [wanted]
        return bool(levels) and all(_is_text(level) or _is_number(level) for level in levels)

    return _maps(value, fits)


CONDITION = "{variable: an answer, a list of answers, or {low: number, high: number}}"

VALUES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "str": (lambda value: isinstance(value, str), "text"),
    "int": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    "float": (_is_number, "a number"),
    "str | Sequence[str]": (_is_texts, "a battery's name, or a list of variables"),
    "DerivedKind": (lambda value: value in get_args(DerivedKind), " or ".join(get_args(DerivedKind))),
    "Mapping[str, str]": (lambda value: _maps(value, _is_text), "{answer: its new label}"),
    "Mapping[str, str | Sequence[str]]": (
        lambda value: _maps(value, _is_texts),
        "{box: the answers in it}",
    ),
    "Mapping[str, object]": (_is_condition, CONDITION),
    "Mapping[str, Mapping[str, object]]": (
        lambda value: _maps(value, _is_condition),
        f"{{label: {CONDITION}}}",
    ),
}
"""What may stand for an argument of a step: its annotation -> a test, and the test in words."""


def _words(value: object) -> set[str]:
    """Return every text in nested settings."""
    if isinstance(value, Mapping):
        return {str(key) for key in value} | {word for item in value.values() for word in _words(item)}
    if isinstance(value, list | tuple):
        return {word for item in value for word in _words(item)}
    return {str(value)}


def _with_digest(survey: Survey) -> Survey:
    """Compare the raw file with its digest once more, and put the digest into the log."""
    path = Path(survey.source)
    if not survey.digest or not path.is_file():
        return survey
    found = verify_digest(path)
    if found != survey.digest:
        raise DataError(
            "the raw file has changed since it was read",
            where=path.as_posix(),
            got=f"SHA-256 {found}",
            expected=f"SHA-256 {survey.digest}",
            do="read it again; raw data is never edited",
        )
    return replace(survey, log=replace(survey.log, digest=found))
