"""Strings of the Transparency and Consent Framework (TCF 2.0 to 2.3), decoded bit by bit.

The layout is that of IAB Tech Lab's "Consent string and vendor list formats v2". A string is a core and
up to three further segments, parted by full stops; each is base64 of a row of bits without a length, so that
only the fields themselves tell where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import TEXT, accepts
from trustkit.display import Shown
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields
from trustkit.privacy.consent_bits import ConsentBits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LONGEST = 100_000
"""The most characters of a string; real ones have a few thousand."""

TIME = "%Y-%m-%d %H:%M UTC"
"""How a time is shown."""

MOST_LISTED = 10
"""How many numbers of vendors or purposes are shown."""

VERSION = 2
TCF = "TCF string"

DISCLOSED, ALLOWED, PUBLISHER = 1, 2, 3
SEGMENTS = {DISCLOSED: "disclosed vendors", ALLOWED: "allowed vendors", PUBLISHER: "publisher's purposes"}
RestrictionKind = Literal["not allowed", "consent", "legitimate interest"]
RESTRICTIONS: tuple[RestrictionKind, ...] = ("not allowed", "consent", "legitimate interest")
"""What a publisher's restriction says, by its number."""


@dataclass(frozen=True)
class Restriction:
    """What a publisher allows some vendors for one purpose.

    Attributes
    ----------
    purpose
        The purpose.
    kind
        ``not allowed``, only on ``consent``, or only on ``legitimate interest``.
    vendors
        The vendors that it holds for.
    """

    purpose: int
    kind: RestrictionKind
    vendors: tuple[int, ...]


