"""Reading a consent file: its kind is told by its header or fields, and every fault is listed at once."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trustkit.arguments import PATH, TEXT, accepts, choice
from trustkit.checksums import verify_digest, verify_folder
from trustkit.errors import DataError, suggest
from trustkit.estimation.consent_definitions import word_key
from trustkit.files.known_formats import refuse_address
from trustkit.files.scratch_folders import temporary_folder
from trustkit.files.zip_archives import CHUNK_BYTES, contents, is_clutter, items_in, refuse_growth
from trustkit.privacy.consent_documents import DOCUMENTS, document_kind
from trustkit.privacy.consent_reading import Reading, read_table
from trustkit.privacy.consent_signals import COLUMNS_OF, SUBJECTS, read_signals, signal_columns
from trustkit.privacy.consent_tables import FORMS
from trustkit.privacy.consent_times import known_zone
from trustkit.privacy.pseudonyms import read_key
from trustkit.survey.quoted_cells import are_names, library_words, quoted_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustkit.privacy.consent_reading import Table
    from trustkit.privacy.consents import Consents

KINDS = (*FORMS, *DOCUMENTS, *COLUMNS_OF)
GZIP = b"\x1f\x8b"
MOST_DOCUMENT = 1 << 29
"""The most bytes of a JSON document, which is read as a whole."""

PACKED = ".json.gz"
DIDOMI_FOLDERS = ("events", "users")
"""Folders of a Didomi export, the complete history before the last status."""

MANY = "several kinds of files"


def read_consents(
    path: str | Path,
    *,
    subject: str | None = None,
    kind: str | None = None,
    key: str | Path | None = None,
    zone: str | None = None,
) -> Consents:
    r"""Read consent records, or counts of them, as consent platforms and standards write them.

    Parameters
    ----------
    path
        The file; or the folder of a Didomi export. Also packed as zip or gzip.
    subject
        The column of subjects, in a table of strings or signals whose column has another name than
        ``subject`` or ``id``.
    kind
        What wrote the file; None: its header or its fields tell. ``own`` (CSV with ``subject``, ``purpose``,
        ``status``, ``at``, and if known ``until``, ``basis``, ``version``), ``usercentrics`` (history),
        ``usercentrics_report`` (counts), ``cookiebot`` (counts), ``cookiescript``, ``commanders_act``,
        ``didomi``, ``onetrust``, ``kantara``, ``dpv`` (ISO/IEC TS 27560); and columns of ``tcf``, ``gpp`` and
        ``us_privacy`` strings, ``gpc`` signals and ``att`` states.
    key
        The key file (`make_key`) under which subjects become pseudonyms while they are read, the same as
        those of `pseudonymise`. Needed where subjects are e-mail addresses or telephone numbers.
    zone
        The zone of times that have none, such as ``"Europe/Paris"``.

    Returns
    -------
    Consents
        Decisions of each subject and purpose in UTC; counts in ``aggregates``; rules applied in ``notes``.

    Raises
    ------
    DataError
        With every fault at once, each with its file, row and field: an unknown status, a time without a zone
        (unless ``zone`` is given), a consent without a purpose or that ends before it was given, a damaged
        string with the bit at which it fails; a file of an unknown kind; or a file, or a file of a folder,
        that differs from its digest in ``SHA256SUMS``.

    Notes
    -----
    Records that repeat are counted once. Of contradictory records of one moment the more protective holds. A
    withdrawal without a purpose withdraws every purpose of the file. Network addresses and browsers are not
    kept. Which fields were checked with their makers' documentation is told in `docs/consent_records.md`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "consents.csv"
    >>> _ = file.write_text(
    ...     "subject,purpose,status,at,until\n"
    ...     "P1,research,given,2026-01-05T10:00:00Z,2027-01-05T10:00:00Z\n"
    ...     "P2,research,refused,2026-01-06T12:00:00+01:00,\n"
    ... )
    >>> tk.read_consents(file).to_frame()[["subject", "status"]].values.tolist()
    [['P1', 'given'], ['P2', 'refused']]
    """
    accepts(
        path=(path, PATH),
        subject=(subject, TEXT.optional()),
        kind=(kind, choice(*KINDS).optional()),
        key=(key, PATH.optional()),
        zone=(zone, TEXT.optional()),
    )
    refuse_address(str(path))
    path = Path(path)
    secret = None if key is None else read_key(key)
    reading = Reading(path.name, known_zone(zone), secret)
    if path.is_dir():
        kinds = {_read_didomi_folder(reading, path, kind)}
    else:
        verify_digest(path)
        with _unpacked(path) as parts:
            kinds = {_read_part(reading, part, name, kind, subject) for part, name in parts}
    if len(kinds) > 1:
        raise DataError(
            f"the archive holds {MANY}", where=path.as_posix(), got=", ".join(sorted(kinds)),
            do="unpack it and read one kind at a time",
        )  # fmt: skip
    return reading.result(kinds.pop())


def _read_part(reading: Reading, path: Path, name: str, kind: str | None, subject: str | None) -> str:
    """Read one file and return its kind."""
    with path.open("rb") as file:
        start = file.read(CHUNK_BYTES)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        return _read_document(reading, path, name, kind)
    if not text:
        raise DataError("the file is empty", where=name, do="export the data again")
    try:
        table = read_table(path, name)
    except DataError as error:  # names the file as it was unpacked
        raise error.moved(path.as_posix(), name) from None
    return _read_table(reading, table, kind, subject)


def _read_table(reading: Reading, table: Table, kind: str | None, subject: str | None) -> str:
    """Read a table and return its kind."""
    if kind in DOCUMENTS:
        raise DataError(
            f"the file is no {kind} file",
            where=table.where,
            got="a table",
            expected="JSON",
            do="correct kind",
        )
    have = set(table.columns)
    fitting = [name for name, (needed, _) in FORMS.items() if have.issuperset(needed)]
    chosen = kind if kind in FORMS else next(iter(fitting), None) if kind is None else None
    if chosen is not None:
        needed, read = FORMS[chosen]
        lacking = [column for column in needed if column not in have]
        if lacking:
            raise DataError(
                f"the table lacks columns of {chosen}", where=table.where, expected=", ".join(needed),
                got=quoted_names(table.names.values()), do=f"add {', '.join(lacking)}, or correct kind",
            )  # fmt: skip
        read(reading, table)
        return chosen
    signals = signal_columns(table)
    if kind is not None:
        signals = {one: column for one, column in signals.items() if one == kind}
    if not signals:
        raise DataError(
            "the kind of consent file is unknown" if kind is None else f"no column holds {kind}",
            where=table.where, got=quoted_names(table.names.values()), expected="columns of a known kind",
            do="give kind, or name the columns subject, purpose, status and at",
        )  # fmt: skip
    read_signals(reading, table, signals, _subject_column(table, subject))
    return "+".join(signals)


def _subject_column(table: Table, subject: str | None) -> str:
    """Return the column of subjects."""
    if subject is not None:
        if word_key(subject) not in table.columns:
            names = list(table.names.values())
            raise DataError(
                f"no column {subject!r}", where=table.where, got=quoted_names(names),
                do=suggest(subject, names) if are_names(names) else "add a header to the file",
            )  # fmt: skip
        return word_key(subject)
    named = next((name for name in SUBJECTS if name in table.columns), None)
    if named is None:
        raise DataError(
            "the file has no column of subjects", where=table.where, got=quoted_names(table.names.values()),
            expected="a column named subject or id", do="give subject, the name of the column",
        )  # fmt: skip
    return named


def _read_document(reading: Reading, path: Path, name: str, kind: str | None) -> str:
    """Read a JSON document, or one object a line, and return its kind."""
    if path.stat().st_size > MOST_DOCUMENT:
        raise DataError(
            "the document is too large", where=name, got=f"{path.stat().st_size:,} bytes",
            expected=f"at most {MOST_DOCUMENT:,}", do="export a shorter period",
        )  # fmt: skip
    document = _parsed(path.read_bytes(), name)
    known = document_kind(document)
    if kind is not None and kind not in DOCUMENTS:
        raise DataError(
            f"the file is no {kind} file", where=name, got="JSON", expected="a table", do="correct kind"
        )
    chosen = kind or known
    if not chosen:
        raise DataError(
            "the kind of consent file is unknown", where=name, got="JSON without the fields of a known kind",
            expected=", ".join(DOCUMENTS), do="give kind",
        )  # fmt: skip
    DOCUMENTS[chosen](reading, name, document)
    if not (reading.rows or reading.counts or reading.faults or reading.left_out):
        raise DataError(
            "the document holds no consent record", where=name, expected=f"records of {chosen}",
            do="export the data again, or correct kind",
        )  # fmt: skip
    return chosen


def _parsed(raw: bytes, name: str) -> object:
    """Return what a JSON document holds; several objects, one a line, as a list."""
    try:
        text = raw.decode("utf-8-sig")
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except json.JSONDecodeError as fault:
            lines = [line for line in text.split("\n") if line.strip()]
            if len(lines) < 2 or not fault.msg.startswith("Extra data"):  # noqa: PLR2004
                raise
        documents = []
        for number, line in enumerate(lines, start=1):
            try:
                documents.append(json.loads(line, parse_constant=_refuse_constant))
            except json.JSONDecodeError as fault:
                raise _damaged(f"{name}, line {number:,}", fault.msg) from None
    except UnicodeDecodeError as fault:
        raise _damaged(name, library_words(fault)) from None
    except json.JSONDecodeError as fault:
        raise _damaged(f"{name}, line {fault.lineno:,}", fault.msg) from None
    except RecursionError:
        raise _damaged(name, "too many levels") from None
    except ValueError as fault:  # NaN, or a number with too many digits
        raise _damaged(name, library_words(fault)) from None
    return documents


def _refuse_constant(written: str) -> None:
    raise ValueError(f"the constant {written}")


def _damaged(where: str, got: str) -> DataError:
    return DataError("the document is not JSON", where=where, got=got, do="save or download it again")


def _read_didomi_folder(reading: Reading, folder: Path, kind: str | None) -> str:
    """Read the batches of a Didomi export: its events, or, where there are none, its users."""
    if kind not in (None, "didomi"):
        raise DataError(
            "the path is a folder", where=folder.as_posix(), expected="a file", do="name the file to read"
        )
    for content in DIDOMI_FOLDERS:
        files = sorted(file for file in folder.rglob(f"*{PACKED}") if file.parent.name == content)
        if files:
            break
    else:
        raise DataError(
            "the folder holds no Didomi export", where=folder.as_posix(),
            expected=f"files {PACKED} in folders events or users", do="name the folder of the export",
        )  # fmt: skip
    verify_folder(folder, files)
    for file in files:
        name = file.relative_to(folder).as_posix()
        DOCUMENTS["didomi"](reading, name, _parsed(_gunzipped(file, name), name))
    return "didomi"


def _gunzipped(path: Path, where: str) -> bytes:
    """Unpack a gzip file in memory, and refuse one that is damaged or grows beyond measure."""
    packed, total, chunks = path.stat().st_size, 0, []
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK_BYTES):
                total += len(chunk)
                refuse_growth("the file", where, total, packed, "unpack it yourself, if you trust it")
                chunks.append(chunk)
    except (OSError, EOFError, zlib.error):
        raise DataError("the packed file is damaged", where=where, do="save or download it again") from None
    return b"".join(chunks)


@contextmanager
def _unpacked(path: Path) -> Iterator[list[tuple[Path, str]]]:
    """Provide the files of a path with their names: itself, or what an archive holds, one level deep."""
    with path.open("rb") as file:
        is_gzip = file.read(len(GZIP)) == GZIP
    with temporary_folder() as folder:
        if is_gzip:
            target = folder / "data"
            target.write_bytes(_gunzipped(path, path.name))
            yield [(target, path.name)]
        elif items_in(path, path.as_posix()) is None:
            yield [(path, path.name)]
        else:
            yield list(_members(path, folder, path.name, may_hold_archives=True))


def _members(path: Path, folder: Path, name: str, *, may_hold_archives: bool) -> Iterator[tuple[Path, str]]:
    """Unpack what an archive holds into a folder, archives inside it too."""
    items = [item for item in items_in(path, name) or [] if not is_clutter(item)]
    if not items:
        raise DataError("the archive is empty", where=name, do="download it again")
    with zipfile.ZipFile(path) as archive:
        for item in items:
            target = folder / f"{len(list(folder.iterdir()))}"
            with target.open("wb") as file:
                for chunk in contents(archive, item, name):
                    file.write(chunk)
            inside = f"{name}, {PurePosixPath(item.filename).name}"
            if items_in(target, inside) is None:
                yield target, inside
            elif may_hold_archives:
                yield from _members(target, folder, inside, may_hold_archives=False)
            else:
                raise DataError(
                    "archives inside archives inside an archive", where=inside, do="unpack the inner ones"
                )
