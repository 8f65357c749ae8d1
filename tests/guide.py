"""Pages of the documentation as programs: their Python, their commands and their files, in order."""

from __future__ import annotations

import ast
import doctest
import re
import shlex
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from trustkit import cli

BLOCK = re.compile(
    r"(?:In `(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>python|sh|yaml|text)\n(?P<text>.*?)^```$",
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
    """Run a page in the current folder, and return what its commands printed; every command must end well.

    A block of text is what the block above it prints; ``...`` stands for what is left out, and lines may be
    broken elsewhere. A block of YAML without a file is a part of a file that the page has made by its end.
    """
    printed, parts, shown = [], [], ""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["kind"] == "python":
            shown = str(run_python(block["text"], names))
        elif block["kind"] == "text":
            assert prints(shown, block["text"]), shown
        elif block["kind"] == "yaml" and block["file"]:
            Path(block["file"]).write_text(block["text"], encoding="utf-8")
        elif block["kind"] == "yaml":
            parts.append(block["text"])
        else:
            shown = ""
            for line in block["text"].splitlines():
                program, *arguments = shlex.split(line)
                assert program == "trustkit"
                done = CliRunner().invoke(cli.app, arguments)
                assert done.exit_code == 0, done.output
                printed.append(done.output)
                shown += done.output
    files = [file.read_text(encoding="utf-8") for file in Path().rglob("*.yaml")]
    assert [part for part in parts if not any(part in file for file in files)] == []
    return printed


def prints(printed: str, wanted: str) -> bool:
    """Return whether a program printed what a page shows; rules of tables may be longer or shorter."""
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    rules = re.compile("─+")
    return doctest.OutputChecker().check_output(rules.sub("─", wanted), rules.sub("─", printed), options)


def calls_of(page: Path) -> list[str]:
    """Return the calls that a page shows inside its text and tables."""
    return [call.replace("\\|", "|") for call in SPAN.findall(page.read_text(encoding="utf-8"))]
