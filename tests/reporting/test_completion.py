"""Variables' names are completed where a call of trustkit waits for one."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import survey
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import trustkit as tk
from trustkit.reporting.completion import names_for
from trustkit.survey.variable import Variable

ITEM = Variable("t1", "T1", "single", codes={1: "Yes", 2: "No"}, set="trust")
NAMES = {"design": tk.Design(survey({"t1": [1, 2], "age": [3, 4]}, ITEM)), "number": 3}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('tk.proportion(design, "', ["t1", "age", "trust"]), ("tk.mean(design, 'a", ["age"]),
        ('tk.proportion(design, "t1", by="', ["t1", "age", "trust"]),
        ('tk.proportion(design, "t1"', []), ('tk.proportion(number, "', []), ('print("', []),
        ('tk.mean(design, "age", where={"t1": "', ["Yes", "No"]),
        ('tk.mean(design, where={"t1": ["Yes", "N', ["No"]),
        ('tk.mean(design, "age", where={"age": "', []), ('tk.mean(design, "age", where={"t', ["t1", "trust"]),
        ('tk.proportion(unknown, "', []), ('tk.crosstab(\n    design,\n    "a', ["age"]),
    ],
)  # fmt: skip
def test_names_stand_where_a_quote_is_open_after_a_design(text, names):
    assert names_for(text, NAMES) == names


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    "line", ['tk.proportion(design, "', 'tk.proportion(\n    design,\n    "', "tk.mean(design, ['"]
)
def test_ipython_offers_the_variables_alone_in_their_order_on_any_line_of_a_call(line, jedi):
    shell = InteractiveShell.instance()
    shell.user_ns |= {"tk": tk, "design": tk.Design(pd.DataFrame({"trust": ["a", "b"], "age": ["c", "d"]}))}
    shell.extension_manager.load_extension("trustkit")
    shell.extension_manager.reload_extension("trustkit")
    shell.Completer.use_jedi = jedi
    with provisionalcompleter():
        found = [item.text for item in shell.Completer.completions(f"{line}\n)", len(line))]
    assert found == ["trust", "age"]


def test_the_extension_completes_in_ipython():
    shell = InteractiveShell.instance()
    shell.user_ns |= {"tk": tk, "design": tk.Design(pd.DataFrame({"trust_in_brands": ["a", "b"]}))}
    shell.extension_manager.load_extension("trustkit")
    line = 'tk.proportion(design, "tr'
    with provisionalcompleter():
        found = [item.text for item in shell.Completer.completions(line, len(line))]
    assert "trust_in_brands" in found


def test_a_codebooks_keys_are_completed():
    assert NAMES["design"].codebook._ipython_key_completions_() == ["t1"]
