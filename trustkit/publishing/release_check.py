"""The last look at a site before it leaves: whether any byte tells of a respondent or of this computer."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import PATH, accepts
from trustkit.errors import ReportError
from trustkit.files.scratch_folders import restore_folder, scratch_folder, switch_folder
from trustkit.ledger import PUBLISHED_COUNTS
from trustkit.privacy.leak_looks import NO_LIBRARY, PLACE, can_judge_phones
from trustkit.publishing.leaks import Leak, masked, piece_leaks
from trustkit.publishing.site_files import Piece, file_pieces
from trustkit.publishing.site_versions import WITHDRAW, site_differences
from trustkit.publishing.study_secrets import study_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustkit.publishing.study_secrets import Secrets

COLUMNS = ["file", "place", "what", "excerpt"]

SCRATCH = ".release-"
"""How the name of a folder begins in which a copy is made."""

KEY_FILE = re.compile(
    r"(?i:.*\.(?:key|pem|p12|pfx|kdbx|jks|ppk|asc)|id_(?:rsa|dsa|ecdsa|ed25519)|\.env(?:\..+)?"
    r"|\.netrc|\.pgpass|\.htpasswd|\.git-credentials|credentials(?:\.json)?|secrets?\.(?:json|ya?ml|toml|txt))"
)
"""Names of files that hold secret keys."""

KEY_TEXT = re.compile(rb"\s*(?:[0-9A-Fa-f]{32,128}|[A-Za-z2-7]{26,104}=*|[A-Za-z0-9+/_-]{43,172}={0,2})\s*")
"""What a file holds that is a secret key and nothing else."""

SECRET_FILE, EXPORT, LINK = "a secret key file", "the raw export itself", "a link to another place"


@dataclass(frozen=True, eq=False)
class Release:
    """A site that was looked at before it leaves.

    Attributes
    ----------
    site
        The folder that was searched.
    leaks
        What was found, as `trustkit.check_release` returns it.
    files, size
        How many files were searched, and how many bytes they have.
    published
        The copy, if nothing was found and a folder was given.
    not_searched
        In words, what was not looked for.
    differences
        How many of the findings are differences from the site that was published before.
    """

    site: Path
    leaks: pd.DataFrame
    files: int
    size: int
    published: Path | None
    not_searched: tuple[str, ...]
    differences: int = 0

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do about differences from the site that was published before, if there are any."""
        return WITHDRAW if self.differences else ()


def check_release(site: str | Path, study: str | Path) -> pd.DataFrame:
    r"""Search every file of a site for what must not be published.

    Every byte is searched: pages with their attributes, notebooks with outputs, metadata and attachments,
    tables, Office files, PDFs, the metadata of pictures, scripts, the search index, and whatever is packed or
    encoded in one of them. It looks for

    - identifiers: each value of a column that the codebook calls ``direct``, in any case, also in base64, in
      addresses (``%20``) and in HTML (``&amp;``). An id of fewer than five digits, or of fewer than four
      characters, is looked for only beside a word such as "id" or below its column's name. So is a number in
      a table if the ids are so close together that any number may be equal to one;
    - open answers of 20 characters and more, by each run of eight words; rare answers: what fewer
      than 10 respondents typed;
    - rows of one respondent: three or more answers to columns that the codebook calls ``quasi``, or eight of
      any column, that together only one respondent gave;
    - e-mail addresses, telephone numbers (with the extra ``publish``), bank accounts and official numbers
      by their check digits, keys and passwords, files of keys, paths of a computer and its user's name;
    - counts of 1 to 9 respondents without a mark, in tables and in ledgers of counts;
    - files that cannot be searched, links to other places, and the raw exports.

    What the questionnaire itself says, and the address that the study gives as its contact, may be published.

    Parameters
    ----------
    site
        The folder that will leave.
    study
        The folder of the study: its exports with their codebooks in ``data/raw/``.

    Returns
    -------
    pd.DataFrame
        One row for each finding, none if the site may leave: ``file`` (from the site's folder on), ``place``
        (cell, output, member, line), ``what``, and ``excerpt`` with all but the first letters hidden.
        ``attrs["not_searched"]`` says in words what was not looked for.

    Raises
    ------
    ReportError
        If there is no such site.
    DataError
        If the study has no export with a codebook, or an export has changed since its checksum was taken.
    CodebookError
        With every error of a codebook.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import trustkit as tk
    >>> from trustkit.reporting.study import new_study
    >>> place = Path(tempfile.mkdtemp())
    >>> rows = [f"P{number},3{number % 10}" for number in range(100, 130)]
    >>> _ = (place / "answers.csv").write_text("\n".join(["panel_id,age", *rows]))
    >>> _ = new_study(place / "study", place / "answers.csv")
    >>> (place / "site").mkdir()
    >>> _ = (place / "site" / "page.html").write_text('<p title="p111">')
    >>> print(tk.check_release(place / "site", place / "study").to_string(index=False))
         file place                     what excerpt
    page.html       an identifier (panel_id)    p***
    """
    accepts(site=(site, PATH), study=(study, PATH))
    return look_at_release(Path(site), Path(study)).leaks


