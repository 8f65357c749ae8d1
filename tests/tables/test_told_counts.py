"""Numbers that are no counts, but tell counts of few respondents: each is solved here, and hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.counted import NUMBERS
from trustkit.errors import ReportError
from trustkit.reporting.protected_pages import protected_pages

SCORED = tk.Variable(
    "trust", "Trust?", "ordinal", codes={1: "none", 2: "some", 3: "full"},
    scores={"none": 0, "some": 1, "full": 2},
)  # fmt: skip
TWO = tk.Variable(
    "trust", "Trust?", "ordinal", codes={1: "no", 2: "yes"}, scores={"no": 1, "yes": 2}
)  # fmt: skip
BOXES = {
    name: tk.Variable(name, name, "multiple", codes={1: "Selected", 0: "Not selected"}, set="used")
    for name in ("mail", "phone", "post")
}


def design_of(frame, *variables, **study):
    book = tk.Codebook({variable.name: variable for variable in variables}, **study)
    return tk.Design(tk.Survey(frame, book))


def hidden(*results):
    """The cells with a mark, as (row, column) of each table."""
    return [
        set(zip(*(places.tolist() for places in np.nonzero(table.table.to_numpy() == "[c]")), strict=True))
        for table in tk.protect(list(results))
    ]


def test_a_mean_of_two_scores_with_its_base_is_a_count():
    few = design_of(pd.DataFrame({"trust": [2] * 4 + [1] * 96}), TWO)
    mean = tk.mean(few, "trust")
    assert round((mean.estimate[0] - 1) * mean.n[0]) == 4
    assert hidden(mean) == [{(0, 1), (0, 2), (0, 3)}]
    assert hidden(tk.mean(design_of(pd.DataFrame({"trust": [2] * 40 + [1] * 60}), TWO), "trust")) == [set()]


@pytest.mark.parametrize("statistic", [tk.mean, tk.total, tk.variance])
def test_a_statistic_of_a_number_that_is_0_or_1_is_a_count(statistic):
    few, many = (tk.Design(pd.DataFrame({"left": [1.0] * ones + [0.0] * 96})) for ones in (4, 40))
    assert hidden(statistic(few, "left"))[0] >= {(0, 1), (0, 2)}
    assert hidden(statistic(many, "left")) == [set()]
    assert hidden(tk.banner(few, ["left"], [])["left"]) == [{(3, 1)}]


def test_a_mean_with_its_standard_error_solves_three_answers():
    counts = np.array([4, 50, 46])
    design = design_of(pd.DataFrame({"trust": np.repeat([1, 2, 3], counts)}), SCORED)
    mean = tk.mean(design, "trust")
    n, squares = mean.n[0], mean.se[0] ** 2 * (mean.n[0] - 1) + mean.estimate[0] ** 2
    solved = np.linalg.solve([[1, 1, 1], [0, 1, 2], [0, 1, 4]], [n, n * mean.estimate[0], n * squares])
    np.testing.assert_allclose(solved, counts, atol=1e-6)
    assert hidden(mean)[0] >= {(0, 1), (0, 2)}
    assert hidden(tk.banner(design, ["trust"], [])["trust"]) != [set()]


def test_a_quantile_that_few_reach_is_their_value_and_a_median_is_not():
    income = tk.Design(pd.DataFrame({"income": np.arange(100.0) ** 2}))
    rows = hidden(tk.quantile(income, "income", [0.02, 0.5, 0.98]))[0]
    assert {row for row, _ in rows} == {0, 2}
    steps = tk.Design(pd.DataFrame({"steps": [1.0] * 50 + [2.0] * 50}))
    assert hidden(tk.quantile(steps, "steps", [0.02, 0.5, 0.98])) == [set()]


def boxed(both, mail, phone, neither):
    sizes = [both, mail, phone, neither]
    frame = pd.DataFrame({"mail": np.repeat([1, 1, 0, 0], sizes), "phone": np.repeat([1, 0, 1, 0], sizes)})
    nets = {"used": {"Any": ("mail", "phone")}}
    design = design_of(frame, BOXES["mail"], BOXES["phone"], sets={"used": "Used"}, nets=nets)
    return tk.banner(design, ["used"], [])["used"]


def test_a_net_less_one_of_its_boxes_is_the_count_of_who_ticked_only_others():
    assert hidden(boxed(37, 63, 3, 60)) == [{(5, 1)}]
    assert hidden(boxed(37, 63, 30, 60)) == [set()]


def test_two_boxes_less_their_net_are_those_who_ticked_both():
    assert hidden(boxed(4, 63, 30, 60)) == [{(5, 1)}]


def test_weighted_bases_of_two_weights_tell_how_many_have_each():
    sex, age = np.repeat(["m", "f", "m", "f"], [3, 47, 60, 40]), np.repeat(["young", "old"], [50, 100])
    answers = tk.Design(pd.DataFrame({"sex": sex, "age": age, "trust": list("yn") * 75}))
    raked = tk.rake(answers, {"sex": {"m": 0.5, "f": 0.5}})
    table = tk.banner(raked, ["trust"], ["age"])["trust"]
    men, women = (float(raked.weights[sex == one][0]) for one in ("m", "f"))
    young = table.frame[table.frame["column"] == "young"].iloc[0]
    assert (young["n_weighted"] - women * young["n"]) / (men - women) == pytest.approx(3)
    assert hidden(table)[0] >= {(1, 3), (2, 3)}
    assert not {(0, 1), (0, 2), (0, 3)} & hidden(table)[0]
    of_all = tk.banner(raked, ["trust"], [])["trust"]
    assert hidden(of_all) == [set()]
    uneven = answers.data.assign(weight=np.linspace(0.5, 1.5, 150))
    assert hidden(tk.banner(tk.Design(uneven, weights="weight"), ["trust"], ["age"])["trust"]) == [set()]


def test_the_stages_of_a_funnel_tell_who_stops_at_each():
    frame = pd.DataFrame({"knows": ["yes"] * 60 + ["no"] * 40, "agrees": ["yes"] * 57 + ["no"] * 43})
    funnel = tk.consent_funnel(tk.Design(frame), {"Knows": {"knows": "yes"}, "Agrees": {"agrees": "yes"}})
    assert hidden(funnel)[0] & {(0, 1), (1, 1)}
    later = tk.Design(frame.assign(agrees=["yes"] * 30 + ["no"] * 70))
    stages = {"Knows": {"knows": "yes"}, "Agrees": {"agrees": "yes"}}
    assert hidden(tk.consent_funnel(later, stages)) == [set()]


def page_of(*results):
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    outputs = [
        new_output(
            "display_data",
            data={"text/plain": repr(one), "text/html": one._repr_html_(), **one._repr_mimebundle_()},
        )
        for one in results
    ]
    return "trust", new_notebook(cells=[new_code_cell("", outputs=[output]) for output in outputs])


def test_a_verdict_on_a_share_of_few_or_on_one_that_tells_them_is_refused():
    frame = pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 4 + ["maybe"] * 60})
    design = tk.Design(frame)

    def verdict(answer):
        return tk.verify([tk.Claim("c", f"Share of {answer}", 4, 0, tk.Reading("trust", answer))], design)

    with pytest.raises(ReportError, match="Share of no"):
        protected_pages([page_of(verdict("no"))])
    assert hidden(tk.proportion(design, "trust")) == [
        {(row, column) for row in (1, 2) for column in (1, 2, 3)}
    ]
    shares = tk.proportion(design, "trust")
    with pytest.raises(ReportError, match="gives a hidden number of a table away"):
        protected_pages([page_of(shares, verdict("maybe"), verdict("yes"))])
    alone = protected_pages([page_of(verdict("maybe"))])
    assert "57.7%" in str(alone.notebooks)


def test_a_published_ledger_does_not_name_the_values_of_a_number():
    children = tk.Design(pd.DataFrame({"children": [0.0] * 50 + [1.0] * 40 + [2.0] * 30 + [17.0]}))
    ledger = protected_pages([page_of(tk.mean(children, "children"))]).counts["pages"]["trust"]
    assert "17" not in str([table["shown"] for table in ledger])
    assert {tuple(table["answers"]) for table in ledger} == {(NUMBERS,)}
