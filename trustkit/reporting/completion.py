"""Completion of variables' names and answers in JupyterLab and IPython: `%load_ext trustkit` turns it on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trustkit.design.design import Design
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = re.compile(
    r"\b\w+\.\w+\(\s*(?P<object>\w+)\s*,(?P<rest>[^()]*)(?P<quote>[\"'])(?P<typed>[^\"']*)$", re.DOTALL
)
"""A call whose first argument is a variable, up to an open quote: `tk.proportion(design, "tru`."""

ANSWER = re.compile(r"[\"'](?P<name>[^\"']+)[\"']\s*:\s*(?:\[[^\]]*)?$")
"""A variable's name before a colon, after which its answers stand: `where={"sex": "`."""


def typed_in(text: str) -> str:
    """Return what was typed after the quote that is open."""
    match = CALL.search(text)
    return match["typed"] if match else ""


def names_for(text: str, namespace: Mapping[str, object]) -> list[str]:
    """Return the variables' names or answers that may stand where a quote is open, or nothing.

    Parameters
    ----------
    text
        The cell up to the cursor.
    namespace
        The names that the user has given.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no"], "age": [30, 40]}))
    >>> names_for('tk.proportion(design, "tr', {"design": design})
    ['trust']
    >>> names_for('print("tr', {"design": design})
    []
    """
    match = CALL.search(text)
    if not match or match["rest"].count(match["quote"]) % 2:
        return []
    value = namespace.get(match["object"])
    if not isinstance(value, Design | Survey):
        return []
    if of := ANSWER.search(match["rest"]):
        about = value.codebook.variables.get(of["name"])
        return [label for label in about.labels if label.startswith(match["typed"])] if about else []
    sets = dict.fromkeys(about.set for about in value.codebook.variables.values() if about.set)
    columns = value.columns if isinstance(value, Design) else value.data.columns
    names = [*(str(name) for name in columns), *sets]
    return [name for name in dict.fromkeys(names) if name.startswith(match["typed"])]


def register(shell: Any) -> None:  # noqa: ANN401  # IPython has no types
    """Add the names to what a shell completes."""
    from IPython.core.completer import SimpleCompletion, context_matcher  # noqa: PLC0415

    @context_matcher(identifier="trustkit_names", priority=10)  # type: ignore[untyped-decorator]
    def trustkit_names(context: Any) -> dict[str, Any]:  # noqa: ANN401
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        text = "\n".join(lines)
        found = names_for(text, shell.user_ns)
        return {
            "completions": [SimpleCompletion(text=name, type="variable") for name in found],
            "matched_fragment": typed_in(text) if found else context.token,
            "suppress": bool(found),
            "ordered": True,
        }

    matchers = shell.Completer.custom_matchers
    matchers[:] = [known for known in matchers if known.__name__ != trustkit_names.__name__]
    matchers.append(trustkit_names)
