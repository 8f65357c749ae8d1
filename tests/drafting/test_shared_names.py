"""What the names of neighbouring columns share: in any script, and whole sentences to their end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.shared_names import common_stem
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

STEMS = [
    ("q1_a", "q1_b", "q1"),
    ("Q5r1", "Q5r2", "Q5r"),
    ("ways[SQ001]", "ways[SQ002]", "ways"),
    ("ways(1)_a", "ways(1)_b", "ways(1)"),
    ("Which reach you?/email", "Which reach you?/sms", "Which reach you?"),
    ("Which (if any) do you use? Email", "Which (if any) do you use? SMS", "Which (if any) do you use?"),
    ("Which do you use (tick all): Email", "Which do you use (tick all): SMS", "Which do you use (tick all)"),
    ("Welche Kanäle? [E-Mail]", "Welche Kanäle? [SMS]", "Welche Kanäle?"),
    ("été_1", "été_2", "été"),
    (
        "Каналы: почта",
        "Каналы: смс",
        "Каналы",
    ),
    ("قناة_1", "قناة_2", "قناة"),
    (
        "हिंदी_1",
        "हिंदी_2",
        "हिंदी",
    ),
    (
        "ไทยนี้_1",
        "ไทยนี้_2",
        "ไทยนี้",
    ),
    (
        "渠道\uff1f\uff08微信\uff09",
        "渠道\uff1f\uff08短信\uff09",
        "渠道\uff1f",
    ),
    ("你信任银行吗", "你信任商店吗", ""),
    ("trust", "trusting_1", ""),
]
QUESTIONS = [
    "Which channels reach you?", "Какие каналы?", "哪些渠道\uff1f", "قناة", "ช่องที่",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "stem"), STEMS)
def test_the_stem_of_names_is_the_same_in_every_script_and_ends_where_the_question_does(one, other, stem):
    assert common_stem([one, other]) == stem


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("sign", ["/", ": ", "_"])
def test_boxes_named_by_a_question_in_any_script_are_one_set_and_their_joined_column_is_left_out(
    question, sign
):
    random = np.random.default_rng(4)
    ways = ("email", "sms", "post")
    chosen = random.random((60, 3)) < 0.5
    chosen[:, 0] |= ~chosen.any(axis=1)
    joined = [" ".join(way for way, one in zip(ways, row, strict=True) if one) for row in chosen]
    boxes = {f"{question}{sign}{way}": chosen[:, place].astype(int) for place, way in enumerate(ways)}
    book = draft_codebook(Survey(pd.DataFrame({question: joined, **boxes}), Codebook({})))
    assert {book[name].kind for name in boxes} == {"multiple"}
    assert len({book[name].set for name in boxes}) == 1
    assert "it joins the answers of the boxes" in book[question].review
