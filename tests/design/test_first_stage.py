"""Strata, PSUs, populations and weights are read off their columns, or refused with words that help."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.design.first_stage import (
    read_first_stage,
    read_weights,
    refuse_lonely,
    rows_as_psus,
)
from trustkit.errors import DesignError

FRAME = pd.DataFrame(
    {
        "stratum": list("aaaabbbb"),
        "psu": [1, 1, 2, 2, 1, 2, 3, 3],
        "size": [10, 10, 10, 10, 6, 6, 6, 6],
        "share": [0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5],
        "one": [20, 20, 20, 20, 20, 20, 20, 20],
    },
    index=range(100, 108),
)
ONES = np.ones(8)


def read(roles, weights=ONES, data=FRAME, nest="nested"):
    return read_first_stage(data, roles, weights, nest)


def refusal(roles, data=FRAME, nest="nested", weights=ONES):
    with pytest.raises(DesignError) as caught:
        read(roles, weights, data, nest)
    return caught.value


# Weights


def test_without_a_column_every_row_weighs_one():
    assert read_weights(FRAME, None).tolist() == [1.0] * 8


def test_weights_may_be_whole_numbers_and_zero():
    assert read_weights(pd.DataFrame({"w": [0, 2]}), "w").tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("values", "what", "rows"),
    [
        ([1, -1, 1, -0.5], "2 weights are negative", "1, 3"),
        ([np.nan, 1, 1, 1], "1 weights are missing", "0"),
        ([1, np.inf, 1, 1], "1 weights are infinite", "1"),
        (pd.array([1, None, None, 1], dtype="Int64"), "2 weights are missing", "1, 2"),
    ],
)
def test_what_can_not_be_a_weight_is_refused_with_its_rows(values, what, rows):
    with pytest.raises(DesignError, match=what) as caught:
        read_weights(pd.DataFrame({"w": values}), "w")
    assert caught.value.where == "w"
    assert caught.value.got == f"first at rows {rows}"
    assert caught.value.expected == "finite weights of at least 0"
    assert "before making the design" in caught.value.do


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(DesignError, match="all weights are zero") as caught:
        read_weights(pd.DataFrame({"w": [0, 0]}), "w")
    assert (caught.value.where, caught.value.expected) == ("w", "at least one positive weight")


def test_weights_that_are_words_are_refused():
    with pytest.raises(DesignError, match="weights must be numbers") as caught:
        read_weights(pd.DataFrame({"w": ["one", "two"]}), "w")
    assert caught.value.where == "w"


# Strata and PSUs


def test_degrees_of_freedom_are_psus_less_strata():
    assert read({}).df == 7
    assert read({"strata": "stratum"}).df == 6
    assert read({"psu": "psu"}).df == 2
    assert read({"strata": "stratum", "psu": "psu"}).df == 3


def test_psu_labels_are_counted_anew_in_each_stratum():
    found = read({"strata": "stratum", "psu": "psu"})
    assert found.sizes.tolist() == [2, 3]
    assert found.stratum_of_group.tolist() == [0, 0, 1, 1, 1]
    assert found.clustered


def test_rows_are_their_own_psus_without_a_column():
    found = read({"strata": "stratum"})
    assert found.sizes.tolist() == [4, 4]
    assert not found.clustered


def test_psus_without_weight_are_no_degrees_of_freedom():
    weights = np.array([1, 1, 0, 0, 0, 0, 0, 0.0])
    assert read({"strata": "stratum", "psu": "psu"}, weights).df == 0
    assert read({"strata": "stratum"}, weights).df == 1
    assert read({}, weights).df == 1


@pytest.mark.parametrize("role", ["strata", "psu"])
def test_a_missing_stratum_or_psu_is_refused_with_its_rows(role):
    data = FRAME.assign(g=[1, None, 1, None, 2, 2, 2, 2])
    found = refusal({role: "g"}, data)
    assert found.what == "2 values are missing"
    assert (found.where, found.got) == ("g", "first at rows 101, 103")
    assert "fill them in" in found.do


def test_a_psu_in_two_strata_is_refused_where_labels_are_unique():
    found = refusal({"strata": "stratum", "psu": "psu"}, nest="unique")
    assert found.what == "2 PSUs are in more than one stratum"
    assert (found.where, found.got) == ("psu", "1, 2")
    assert "nest='nested'" in found.do


def test_unique_psu_labels_give_the_same_frame_nested_or_not():
    data = FRAME.assign(psu=[f"{s}{p}" for s, p in zip(FRAME["stratum"], FRAME["psu"], strict=True)])
    roles = {"strata": "stratum", "psu": "psu"}
    nested, unique = read(roles, data=data), read(roles, data=data, nest="unique")
    assert nested.df == unique.df == 3
    assert nested.sizes.tolist() == unique.sizes.tolist()


def test_labels_of_strata_and_psus_may_be_words_numbers_or_far_apart():
    plain = read({"strata": "stratum", "psu": "psu"})
    for strata, psu in [
        (["x"] * 4 + ["y"] * 4, list("ppqqpqrr")),
        ([7] * 4 + [10**12] * 4, FRAME["psu"] * 10**11),
    ]:
        found = read({"strata": "s", "psu": "p"}, data=FRAME.assign(s=strata, p=psu))
        assert found.sizes.tolist() == plain.sizes.tolist()
        assert found.groups.tolist() == plain.groups.tolist()


# Lonely PSUs


def lonely(data, roles, **changes):
    frame = read(roles, np.ones(len(data)), data)
    with pytest.raises(DesignError) as caught:
        refuse_lonely(data, roles, frame, {})
    return caught.value


def test_a_stratum_with_one_psu_is_refused_by_name():
    data = pd.DataFrame({"s": list("aabbc"), "p": [1, 2, 1, 1, 1]})
    found = lonely(data, {"strata": "s", "psu": "p"})
    assert found.what == "2 strata have one PSU, so their variance can't be estimated"
    assert (found.where, found.got) == ("s", "b, c")
    assert "lonely_psu" in found.do


def test_a_lonely_stratum_with_labels_in_their_own_order_is_named_rightly():
    order = pd.CategoricalDtype(["north", "east", "south"])
    data = pd.DataFrame({"s": pd.Series(["north", "east", "east", "south", "south"], dtype=order)})
    assert lonely(data, {"strata": "s"}).got == "north"


def test_one_psu_in_all_is_refused():
    found = lonely(pd.DataFrame({"p": [1, 1]}), {"psu": "p"})
    assert (found.where, found.got) == (None, "(all)")


def test_a_psu_that_was_taken_with_certainty_is_not_lonely():
    data = pd.DataFrame({"s": list("aab"), "n": [4, 4, 1]})
    roles = {"strata": "s", "fpc": "n"}
    assert refuse_lonely(data, roles, read(roles, np.ones(3), data), {}) is None


# Finite populations


def test_population_sizes_become_the_share_that_was_sampled():
    assert read({"strata": "stratum", "psu": "psu", "fpc": "size"}).fractions.tolist() == [0.2, 0.5]
    assert read({"psu": "psu", "fpc": "one"}).fractions.tolist() == [0.15]
    assert read({"fpc": "one"}).fractions.tolist() == [0.4]


def test_fractions_are_taken_as_they_are():
    assert read({"strata": "stratum", "psu": "psu", "fpc": "share"}).fractions.tolist() == [0.2, 0.5]


def test_without_fpc_nothing_was_sampled_of_an_infinite_population():
    assert read({"strata": "stratum"}).fractions.tolist() == [0, 0]


@pytest.mark.parametrize("value", [0, -5, np.nan, np.inf])
def test_a_population_that_is_no_size_is_refused_with_its_rows(value):
    data = FRAME.assign(n=[10.0, 10, 10, value, 10, 10, 10, 10])
    found = refusal({"fpc": "n"}, data)
    assert found.what == "1 value of fpc is missing, infinite or not positive"
    assert (found.where, found.got) == ("n", "first at rows 103")
    assert "fractions" in found.expected


def test_a_population_in_words_is_refused():
    assert refusal({"fpc": "n"}, FRAME.assign(n="many")).what == "fpc must be numbers"


def test_a_population_that_varies_inside_a_stratum_is_refused_with_its_rows():
    found = refusal({"strata": "stratum", "fpc": "n"}, FRAME.assign(n=[9, 10, 10, 10, 6, 6, 6, 6]))
    assert found.what == "fpc varies inside a stratum"
    assert (found.where, found.got) == ("n", "first at rows 100")


def test_a_population_below_the_sample_is_refused():
    found = refusal({"strata": "stratum", "psu": "psu", "fpc": "n"}, FRAME.assign(n=[2] * 4 + [2] * 4))
    assert found.what == "fpc is smaller than the sample in 1 strata"
    assert found.got == "fpc 2 for 3 sampled PSUs in stratum b"
    assert "at least the number of sampled PSUs" in found.expected


# Rows as PSUs


def test_rows_become_psus_for_replicates():
    found = rows_as_psus(read({"strata": "stratum"}), 8)
    assert found.groups.tolist() == list(range(8))
    assert found.stratum_of_group.tolist() == [0] * 4 + [1] * 4
    assert found.clustered
    assert rows_as_psus(read({}), 8).stratum_of_group.tolist() == [0] * 8


def test_too_many_rows_are_not_made_psus():
    with pytest.raises(DesignError, match="too much memory") as caught:
        rows_as_psus(read({}), 5_001)
    assert (caught.value.got, caught.value.expected) == ("5,001 rows", "at most 5,000")


def test_strata_of_several_types_are_refused():
    data = pd.DataFrame({"stratum": pd.Series([1, pd.Timestamp("2024-01-01")], dtype=object)})
    with pytest.raises(DesignError, match=r"several types, so they have no order(.|\n)*int, Timestamp"):
        read_first_stage(data, {"strata": "stratum"}, np.ones(2), "nested")
