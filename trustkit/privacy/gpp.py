"""Strings of the Global Privacy Platform (GPP): a header that lists sections, and the sections of US laws.

The layout is that of IAB Tech Lab's GPP specification: sections are parted by tildes, and segments of a
section by full stops. Sections 2 and 6 are a TCF string and a US privacy string.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from trustkit.arguments import TEXT, accepts
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields
from trustkit.privacy.consent_bits import ConsentBits
from trustkit.privacy.tcf import LONGEST, TCString, decode_tcf

if TYPE_CHECKING:
    from collections.abc import Mapping

GPP = "GPP string"
HEADER_TYPE, HEADER_VERSION = 3, 1
TCF_EU, US_PRIVACY = 2, 6
"""The sections that hold another kind of string."""

GPC_TYPE = 1
"""The type of the segment with the signal of Global Privacy Control."""

SALE, SHARING, ADVERTISING, GPC = "SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut", "Gpc"
"""The fields that say whether somebody opted out: 1 if they did, 2 if not, 0 if it does not apply."""

OPTED_OUT, NOT_OPTED_OUT = 1, 2
LARGEST = 2
"""The largest value of a field of two bits."""

MODES = ("MspaCoveredTransaction", "MspaOptOutOptionMode", "MspaServiceProviderMode")
SENSITIVE, CHILDREN = "SensitiveDataProcessing", "KnownChildSensitiveDataConsents"
MORE = "AdditionalDataProcessingConsent"


class _State(NamedTuple):
    """How a state's section differs from the others of its form.

    Attributes
    ----------
    name
        The section.
    first, last
        The first of its notices, and one behind the notice on advertising, "" for none.
    sensitive, children
        How many kinds of sensitive data and of data of children it has; each has two bits.
    more
        Whether it has a field on further processing.
    gpc
        Whether a segment with Global Privacy Control may follow.
    """

    name: str
    first: str
    last: str
    sensitive: int
    children: int
    more: bool
    gpc: bool = True


STATES = {
    9: _State("usva", "SharingNotice", "", 8, 1, more=False, gpc=False),
    10: _State("usco", "SharingNotice", "", 7, 1, more=False),
    11: _State("usut", "SharingNotice", "SensitiveDataProcessingOptOutNotice", 8, 1, more=False, gpc=False),
    12: _State("usct", "SharingNotice", "", 8, 3, more=False),
    13: _State("usfl", "ProcessingNotice", "", 8, 3, more=True, gpc=False),
    14: _State("usmt", "SharingNotice", "", 8, 3, more=True),
    15: _State("usor", "ProcessingNotice", "", 11, 3, more=True),
    16: _State("ustx", "ProcessingNotice", "", 8, 1, more=True),
    17: _State("usde", "ProcessingNotice", "", 9, 5, more=True),
    18: _State("usia", "ProcessingNotice", "SensitiveDataOptOutNotice", 8, 1, more=False),
    19: _State("usne", "ProcessingNotice", "", 8, 1, more=True),
    20: _State("usnh", "ProcessingNotice", "", 8, 3, more=True),
    21: _State("usnj", "ProcessingNotice", "", 10, 5, more=True),
    22: _State("ustn", "ProcessingNotice", "", 8, 1, more=True),
    23: _State("usmn", "ProcessingNotice", "", 8, 1, more=True),
}
"""Number of a section -> the state."""

LATER = {
    24: ("usmd", False, True),
    25: ("usin", True, False),
    26: ("usky", True, False),
    27: ("usri", True, False),
}
"""Sections of the later form: their name, whether they have data of children, and with them sensitive data in
a segment of their own, and whether a segment with Global Privacy Control may follow."""

LATER_SENSITIVE = 8
"""How many kinds of sensitive data that segment has."""

Layout = tuple[tuple[str, int], ...]
"""The fields of a segment, with how many values of two bits each has."""


class _Section(NamedTuple):
    """A section: its name, the fields of its core by version, and what may follow."""

    name: str
    versions: Mapping[int, Layout]
    gpc: bool
    sensitive: int = 0


def _fields(*names: str) -> Layout:
    return tuple((name, 1) for name in names)


def _national(sensitive: int, children: int) -> Layout:
    """Return the fields of the national section, of which the second version has more kinds of data."""
    notices = (
        "SharingNotice", "SaleOptOutNotice", "SharingOptOutNotice", "TargetedAdvertisingOptOutNotice",
        "SensitiveDataProcessingOptOutNotice", "SensitiveDataLimitUseNotice",
    )  # fmt: skip
    return (
        *_fields(*notices, SALE, SHARING, ADVERTISING), (SENSITIVE, sensitive), (CHILDREN, children),
        *_fields("PersonalDataConsents", *MODES),
    )  # fmt: skip


def _of_state(state: _State) -> Layout:
    """Return the fields of a state's section."""
    notices = (state.first, "SaleOptOutNotice", "TargetedAdvertisingOptOutNotice", state.last)
    return (
        *_fields(*filter(None, notices), SALE, ADVERTISING), (SENSITIVE, state.sensitive),
        (CHILDREN, state.children), *_fields(*([MORE] if state.more else []), *MODES),
    )  # fmt: skip


