"""Signals that one cell holds: TCF, GPP and US privacy strings, Global Privacy Control, tracking status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.estimation.consent_definitions import word_key
from trustkit.estimation.opt_in_definitions import shipped_opt_in_definitions
from trustkit.privacy.consent_tables import NO, YES
from trustkit.privacy.consents import OPT_OUT
from trustkit.privacy.gpp import ADVERTISING, GPC, NOT_OPTED_OUT, OPTED_OUT, SHARING, decode_gpp
from trustkit.privacy.gpp import SALE as SALE_FIELD
from trustkit.privacy.tcf import decode_tcf
from trustkit.survey.quoted_cells import quoted_cell, quoted_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trustkit.privacy.consent_reading import Place, Reading, Table
    from trustkit.privacy.consents import Status
    from trustkit.privacy.tcf import TCString

TCF_PURPOSES = range(1, 12)
"""The purposes of TCF 2.2 and 2.3."""

SPECIAL_FEATURES = range(1, 3)

DISCLOSURE_SINCE = (2026, 3, 1)
"""Strings from this day on list the vendors that were disclosed: TCF 2.3, since 28 February 2026."""

SALE = "sale or sharing of personal data"
TARGETED = "targeted advertising"
TRACKING = "tracking"
US_PRIVACY = re.compile(r"1[YN-]{3}", re.IGNORECASE)
NO_SIGNAL = ("", "null", "none", "undefined", "na", "nan")

COLUMNS_OF = {
    "tcf": ("tcstring", "tcfstring", "tcf", "euconsentv2", "iabtcftcstring", "gdprconsent", "consentstring"),
    "gpp": ("gpp", "gppstring", "iabgppgppstring", "iabgpphdrgppstring"),
    "us_privacy": ("usprivacy", "usprivacystring", "uspstring", "iabusprivacystring"),
    "gpc": ("gpc", "secgpc", "globalprivacycontrol"),
    "att": ("attstatus", "att", "authorizationstatus", "trackingauthorizationstatus"),
}
"""Kind -> names of columns that hold it, without capitals and marks."""

SUBJECTS = (
    "subject",
    "id",
    "userid",
    "deviceid",
    "visitorid",
    "respondent",
    "respondentid",
    "device",
    "user",
)
TIMES = ("at", "timestamp", "time", "date", "datetime", "lastupdated")
APPS, PROMPTS = ("app", "appid", "bundleid"), ("prompts", "showsprompt")

INTEREST_NOT_CONSENT = (
    "A legitimate interest is not consent: where a TCF string has one to which nobody objected, the status "
    "is shown, under a purpose of its own."
)
NO_OPT_OUT = "Not having opted out of a sale is not consent: the status is shown."


def read_tcf(reading: Reading, place: Place, name: str, cell: str, subject: str, at: datetime | None) -> None:
    """Read a TCF string: purposes and special features by consent, purposes by legitimate interest."""
    del at  # the string has a time of its own
    try:
        text = decode_tcf(cell)
    except DataError as fault:
        reading.fault(place, name, f"{fault.what} ({fault.where})", fault.do or "")
        return
    _add_tcf(reading, place, text, subject)


def _add_tcf(reading: Reading, place: Place, text: TCString, subject: str) -> None:
    """Add the decisions of a TCF string."""
    when, version = text.last_updated, f"policy {text.policy_version}, vendor list {text.vendor_list_version}"
    for purpose in TCF_PURPOSES:
        about = f"TCF purpose {purpose}"
        if not (purpose == 1 and text.purpose_one_treatment):  # nobody was asked for it
            status: Status = "given" if purpose in text.purposes_consent else "refused"
            reading.add(place, subject, about, status, when, version=version)
        if purpose in text.purposes_interest:
            about = f"{about} (legitimate interest)"
            reading.add(place, subject, about, "shown", when, basis="legitimate interests", version=version)
    for feature in SPECIAL_FEATURES:
        status = "given" if feature in text.special_features else "refused"
        reading.add(place, subject, f"TCF special feature {feature}", status, when, version=version)
    if text.disclosed is None and (when.year, when.month, when.day) >= DISCLOSURE_SINCE:
        reading.lacking += 1


def read_gpp(reading: Reading, place: Place, name: str, cell: str, subject: str, at: datetime | None) -> None:
    """Read a GPP string: opt-outs by US laws, and the TCF and US privacy strings inside."""
    try:
        text = decode_gpp(cell)
    except DataError as fault:
        reading.fault(place, name, f"{fault.what} ({fault.where})", fault.do or "")
        return
    if text.tcf is not None:
        _add_tcf(reading, place, text.tcf, subject)
    if text.us_privacy:
        read_us_privacy(reading, place, name, text.us_privacy, subject, at)
    for section, fields in text.sections.items():
        sale = {fields.get(SALE_FIELD), fields.get(SHARING), OPTED_OUT if fields.get(GPC) else None}
        about = {SALE: sale, TARGETED: {fields.get(ADVERTISING)}}
        known = {purpose: values for purpose, values in about.items() if values & {OPTED_OUT, NOT_OPTED_OUT}}
        for purpose, values in known.items():
            status: Status = "refused" if OPTED_OUT in values else "shown"
            reading.add(place, subject, purpose, status, at, basis=OPT_OUT, version=f"GPP section {section}")
        if not known:
            reading.leave_out("GPP sections of laws that do not apply to the people")
    if text.unread:
        reading.leave_out("GPP strings with sections of other laws, which are not read")


def read_us_privacy(
    reading: Reading, place: Place, name: str, cell: str, subject: str, at: datetime | None
) -> None:
    """Read a US privacy string: whether the sale of personal data was opted out."""
    if not US_PRIVACY.fullmatch(cell):
        said = quoted_cell(cell, None)
        reading.fault(place, name, f"this is not a US privacy string, got {said}", "write it as 1YNN")
        return
    notice, opted_out = cell[1].upper(), cell[2].upper()
    if opted_out == "Y":
        reading.add(place, subject, SALE, "refused", at, basis=OPT_OUT)
    elif opted_out == "N" and notice == "Y":
        reading.add(place, subject, SALE, "shown", at, basis=OPT_OUT)
    else:
        reading.leave_out("US privacy strings without notice, or of people to whom the law does not apply")


def read_gpc(reading: Reading, place: Place, name: str, cell: str, subject: str, at: datetime | None) -> None:
    """Read Global Privacy Control: 1 or true refuses sale and sharing, all else says nothing."""
    if cell.casefold() in YES:
        reading.add(place, subject, SALE, "refused", at, basis=OPT_OUT)
    elif cell.casefold() in NO:
        reading.leave_out("records without the signal of Global Privacy Control")
    else:
        said = quoted_cell(cell, None)
        reading.fault(
            place, name, f"this is not a GPC signal, got {said}", "1 or true, 0 or false, or nothing"
        )


def read_att(reading: Reading, place: Place, name: str, cell: str, subject: str, at: datetime | None) -> None:
    """Read Apple's tracking status, in words, letters or numbers."""
    known = shipped_opt_in_definitions()[0]
    letters = {word_key(word): state.letter for state in known for word in state.words}
    letters |= {str(state.number): state.letter for state in known if state.number is not None}
    letters |= {state.letter.casefold(): state.letter for state in known}
    letter = letters.get(word_key(cell), "")
    if not letter:
        said = quoted_cell(cell, None)
        words = ", ".join(state.words[0] for state in known if state.words)
        reading.fault(place, name, f"this is not a tracking status, got {said}", f"one of {words}, or 0 to 3")
        return
    app, prompts = reading.device
    reading.states.append((subject, app, letter, prompts, at))
    if letter == "C":
        reading.leave_out("devices that have not been asked: they have a state, and no record of consent")
        return
    if letter == "E":
        reading.leave_out("devices on which all requests are turned off: they have a state, and no record")
        return
    status: Status = "given" if letter == "A" else "refused"
    purpose = f"{TRACKING} by {app}" if app else TRACKING
    reading.add(place, subject, purpose, status, at)


