"""What all commands share: exit codes, common options, and errors as JSON where JSON was asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup, TyperOption

from trustkit.command_output import print_json
from trustkit.errors import TrustkitError

FOUND, MISTAKE, INTERRUPTED = 1, 2, 130
"""Exit codes: 1, the command ran and something needs attention; 2, it could not do what was asked; 130, it
was interrupted."""

USAGE: type[Exception] = typer.BadParameter.__mro__[1]
"""The error of a command that was called in a wrong way: an unknown option, a missing argument."""

Study = Annotated[Path, typer.Argument(help="A study's folder.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result, or the error, as one JSON document.")]


class Commands(TyperGroup):
    """All commands.

    In their help, an option that is on or off shows no kind of value, as it takes none. Their errors are
    printed as JSON, too, if JSON was asked for.
    """

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  # a private class of typer
        """Return the options of the program itself."""
        return _without_values(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # as above
        """Return a command by its name."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            _without_values(command.get_params(ctx))
        return command

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # as above
        """Run a command. If it fails and ``--json`` was given, print the error as JSON, and pass it on."""
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except (TrustkitError, OSError, KeyboardInterrupt, USAGE) as error:
            if as_json:
                print_json({"error": error_record(error)})
            raise


def error_record(error: BaseException) -> dict[str, object]:
    """Return an error as plain values: the parts of its message, and the exit code of the command.

    Examples
    --------
    >>> from trustkit.errors import DataError
    >>> error_record(DataError("no such file", where="a.csv", do="check the path"))
    {'what': 'no such file', 'where': 'a.csv', 'do': 'check the path', 'exit_code': 2}
    """
    parts: dict[str, object] = {}
    if isinstance(error, TrustkitError):
        parts = {"what": error.what, "where": error.where, "got": error.got, "expected": error.expected}
        parts |= {"do": error.do, "faults": [vars(fault) for fault in error.faults]}
    elif isinstance(error, KeyboardInterrupt):
        return {"what": "interrupted", "exit_code": INTERRUPTED}
    elif isinstance(error, OSError):
        parts = {"what": error.strerror or str(error), "where": error.filename and str(error.filename)}
    else:
        format_message = getattr(error, "format_message", error.__str__)
        parts = {"what": format_message(), "where": "the command line"}
    return {name: part for name, part in parts.items() if part} | {"exit_code": MISTAKE}


def _without_values(options: list[Any]) -> list[Any]:
    """Take the kind of value from the options that are on or off, and return all of them."""
    for option in options:
        if getattr(option, "is_flag", False) and isinstance(option, TyperOption):
            option.metavar = ""
    return options


def today() -> dt.date:
    """Return the day where the command runs; only commands read the clock, and no page does."""
    return dt.datetime.now().astimezone().date()