def _of_later(has_children: bool) -> Layout:  # noqa: FBT001
    """Return the fields of a section of the later form."""
    return _fields(
        MODES[0], "MspaMode", "ProcessingNotice", "SaleOptOutNotice", "TargetedAdvertisingOptOutNotice",
        SALE, ADVERTISING, *([CHILDREN] if has_children else []), MORE,
    )  # fmt: skip


CALIFORNIA: Layout = (
    *_fields("SaleOptOutNotice", "SharingOptOutNotice", "SensitiveDataLimitUseNotice", SALE, SHARING),
    (SENSITIVE, 9), (CHILDREN, 2), *_fields("PersonalDataConsents", *MODES),
)  # fmt: skip
SECTIONS: Mapping[int, _Section] = {
    7: _Section("usnat", {1: _national(12, 2), 2: _national(16, 3)}, gpc=True),
    8: _Section("usca", {1: CALIFORNIA}, gpc=True),
    **{number: _Section(state.name, {1: _of_state(state)}, state.gpc) for number, state in STATES.items()},
    **{
        number: _Section(name, {1: _of_later(children)}, gpc, LATER_SENSITIVE if children else 0)
        for number, (name, children, gpc) in LATER.items()
    },
}
"""The sections of US laws by their number."""


@dataclass(frozen=True)
class GPPString:
    """What a string of the Global Privacy Platform says.

    Attributes
    ----------
    section_ids
        The numbers of its sections.
    tcf
        Section 2, a TCF string; None if it has none.
    us_privacy
        Section 6, a US privacy string; "" if it has none.
    sections
        The sections of US laws: name -> field -> value. A field of several values is a tuple.
    unread
        The numbers of sections that are not read, such as that of Canada.
    """

    section_ids: tuple[int, ...]
    tcf: TCString | None = None
    us_privacy: str = ""
    sections: dict[str, dict[str, object]] = field(default_factory=dict)
    unread: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)


