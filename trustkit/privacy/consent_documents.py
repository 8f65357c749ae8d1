"""Consent records in JSON: Cookiebot, Didomi, OneTrust, Kantara, and ISO/IEC TS 27560 in terms of DPV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.privacy.consent_reading import Place
from trustkit.privacy.consent_times import UnreadTimeError, after
from trustkit.privacy.consents import ANY
from trustkit.survey.quoted_cells import quoted_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from trustkit.privacy.consent_reading import Reading
    from trustkit.privacy.consents import Status

ONETRUST: dict[str, Status] = {
    "CONFIRMED": "given",
    "EXTEND": "given",
    "NOTGIVEN": "refused",
    "OPT_OUT": "withdrawn",
    "HARD_OPT_OUT": "withdrawn",
    "WITHDRAWN": "withdrawn",
    "CANCEL": "withdrawn",
    "EXPIRED": "expired",
    "PENDING": "shown",
    "NO_CHOICE": "shown",
}
"""OneTrust's type of transaction -> status. A pending consent waits for its confirmation."""

ONETRUST_TIMES: dict[Status, tuple[str, ...]] = {
    "given": ("consentDate", "interactionDate"),
    "withdrawn": ("withdrawnDate", "interactionDate"),
}
"""Status -> the fields with its time. A refusal may carry the date of the consent that it follows."""

UNCHANGED = ("CHANGE_PREFERENCES", "NO_CHANGE")
"""Transactions that change no consent."""

DPV: dict[str, Status] = {
    "ConsentGiven": "given",
    "RenewedConsentGiven": "given",
    "ConsentRefused": "refused",
    "ConsentWithdrawn": "withdrawn",
    "ConsentRevoked": "withdrawn",
    "ConsentInvalidated": "withdrawn",
    "ConsentExpired": "expired",
    "ConsentRequested": "shown",
    "ConsentRequestDeferred": "shown",
}
"""Status of the Data Privacy Vocabulary -> status."""

COOKIEBOT = {
    "opt_in": "OptIn",
    "opt_out": "OptOut",
    "implied": "OptInImplied",
    "explicit": "OptInStrict",
    "marketing": "TypeOptInMark",
}
PARTS_DIFFER = "On {} days Cookiebot's implied and strict opt-ins do not add up to its opt-ins."


def entry(value: object, *names: str) -> object:
    """Return the first of several fields that an object has; None if it has none."""
    if isinstance(value, dict):
        for name in names:
            if value.get(name) is not None:
                return value[name]
    return None


def several(value: object) -> list[object]:
    """Return a field that may hold one value or a list of them, as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def named(value: object) -> str:
    """Return the name of a term or an object: its text, or the name or identifier inside."""
    inner = entry(value, "@id", "@value", "dct:title", "rdfs:label", "title", "name", "@type", "type")
    while isinstance(inner, list | dict):
        inner = inner[0] if isinstance(inner, list) and inner else entry(inner, "@value", "@id")
    text = value if isinstance(value, str) else inner
    return str(text) if isinstance(text, str | int) and not isinstance(text, bool) else ""


def read_cookiebot(reading: Reading, file: str, document: object) -> None:
    """Read Cookiebot's statistics: counts of each day, written as text."""
    days = several(entry(entry(document, "consentstat"), "consentday"))
    differ = 0
    for number, day in enumerate(days, start=1):
        place = Place(file, f"consentday {number}")
        counts = {}
        for name, field in COOKIEBOT.items():
            written = entry(day, field)
            if written is None:
                reading.fault(place, field, "the count is missing", "download the statistics again")
            else:
                counts[name] = reading.whole(place, field, written)
        date = str(entry(day, "Date") or "")[:10]
        if not date:
            reading.fault(place, "Date", "the date is missing", "download the statistics again")
        differ += counts.get("implied", 0) + counts.get("explicit", 0) != counts.get("opt_in", 0)
        reading.counts.append({"unit": "consents", "purpose": ANY, "start": date, "end": date, **counts})
    if differ:
        reading.notes.append(PARTS_DIFFER.format(f"{differ:,}"))


