"""Consent records in delimited files: our own form, Usercentrics, CookieScript and Commanders Act."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from trustkit.privacy.consents import DEFAULT, IMPLIED, STATUSES
from trustkit.survey.permissions import CONSENTED
from trustkit.survey.purposes import Basis
from trustkit.survey.quoted_cells import quoted_cell

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from trustkit.privacy.consent_reading import Place, Reading, Table
    from trustkit.privacy.consents import Status

YES, NO = ("true", "1", "yes"), ("false", "0", "no")
SEPARATORS = re.compile(r"\s*[,;|]\s*")
NECESSARY = ("strictly necessary", "strictlynecessary", "necessary", "strict", "essential")
"""Categories of cookies that need no consent."""

ALL_CATEGORIES = "all categories"
"""The purpose of an acceptance in a file that lists no category."""

BASES = tuple(basis for basis in get_args(Basis) if basis != "not stated")
"""The legal bases that a record may have."""

STATUS_DO = f"write one of {', '.join(STATUSES)}"
NOT_CHOSEN = ("oninitialpageload", "onnoneuregion", "onessentialchange")
"""Usercentrics' actions that no visitor took: the page was loaded, or a setting of the site applied."""

IMPLIED_NOTE = (
    "{} records of Usercentrics follow from loading a page or from a setting of the site. Nobody chose, so "
    "their status is shown."
)
VISITORS_CLOCK = "CookieScript takes times from the visitor's clock; they were read in the zone given."
DEVICE_DAYS = (
    "Usercentrics counts the last decision of each device and day: a device on two days counts twice."
)


def read_own(reading: Reading, table: Table) -> None:
    """Read our own form: subject, purpose, status and at; until, basis and version where they are known."""
    for place, row in table:
        status = row["status"].casefold()
        if status not in STATUSES:
            said = quoted_cell(row["status"], None)
            reading.fault(place, "status", f"the status is unknown, got {said}", STATUS_DO)
            continue
        at = reading.time(place, "at", row["at"])
        basis = row.get("basis", "").casefold() or "consent"
        if basis not in BASES:
            said = quoted_cell(row["basis"], None)
            reading.fault(
                place, "basis", f"the basis is unknown, got {said}", f"write one of {', '.join(BASES)}"
            )
        elif status == "given" and basis not in CONSENTED:
            what = f"nobody consents to {basis}"
            reading.fault(place, "basis", what, "write the status shown, or the basis consent")
        ends = row.get("until", "")
        until = reading.time(place, "until", ends, ends=True) if ends else None
        reading.add(
            place, row["subject"], row["purpose"], status, at,
            until=until, basis=basis, version=row.get("version", ""),
        )  # fmt: skip


def read_usercentrics(reading: Reading, table: Table) -> None:
    """Read Usercentrics' history of one or several controllers: a row per service, given or not."""
    implied = 0
    for place, row in table:
        status = yes_or_no(reading, place, table.called("consentgiven"), row["consentgiven"])
        at = reading.time(place, table.called("timestamp"), row["timestamp"])
        if status is None:
            continue
        basis = "consent"
        if row.get("consentaction", "").casefold() in NOT_CHOSEN:
            implied += 1
            basis = IMPLIED if status == "given" else DEFAULT
            status = "shown"
        reading.add(
            place, row["controllerid"], row["dataprocessingserviceid"], status, at,
            basis=basis, version=row.get("cmpconfigurationversion", ""),
        )  # fmt: skip
    if implied:
        reading.notes.append(IMPLIED_NOTE.format(f"{implied:,}"))


def read_usercentrics_report(reading: Reading, table: Table) -> None:
    """Read Usercentrics' opt-in report: counts by service, action and whether it was explicit."""
    reading.notes.append(DEVICE_DAYS)
    for place, row in table:
        action = row["actiontype"].casefold()
        if action not in ("explicit", "implicit"):
            said = quoted_cell(row["actiontype"], None)
            reading.fault(
                place, table.called("actiontype"), f"the type is unknown, got {said}", "explicit or implicit"
            )
        opted_in = reading.whole(place, table.called("optin"), row["optin"])
        opted_out = reading.whole(place, table.called("optout"), row["optout"])
        is_implied = action == "implicit"
        reading.counts.append(
            {
                "unit": "device-days",
                "purpose": row["processorname"] or row["templateid"],
                "start": row.get("datafrom", ""),
                "end": row.get("datato", ""),
                "opt_in": opted_in,
                "opt_out": opted_out,
                "implied": opted_in if is_implied else 0,
                "explicit": 0 if is_implied else opted_in,
            }
        )