def decode_gpp(text: str) -> GPPString:
    """Decode a string of the Global Privacy Platform.

    Parameters
    ----------
    text
        The string, as a cookie, a database or a request has it.

    Raises
    ------
    DataError
        With the section and the bit at which it fails: a string that is empty, cut, of another version or not
        base64; sections that are not those that the header lists; a value that no field has.

    Notes
    -----
    Encodings of the reference library, @iabgpp/cmpapi, decode to the values that it was given. A string that
    is cut between two segments is a sound string without the second.

    Examples
    --------
    >>> decode_gpp("DBABTA~1YNN").us_privacy
    '1YNN'
    >>> national = decode_gpp("DBABLA~CoomVFgJaBJE.YA").sections["usnat"]
    >>> national["SaleOptOut"], national["SharingOptOut"], national["Gpc"]
    (2, 1, True)
    """
    accepts(text=(text, TEXT))
    if len(text) > LONGEST:
        raise DataError(
            "the GPP string is too long", got=f"{len(text):,} characters", expected=f"at most {LONGEST:,}",
            do="give one string",
        )  # fmt: skip
    head, *parts = text.split("~")
    numbers = _section_ids(head)
    if len(numbers) != len(parts) or not all(parts):
        filled = sum(bool(part) for part in parts)
        raise DataError(
            "the GPP string has other sections than its header lists", where="header",
            got=f"{filled} filled section{'' if filled == 1 else 's'}",
            expected=f"sections {', '.join(map(str, numbers))}" if numbers else "no section",
            do="take the whole string from its source",
        )  # fmt: skip
    held = dict(zip(numbers, parts, strict=True))
    return GPPString(
        numbers,
        decode_tcf(held[TCF_EU]) if TCF_EU in held else None,
        held.get(US_PRIVACY, ""),
        {
            SECTIONS[number].name: _section(SECTIONS[number], part)
            for number, part in held.items()
            if number in SECTIONS
        },
        tuple(number for number in numbers if number not in (TCF_EU, US_PRIVACY, *SECTIONS)),
    )


def _section_ids(head: str) -> tuple[int, ...]:
    """Return the numbers of sections that a header lists."""
    bits = ConsentBits(head, "header", GPP, "type")
    if not bits.size:
        bits.refuse("the GPP string is empty", "a header")
    kind = bits.number("type", 6)
    if kind != HEADER_TYPE:
        bits.refuse(
            "the string does not begin as a GPP string does",
            f"type {HEADER_TYPE}",
            got=f"type {kind}",
            back=6,
        )
    version = bits.number("version", 6)
    if version != HEADER_VERSION:
        bits.refuse(f"a GPP string of version {version} can't be read", f"version {HEADER_VERSION}", back=6)
    numbers = bits.fibonacci_ranges("section ids")
    bits.end()
    return numbers


def _section(section: _Section, text: str) -> dict[str, object]:
    """Return the fields of a section of a US law."""
    core, *others = text.split(".")
    bits = ConsentBits(core, f"section {section.name}", GPP)
    version = bits.number("version", 6)
    if version not in section.versions:
        known = " or ".join(map(str, section.versions))
        bits.refuse(f"a section of version {version} can't be read", f"version {known}", back=6)
    values: dict[str, object] = {"Version": version} | _values(bits, section.versions[version])
    bits.end()
    most = int(section.gpc) + int(section.sensitive > 0)
    if len(others) > most:
        bits.refuse(f"the {GPP} has too many segments", f"at most {1 + most}", got=str(1 + len(others)))
    if others:
        values |= _further(section, others[0])
    return values


def _further(section: _Section, text: str) -> dict[str, object]:
    """Return the fields of the second segment of a section."""
    if section.sensitive:
        bits = ConsentBits(text, f"section {section.name}, segment 2", GPP, SENSITIVE)
        values = _values(bits, ((SENSITIVE, section.sensitive),))
        bits.end()
        return values
    bits = ConsentBits(text, f"section {section.name}, segment 2", GPP, "type")
    kind = bits.number("type", 2)
    if kind != GPC_TYPE:
        bits.refuse(f"the {GPP} has a segment of the unknown type {kind}", f"type {GPC_TYPE}", back=2)
    signal = bits.is_on(GPC)
    bits.end()
    return {GPC: signal}


def _values(bits: ConsentBits, layout: Layout) -> dict[str, object]:
    """Read fields of values of two bits."""
    values: dict[str, object] = {}
    for name, count in layout:
        read = []
        for _ in range(count):
            value = bits.number(name, 2)
            if value > LARGEST:
                bits.refuse(f"the {GPP} has a value that no field has", "0, 1 or 2", got=str(value), back=2)
            read.append(value)
        values[name] = read[0] if count == 1 else tuple(read)
    return values