def read_didomi(reading: Reading, file: str, document: object) -> None:
    """Read Didomi's export: events or users, one object each, with what was decided for each purpose."""
    for number, record in enumerate(several(document), start=1):
        place = Place(file, f"line {number:,}")
        user = entry(record, "user") or record
        subject = entry(user, "organization_user_id", "id", "user_id")
        written = entry(record, "created_at", "updated_at", "date")
        at = reading.time(place, "created_at", written)
        version = entry(record, "notice_version", "version") or ""
        decisions = [
            (entry(one, "id", "purpose"), entry(one, "enabled", "value"))
            for one in (
                *several(entry(entry(record, "consents"), "purposes")),
                *(several(entry(entry(user, "consents"), "purposes")) if user is not record else ()),
                *several(entry(record, "events")),
                *([record] if entry(record, "purpose") is not None else []),
            )
        ]
        for purpose, choice in decisions:
            if purpose is None:
                continue  # a decision on a vendor or a channel
            if choice is None:
                reading.leave_out("purposes for which no choice was made")
            elif isinstance(choice, bool):
                status: Status = "given" if choice else "refused"
                reading.add(place, subject, purpose, status, at, version=version)
            else:
                said = quoted_cell(choice, None)
                reading.fault(place, "enabled", f"this is neither true nor false, got {said}", "correct it")


def read_onetrust(reading: Reading, file: str, document: object) -> None:
    """Read OneTrust's receipts: transactions of a data subject by purpose."""
    for number, receipt in enumerate(several(entry(document, "content") or document), start=1):
        place = Place(file, f"receipt {number:,}")
        subject = entry(receipt, "identifier", "dataSubjectIdentifier", "Identifier")
        for purpose in several(entry(receipt, "purposes", "Purposes")):
            name = entry(purpose, "Name", "name", "label", "Id", "id", "purposeId")
            kind = str(entry(purpose, "TransactionType", "transactionType") or "")
            if kind.upper() in UNCHANGED:
                reading.leave_out("transactions that change no consent")
                continue
            status = ONETRUST.get(kind.upper())
            if status is None:
                said = quoted_cell(kind, None)
                do = f"one of {', '.join(ONETRUST)}"
                reading.fault(place, "TransactionType", f"the transaction is unknown, got {said}", do)
                continue
            times = ONETRUST_TIMES.get(status, ("interactionDate", "consentDate"))
            fields = (entry(part, field) for field in times for part in (purpose, receipt))
            written = next((field for field in fields if field is not None), None)
            at = reading.time(place, "interactionDate", written)
            ends = entry(purpose, "expiryDate", "ExpiryDate")
            until = reading.time(place, "expiryDate", ends, ends=True) if ends and status == "given" else None
            version = entry(purpose, "Version", "version") or ""
            reading.add(place, subject, name, status, at, until=until, version=version)


def read_kantara(reading: Reading, file: str, document: object) -> None:
    """Read Kantara's consent receipts: each purpose of each service was consented to."""
    for number, receipt in enumerate(several(document), start=1):
        place = Place(file, f"receipt {number:,}")
        subject = entry(receipt, "piiPrincipalId", "piPrincipalId", "sub")
        at = reading.time(place, "consentTimestamp", entry(receipt, "consentTimestamp"))
        services = several(entry(receipt, "services"))
        purposes = [one for service in services for one in several(entry(service, "purposes"))]
        if not purposes:
            reading.fault(place, "services", "the receipt names no purpose", "ask its issuer for another one")
        for purpose in purposes:
            name = entry(purpose, "purpose", "purposeCategory")
            written = name if isinstance(name, str) else named(several(name)[0] if several(name) else None)
            reading.add(place, subject, written, "given", at)


