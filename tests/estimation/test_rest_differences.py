"""Each group less everyone else equals the contrast with a variable of two answers made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

DESIGNS = {
    "rows": {},
    "weights": {"weights": "w"},
    "strata": {"weights": "w", "strata": "stratum"},
    "clusters": {"weights": "w", "strata": "stratum", "psu": "psu"},
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(21)
    n = 400
    frame = pd.DataFrame({"psu": random.integers(0, 30, n), "w": random.uniform(1, 4, n)})
    frame["stratum"] = frame["psu"] % 3
    frame["area"] = random.choice(list("abcd"), n, p=[0.4, 0.3, 0.25, 0.05])
    frame["score"] = random.normal(1000, 2, n) + (frame["area"] == "b")
    frame["trust"] = np.where(random.random(n) < 0.3 + 0.2 * (frame["area"] == "a"), "yes", "no")
    return frame


def by_hand(frame: pd.DataFrame, group: str, level: str | None, **roles: str) -> tk.Estimate:
    own = frame.assign(whose=np.where(frame["area"] == group, "own", "rest"))
    design = tk.Design(own, **roles)
    made = (
        tk.mean(design, "score", by="whose")
        if level is None
        else tk.proportion(design, "trust", level=level, by="whose")
    )
    return tk.contrast(made, {"own": 1, "rest": -1})


@pytest.mark.parametrize("roles", DESIGNS.values(), ids=DESIGNS)
@pytest.mark.parametrize("level", [None, "yes"])
def test_a_difference_is_the_contrast_of_the_group_and_the_rest(
    frame: pd.DataFrame, roles: dict[str, str], level: str | None
) -> None:
    design = tk.Design(frame, **roles)
    found = tk.difference_from_rest(design, "score" if level is None else "trust", by="area", level=level)
    for row, group in enumerate(found.keys["area"].astype(str)):
        expected = by_hand(frame, group, level, **roles)
        for name in ("estimate", "se", "ci_low", "ci_high", "df"):
            assert getattr(found, name)[row] == pytest.approx(getattr(expected, name)[0], rel=1e-9, abs=1e-11)


def test_replicates_give_the_variance_of_the_same_differences(frame: pd.DataFrame) -> None:
    design = tk.replicate(tk.Design(frame, **DESIGNS["clusters"]), "JKn")
    found = tk.difference_from_rest(design, "trust", by="area", level="yes")
    own = frame.assign(whose=np.where(frame["area"] == "b", "own", "rest"))
    made = tk.replicate(tk.Design(own, **DESIGNS["clusters"]), "JKn")
    pair = tk.proportion(made, "trust", level="yes", by="whose")
    expected = tk.contrast(pair, {"own": 1, "rest": -1})
    assert found.se[1] == pytest.approx(expected.se[0], rel=1e-9)


def test_only_the_respondents_of_a_condition_are_compared(frame: pd.DataFrame) -> None:
    found = tk.difference_from_rest(tk.Design(frame), "score", by="area", where={"trust": "yes"})
    chosen = frame[frame["trust"] == "yes"]
    means = [
        chosen.loc[chosen["area"] == area, "score"].mean()
        - chosen.loc[chosen["area"] != area, "score"].mean()
        for area in "abcd"
    ]
    assert found.estimate == pytest.approx(means)
    assert set(found.n) == {len(chosen)}
    assert found.base == "answers with a number, where trust is yes"


def test_a_group_alone_has_no_rest(frame: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="only one group") as caught:
        tk.difference_from_rest(tk.Design(frame), "score", by="area", where={"area": "a"})
    assert caught.value.got == "a"
    with pytest.raises(DataError, match="no answer 'yess'"):
        tk.difference_from_rest(tk.Design(frame), "trust", by="area", level="yess")