@dataclass(frozen=True)
class PublisherPurposes:
    """What a publisher may do itself: its own consents, for the framework's purposes and for custom ones.

    Attributes
    ----------
    consent, interest
        Purposes with consent, and with an established legitimate interest.
    custom
        How many purposes of its own the publisher has.
    custom_consent, custom_interest
        The same two of these.
    """

    consent: tuple[int, ...]
    interest: tuple[int, ...]
    custom: int
    custom_consent: tuple[int, ...]
    custom_interest: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class TCString(Shown):
    """What a string of the Transparency and Consent Framework says.

    Attributes
    ----------
    created, last_updated
        When the string was made and last changed, in UTC.
    cmp_id, cmp_version, consent_screen, consent_language
        The consent platform, its version, the screen and the language of the choice.
    vendor_list_version, policy_version
        The versions of the vendor list and of the policy.
    service_specific, non_standard_texts
        Whether it holds for one service only, and whether texts of the publisher's own were shown.
    special_features
        Special features that were opted in to.
    purposes_consent, purposes_interest
        Purposes with consent, and with an established legitimate interest to which nobody objected.
        A legitimate interest is not consent.
    purpose_one_treatment
        Whether purpose 1 was not disclosed, because the publisher's country asks no consent for it.
    publisher_country
        The country whose law applies.
    vendors_consent, vendors_interest
        The same two for vendors.
    restrictions
        What the publisher allows less than the user.
    disclosed, allowed
        Vendors that were shown to the user, and that may use other legal bases; None without such a segment.
        Since 28 February 2026 each new string has the first (TCF 2.3).
    publisher
        The publisher's own purposes; None without such a segment.

    Examples
    --------
    >>> import trustkit as tk
    >>> text = tk.decode_tcf("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA")
    >>> text.created.date().isoformat(), text.purposes_consent, text.vendors_interest
    ('2021-02-04', (), (2, 8, 755))
    >>> print(text)
    TCF string
    field                                  value
    made                                   2021-02-04 08:29 UTC
    ...
    """

    created: datetime
    last_updated: datetime
    cmp_id: int
    cmp_version: int
    consent_screen: int
    consent_language: str
    vendor_list_version: int
    policy_version: int
    service_specific: bool
    non_standard_texts: bool
    special_features: tuple[int, ...]
    purposes_consent: tuple[int, ...]
    purposes_interest: tuple[int, ...]
    purpose_one_treatment: bool
    publisher_country: str
    vendors_consent: tuple[int, ...]
    vendors_interest: tuple[int, ...]
    restrictions: tuple[Restriction, ...] = ()
    disclosed: tuple[int, ...] | None = None
    allowed: tuple[int, ...] | None = None
    publisher: PublisherPurposes | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own = self.publisher
        about = {
            "made": f"{self.created:{TIME}}",
            "last changed": f"{self.last_updated:{TIME}}",
            "consent platform": f"{self.cmp_id}, version {self.cmp_version}",
            "language": self.consent_language,
            "country of the publisher": self.publisher_country,
            "vendor list": f"version {self.vendor_list_version}, policy {self.policy_version}",
            "holds for": "one service only" if self.service_specific else "several services",
            "purposes with consent": _listed(self.purposes_consent),
            "purposes with legitimate interest": _listed(self.purposes_interest),
            "special features": _listed(self.special_features),
            "vendors with consent": _listed(self.vendors_consent),
            "vendors with legitimate interest": _listed(self.vendors_interest),
            "restrictions of the publisher": f"{len(self.restrictions):,}" if self.restrictions else "none",
            "vendors shown to the user": "not stated" if self.disclosed is None else _listed(self.disclosed),
            "publisher's own purposes with consent": "not stated" if own is None else _listed(own.consent),
        }
        table = pd.DataFrame({"field": list(about), "value": list(about.values())})
        return "TCF string", table, ("A legitimate interest is not consent.",)


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers in words: how many they are, and the first of them."""
    if len(numbers) <= MOST_LISTED:
        return ", ".join(map(str, numbers)) or "none"
    return f"{len(numbers):,}: {', '.join(map(str, numbers[:MOST_LISTED]))} and others"


def decode_tcf(text: str) -> TCString:
    """Decode a string of the Transparency and Consent Framework, version 2.0 to 2.3.

    Parameters
    ----------
    text
        The string, as a cookie, a database or a header of a request has it.

    Returns
    -------
    TCString
        Every field of the core and of its further segments.

    Raises
    ------
    DataError
        With the bit of the segment at which it fails, counted from 0: a string that is empty, cut, of another
        version or not base64; a field that no string can have; bits that go on after the last field.

    Notes
    -----
    A string that is cut between two segments is a sound string without the second: nothing in the format
    tells them apart. The layout follows IAB Tech Lab's specification; 50 strings decode as in its reference
    library, @iabtcf/core.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.decode_tcf("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA").vendors_interest
    (2, 8, 755)
    >>> tk.decode_tcf("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH")
    Traceback (most recent call last):
        ...
    trustkit.errors.DataError: the TCF string ends inside a field
      where: core, purposes with legitimate interest, bit 180
      got: a segment of 180 bits
      expected: at least 200 bits
      do: take the whole string from its source
    """
    accepts(text=(text, TEXT))
    if len(text) > LONGEST:
        raise DataError(
            "the TCF string is too long", got=f"{len(text):,} characters", expected=f"at most {LONGEST:,}",
            do="give one string",
        )  # fmt: skip
    core, *others = text.split(".")
    decoded = _core(ConsentBits(core, "core", TCF))
    further: dict[int, ConsentBits] = {}
    for number, other in enumerate(others, start=2):
        bits = ConsentBits(other, f"segment {number}", TCF, "type")
        kind = bits.number("type of the segment", 3)
        if kind not in SEGMENTS:
            bits.refuse(f"the TCF string has a segment of the unknown type {kind}", "types 1 to 3", back=3)
        if kind in further:
            bits.refuse(f"the TCF string has two segments of {SEGMENTS[kind]}", "one of each type", back=3)
        further[kind] = bits
    disclosed, allowed = (_only_vendors(further.get(kind)) for kind in (DISCLOSED, ALLOWED))
    return replace(
        decoded, disclosed=disclosed, allowed=allowed, publisher=_publisher(further.get(PUBLISHER))
    )


def _core(bits: ConsentBits) -> TCString:
    """Read the core segment."""
    if not bits.size:
        bits.refuse("the TCF string is empty", f"a string of version {VERSION}")
    version = bits.number("version", 6)
    if version != VERSION:
        bits.refuse(f"a TCF string of version {version} can't be read", f"version {VERSION}")
    core = TCString(
        created=bits.time("created"),
        last_updated=bits.time("last updated"),
        cmp_id=bits.number("consent platform", 12),
        cmp_version=bits.number("version of the consent platform", 12),
        consent_screen=bits.number("screen", 6),
        consent_language=bits.letters("language"),
        vendor_list_version=bits.number("version of the vendor list", 12),
        policy_version=bits.number("version of the policy", 6),
        service_specific=bits.is_on("service specific"),
        non_standard_texts=bits.is_on("non-standard texts"),
        special_features=bits.chosen("special features", 12),
        purposes_consent=bits.chosen("purposes with consent", 24),
        purposes_interest=bits.chosen("purposes with legitimate interest", 24),
        purpose_one_treatment=bits.is_on("treatment of purpose 1"),
        publisher_country=bits.letters("publisher's country"),
        vendors_consent=bits.vendors("vendors with consent"),
        vendors_interest=bits.vendors("vendors with legitimate interest"),
    )
    name = "publisher's restrictions"
    restrictions = []
    for _ in range(bits.number(name, 12)):
        purpose, kind = bits.number(name, 6), bits.number(name, 2)
        if kind >= len(RESTRICTIONS):
            bits.refuse(
                f"the TCF string has a restriction of the unknown type {kind}", "types 0 to 2", back=2
            )
        restrictions.append(Restriction(purpose, RESTRICTIONS[kind], bits.ranges(name, (1 << 16) - 1)))
    bits.end()
    return replace(core, restrictions=tuple(restrictions))


def _only_vendors(bits: ConsentBits | None) -> tuple[int, ...] | None:
    """Read a segment that holds vendors and nothing else."""
    if bits is None:
        return None
    vendors = bits.vendors("vendors")
    bits.end()
    return vendors


def _publisher(bits: ConsentBits | None) -> PublisherPurposes | None:
    """Read the segment of the publisher's own purposes."""
    if bits is None:
        return None
    consent = bits.chosen("publisher's purposes with consent", 24)
    interest = bits.chosen("publisher's purposes with legitimate interest", 24)
    custom = bits.number("number of custom purposes", 6)
    own = PublisherPurposes(
        consent, interest, custom,
        bits.chosen("custom purposes with consent", custom),
        bits.chosen("custom purposes with legitimate interest", custom),
    )  # fmt: skip
    bits.end()
    return own
