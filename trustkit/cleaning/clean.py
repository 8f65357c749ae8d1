"""Cleaning: the steps of a codebook's ``cleaning`` list, checked, applied in their order and logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import NAME, SURVEY, accepts
from trustkit.checksums import verify_digest
from trustkit.cleaning.consent import drop_without_consent
from trustkit.cleaning.derive import derive, set_missing
from trustkit.cleaning.exclusions import (
    drop_duplicates,
    drop_failed_attention,
    drop_inconsistent,
    drop_speeders,
    drop_straightliners,
    drop_where,
    flag_inconsistent,
    keep_where,
)
from trustkit.cleaning.recode import collapse, recode, reverse
from trustkit.cleaning.scores import score
from trustkit.cleaning.step_arguments import Argument, arguments_of, check_arguments
from trustkit.errors import CodebookError, DataError, Faults, TrustkitError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustkit.survey.survey import Survey

    Settings = Mapping[str, object]

EXCLUSIONS: tuple[Callable[..., Survey], ...] = (
    drop_duplicates, drop_failed_attention, drop_speeders, drop_straightliners, drop_where, keep_where,
    drop_inconsistent, drop_without_consent,
)  # fmt: skip
"""The steps that drop respondents."""

_STEPS: tuple[Callable[..., Survey], ...] = (
    *EXCLUSIONS, flag_inconsistent, recode, collapse, reverse, derive, score, set_missing,
)  # fmt: skip
STEPS: Mapping[str, Callable[..., Survey]] = {step.__name__: step for step in _STEPS}
"""The steps that a codebook can name."""

ARGUMENTS: Mapping[str, Mapping[str, Argument]] = {name: arguments_of(step) for name, step in STEPS.items()}
"""The arguments that each of them takes."""


def clean(survey: Survey, *, by: str = "") -> Survey:
    """Apply the codebook's cleaning steps in their order.

    Parameters
    ----------
    survey
        As read. Its data must agree with its codebook.
    by
        A variable with labelled answers: for each of its groups, the log then counts the respondents that
        each step removed (`exclusion_losses` draws them).

    Returns
    -------
    Survey
        With one row in its log for each step. If the survey was read from a file that is still there, the
        file is compared again with its digest, and the log holds it.

    Raises
    ------
    DataError
        If the data disagree with the codebook (all errors at once), a step excludes everybody, or the raw
        file has changed since it was read.
    CodebookError
        With every error in the cleaning list, each with its entry's number.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> steps = ({"step": "drop_duplicates", "key": "id"},)
    >>> book = tk.Codebook({"id": tk.Variable("id", "Id", "id")}, cleaning=steps)
    >>> cleaned = tk.clean(tk.Survey(pd.DataFrame({"id": ["a", "b", "b"]}), book))
    >>> cleaned.log.to_frame()[["step", "n_before", "n_after"]]
                  step  n_before  n_after
    0  drop_duplicates         3        2
    """
    accepts(survey=(survey, SURVEY), by=(by, NAME))
    survey.refuse_faults()
    refuse_cleaning_faults(survey, by=by)
    if by:
        about = survey.codebook.variables.get(by)
        survey = replace(
            survey, log=replace(survey.log, by=by, by_words=about.heading if about is not None else by)
        )
    return _with_digest(apply_steps(survey, survey.codebook.cleaning))


def apply_steps(survey: Survey, steps: Iterable[Settings]) -> Survey:
    """Apply entries of a cleaning list in their order, as they are."""
    for settings in steps:
        arguments = dict(settings)
        survey = STEPS[str(arguments.pop("step"))](survey, **arguments)
    return survey


def refuse_cleaning_faults(survey: Survey, *, by: str = "") -> None:
    """Raise one `CodebookError` that lists every error in the cleaning list; see `clean`."""
    faults, cleaned = rehearse(survey)
    faults.refuse()
    column = cleaned.data.get(by)
    if by and (column is None or not isinstance(column.dtype, pd.CategoricalDtype)):
        labelled = [name for name, about in cleaned.codebook.variables.items() if about.codes]
        raise DataError(
            "`by` must name a variable with labelled answers", where="clean", got=repr(by),
            do=suggest(by, labelled),
        )  # fmt: skip


def rehearse(survey: Survey) -> tuple[Faults, Survey]:
    """Apply the cleaning steps to a survey without rows; return the errors, and the resulting survey.

    Without rows a step still looks up the variables and answers that it names. So it reports those that do
    not exist, and the next step can use the variables that this one makes.
    """
    survey = replace(survey, data=survey.data.iloc[:0])
    faults = Faults("the cleaning list", CodebookError)
    unmade: set[str] = set()
    for number, settings in enumerate(survey.codebook.cleaning, 1):
        arguments = dict(settings)
        name = str(arguments.pop("step", ""))
        place = f"entry {number}, {name}" if name in STEPS else f"entry {number}"
        before = len(faults)
        if name in STEPS:
            check_arguments(ARGUMENTS[name], arguments, faults, place)
        else:
            faults.add(f"no cleaning step {name!r}", where=place, do=suggest(name, STEPS))
        taken = len(faults) == before and not unmade & _words(arguments)
        if taken:
            try:
                survey = STEPS[name](survey, **arguments)
            except TrustkitError as error:
                taken = False
                faults.include(error, where=place)
        if not taken and isinstance(arguments.get("into"), str):
            unmade.add(str(arguments["into"]))  # a step that uses it would only repeat this error
    return faults, survey


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
    digest = verify_digest(path, when_read=survey.digest)
    return replace(survey, log=replace(survey.log, digest=digest))
