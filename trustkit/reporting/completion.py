"""Completion of variables' names in JupyterLab and IPython: `%load_ext trustkit` turns it on."""

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


def names_for(text: str, namespace: Mapping[str, object]) -> list[str]:
    """Return the variables' names that may stand where a quote is open, or nothing.

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
    sets = dict.fromkeys(about.set for about in value.codebook.variables.values() if about.set)
    columns = value.columns if isinstance(value, Design) else value.data.columns
    names = [*(str(name) for name in columns), *sets]
    return [name for name in dict.fromkeys(names) if name.startswith(match["typed"])]


def register(shell: Any) -> None:  # noqa: ANN401  # IPython has no types
    """Add the names to what a shell completes."""

    def complete(_: object, event: Any) -> list[str]:  # noqa: ANN401
        return names_for(str(event.text_until_cursor), shell.user_ns)

    shell.set_hook("complete_command", complete, re_key=r".*\(.*")
