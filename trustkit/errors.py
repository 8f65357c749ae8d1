"""Errors: each message says what is wrong, where, what was found, what was expected and what to do."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from itertools import islice
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from os import PathLike

    import pandas as pd


@dataclass(frozen=True)
class Fault:
    """One of several errors that are found together.

    Attributes
    ----------
    what
        What is wrong.
    where
        The line, variable, entry or argument it was found in; empty if that is clear.
    do
        What the user can do about it.

    Examples
    --------
    >>> print(Fault("no variable 'agee'", where="entry 2, recode", do="did you mean 'age'?"))
    entry 2, recode: no variable 'agee'; did you mean 'age'?
    """

    what: str
    where: str = ""
    do: str = ""

    def __str__(self) -> str:
        """Return the fault on one line."""
        where = f"{self.where}: " if self.where else ""
        return f"{where}{self.what}{'; ' + self.do if self.do else ''}"


class TrustkitError(Exception):
    """Root of every error that trustkit raises on a user's mistake.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        The file, line, variable or argument it was found in.
    got, expected
        The value that was found, and a correct value.
    do
        What the user can do about it.
    faults
        The errors found, if several things were checked at once; ``to_frame`` returns them as a table.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"age": [20.0, 40.0, 60.0]}))
    >>> try:
    ...     tk.mean(design, "agee")
    ... except tk.TrustkitError as error:
    ...     print(error.do)
    did you mean 'age'?
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        do: str | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        parts = {"where": where, "got": got, "expected": expected, "do": do}
        _refuse_other_than_text(what=what, **{name: text for name, text in parts.items() if text is not None})
        self.what, self.where, self.got, self.expected, self.do = what, where, got, expected, do
        self.faults = _faults_in(faults)
        lines = [*(f"  - {fault}" for fault in self.faults)]
        lines += [f"  {name}: {text}" for name, text in parts.items() if text]
        super().__init__("\n".join([what, *lines]))

    def _render_traceback_(self) -> list[str]:
        """Return the error as a notebook shows it: its message, and the line of the cell that led to it.

        The frames inside trustkit say nothing about a user's mistake. They are shown on request, after
        ``%xmode Verbose``, or once for the last error by ``%tb Verbose``.
        """
        get_shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
        formatter = getattr(get_shell(), "InteractiveTB", None)
        if formatter is not None and formatter.mode == "Verbose":
            frames: list[str] = formatter.structured_traceback(
                type(self), self, self.__traceback__, tb_offset=1
            )
            return frames
        places = [*_cell_lines(self)[-1:]]
        if self.__cause__ is not None:  # a function of the user, which stands in a cell too
            places += [line for line in _cell_lines(self.__cause__)[-1:] if line not in places]
        notes = [f"  {note}" for note in getattr(self, "__notes__", ())]
        shown = "\n".join([f"{type(self).__name__}: {self}", *notes, *places])
        return ["".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in shown)]

    def moved(self, old: str, new: str) -> Self:
        """Return the error with another name for the place it was found in.

        Examples
        --------
        >>> print(DataError("a row is short", where="/tmp/x/a.csv:3").moved("/tmp/x", "a.zip"))
        a row is short
          where: a.zip/a.csv:3
        """
        _refuse_other_than_text(old=old, new=new)
        where = self.where and self.where.replace(old, new)
        return type(self)(
            self.what, where=where, got=self.got, expected=self.expected, do=self.do, faults=self.faults
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per error found: ``where``, ``what``, ``do``.

        Examples
        --------
        >>> DataError("no such variable", where="agee").to_frame().to_dict("records")
        [{'where': 'agee', 'what': 'no such variable', 'do': ''}]
        """
        import pandas as pd  # noqa: PLC0415  # reading the command line's help must not load pandas

        faults = self.faults or (Fault(self.what, self.where or "", self.do or ""),)
        rows = [(fault.where, fault.what, fault.do) for fault in faults]
        return pd.DataFrame(rows, columns=["where", "what", "do"])


def _cell_lines(error: BaseException) -> list[str]:
    """Return the lines of cells of a notebook that led to an error, outermost first."""
    return [
        f"  line {frame.lineno} of the cell: {frame.line}"
        for frame in extract_tb(error.__traceback__)
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython")
    ]


def _refuse_other_than_text(**given: object) -> None:
    """Refuse parts of a message that are not text; the layer that checks arguments stands above this one."""
    for name, value in given.items():
        if not isinstance(value, str):
            raise DataError(
                f"the argument {name!r} can't be used",
                got=f"a value of type {type(value).__name__}", expected="text",
                do="write it in quotation marks",
            )  # fmt: skip


def _faults_in(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults of a list or another collection of them."""
    named: tuple[object, ...] = tuple(faults) if hasattr(type(faults), "__iter__") else (faults,)
    for fault in named:
        if not isinstance(fault, Fault):
            raise DataError(
                "the argument 'faults' can't be used",
                got=f"a value of type {type(fault).__name__}", expected="a list of faults",
                do="leave it out, or give the faults of another error",
            )  # fmt: skip
    return tuple(fault for fault in named if isinstance(fault, Fault))


class DataError(TrustkitError):
    """The data differ from their description: missing file, column, code, or a changed raw file."""


class NotComputableError(DataError):
    """An index that cannot be computed for any respondent.

    When several indices were requested, the reason takes the place of its column.
    """


class CodebookError(TrustkitError):
    """The codebook, or another YAML document that describes a study, breaks its schema."""


class DesignError(TrustkitError):
    """The sampling design can't be used: bad weights, strata, PSUs or finite populations."""


class TargetsError(TrustkitError):
    """Weighting targets that the data can't meet, or that disagree with each other."""


class ClaimError(TrustkitError):
    """A published figure that can't be checked as it is written."""


class FitError(TrustkitError):
    """A model that can't be fitted: its formula, its terms, or the answers do not allow it."""


class ReportError(TrustkitError):
    """A notebook or site that can't be made."""


class Faults:
    """The errors found so far in one subject, so that a user sees all of them at once.

    Parameters
    ----------
    subject
        What is checked, as it completes "2 errors in ...".
    error
        The class of error that `refuse` raises.

    Examples
    --------
    >>> faults = Faults("the targets", TargetsError)
    >>> faults.add("the shares sum to 0.9, not to 1", where="sex")
    >>> faults.add("no such variable", where="agee", do="did you mean 'age'?")
    >>> try:
    ...     faults.refuse()
    ... except TargetsError as error:
    ...     print(error)
    2 errors in the targets
      - sex: the shares sum to 0.9, not to 1
      - agee: no such variable; did you mean 'age'?
    """

    def __init__(self, subject: str, error: type[TrustkitError]) -> None:
        self.subject, self.error = subject, error
        self._faults: dict[Fault, None] = {}

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, what: str, *, where: str = "", do: str = "") -> None:
        """Record an error; one that was recorded before is not repeated."""
        self._faults.setdefault(Fault(what, where, do))

    def include(self, error: TrustkitError, *, where: str = "") -> None:
        """Record an error that was raised, with each of its faults if it has several."""
        if error.faults:
            for fault in error.faults:
                place = ", ".join(filter(None, (where, fault.where)))
                self.add(fault.what, where=place, do=fault.do)
            return
        got = f", got {error.got}" if error.got and error.got not in error.what else ""
        self.add(f"{error.what}{got}", where=where, do=error.do or "")

    def refuse(self, *, where: str | None = None, do: str | None = None) -> None:
        """Raise one error that lists every error recorded; return if there is none."""
        if self:
            count = f"{len(self)} error{'' if len(self) == 1 else 's'}"
            raise self.error(f"{count} in {self.subject}", where=where, do=do, faults=self)


