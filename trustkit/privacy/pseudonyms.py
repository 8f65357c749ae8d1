"""Pseudonyms: ids replaced by a keyed hash that stays the same over waves and files."""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.arguments import PATH, SURVEY, accepts
from trustkit.errors import DataError, special_file, writing
from trustkit.survey.columns import answered
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.survey.survey import Survey

KEY_BYTES = 32
"""How long a key is: as long as the hash."""

KEY_TEXT = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}\s*")
"""What a key file holds: the key in hexadecimal digits."""

LETTERS = 16
"""How many letters of base32 a pseudonym has: 80 bits; two of a million ids share one at odds below 1e-12."""

PSEUDONYM = re.compile(rf"[A-Z2-7]{{{LETTERS}}}")
"""The form of a pseudonym."""

OWNER_ONLY = 0o600
OTHERS = 0o077


def make_key(path: str | Path) -> Path:
    """Make a new key for pseudonyms and write it to a file that only its owner can read.

    Whoever has the key can tell which pseudonym belongs to an id. Keep it outside the study's folder and
    apart from the data, and keep a copy in a safe place: without it no later wave gets the same pseudonyms.

    Parameters
    ----------
    path
        The file to make, outside the study and outside any repository.

    Returns
    -------
    Path
        The file: 32 random bytes in hexadecimal digits, with the mode 600 where the system has modes.

    Raises
    ------
    DataError
        If the file exists, lies in a study or a repository, or can't be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> key = tk.make_key(pathlib.Path(tempfile.mkdtemp()) / "panel.key")
    >>> len(key.read_text().strip())
    64
    """
    accepts(path=(path, PATH))
    path = Path(path)
    _refuse_place(path)
    if path.exists():
        raise DataError(
            "the key file exists already", where=path.as_posix(),
            do="use it, or give another name: a new key gives every person a new pseudonym",
        )  # fmt: skip
    with writing(path):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(opened, "w", encoding="ascii", newline="\n") as file:
            file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
    return path


