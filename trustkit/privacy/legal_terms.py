"""The terms of the Data Privacy Vocabulary for legal bases, purposes and terms of storage.

The vocabulary (https://w3id.org/dpv) is published by the W3C's community group on data privacy
vocabularies. These terms were looked up in the files of its versions 2.0 and 2.1: each of ``BASES`` and
``EXPLICIT_CONSENT``, the classes ``Process``, ``PersonalDataProcess`` and ``NonPersonalDataProcess``,
and the property ``hasStorageCondition`` with its range ``StorageCondition``. The other terms were not
read in its files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustkit.survey.purposes import Basis

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes of a JSON-LD document."""

EXPLICIT_CONSENT = "eu-gdpr:A9-2-a"
"""The basis on which a special category is held."""

BASES: Mapping[Basis, str] = {
    "consent": "eu-gdpr:A6-1-a",
    "explicit consent": "eu-gdpr:A6-1-a-explicit-consent",
    "contract": "eu-gdpr:A6-1-b",
    "legal obligation": "eu-gdpr:A6-1-c",
    "vital interests": "eu-gdpr:A6-1-d",
    "public task": "eu-gdpr:A6-1-e",
    "legitimate interests": "eu-gdpr:A6-1-f",
}
"""Legal basis -> its term."""