def read_dpv(reading: Reading, file: str, document: object) -> None:
    """Read records after ISO/IEC TS 27560 in terms of the Data Privacy Vocabulary."""
    for number, record in enumerate(consent_records(document), start=1):
        place = Place(file, f"record {number:,}")
        person = entry(record, "dpv:hasDataSubject")
        subject = entry(person, "dct:identifier", "@id") if isinstance(person, dict) else person
        ends = entry(record, "dct:valid")
        version = entry(record, "dct:hasVersion") or ""
        purposes = [
            named(purpose)
            for process in (record, *several(entry(record, "dpv:hasProcess", "dpv:hasPersonalDataHandling")))
            for purpose in several(entry(process, "dpv:hasPurpose"))
        ]
        events = several(entry(record, "dpv:hasConsentStatus"))
        if not events:
            reading.fault(place, "dpv:hasConsentStatus", "the record has no status", "ask its issuer for one")
        for event in events:
            status = _dpv_status(reading, place, event)
            written = entry(event, "dpv:isIndicatedAtTime")
            at = reading.time(place, "dpv:isIndicatedAtTime", entry(written, "@value") or written)
            if status is not None:
                until = _dpv_end(reading, place, event, ends, at) if status == "given" else None
                for purpose in purposes or ("",):
                    reading.add(place, subject, purpose, status, at, until=until, version=version)


def consent_records(document: object) -> Iterator[object]:
    """Yield the consent records of a JSON-LD document, those inside receipts and graphs too."""
    for part in several(document):
        if "ConsentRecord" in {_local(kind) for kind in several(entry(part, "@type", "type"))}:
            yield part
        else:
            for inside in ("@graph", "dpv:hasRecordOfActivity"):
                yield from consent_records(entry(part, inside))


def _local(term: object) -> str:
    """Return a term without its prefix or address."""
    return named(term).rpartition("#")[2].rpartition(":")[2].rpartition("/")[2]


def _dpv_status(reading: Reading, place: Place, event: object) -> Status | None:
    kinds = several(entry(event, "@type")) if isinstance(event, dict) else [event]
    terms = [_local(kind) for kind in kinds] or [_local(event)]
    status = next((DPV[term] for term in terms if term in DPV), None)
    if status is None:
        said = quoted_cell(", ".join(terms), None)
        reading.fault(
            place, "dpv:hasConsentStatus", f"the status is unknown, got {said}", f"one of {', '.join(DPV)}"
        )
    return status


def _dpv_end(
    reading: Reading, place: Place, event: object, ends: object, at: datetime | None
) -> datetime | None:
    """Return when a consent ends: by its date, or by its length."""
    if ends is not None:
        return reading.time(place, "dct:valid", entry(ends, "@value") or ends, ends=True)
    length = entry(event, "dpv:hasDuration")
    written = entry(length, "rdf:value", "@value") if isinstance(length, dict) else length
    if written is None or at is None:
        return None
    try:
        return after(at, str(written))
    except UnreadTimeError as fault:
        reading.fault(place, "dpv:hasDuration", fault.what, fault.do)
        return None


DOCUMENTS: dict[str, Callable[[Reading, str, object], None]] = {
    "cookiebot": read_cookiebot,
    "didomi": read_didomi,
    "onetrust": read_onetrust,
    "kantara": read_kantara,
    "dpv": read_dpv,
}


def document_kind(document: object) -> str:
    """Return the kind of a JSON document of consents, told by its fields; "" if none fits."""
    first = next(iter(several(document)), None)
    inner = next(iter(several(entry(first, "content"))), first)
    if entry(first, "consentstat") is not None:
        return "cookiebot"
    if entry(first, "consentTimestamp") is not None and entry(first, "services") is not None:
        return "kantara"
    if next(consent_records(document), None) is not None:
        return "dpv"
    dates = ("interactionDate", "consentDate", "withdrawnDate", "TransactionType", "identifier")
    if entry(inner, "purposes", "Purposes") is not None and entry(inner, *dates) is not None:
        return "onetrust"
    if entry(first, "consents", "events", "organization_user_id") is not None:
        return "didomi"
    return ""