def read_key(path: str | Path) -> bytes:
    """Read the key for pseudonyms.

    Raises
    ------
    DataError
        If the file is missing, is no key, lies in a study or a repository, or others may read it.

    Examples
    --------
    >>> import tempfile
    >>> len(read_key(make_key(Path(tempfile.mkdtemp()) / "panel.key")))
    32
    """
    path = Path(path)
    where = path.as_posix()
    _refuse_place(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise DataError(
                "the key is not a file", where=where, got=special_file(mode), do="name a key file"
            )
        with path.open("rb") as file:
            written = file.read(4 * KEY_BYTES).decode("ascii", errors="replace")
    except OSError as fault:
        raise DataError(
            "the key file can't be read", where=where, got=fault.strerror,
            do="correct the path, or make a new key with tk.make_key",
        ) from None  # fmt: skip
    if os.name == "posix" and mode & OTHERS:
        raise DataError(
            "others may read the key file", where=where, got=f"mode {stat.S_IMODE(mode):o}",
            expected=f"mode {OWNER_ONLY:o}", do=f"run: chmod {OWNER_ONLY:o} on the file",
        )  # fmt: skip
    if not KEY_TEXT.fullmatch(written):
        raise DataError(
            "the file holds no key", where=where, expected=f"{2 * KEY_BYTES} hexadecimal digits",
            do="name the file that tk.make_key made",
        )  # fmt: skip
    return bytes.fromhex(written.strip())


def pseudonym(written: str, key: bytes) -> str:
    """Return the pseudonym of an id: the first 16 letters, in base32, of its HMAC-SHA256 under a key.

    Parameters
    ----------
    written
        The id as text; it counts as ``id_text`` compares it.
    key
        The key (`trustkit.make_key`).

    Examples
    --------
    >>> pseudonym("A17", bytes(32)) == pseudonym(" A17 ", bytes(32)), len(pseudonym("A17", bytes(32)))
    (True, 16)
    """
    digest = hmac.digest(key, id_text(written).encode("utf-8", errors="surrogatepass"), "sha256")
    return base64.b32encode(digest)[:LETTERS].decode("ascii")


def pseudonyms_of(written: Iterable[str], key: bytes, where: str) -> dict[str, str]:
    """Return each id's pseudonym.

    Parameters
    ----------
    written
        The ids as text.
    key
        The key.
    where
        What holds them, for the message.

    Raises
    ------
    DataError
        If two different ids get the same pseudonym.

    Examples
    --------
    >>> len(set(pseudonyms_of(["a", "b", "a"], bytes(32), "panel.csv").values()))
    2
    """
    names = {one: pseudonym(one, key) for one in dict.fromkeys(written)}
    different = {id_text(one) for one in names}
    if len(set(names.values())) < len(different):
        raise DataError(
            "two different ids get the same pseudonym", where=where,
            got=f"{len(different):,} ids, {len(set(names.values())):,} pseudonyms",
            do="make another key with tk.make_key",
        )  # fmt: skip
    return names


def pseudonymise(survey: Survey, key: str | Path) -> Survey:
    """Replace the ids of a survey by pseudonyms, which are the same in each wave and in consent records.

    Only columns of the kind ``id`` are changed. Remove other columns that identify a person directly, such
    as e-mail addresses, in the cleaning. Pseudonymous data are still personal data: the key leads back.

    Parameters
    ----------
    survey
        The survey. Its codebook says which columns are ids.
    key
        The key file (`make_key`), outside the study.

    Returns
    -------
    Survey
        The same survey with pseudonyms of 16 letters and digits in place of the ids. Cells without an id stay
        as they are.

    Raises
    ------
    DataError
        If no column is an id, all ids of a column have the form of pseudonyms, the key can't be used, or two
        ids get the same pseudonym.

    Notes
    -----
    A pseudonym is the first 16 letters, in base32, of the HMAC-SHA256 of the id under the key. A hash without
    a key would not do: whoever can list all possible ids could reverse it. An id counts as it is written:
    ``7`` and ``007`` are two, but ``7`` and ``7.0`` are one, as are composed and decomposed letters.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> key = tk.make_key(pathlib.Path(tempfile.mkdtemp()) / "panel.key")
    >>> book = tk.Codebook({"person": tk.Variable("person", "Person", "id", identifier="direct")})
    >>> first = tk.pseudonymise(tk.Survey(pd.DataFrame({"person": ["A1", "A2"]}), book), key)
    >>> later = tk.pseudonymise(tk.Survey(pd.DataFrame({"person": ["A2", "A3"]}), book), key)
    >>> bool(first.data["person"][1] == later.data["person"][0]), len(first.data["person"][0])
    (True, 16)
    """
    accepts(survey=(survey, SURVEY), key=(key, PATH))
    ids = [
        about
        for about in survey.codebook.variables.values()
        if about.kind == "id" and about.name in survey.data
    ]
    if not ids:
        raise DataError(
            "the survey has no id to replace", expected="a variable of the kind id",
            do="describe the id in the codebook with kind: id",
        )  # fmt: skip
    secret = read_key(key)
    columns = {}
    for about in ids:
        column = survey.data[about.name]
        valid = answered(column, about) & column.notna()
        written = column[valid].map(id_text)
        if len(written) and bool(written.str.fullmatch(PSEUDONYM).all()):
            raise DataError(
                f"the ids of {about.name} are pseudonyms already", where="pseudonymise",
                got=f"{LETTERS} capital letters and digits in every row",
                expected="ids as they were collected",
                do="use the survey as it is: pseudonyms of pseudonyms match no other wave",
            )  # fmt: skip
        names = pseudonyms_of(written, secret, about.name)
        columns[about.name] = column.astype("object").where(~valid, written.map(names)).infer_objects()
    return replace(survey, data=survey.data.assign(**columns))


def _refuse_place(path: Path) -> None:
    """Refuse a key that would be published or shared with the study."""
    real = path.resolve()
    named = path.parent.resolve() / path.name  # a link in a study gives the key away, too
    for folder in dict.fromkeys((*named.parents, *real.parents)):
        kind = (
            "a repository" if (folder / ".git").exists()
            else "a study" if (folder / "data" / "raw").is_dir()
            else ""
        )  # fmt: skip
        if kind:
            raise DataError(
                f"the key lies in {kind}", where=path.as_posix(), expected="a folder outside the study",
                do="keep the key apart from the data, and never commit it",
            )  # fmt: skip
