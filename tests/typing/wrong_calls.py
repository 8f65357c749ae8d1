"""What a type checker must refuse. Each line names the error of mypy, and that of pyright after the bar.

A checker that reports another line than these, or not all of these, fails `test_typing.py`.
"""

from __future__ import annotations

import trustkit as tk
from trustkit import *


def work(design: tk.Design, survey: tk.Survey, share: tk.Estimate) -> None:
    """Make mistakes; this is never run."""
    tk.propotion(design, "trust")  # wrong: attr-defined | reportAttributeAccessIssue
    propotion(design, "trust")  # wrong: name-defined | reportUndefinedVariable
    survey.datta.head()  # wrong: attr-defined | reportAttributeAccessIssue
    share.to_farme()  # wrong: attr-defined | reportAttributeAccessIssue
    tk.proportion(design, "trust", where="age > 30")  # wrong: arg-type | reportArgumentType
    tk.mean(design, "age", where="age > 30")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", ci="wald")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", base="everybody")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", conf="95%")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", domain="sex")  # wrong: call-arg | reportCallIssue
    tk.proportion(survey, "trust")  # wrong: arg-type | reportArgumentType
    tk.chisq_test(design, "a", "b", statistic="G")  # wrong: arg-type | reportArgumentType
    tk.Design(survey, lonely_psu="ignore")  # wrong: arg-type | reportArgumentType
    tk.trim(design, 5, relative_to="maximum")  # wrong: arg-type | reportArgumentType
    tk.dot_interval(share)  # wrong: call-arg | reportCallIssue
    tk.dot_interval(share, title="Trust", order="size")  # wrong: arg-type | reportArgumentType
    tk.example_folder(1)  # wrong: arg-type | reportArgumentType
    share.se = None  # wrong: misc assignment | reportAttributeAccessIssue
    kept: tk.Estimate = tk.clean(survey)  # wrong: assignment | reportAssignmentType
