"""Who made a report, under which licence, and how to cite it: what each page says at its foot.

It comes from the project's ``CITATION.cff`` (the Citation File Format, https://citation-file-format.github.io)
and from the codebooks. What neither tells is not shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.claims.claims_file import ADDRESS
from trustkit.design.weight_history import show_date
from trustkit.errors import ReportError
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from trustkit.survey.codebook import Codebook
    from trustkit.yaml_documents import Entry

CITATION = "CITATION.cff"
"""The file of a project that says how to cite it."""

IDENTITY = "identity.txt"
"""The file among the sources of a site that holds what its pages say of themselves, as JSON."""

NAMES = ("given-names", "name-particle", "family-names", "name-suffix")
"""The parts of a person's name, in the order in which they are written."""


@dataclass(frozen=True)
class Citation:
    """What a project's ``CITATION.cff`` says.

    Attributes
    ----------
    title, version, licence
        As written there; several licences are joined.
    authors, contact
        Names, in their order; a contact's address of electronic mail follows its name.
    released
        The date of the release, as written there.
    url
        The page at which the report is published.
    doi
        Without https://doi.org/.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    version: str = ""
    released: str = ""
    licence: str = ""
    url: str = ""
    doi: str = ""

    @property
    def published(self) -> str:
        """When it was published, and as which version."""
        version = f"version {self.version}" if self.version else ""
        return ", ".join(filter(None, [show_date(self.released), version]))

    @property
    def named(self) -> str:
        """The authors and the year, as a citation begins; empty without authors."""
        year = f" ({self.released[:4]})" if self.released and self.authors else ""
        return f"{', '.join(self.authors)}{year}"

    @property
    def cited(self) -> tuple[str, str]:
        """What stands before and after the title of a page that is cited."""
        work = ", ".join(filter(None, [self.title, f"version {self.version}" if self.version else ""]))
        place = f"https://doi.org/{self.doi}" if self.doi else self.url
        ends = [f"In: {work}." if work else "", place]
        return f"{self.named}. ", " ".join(filter(None, ends))


def read_citation(root: Path) -> Citation:
    """Return what a project's ``CITATION.cff`` says; an empty citation if there is no such file.

    Raises
    ------
    ReportError
        With every fault of the file.
    """
    path = root / CITATION
    if not path.is_file():
        return Citation()
    document = Document(path, ReportError)
    top = document.root
    top.mapping()
    url = top.child("url").text()
    if url and not ADDRESS.fullmatch(url):
        top.child("url").fault(f"{url!r} is no address of a page", "write all of it, beginning with https://")
    citation = Citation(
        title=top.child("title").text(),
        authors=tuple(filter(None, (_name(entry) for entry in top.child("authors").items()))),
        contact=tuple(filter(None, (_reached(entry) for entry in top.child("contact").items()))),
        version=top.child("version").text(),
        released=top.child("date-released").text(),
        licence=", ".join(top.child("license").texts()),
        url=url,
        doi=top.child("doi").text().removeprefix("https://doi.org/"),
    )
    document.finish()
    return citation


def _name(entry: Entry) -> str:
    """Return the name of a person, or of an organisation."""
    parts = [entry.child(part).text() for part in NAMES]
    return entry.child("name").text() or " ".join(filter(None, parts))


def _reached(entry: Entry) -> str:
    """Return how a person, or an organisation, is reached."""
    return ", ".join(filter(None, [_name(entry), entry.child("email").text()]))


def write_identity(
    source: Path,
    citation: Citation,
    books: Mapping[str, Codebook],
    pictures: Mapping[str, tuple[str, str]],
    reads: Mapping[str, Collection[str]],
) -> None:
    """Write what pages say of themselves among a site's sources.

    Parameters
    ----------
    source
        The folder of the sources.
    citation
        As `read_citation` returns it.
    books
        The path of each of the project's codebooks -> the codebook, with fieldwork and contact.
    pictures
        Document -> the file of its first chart, and the chart's alternative text.
    reads
        Document -> the folders of the data that it rests on, so that it names their fieldwork alone. A
        document that is not here names all.
    """
    contacts = citation.contact or tuple(
        book.disclosure.get("contact", "").strip() for book in books.values()
    )
    contact = "; ".join(dict.fromkeys(filter(None, contacts)))

    def facts(shown: Sequence[Codebook]) -> list[tuple[str, str]]:
        several = len(shown) > 1
        every = [
            ("Authors", ", ".join(citation.authors)),
            ("Published", citation.published),
            ("Licence", citation.licence),
            *(
                (f"Fieldwork, {book.title}" if several and book.title else "Fieldwork", _fieldwork(book))
                for book in shown
            ),
            ("Contact", contact),
        ]
        return [fact for fact in every if fact[1]]

    text = {
        "facts": facts(list(books.values())),
        "facts_of": {
            name: facts(
                [book for place, book in books.items() if any(place.startswith(f"{at}/") for at in read)]
            )
            for name, read in reads.items()
        },
        "author": ", ".join(citation.authors),
        "cited": citation.cited if citation.authors else None,
        "url": citation.url.rstrip("/"),
        "pictures": dict(pictures),
    }
    (source / IDENTITY).write_text(json.dumps(text), encoding="utf-8")


def _fieldwork(book: Codebook) -> str:
    """Return when the fieldwork was, with dates in words."""
    return show_date(book.fieldwork.strip())