def read_cookiescript(reading: Reading, table: Table) -> None:
    """Read CookieScript's log: categories that a visitor accepted, or none.

    The address of the network is never kept. Categories of the file that a record does not name were refused.
    """
    reading.notes.append(VISITORS_CLOCK)
    chosen = {at: _categories(row["categories"]) for at, (_, row) in enumerate(table)}
    offered = tuple(sorted({category for categories in chosen.values() for category in categories}))
    for at, (place, row) in enumerate(table):
        action = row["action"].casefold()
        if action not in ("accept", "reject"):
            said = quoted_cell(row["action"], None)
            reading.fault(
                place, table.called("action"), f"the action is unknown, got {said}", "accept or reject"
            )
            continue
        if action == "reject" and chosen[at]:
            reading.fault(
                place, table.called("action"), "a rejection lists accepted categories", "correct it"
            )
            continue
        when = reading.time(place, table.called("time"), row["time"])
        _by_category(reading, place, row["key"], (offered, chosen[at]), (action == "accept", when, ""))


def read_commanders_act(reading: Reading, table: Table) -> None:
    """Read Commanders Act's export: views of the banner, opt-ins by category, opt-outs."""
    chosen = {at: _categories(row.get("cookie", "")) for at, (_, row) in enumerate(table)}
    offered = tuple(sorted({category for categories in chosen.values() for category in categories}))
    for at, (place, row) in enumerate(table):
        action = row["privacyaction"].upper()
        if action not in ("V", "1", "0", "-1"):
            said = quoted_cell(row["privacyaction"], None)
            reading.fault(
                place, table.called("privacyaction"), f"the action is unknown, got {said}", "V, 1, 0 or -1"
            )
            continue
        when = reading.time(place, table.called("datehit"), row["datehit"])
        version = row.get("version", "")
        if action == "V":
            reading.add(place, row["tcpid"], "", "shown", when, version=version)
        else:
            decision = (action == "1", when, version)
            _by_category(reading, place, row["tcpid"], (offered, chosen[at]), decision)


def _by_category(
    reading: Reading,
    place: Place,
    subject: str,
    categories: tuple[tuple[str, ...], tuple[str, ...]],
    decision: tuple[bool, datetime | None, str],
) -> None:
    """Record one decision for each category: those chosen were given, the others refused.

    An acceptance that lists no category is one of all categories. A refusal refuses all, whatever it lists.
    """
    offered, chosen = categories
    accepted, when, version = decision
    if accepted and not chosen:
        offered = chosen = offered or (ALL_CATEGORIES,)
    if not accepted:
        reading.add(place, subject, "", "refused", when, version=version)
        return
    for category in offered:
        status: Status = "given" if category in chosen else "refused"
        reading.add(place, subject, category, status, when, version=version)


def _categories(cell: str) -> tuple[str, ...]:
    """Return the categories of a cell that need consent: a list in any usual form."""
    plain = re.sub(r"[\[\]\"']", "", cell)
    parts = (part.strip() for part in SEPARATORS.split(plain))
    return tuple(part for part in parts if part and part.casefold() not in NECESSARY)


def yes_or_no(reading: Reading, place: Place, name: str, cell: str) -> Status | None:
    """Return given or refused for a cell that says yes or no; None, and a fault, for another."""
    if cell.casefold() in YES:
        return "given"
    if cell.casefold() in NO:
        return "refused"
    reading.fault(place, name, f"this is neither true nor false, got {quoted_cell(cell, None)}", "correct it")
    return None


FORMS: dict[str, tuple[tuple[str, ...], Callable[[Reading, Table], None]]] = {
    "own": (("subject", "purpose", "status", "at"), read_own),
    "usercentrics": (
        ("controllerid", "timestamp", "dataprocessingserviceid", "consentgiven"), read_usercentrics
    ),
    "usercentrics_report": (
        ("settingsid", "templateid", "processorname", "actiontype", "optin", "optout"),
        read_usercentrics_report,
    ),
    "cookiescript": (("key", "action", "time", "categories"), read_cookiescript),
    "commanders_act": (("tcpid", "datehit", "privacyaction"), read_commanders_act),
}  # fmt: skip
"""Kind -> the columns that it needs, by their names without capitals and marks, and what reads it."""
