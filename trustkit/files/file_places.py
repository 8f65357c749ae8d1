"""Places of files to write: what may not be replaced there, and where nothing is published."""

from __future__ import annotations

from pathlib import Path

from trustkit.checksums import CHECKSUMS, read_digests
from trustkit.errors import DataError, special_file
from trustkit.files.erased_ids import RAW


def refuse_place(path: Path, *, source: str = "") -> None:
    """Refuse a file that would overwrite raw data or what is not a file, or that has no folder.

    Parameters
    ----------
    path
        The file to write. Another file that stands there may be replaced.
    source
        The file that the data were read from, if any: it is raw data, too.

    Raises
    ------
    DataError
        If the file is the source, or ``SHA256SUMS`` beside it lists it; if its folder is missing; or if
        something else has its name, such as a folder.

    Examples
    --------
    >>> refuse_place(Path("no_such_folder/tables.xlsx"))
    Traceback (most recent call last):
    trustkit.errors.DataError: no such folder
      where: no_such_folder
      do: make it first
    """
    is_listed = path.name in read_digests(path.parent)
    if is_listed or (source and path.exists() and path.resolve() == Path(source).resolve()):
        raise DataError(
            "this would overwrite raw data", where=path.as_posix(),
            got=f"a file that {CHECKSUMS} lists" if is_listed else "the file that the survey was read from",
            do="choose another name; raw data is never edited",
        )  # fmt: skip
    if not path.parent.is_dir():
        raise DataError("no such folder", where=path.parent.as_posix(), do="make it first")
    if path.exists() and not path.is_file():
        raise DataError(
            "only a file can be replaced", where=path.as_posix(),
            got=special_file(path.stat().st_mode) or "a folder", do="choose another name",
        )  # fmt: skip


def refuse_study_data(path: Path) -> None:
    """Refuse a file to publish that would lie among the data of a study.

    There it would be taken for one of the study's exports, or deleted with what can be made again.

    Parameters
    ----------
    path
        The file to write. It need not exist, and links are followed.

    Raises
    ------
    DataError
        If it lies in the folder ``data`` of a study, which is known by its folder ``data/raw``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "data" / "raw").mkdir(parents=True)
    >>> refuse_study_data(folder / "public.parquet")
    >>> try:
    ...     refuse_study_data(folder / "data" / "raw" / "public.parquet")
    ... except DataError as refusal:
    ...     print(refusal.what)
    a file to publish would lie among the data of a study
    """
    named = path.parent.resolve() / path.name  # the link itself, and where it leads
    for folder in dict.fromkeys((*named.parents, *path.resolve().parents)):
        if folder.name == RAW.parent.name and (folder.parent / RAW).is_dir():
            raise DataError(
                "a file to publish would lie among the data of a study", where=path.as_posix(),
                expected=f"a folder outside {RAW.parent.as_posix()}/", do="choose another folder",
            )  # fmt: skip
