"""Analysis limited by consent: respondents who agreed to a purpose, and the others by status in the log."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import OPTIONAL_NAME, SURVEY, TEXT, accepts, one_of
from trustkit.cleaning.consent import NO_RECORD, UnknownConsent, drop_without_consent, refuse_unknown
from trustkit.errors import CodebookError, DataError, suggest
from trustkit.privacy.consent_records import RECORDS, records_frame
from trustkit.privacy.consents import ALL_PURPOSES, STATUSES, Consents, settled
from trustkit.privacy.inventory import DAY, day
from trustkit.survey.purposes import last_date
from trustkit.survey.respondent_ids import id_text
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from trustkit.privacy.consent_records import Records
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.purposes import Purpose
    from trustkit.survey.survey import Survey

OTHER_WORDING = "given for another wording"
"""The status of a respondent whose only consents are for other versions of the wording."""

LABELS = (*reversed(STATUSES), OTHER_WORDING, NO_RECORD)
"""The statuses of respondents."""


def consented(
    survey: Survey,
    purpose: str,
    *,
    records: Records | None = None,
    on: str | dt.date | None = None,
    unknown: UnknownConsent = "exclude",
    subject: str | None = None,
) -> Survey:
    """Keep the respondents who agreed to a purpose, and limit what is analysed to what it covers.

    Parameters
    ----------
    survey
        The survey, cleaned or not.
    purpose
        A purpose of the codebook (`Codebook.purposes`).
    records
        Consent records: what `trustkit.read_consents` returns, or a frame with the columns ``subject``,
        ``purpose``, ``status`` (given, refused, withdrawn, expired, shown) and ``at``, and perhaps
        ``until``, ``basis`` and ``version``. None: the codebook names a column that tells who agreed.
    on
        The day whose end counts, as ``2024-03-31``. None: the end of fieldwork, the last ISO date of
        `Codebook.fieldwork`.
    unknown
        Whether respondents without a record are dropped ("exclude") or kept ("include"). They may be kept
        only if no variable that is allowed for the purpose is held on consent.
    subject
        The variable that names the respondent as the records do. None: the only one of kind ``id``.

    Returns
    -------
    Survey
        The respondents whose last record is a consent that has not ended. The log has a row with the number
        of the others by status. A `trustkit.Design` of the survey remembers the purpose: its results carry
        a note, and it refuses variables whose `Variable.permission` does not name the purpose.

    Raises
    ------
    CodebookError
        If the codebook has no such purpose, or nothing says who agreed.
    DataError
        If the records have faults, none for the purpose or none of a respondent, the day is unknown,
        respondents can't be told apart, or nobody agreed.

    Notes
    -----
    The last record until the end of the day counts; that a banner was shown again does not replace a
    decision. Of records of the same moment the more protective holds: withdrawn, then refused, then
    expired, then given. A refusal or withdrawal without a purpose holds for every purpose. If the codebook
    states the version of the wording, a consent to another version does not count. Records of subjects who
    are not in the survey are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> from trustkit.survey.purposes import Purpose
    >>> codes = {1: "yes", 0: "no"}
    >>> about = {"basis": "consent", "permission": ("research",)}
    >>> variables = {
    ...     "id": tk.Variable("id", "Id", "id"),
    ...     "trust": tk.Variable("trust", "Trust", "single", codes=codes, **about),
    ... }
    >>> book = tk.Codebook(variables, purposes={"research": Purpose("We study trust.")})
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "b", "c"], "trust": [1, 0, 1]}), book)
    >>> decisions = {"subject": ["a", "b"], "purpose": "research", "status": ["given", "refused"]}
    >>> records = pd.DataFrame(decisions | {"at": "2024-03-04"})
    >>> kept = tk.consented(survey, "research", records=records, on="2024-03-31")
    >>> kept.data["id"].tolist(), kept.log.steps[-1].rule
    (['a'], 'last record is not given: 1 refused, 1 no record')
    """
    marked = with_consent_status(survey, purpose, records=records, on=on, unknown=unknown, subject=subject)
    name = str(marked.codebook.cleaning[-1]["status"])
    kept = drop_without_consent(marked, purpose=purpose, status=name, unknown=unknown)
    variables = {key: about for key, about in kept.codebook.variables.items() if key != name}
    book = replace(kept.codebook, variables=variables, cleaning=survey.codebook.cleaning)
    return replace(kept, data=kept.data.drop(columns=name), codebook=book)


def with_consent_status(
    survey: Survey,
    purpose: str,
    *,
    records: Records | None = None,
    on: str | dt.date | None = None,
    unknown: UnknownConsent = "exclude",
    subject: str | None = None,
) -> Survey:
    """Return a survey with each respondent's status of consent, and with consent as its last cleaning rule.

    `trustkit.clean` then drops who has not agreed, and `trustkit.exclusion_sensitivity` shows what that
    does to a figure.

    Parameters
    ----------
    survey
        As read, not yet cleaned.
    purpose, records, on, unknown, subject
        As in `trustkit.consented`.

    Returns
    -------
    Survey
        Everybody, with the new variable.

    Raises
    ------
    CodebookError, DataError
        As `trustkit.consented`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> from trustkit.survey.purposes import Purpose
    >>> allows = tk.Variable("allows", "May we?", "single", codes={1: "yes", 0: "no"})
    >>> told = {"research": Purpose("We study trust.", record="allows", agreed=("yes",))}
    >>> book = tk.Codebook({"allows": allows}, purposes=told)
    >>> survey = tk.Survey(pd.DataFrame({"allows": [1, 0, 1]}), book)
    >>> marked = tk.with_consent_status(survey, "research")
    >>> marked.data["consent_for_research"].tolist()
    ['given', 'refused', 'given']
    >>> len(tk.clean(marked).data)
    2
    """
    accepts(
        survey=(survey, SURVEY), purpose=(purpose, TEXT), records=(records, RECORDS.optional()),
        on=(on, DAY.optional()), unknown=(unknown, one_of(UnknownConsent)), subject=(subject, OPTIONAL_NAME),
    )  # fmt: skip
    book = survey.codebook
    if purpose not in book.purposes:
        raise CodebookError(
            f"the codebook has no purpose {purpose!r}", where="purposes",
            do=suggest(purpose, book.purposes) or "describe it under purposes: name, wording and record",
        )  # fmt: skip
    if unknown == "include":
        refuse_unknown(book, purpose)
    told = book.purposes[purpose]
    if records is not None:
        statuses = _recorded(survey, purpose, records_frame(records), _day(book, on), subject)
    elif told.record in survey.data:
        statuses = _answered(survey, told)
    else:
        raise CodebookError(
            f"nothing says who agreed to {purpose!r}", where=f"purposes.{purpose}.record",
            got=f"{told.record!r}, which is no column" if told.record else "no record",
            do="give records=tk.read_consents(FILE), or name a column under record",
        )  # fmt: skip
    _refuse_nobody(book, purpose, statuses, unknown)
    name = "consent_for_" + re.sub(r"\W+", "_", purpose).strip("_").lower()
    if name in survey.data:
        raise DataError(f"the variable {name!r} is there already", do="rename it; it would hold the status")
    about = Variable(
        name, f"Consent for: {purpose}", "single", codes=dict(enumerate(LABELS, 1)),
        purpose="showing who agreed", basis="legal obligation",
    )  # fmt: skip
    column = pd.Series(pd.Categorical(statuses, categories=list(LABELS)), index=survey.data.index)
    marked = survey.with_variable(about, column)
    step = {"step": "drop_without_consent", "purpose": purpose, "status": name, "unknown": unknown}
    return replace(marked, codebook=replace(marked.codebook, cleaning=(*book.cleaning, step)))


def _refuse_nobody(book: Codebook, purpose: str, statuses: Sequence[str], unknown: UnknownConsent) -> None:
    """Refuse a purpose to which nobody agreed, with the number of respondents by status."""
    counted = Counter(statuses)
    if counted["given"] or not statuses or (unknown == "include" and counted[NO_RECORD]):
        return
    version = book.purposes[purpose].version
    raise DataError(
        f"no respondent has agreed to {purpose!r}", where=f"purposes.{purpose}",
        got=", ".join(f"{count:,} {status}" for status, count in counted.items()),
        expected=f"consents to version {version!r} of the wording" if version else "consents",
        do="check the version in the records and under purposes in the codebook"
        if counted[OTHER_WORDING]
        else "check that the records are those of this survey, and the day: on=",
    )  # fmt: skip


def _day(book: Codebook, on: str | dt.date | None) -> dt.date:
    """Return the day whose end counts."""
    known = last_date(book.fieldwork) if on is None else day(on)
    if known is None:
        raise DataError(
            "the end of fieldwork is not known, so the day whose records count is not", where="on",
            got=f"fieldwork: {book.fieldwork!r}", do='give the day: on="2024-03-31"',
        )  # fmt: skip
    return known


def _recorded(
    survey: Survey, purpose: str, frame: pd.DataFrame, on: dt.date, subject: str | None
) -> list[str]:
    """Return the status of each respondent by the records."""
    own = frame[frame["purpose"].isin([purpose, "", ALL_PURPOSES])]
    if own.empty:
        named = [name for name in frame["purpose"].unique() if name]
        raise DataError(
            f"there is no consent record for the purpose {purpose!r}", where="records",
            got=", ".join(named[:5]) or "no record", do=suggest(purpose, named) or "give its records",
        )  # fmt: skip
    ids = _ids(survey, subject)
    if set(ids).isdisjoint(own["subject"]):
        raise DataError(
            "no consent record names a respondent of the survey", where="subject",
            got=f"{own['subject'].nunique():,} subjects of records, {len(set(ids)):,} respondents, none in"
            " both",
            expected="the same ids in both",
            do="name the variable that the records name: subject=..., or give both the same pseudonyms: key=",
        )  # fmt: skip
    records, _ = settled(own.assign(purpose=purpose, basis="", source=""))
    consents, last = Consents(records), on.isoformat()
    version = survey.codebook.purposes[purpose].version
    statuses = dict.fromkeys(consents.at(last)["subject"], OTHER_WORDING) if version else {}
    standing = consents.at(last, version=version or None)
    statuses |= dict(zip(standing["subject"], standing["status"], strict=True))
    return [statuses.get(key, NO_RECORD) for key in ids]


def _ids(survey: Survey, subject: str | None) -> list[str]:
    """Return how the records name each respondent."""
    variables = survey.codebook.variables.values()
    known = [about.name for about in variables if about.kind == "id" and about.name in survey.data]
    if subject is None and len(known) != 1:
        raise DataError(
            "it is not known which variable names the respondent", where="subject",
            got=", ".join(known) or "no variable of kind id", do="name it: subject=...",
        )  # fmt: skip
    name = known[0] if subject is None else subject
    if name not in survey.data:
        raise DataError(f"no variable {name!r}", where="subject", do=suggest(name, survey.data.columns))
    return [id_text(value) for value in survey.data[name]]


def _answered(survey: Survey, told: Purpose) -> list[str]:
    """Return the status of each respondent by the column that tells who agreed."""
    about = survey.codebook[told.record]
    agreed = told.agreed or tuple(label for label in about.labels if label.casefold() == "given")
    if not agreed:
        raise CodebookError(
            f"it is not known which answers to {told.record} mean yes", where="purposes",
            got=", ".join(about.labels), do="list them under agreed, beside record",
        )  # fmt: skip
    refusals = {
        label: label.casefold() if label.casefold() in STATUSES else "refused" for label in about.labels
    }
    statuses = refusals | dict.fromkeys(agreed, "given")
    return [statuses.get(str(answer), NO_RECORD) for answer in survey.data[told.record]]