SIGNALS: dict[str, Callable[[Reading, Place, str, str, str, datetime | None], None]] = {
    "tcf": read_tcf,
    "gpp": read_gpp,
    "us_privacy": read_us_privacy,
    "gpc": read_gpc,
    "att": read_att,
}


def signal_columns(table: Table) -> dict[str, str]:
    """Return the kinds of signals that a table holds, and the column of each."""
    return {
        kind: next(name for name in names if name in table.columns)
        for kind, names in COLUMNS_OF.items()
        if any(name in table.columns for name in names)
    }


def read_signals(reading: Reading, table: Table, kinds: dict[str, str], subject: str) -> None:
    """Read a table in which one or several columns hold signals.

    Parameters
    ----------
    reading
        What is gathered.
    table
        The table.
    kinds
        Kind -> column.
    subject
        The column of subjects.
    """
    when = next((name for name in TIMES if name in table.columns), "")
    app, prompts = (next((n for n in names if n in table.columns), "") for names in (APPS, PROMPTS))
    needs_time = sorted(set(kinds) - {"tcf"})
    if needs_time and not when:
        raise DataError(
            "the file has no column of times", where=table.where, got=quoted_names(table.names.values()),
            expected="a column named at", do="add the time of each record, with its zone",
        )  # fmt: skip
    for place, row in table:
        cells = {
            kind: row[column] for kind, column in kinds.items() if row[column].casefold() not in NO_SIGNAL
        }
        timed = any(kind != "tcf" for kind in cells)
        at = reading.time(place, table.called(when), row[when]) if timed else None
        reading.device = (row.get(app, ""), row.get(prompts, ""))
        if not cells:
            reading.leave_out("rows without a signal")
        for kind, cell in cells.items():
            SIGNALS[kind](reading, place, table.called(kinds[kind]), cell, row[subject], at)
    if "tcf" in kinds:
        reading.notes.append(INTEREST_NOT_CONSENT)
    if {"us_privacy", "gpp"} & set(kinds):
        reading.notes.append(NO_OPT_OUT)
    if reading.lacking:
        reading.notes.append(
            f"{reading.lacking:,} TCF strings from 1 March 2026 on do not list the vendors that were "
            "disclosed, which TCF 2.3 requires."
        )
