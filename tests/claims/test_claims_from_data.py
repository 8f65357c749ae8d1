"""Claims made from any data are reproduced, and no other number is: each kind counted with fractions."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from builders import survey
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import trustkit as tk

TRUST = tk.Variable(
    "trust", "Trust?", "single", codes={1: "no", 2: "partly", 3: "yes"}, missing={9: "don't know"}
)
SEX = tk.Variable("sex", "Sex", "single", codes={1: "men", 2: "women"})
NUMBERS = [tk.Variable(name, name, "numeric") for name in ("age", "visits")]
WEIGHT = tk.Variable("w", "Weight", "weight")
ROW = st.tuples(
    st.sampled_from([1, 2, 3, 9]),
    st.sampled_from([1, 2]),
    st.integers(18, 40),
    st.integers(1, 9),
    st.integers(1, 4),
)
VALID = (1, 2, 3)


def share(rows, counts, of=VALID):
    """Return a share in percent, by weights."""
    inside = [row for row in rows if row[0] in of]
    assume(inside)
    return Fraction(100 * sum(row[4] for row in inside if row[0] in counts), sum(row[4] for row in inside))


def average(rows, place, over=None):
    above = sum(row[4] * row[place] for row in rows)
    return Fraction(above, sum(row[4] * (row[over] if over else 1) for row in rows))


def between(rows, number):
    groups = [[row for row in rows if row[1] == sex] for sex in (2, 1)]
    assume(all(any(row[0] in VALID for row in group) for group in groups))
    return number(groups[0]) - number(groups[1])


KINDS = {
    "a share": (tk.Reading("trust", "no"), lambda rows: share(rows, (1,))),
    "a share of everyone asked": (
        tk.Reading("trust", "no", base="asked"),
        lambda rows: share(rows, (1,), (*VALID, 9)),
    ),
    "a share of don't know": (
        tk.Reading("trust", "Don't know", base="asked"),
        lambda rows: share(rows, (9,), (*VALID, 9)),
    ),
    "several answers": (tk.Reading("trust", levels=("no", "partly")), lambda rows: share(rows, (1, 2))),
    "a group": (
        tk.Reading("trust", "no", where={"sex": ["women"]}),
        lambda rows: share([row for row in rows if row[1] == 2], (1,)),
    ),
    "a mean": (tk.Reading("age", statistic="mean"), lambda rows: average(rows, 2)),
    "a ratio": (tk.Reading("age", statistic="ratio", denominator="visits"), lambda rows: average(rows, 2, 3)),
    "a net": (
        tk.Reading("trust", levels=("yes",), minus=("no",), statistic="net"),
        lambda rows: share(rows, (3,)) - share(rows, (1,)),
    ),
    "a difference of shares": (
        tk.Reading("trust", "no", statistic="difference", by="sex", groups=("women", "men")),
        lambda rows: between(rows, lambda own: share(own, (1,))),
    ),
    "a difference of means": (
        tk.Reading("age", statistic="difference", by="sex", groups=("women", "men")),
        lambda rows: between(rows, lambda own: average(own, 2)),
    ),
}


def designed(rows):
    columns = ("trust", "sex", "age", "visits", "w")
    frame = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    return tk.Design(survey(frame, TRUST, SEX, *NUMBERS, WEIGHT), weights="w")


def judged(reading, printed, decimals, design):
    claim = tk.Claim("c", "C", float(printed), decimals, reading)
    return tk.verify([claim], design).verdicts[0].verdict


def half_up(number, decimals):
    """Return a number rounded with halves away from zero."""
    size = floor(abs(number) * 10**decimals + Fraction(1, 2))
    return Fraction(size if number >= 0 else -size, 10**decimals)


def half_even(number, decimals):
    return Fraction(round(number * 10**decimals), 10**decimals)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rows=st.lists(ROW, min_size=3, max_size=20), decimals=st.integers(0, 3))
def test_a_number_rounded_from_the_data_is_reproduced_and_its_neighbours_are_not(kind, rows, decimals):
    reading, exact = KINDS[kind]
    assume(any(row[0] in VALID for row in rows))
    number = exact(rows)
    design = designed(rows)
    unit = Fraction(1, 10**decimals)
    for rounded in (half_up(number, decimals), half_even(number, decimals)):
        assert judged(reading, rounded, decimals, design) == "reproduced"
        for neighbour in (rounded - unit, rounded + unit):
            on_a_half = abs(neighbour - number) == unit / 2
            assert (judged(reading, neighbour, decimals, design) == "reproduced") == on_a_half


# number of rows with the first answer, of all rows; printed half up, printed half even
HALVES = {
    "12.5 percent": ((1, 8), 0, 13, 12),
    "37.5 percent": ((3, 8), 0, 38, 38),
    "62.5 percent": ((5, 8), 0, 63, 62),
    "3.125 percent": ((1, 32), 2, 3.13, 3.12),
    "15.625 percent": ((5, 32), 2, 15.63, 15.62),
    "6.25 percent": ((1, 16), 1, 6.3, 6.2),
}


@pytest.mark.parametrize("case", HALVES)
def test_a_half_is_reproduced_whichever_way_it_was_rounded_and_nothing_beyond(case):
    (count, n), decimals, up, even = HALVES[case]
    number = Fraction(100 * count, n)
    assert (float(half_up(number, decimals)), float(half_even(number, decimals))) == (up, even)
    design = designed([(1, 1, 20, 1, 1)] * count + [(2, 1, 20, 1, 1)] * (n - count))
    reading = tk.Reading("trust", "no")
    for printed in (up, even):
        assert judged(reading, printed, decimals, design) == "reproduced"
    for beyond in (up + 10**-decimals, min(even, up - 10**-decimals) - 10**-decimals):
        assert judged(reading, round(beyond, decimals), decimals, design) != "reproduced"


@pytest.mark.parametrize(
    ("earlier", "later", "up", "even"), [(1, 2, 13, 12), (2, 1, -13, -12), (1, 4, 38, 38)]
)
def test_a_half_in_a_difference_of_waves_is_reproduced_either_way(earlier, later, up, even):
    rows = pd.DataFrame(
        {
            "id": [*range(8)] * 2,
            "wave": ["2019"] * 8 + ["2021"] * 8,
            "no": ["yes"] * earlier + ["no"] * (8 - earlier) + ["yes"] * later + ["no"] * (8 - later),
        }
    )
    design = tk.link_waves(tk.Design(rows), wave="wave", person="id")
    reading = tk.Reading("no", "yes", statistic="difference", by="wave", groups=("2021", "2019"))
    for printed in (up, even):
        assert judged(reading, printed, 0, design) == "reproduced"


def test_a_half_in_a_small_difference_of_means_is_not_missed_by_the_errors_of_the_means():
    rows = [(1, 2, 25, 1, 1), *[(1, 2, 24, 1, 1)] * 399, *[(1, 1, 24, 1, 1)] * 40]
    reading = tk.Reading("age", statistic="difference", by="sex", groups=("women", "men"))
    for printed in (0.002, 0.003):
        assert judged(reading, printed, 3, designed(rows)) == "reproduced"


# Traps: the same number of the opposite answer, of another base, of waves that are not independent


def split(no, partly, yes, asked=0):
    """Return a design in which so many rows gave each answer, and so many did not know."""
    codes = [1] * no + [2] * partly + [3] * yes + [9] * asked
    return designed([(code, 1 + place % 2, 20, 1, 1) for place, code in enumerate(codes)])


def test_forty_percent_that_do_not_trust_are_not_forty_percent_that_trust():
    design = split(no=400, partly=0, yes=600)
    assert judged(tk.Reading("trust", "no"), 40, 0, design) == "reproduced"
    assert judged(tk.Reading("trust", "yes"), 40, 0, design) == "contradicted"
    assert judged(tk.Reading("trust", "yes"), 60, 0, design) == "reproduced"


def test_those_who_do_not_say_no_are_not_those_who_say_yes():
    design = split(no=400, partly=300, yes=300)
    assert judged(tk.Reading("trust", levels=("partly", "yes")), 60, 0, design) == "reproduced"
    assert judged(tk.Reading("trust", "yes"), 60, 0, design) == "contradicted"


def test_a_net_with_its_sides_changed_has_the_other_sign():
    design = split(no=500, partly=200, yes=300)
    assert (
        judged(tk.Reading("trust", levels=("yes",), minus=("no",), statistic="net"), -20, 0, design)
        == "reproduced"
    )
    turned = tk.Reading("trust", levels=("no",), minus=("yes",), statistic="net")
    assert judged(turned, -20, 0, design) == "contradicted"
    assert judged(turned, 20, 0, design) == "reproduced"


def test_a_difference_with_its_groups_changed_has_the_other_sign():
    rows = [(1 if place < 300 else 3, 1, 20, 1, 1) for place in range(500)]
    rows += [(1 if place < 200 else 3, 2, 20, 1, 1) for place in range(500)]
    design = designed(rows)
    for groups, printed in ((("men", "women"), 20), (("women", "men"), -20)):
        reading = tk.Reading("trust", "no", statistic="difference", by="sex", groups=groups)
        assert judged(reading, printed, 0, design) == "reproduced"
        assert judged(reading, -printed, 0, design) == "contradicted"


def test_a_share_of_those_with_an_opinion_is_not_a_share_of_everyone_asked():
    design = split(no=400, partly=0, yes=400, asked=200)
    assert judged(tk.Reading("trust", "no"), 50, 0, design) == "reproduced"
    assert judged(tk.Reading("trust", "no", base="asked"), 40, 0, design) == "reproduced"
    assert judged(tk.Reading("trust", "no"), 40, 0, design) == "contradicted"
    assert judged(tk.Reading("trust", "no", base="asked"), 50, 0, design) == "contradicted"


def test_a_wrong_share_of_those_who_do_not_know_is_contradicted_without_a_hint_about_another_base():
    design = split(no=400, partly=0, yes=400, asked=200)
    reading = tk.Reading("trust", "Don't know", base="asked")
    assert judged(reading, 20, 0, design) == "reproduced"
    assert judged(reading, 30, 0, design) == "contradicted"


def test_a_share_of_a_part_is_not_a_share_of_all():
    rows = (
        [(1, 2, 20, 1, 1)] * 300
        + [(3, 2, 20, 1, 1)] * 100
        + [(1, 1, 20, 1, 1)] * 100
        + [(3, 1, 20, 1, 1)] * 500
    )
    design = designed(rows)
    women = tk.Reading("trust", "no", where={"sex": ["women"]})
    assert judged(women, 75, 0, design) == "reproduced"
    assert judged(tk.Reading("trust", "no"), 75, 0, design) == "contradicted"
    claim = tk.Claim(
        "c",
        "C",
        75,
        0,
        tk.Reading("trust", "no"),
        alternatives=(tk.Reading(**{**vars(women), "because": "of women"}),),
    )
    (verdict,) = tk.verify([claim], design).verdicts
    assert (verdict.verdict, "of women" in verdict.reason) == ("consistent", True)


def test_a_change_of_the_same_people_is_not_judged_as_one_of_two_samples():
    rng = np.random.default_rng(3)
    first = rng.random(400) < 0.5
    second = first | (rng.random(400) < 0.06)
    rows = pd.DataFrame({"id": [*range(400)] * 2, "wave": ["2019"] * 400 + ["2021"] * 400})
    rows = rows.assign(answer=np.where(np.concatenate([first, second]), "yes", "no"))
    reading = tk.Reading("answer", "yes", statistic="difference", by="wave", groups=("2021", "2019"))
    linked = tk.link_waves(tk.Design(rows), wave="wave", person="id")
    widths = {
        name: tk.verify([tk.Claim("c", "C", 8, 0, reading)], design).verdicts[0]
        for name, design in (("linked", linked), ("independent", tk.Design(rows, strata="wave")))
    }
    assert widths["linked"].verdict == "contradicted"
    assert widths["independent"].verdict == "consistent"


def test_a_verdict_tells_what_each_alternative_definition_gives_even_if_the_figure_is_reproduced():
    missing = {9: "don't know"}
    trust = tk.Variable("trust", "Trust", "single", codes={1: "yes", 0: "no"}, missing=missing)
    frame = pd.DataFrame({"trust": [1] * 40 + [0] * 40 + [9] * 20})
    asked = tk.Reading("trust", "yes", base="asked", because="don't know stays in the base")
    claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes"), (asked,))
    (verdict,) = tk.verify([claim], tk.Design(tk.Survey(frame, tk.Codebook({"trust": trust})))).verdicts
    assert verdict.verdict == "reproduced"
    assert verdict.tried == ((40.0, 100),)
    assert verdict.alternatives == ("40.0% if don't know stays in the base",)


def test_an_alternative_of_a_figure_that_cannot_be_checked_is_named_without_a_number():
    other = tk.Reading("trust", "yes", base="asked", because="don't know stays in the base")
    claim = tk.Claim(
        "half", "Half", 50, 0, tk.Reading("trust", "yes"), (other,), unchecked="no data are published"
    )
    frame = pd.DataFrame({"trust": ["yes", "no"]})
    (verdict,) = tk.verify([claim], tk.Design(frame)).verdicts
    assert verdict.alternatives == ("don't know stays in the base",)


def test_differences_of_shares_in_verdicts_have_the_unit_of_the_published_figure():
    frame = pd.DataFrame({"trust": ["yes", "no"] * 50, "sex": ["women", "men"] * 20 + ["men", "women"] * 30})
    gap = tk.Reading("trust", "yes", statistic="difference", by="sex", groups=("women", "men"))
    verdicts = tk.verify([tk.Claim("gap", "Women trust more", 14, 0, gap)], tk.Design(frame))
    _, table, _ = verdicts._parts()
    assert table["published"].tolist() == ["14 points"]
    assert table["estimate"].tolist() == ["-20.0 points"]
    assert table["95% interval"].iloc[0].endswith(" points")
    assert table["95% interval"].iloc[0].count("points") == 1