DISTRIBUTION = "trustkit-survey"
"""The name to install by. On the package index the name of the import, trustkit, is another project's."""


def install_hint(extra: str) -> str:
    """Return the advice on how to install the packages of an extra.

    Every message that names an optional package ends with this sentence, so that none of them tells anybody
    to install the other project.

    Examples
    --------
    >>> install_hint("files")
    "install it with: pip install 'trustkit-survey[files]'"
    """
    return f"install it with: pip install '{DISTRIBUTION}[{extra}]'"


def not_installed(work: str, missing: ImportError, extra: str) -> ReportError:
    """Return the error that a package which does some work, and comes with an extra, is not installed.

    Examples
    --------
    >>> print(not_installed("makes the PDF", ImportError("No module named 'typst'"), "pdf"))
    a package that makes the PDF is not installed
      got: No module named 'typst'
      do: install it with: pip install 'trustkit-survey[pdf]'
    """
    return ReportError(f"a package that {work} is not installed", got=str(missing), do=install_hint(extra))


def needs(module: str, extra: str, where: str, *, what: str = "reading or writing this") -> Any:  # noqa: ANN401
    """Import an optional module, or raise an error that names the extra that installs it.

    Raises
    ------
    DataError
        If it is not installed.

    Examples
    --------
    >>> needs("json", "files", "answers.json").loads("1")
    1
    """
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise DataError(
            f"{what} needs the package {module.partition('.')[0]}",
            where=where,
            do=install_hint(extra),
        ) from None


NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What the system says of a full disk, of a file that is too large, and of a share that is used up."""


@contextmanager
def writing(path: PathLike[str] | str) -> Iterator[None]:
    """Turn what the system says about a file that can't be written into an error that names the file.

    Raises
    ------
    DataError
        With the system's own words.

    Examples
    --------
    >>> import pathlib
    >>> with writing("no_such_folder/a.csv"):
    ...     pathlib.Path("no_such_folder/a.csv").write_text("a")
    Traceback (most recent call last):
    trustkit.errors.DataError: the file can't be written
      where: no_such_folder/a.csv
      got: No such file or directory
      do: check that the folder exists and that you may write to it
    """
    try:
        yield
    except OSError as fault:
        is_full = fault.errno in NO_ROOM
        raise DataError(
            "the file can't be written",
            where=str(path),
            got=os.strerror(fault.errno) if is_full and fault.errno else fault.strerror or str(fault),
            do="free some space, or choose a folder on another disk"
            if is_full
            else "check that the folder exists and that you may write to it",
        ) from fault


ROWS_SHOWN = 5
"""How many rows, or values, an error names."""


def first_few(values: Iterable[object]) -> str:
    """Return the first few values on one line, to name rows or values in an error.

    Examples
    --------
    >>> first_few(range(100))
    '0, 1, 2, 3, 4'
    """
    return ", ".join(str(value) for value in islice(values, ROWS_SHOWN))


def how_many(count: int, noun: str, one: str = "", several: str = "") -> str:
    """Return a number with its noun, and a verb, in the plural unless the number is 1.

    Examples
    --------
    >>> how_many(1, "value", "is", "are"), how_many(1_200, "value", "is", "are"), how_many(0, "PSU")
    ('1 value is', '1,200 values are', '0 PSUs')
    """
    words = f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
    return f"{words} {one if count == 1 else several}".rstrip()


def without_value(rows: Collection[object], name: str = "") -> str:
    """Return the words for rows that have no value, of a variable if it is named.

    Examples
    --------
    >>> without_value(["r1", "r7"], "age")
    '2 rows have no value of age (first at rows r1, r7)'
    """
    count = how_many(len(rows), "row", "has", "have")
    return f"{count} no value{' of ' + name if name else ''} (first at rows {first_few(rows)})"


def suggest(name: object, options: Iterable[object]) -> str:
    """Return advice on a name that is not among ``options``: the nearest one, or a list.

    Examples
    --------
    >>> suggest("agee", ["age", "sex"])
    "did you mean 'age'?"
    >>> suggest("q", ["age", "sex"])
    'choose one of: age, sex'
    """
    shown = [str(option) for option in options]
    if not shown:
        return ""
    plain = {option.casefold(): option for option in reversed(shown)}
    near = get_close_matches(str(name).casefold(), plain, n=1, cutoff=0.6)
    if near:
        return f"did you mean {plain[near[0]]!r}?"
    most = 20
    rest = f" and {len(shown) - most} more" if len(shown) > most else ""
    return f"choose one of: {', '.join(shown[:most])}{rest}"


def special_file(mode: int) -> str:
    """Return what a path's mode says it is, if it is neither a file nor a folder: a pipe, a socket, a device.

    Reading one may never end, and a file put in its place would take it away from what uses it.

    Examples
    --------
    >>> import stat
    >>> special_file(stat.S_IFIFO)
    'a pipe'
    >>> special_file(stat.S_IFREG)
    ''
    """
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    kinds = {stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    return next((words for is_kind, words in kinds.items() if is_kind(mode)), "a device")
