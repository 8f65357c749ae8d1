"""What trustkit says when something is wrong: what, where, got, expected, what to do."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class TrustkitError(Exception):
    """Root of every error that trustkit raises on a user's mistake.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        The file, line, variable or argument it was found in.
    got, expected
        What stood there, and what would be right.
    do
        What the user can do about it.

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
    ) -> None:
        self.what, self.where, self.got, self.expected, self.do = what, where, got, expected, do
        parts = {"where": where, "got": got, "expected": expected, "do": do}
        super().__init__("\n".join([what, *(f"  {name}: {text}" for name, text in parts.items() if text)]))

    def moved(self, old: str, new: str) -> Self:
        """Return the error with another name for the place it was found in.

        Examples
        --------
        >>> print(DataError("a row is short", where="/tmp/x/a.csv:3").moved("/tmp/x", "a.zip"))
        a row is short
          where: a.zip/a.csv:3
        """
        where = self.where and self.where.replace(old, new)
        return type(self)(self.what, where=where, got=self.got, expected=self.expected, do=self.do)


class DataError(TrustkitError):
    """The data are not what they were said to be: missing file, column, code, or a changed raw file."""


class NotComputableError(DataError):
    """An index that these answers can't give, to anybody; where several are wanted, a reason in its place."""


class CodebookError(TrustkitError):
    """The codebook, or another YAML document that describes a study, breaks its schema."""


class DesignError(TrustkitError):
    """The sampling design can't be used: bad weights, strata, PSUs or finite populations."""


class TargetsError(TrustkitError):
    """Weighting targets that the data can't meet, or that disagree with each other."""


class ClaimError(TrustkitError):
    """A published figure that can't be checked as it is written."""


class ReportError(TrustkitError):
    """A notebook or site that can't be made."""


DISTRIBUTION = "trustkit-survey"
"""The name to install by. On the package index the name of the import, trustkit, is another project's."""


def install_hint(extra: str) -> str:
    """Say how to install what an extra brings.

    Every message that names an optional package ends with this sentence, so that none of them tells anybody
    to install the other project.

    Examples
    --------
    >>> install_hint("files")
    "install it with: pip install 'trustkit-survey[files]'"
    """
    return f"install it with: pip install '{DISTRIBUTION}[{extra}]'"


def needs(module: str, extra: str, where: str) -> Any:  # noqa: ANN401
    """Import an optional module, or say which extra brings it.

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
            f"reading or writing this needs the package {module.partition('.')[0]}",
            where=where,
            do=install_hint(extra),
        ) from None


def suggest(name: object, options: Iterable[object]) -> str:
    """Say what to do about a name that is not among ``options``: the nearest one, or a list ("" of none).

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