def look_at_release(site: Path, study: Path) -> Release:
    """Search a site, and count what was searched; as `trustkit.check_release`."""
    if not site.is_dir():
        raise ReportError(
            "there is no site to publish",
            where=site.as_posix(),
            do=f"make it first: trustkit report {study.as_posix()}",
        )
    secrets = study_secrets(study)
    paths = [path for path in sorted(site.rglob("*")) if path.is_symlink() or path.is_file()]
    found: dict[Leak, None] = {}
    size = 0
    for path in paths:
        name = path.relative_to(site).as_posix()
        if path.is_symlink():
            found[Leak(name, "", LINK, masked(path.readlink().as_posix()))] = None
            continue
        content = path.read_bytes()
        size += len(content)
        found.update(dict.fromkeys(_file_leaks(content, name, secrets)))
    leaks = pd.DataFrame([vars(leak) for leak in found], columns=COLUMNS)
    not_searched = () if can_judge_phones() else (NO_LIBRARY,)
    leaks.attrs["not_searched"] = not_searched
    return Release(site, leaks, len(paths), size, None, not_searched)


def _file_leaks(content: bytes, name: str, secrets: Secrets) -> Iterator[Leak]:
    """Iterate over the leaks of a file."""
    if KEY_FILE.fullmatch(name.rpartition("/")[2]) or KEY_TEXT.fullmatch(content):
        yield Leak(name, "", SECRET_FILE, "")
    if sha256(content).hexdigest() in secrets.digests:
        yield Leak(name, "", EXPORT, "")
    for leak in piece_leaks(Piece(name, "the file's name", name), secrets):
        if leak.what != PLACE:
            yield leak
    for piece in file_pieces(content, name):
        yield from piece_leaks(piece, secrets)


def publish_study(
    study: str | Path,
    *,
    against: str | Path | None = None,
    to: str | Path | None = None,
    tell: Callable[[str], None],
) -> Release:
    """Search a study's site, and copy it to a folder if nothing is found.

    Parameters
    ----------
    study
        The study's folder, with its site in ``site``.
    against
        The site that was published before, if any. What both sites together tell of 1 to 9 respondents is a
        finding, too; see `trustkit.publishing.site_versions`.
    to
        The folder to copy the site to, made whole or not at all. A site that is there is replaced, anything
        else refused.
    tell
        Is told each step.

    Raises
    ------
    ReportError
        If there is no site, the folder to copy to holds something else, or a site that is compared has no
        ledger of counts.
    DataError, CodebookError
        As `trustkit.check_release`.
    """
    study = Path(study)
    site = study / "site"
    target = None if to is None else Path(to)
    if target is not None:
        restore_folder(target, SCRATCH)
        _refuse_other_folders(target, site)
    differences = () if against is None else site_differences(Path(against), site)
    tell("searching the site")
    release = look_at_release(site, study)
    if differences:
        rows = [(PUBLISHED_COUNTS, place, what, "") for place, what in differences]
        release = replace(
            release,
            leaks=pd.concat([release.leaks, pd.DataFrame(rows, columns=COLUMNS)], ignore_index=True),
            differences=len(differences),
        )
    if target is None or len(release.leaks):
        return release
    tell("copying the site")
    with scratch_folder(target.parent, SCRATCH) as scratch:
        copy = scratch / "site"
        shutil.copytree(site, copy)
        switch_folder(copy, target)
    return replace(release, published=target)


def _refuse_other_folders(target: Path, site: Path) -> None:
    """Refuse a folder to copy to that is the site itself, or that holds something other than a site."""
    if target.resolve() == site.resolve() or site.resolve() in target.resolve().parents:
        raise ReportError(
            "the folder to copy to is the site itself, or lies in it",
            where=target.as_posix(),
            do="name another folder",
        )
    if (
        target.exists()
        and not (target / ".buildinfo").is_file()
        and (target.is_file() or any(target.iterdir()))
    ):
        raise ReportError(
            "the folder to copy to was not made by trustkit",
            where=target.as_posix(),
            do="name a new folder, an empty one, or one that holds an earlier site",
        )
