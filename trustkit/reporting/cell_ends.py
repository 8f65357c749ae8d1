"""How cells end: an extension of IPython under which every failure of a cell names the line it began in.

It is loaded into the kernels that `trustkit report` starts. By themselves, kernels show a cell that leaves
Python without its line, take `exit()` for success, and print their own error in place of text that cannot
be sent, even if it is the text of an error.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


def load_ipython_extension(shell: Any) -> None:  # noqa: ANN401  # IPython gives it
    """Make cells of a shell fail, with the line that failed, from now on."""
    shell.showtraceback = with_lines(shell.showtraceback)
    shell.ask_exit = leave
    shell.kernel.session.pack = with_readable_errors(shell.kernel.session.pack)
    for stream in (sys.stdout, sys.stderr):
        setattr(stream, "write", checked(stream.write))  # noqa: B010  # a method, to the type checker


def with_lines(show: Callable[..., None]) -> Callable[..., None]:
    """Return what shows an error with its lines, even one of which IPython shows the name alone."""

    def show_all(*arguments: Any, exception_only: bool = False, **options: Any) -> None:  # noqa: ANN401, ARG001
        show(*arguments, **options)

    return show_all


def with_readable_errors(pack: Callable[[object], bytes]) -> Callable[[object], bytes]:
    r"""Return what packs a message, with signs in the text of an error that cannot be sent written out.

    Examples
    --------
    >>> with_readable_errors(repr)({"evalue": "\ud800", "traceback": []})
    "{'evalue': '\\\\ud800', 'traceback': []}"
    """

    def pack_readable(content: object) -> bytes:
        if isinstance(content, dict) and "evalue" in content:
            content = {name: _readable(part) for name, part in content.items()}
        return pack(content)

    return pack_readable


def _readable(part: object) -> object:
    if isinstance(part, list):
        return [_readable(line) for line in part]
    return part.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(part, str) else part


def leave() -> NoReturn:
    """Fail a cell that calls ``exit()``: the cells after it would not run, and nobody would be told."""
    raise SystemExit("the cell ends Python")


def checked(write: Callable[[str], int]) -> Callable[[str], int]:
    r"""Return what writes text, and fails at once if it cannot be sent or saved.

    Examples
    --------
    >>> checked(len)("as it was")
    9
    >>> checked(len)("\ud800")
    Traceback (most recent call last):
    UnicodeEncodeError: 'utf-8' codec can't encode character '\ud800' in position 0: surrogates not allowed
    """

    def write_checked(text: str) -> int:
        if isinstance(text, str):
            text.encode("utf-8")
        return write(text)

    return write_checked
