"""Pages of the documentation as programs: their Python, their commands and their files, in order."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from trustkit import cli

BLOCK = re.compile(
    r"(?:In `(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>python|sh|yaml)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SPAN = re.compile(r"(?<!`)`(tk\.\w+\([^`]*\))`(?!`)")


def run_python(text: str, names: dict[str, Any]) -> object:
    """Run code, and return the value of its last line if that is an expression."""
    tree = ast.parse(text)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "guide", "exec"), names)  # noqa: S102  # the project's own pages
    return eval(compile(ast.Expression(last.value), "guide", "eval"), names) if last else None  # noqa: S307


def run_guide(page: Path, names: dict[str, Any]) -> list[str]:
    """Run a page in the current folder, and return what its commands printed; every command must end well."""
    printed = []
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["kind"] == "python":
            run_python(block["text"], names)
        elif block["kind"] == "yaml":
            assert block["file"], "a file of YAML needs the words: In `path`:"
            Path(block["file"]).write_text(block["text"], encoding="utf-8")
        else:
            for line in block["text"].splitlines():
                program, *arguments = shlex.split(line)
                assert program == "trustkit"
                done = CliRunner().invoke(cli.app, arguments)
                assert done.exit_code == 0, done.output
                printed.append(done.output)
    return printed


def calls_of(page: Path) -> list[str]:
    """Return the calls that a page shows inside its text and tables."""
    return [call.replace("\\|", "|") for call in SPAN.findall(page.read_text(encoding="utf-8"))]
