"""Scales in many languages are drafted in their order and with scores; nothing else is called ordinal."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.missing_words import reason_in
from trustkit.drafting.scale_words import folded, scale_data, wordings
from trustkit.drafting.scales import FREQUENCIES, own_numbers, scale_of
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

FEWEST, MIXES = 2, 200

SCALES, GRADED = scale_data()["scales"], scale_data()["graded"]
LANGUAGES = (
    "English", "German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Polish", "Swedish",
    "Norwegian", "Danish", "Finnish", "Turkish", "Russian", "Ukrainian", "Arabic", "Chinese", "Japanese",
    "Korean",
)  # fmt: skip
IN_SOME_LANGUAGES = ("education", "increase", "income rank")
"""Scales that follow countries or kinds of income, or are known in some languages only."""

LADDERS = [(name, language) for name, languages in SCALES.items() for language in languages]
ADJECTIVES = [(language, good) for language, words in GRADED.items() for good in words["adjectives"]]

BANDS = [
    ["Less than $20,000", "$20,000 to $39,999", "$40,000 to $59,999", "$60,000 or more"],
    ["$0-$20k", "$20k-$40k", "$40k+"],
    ["None", "Under 1,000", "1,000 to 2,000", "2,000 to 3,000", "More than 3,000"],
    ["No children", "1 child", "2 children", "3 or more children"],
    [
        "Unter 20.000 Euro",
        "20.000 bis unter 30.000 Euro",
        "30.000 bis unter 50.000 Euro",
        "50.000 Euro und mehr",
    ],
    ["R$ 0 a R$ 1.000", "R$ 1.000 a R$ 2.000", "Mais de R$ 2.000"],
    ["1 or less", "2", "3 or more"],
    ["bis 1.000 Euro", "bis 2.000 Euro", "mehr als 2.000 Euro"],
    ["unter 18 Jahre", "18 bis 24 Jahre", "25 bis 64 Jahre", "65 Jahre und älter"],
    ["Moins de 1 500 €", "De 1 500 à 2 500 €", "De 2 500 à 4 000 €", "Plus de 4 000 €"],
    ["moins de 18 ans", "18 à 24 ans", "25 ans et plus"],
    ["Menos de 18 años", "18 a 24 años", "25 a 64 años", "65 años o más"],
    ["Até 18 anos", "18 a 24 anos", "mais de 24 anos"],
    ["Meno di 1.000 euro", "Da 1.000 a 2.000 euro", "Oltre 2.000 euro"],
    ["Jonger dan 18", "18 tot 24 jaar", "25 jaar of ouder"],
    ["poniżej 18 lat", "18-24 lata", "25-34 lata", "powyżej 34 lat"],
    ["Under 18 år", "18-24 år", "25 år eller äldre"],
    ["Under 18 år", "18-24 år", "25 år og over"],
    ["alle 18", "18-24", "yli 24"],
    ["18 yaş alt\u0131", "18-24", "25-34", "35 ve üzeri"],
    ["до 18 лет", "18-24 года", "25\u201334 года", "35 лет и старше"],
    ["менее 10 тыс. рублей", "10-20 тыс. рублей", "более 20 тыс. рублей"],
    ["до 18 років", "18-24 роки", "25 років \u0456 старше"],
    ["أقل من 18", "18 - 24", "25 - 34", "أكثر من 35"],
    ["18岁以下", "18-24岁", "25~34岁", "35岁及以上"],
    ["10万円未満", "10万円以上20万円未満", "20万円以上30万円未満", "30万円以上"],
    ["19세 이하", "20~29세", "30~39세", "40세 이상"],
]

NUMBERED = [
    ["1 - Not at all impressive", "2 - Somewhat impressive", "3 - Impressive", "4 - Very impressive"],
    ["1 (not at all)", "2", "3", "4", "5 (completely)"],
    ["0 = none", "1", "2", "3 = all"],
    ["1 Not at all", "2", "3", "4", "5 Completely"],
    ["1 \u2013 Stimme überhaupt nicht zu", "2", "3", "4", "5 \u2013 Stimme voll zu"],
    ["Unlikely (2)", "Likely (4)", "Very likely (5)"],
    ["1 - Much less", "3 - About the same", "5 - Much more"],
]


def drafted(values, name="x"):
    return draft_codebook(Survey(pd.DataFrame({name: values}), Codebook({})))[name]


def shuffled(labels, seed=0, times=12):
    return np.random.default_rng(seed).permutation(np.repeat(labels, times)).tolist()


def ladder(name, language):
    """Return one wording of each step of a scale that has a wording of its own."""
    steps = [wordings(step) for step in SCALES[name][language]]
    held = [folded(way) for step in steps for way in set(step)]
    own = [[way for way in step if held.count(folded(way)) == 1] for step in steps]
    return [ways[0] for ways in own if ways]


def grades(language, good, bad):
    """Return a scale from very much the opposite over the middle to very much the adjective."""
    words = GRADED[language]
    above = [wordings(step)[0] for step in words["above"]]
    middle = wordings(words["neither"])[0].replace("_", good, 1).replace("_", bad, 1)
    return [
        *(grade.replace("_", bad) for grade in above[-2:0:-1]),
        middle,
        *(grade.replace("_", good) for grade in above[1:-1]),
    ]


@pytest.mark.parametrize("name", [name for name in SCALES if name not in IN_SOME_LANGUAGES])
def test_every_scale_is_known_in_every_language(name):
    assert tuple(SCALES[name]) == LANGUAGES


def test_adjectives_are_graded_in_every_language():
    assert tuple(GRADED) == LANGUAGES


@pytest.mark.parametrize(("name", "language"), LADDERS)
def test_a_shuffled_scale_gets_its_order_and_scores_in_every_language(name, language):
    steps = [step for step in ladder(name, language) if not reason_in(step)[0]]
    assert len(steps) > FEWEST
    variable = drafted(shuffled([step.capitalize() for step in steps]))
    assert [folded(label) for label in variable.labels] == [folded(step) for step in steps]
    assert variable.kind == "ordinal"
    assert list(variable.scores.values()) == list(range(1, len(steps) + 1))
    assert list(variable.scores) == list(variable.labels)


@pytest.mark.parametrize(("name", "language"), LADDERS)
def test_no_wording_of_a_scale_is_lost_as_a_missing_answer(name, language):
    steps = [step for step in ladder(name, language) if reason_in(step)[0]]
    for step in steps:
        rest = [other for other in ladder(name, language) if not reason_in(other)[0]]
        variable = drafted(shuffled([step, *rest]))
        assert step in variable.labels
        assert variable.unsure


@pytest.mark.parametrize(("language", "good"), ADJECTIVES)
def test_a_graded_adjective_gets_its_order_and_scores_in_every_language(language, good):
    bad = wordings(GRADED[language]["adjectives"][good])[0]
    steps = [step for step in grades(language, wordings(good)[0], bad) if not reason_in(step)[0]]
    variable = drafted(shuffled(steps))
    assert (variable.kind, list(variable.labels)) == ("ordinal", steps)
    assert list(variable.scores.values()) == list(range(1, len(steps) + 1))


@pytest.mark.parametrize(("language", "good"), [pair for pair in ADJECTIVES if GRADED[pair[0]]["below"]])
def test_what_is_denied_is_below_what_is_granted_and_beside_the_opposite_has_no_order(language, good):
    words, adjective = GRADED[language], wordings(good)[0]
    bad = wordings(words["adjectives"][good])[0]
    below = [wordings(step)[0].replace("_", adjective) for step in words["below"]]
    above = [wordings(step)[0].replace("_", adjective) for step in words["above"][1:-1]]
    found = scale_of([*above[::-1], *below[::-1]])
    assert found is not None
    assert found.places == tuple(range(len(below) + len(above)))[::-1]
    assert scale_of([bad, *below, *above]) is None


@pytest.mark.parametrize("bands", BANDS)
def test_bands_are_ordered_by_their_numbers_and_open_ends_in_many_languages(bands):
    for seed in range(3):
        variable = drafted(shuffled(bands, seed))
        assert (variable.kind, list(variable.labels)) == ("ordinal", bands)
        assert not variable.scores


@pytest.mark.parametrize(
    "labels",
    [
        ["iPhone 12", "iPhone 13", "iPhone 14"],
        ["Group 1", "Group 2", "Group 3"],
        ["1 - Male", "2 - Female", "3 - Other"],
        ["1 Employed", "2 Retired", "3 Student"],
        ["30 minutes", "1 hour", "2 hours"],
        ["18-24", "20-30", "31-40"],
        ["1 time a week", "2 times a month", "3 times a year"],
        ["1", "2", "3 Other"],
        ["4 - Agree", "2 - Neutral", "3 - Disagree"],
        ["Dissatisfied", "Not at all satisfied", "Satisfied"],
        ["Less than once a month", "Several times a year", "Never"],
        ["Quite satisfied", "Satisfied", "Very satisfied"],
        ["Above average", "Good", "Poor"],
        ["Graduate degree", "Doctorate", "Bachelor's degree"],
        ["Agree", "Neutral", "Stimme zu"],
        ["A 1", "A 2", "A 3"],
        ["3 Peers", "1 Class", "2 Class"],
    ],
)
def test_answers_whose_order_their_words_do_not_settle_stay_single(labels):
    variable = drafted(shuffled(labels))
    assert variable.kind == "single"
    assert not variable.scores
    assert "order of the answers" in variable.review


@pytest.mark.parametrize("labels", NUMBERED)
def test_numbers_in_answers_give_order_and_scores_and_the_review_says_which_end_is_high(labels):
    variable = drafted(shuffled(labels))
    assert (variable.kind, list(variable.labels)) == ("ordinal", labels)
    assert tuple(variable.scores.values()) == own_numbers(labels)
    assert f"from {labels[0]!r} (low) to {labels[-1]!r} (high)" in variable.review


def test_a_scale_printed_from_high_to_low_keeps_its_numbers_and_says_so():
    labels = ["1 = Strongly agree", "2 = Agree", "3 = Neutral", "4 = Disagree", "5 = Strongly disagree"]
    variable = drafted(shuffled(labels))
    assert list(variable.scores.items()) == [(label, place) for place, label in enumerate(labels, 1)]
    assert "from '1 = Strongly agree' (low) to '5 = Strongly disagree' (high)" in variable.review


def test_random_mixes_of_answers_of_different_scales_are_never_called_ordinal():
    rng = np.random.default_rng(20)
    whole = [ladder(*pair) for pair in LADDERS]
    known = [
        {folded(way) for step in SCALES[name][language] for way in wordings(step)}
        for name, language in LADDERS
    ]
    mixes = 0
    while mixes < MIXES:
        first, second = (whole[place] for place in rng.choice(len(whole), 2, replace=False))
        mix = [str(label) for part in (first, second) for label in rng.choice(part, 2, replace=False)]
        said = {folded(label) for label in mix}
        if len(said) < len(mix) or any(said <= ways for ways in known):
            continue  # they are steps of one scale after all
        mixes += 1
        assert drafted(shuffled(mix)).kind != "ordinal", mix


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_that_is_found_does_not_depend_on_the_order_of_rows(data):
    columns = [ladder(*pair) for pair in LADDERS] + BANDS + NUMBERED
    labels = data.draw(st.sampled_from(columns))
    some = data.draw(st.lists(st.sampled_from(labels), min_size=2, unique=True))
    outside = data.draw(st.sampled_from([[], ["It depends"], ["Neutral"], ["Zebra", "Other"]]))
    rows = [label for label in dict.fromkeys([*some, *outside]) for _ in range(4)]
    variable = drafted(rows)
    again = drafted(data.draw(st.permutations(rows)))
    assert (again.kind, again.labels, again.scores) == (variable.kind, variable.labels, variable.scores)


@pytest.mark.parametrize("outside", ["It depends", "Other", "Zebra"])
def test_an_answer_outside_a_scale_keeps_the_question_single_and_is_named(outside):
    scale = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    variable = drafted(shuffled([outside, *scale]))
    assert variable.kind == "single"
    assert list(variable.labels) == [*scale, outside]
    assert not variable.scores
    assert repr(outside) in variable.review


BATTERIES = {
    "English": ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
    "German": ["Lehne stark ab", "Lehne ab", "Teils/teils", "Stimme eher zu", "Stimme voll und ganz zu"],
    "Russian": ["Совсем не согласен", "Скорее не согласен", "Нейтрально", "Скорее согласен", "Согласен"],
    "Japanese": [
        "全くそう思わない",
        "あまりそう思わない",
        "どちらともいえない",
        "ややそう思う",
        "とてもそう思う",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", BATTERIES)
def test_means_scores_and_top_boxes_work_at_once_on_a_battery_in_words(language):
    scale = BATTERIES[language]
    rng = np.random.default_rng(5)
    places = rng.integers(0, 5, (200, 4))
    places[:, 2] = rng.integers(1, 4, 200)  # nobody gave the ends
    frame = pd.DataFrame({f"trust_{item}": np.array(scale)[places[:, item]] for item in range(4)})
    book = draft_codebook(Survey(frame, Codebook({})))
    items = book.members("trust")
    assert len(items) == 4
    assert all(book[item].scores == dict(zip(scale, range(1, 6), strict=True)) for item in items)
    survey = Survey(frame, book)
    design = tk.Design(survey)
    for item, name in enumerate(items):
        mean = tk.mean(design, name).estimate[0]
        assert mean == pytest.approx((places[:, item] + 1).mean())
        top = tk.collapse(
            survey, variable=name, into=f"top_{item}", labels={"Top": scale[3:], "Rest": scale[:3]}
        )
        share = tk.proportion(tk.Design(top), f"top_{item}", level="Top").estimate[0]
        assert share == pytest.approx((places[:, item] > 2).mean())
        turned = tk.Design(tk.reverse(survey, variable=name))
        assert tk.mean(turned, name).estimate[0] == pytest.approx(6 - mean)
    scored = tk.score(survey, "trust", into="index").data["index"]
    assert scored.to_numpy() == pytest.approx((places + 1).mean(axis=1))


@pytest.mark.parametrize(("low", "high"), [(0, 10), (1, 7), (1, 5)])
def test_numeric_batteries_of_one_range_and_stem_become_ordinal_sets(low, high):
    numbers = np.random.default_rng(3).integers(low, high + 1, (300, 3))
    frame = pd.DataFrame(numbers, columns=[f"rating_{item}" for item in "abc"])
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("rating") == tuple(frame.columns)
    for name in frame.columns:
        assert book[name].kind == "ordinal"
        assert list(book[name].codes) == list(range(low, high + 1))
    scored = tk.score(Survey(frame, book), "rating", into="index").data["index"]
    assert scored.to_numpy() == pytest.approx(numbers.mean(axis=1))


def test_a_lone_column_of_a_few_numbers_stays_single():
    assert drafted([1, 2, 3, 4, 5] * 20).kind == "single"


def test_an_answer_of_a_scale_that_could_also_mean_not_asked_is_an_answer_and_unsure():
    scale = ["Trifft nicht zu", "Trifft eher nicht zu", "Trifft eher zu", "Trifft voll zu"]
    variable = drafted(shuffled(scale))
    assert (variable.kind, list(variable.labels), variable.missing) == ("ordinal", scale, {})
    assert variable.unsure
    assert "is read as an answer" in variable.review


def test_a_battery_of_numbered_answers_names_the_ends_of_its_whole_scale():
    labels = np.array(["1 Not at all", "2", "3", "4", "5 Completely"])
    places = np.random.default_rng(8).integers(0, 5, (200, 3))
    places[:, 1] = places[:, 1].clip(0, 3)  # nobody gave the highest
    book = draft_codebook(
        Survey(pd.DataFrame(labels[places], columns=["how_a", "how_b", "how_c"]), Codebook({}))
    )
    for name in book.members("how"):
        assert list(book[name].scores.values()) == [1, 2, 3, 4, 5]
        assert book[name].review.count("from '1 Not at all' (low) to '5 Completely' (high)") == 1
    assert len(book.members("how")) == places.shape[1]


def test_a_list_of_the_file_that_runs_down_a_scale_stands_and_its_ends_are_named():
    answers = pd.Categorical(
        ["Never", "Sometimes", "Always"] * 5, categories=["Always", "Sometimes", "Never"]
    )
    variable = drafted(answers)
    assert variable.labels == ("Always", "Sometimes", "Never")
    assert "the file's, from 'Always' (low) to 'Never' (high)" in variable.review


@pytest.mark.parametrize("ends", [(1, 5), (1, 7), (0, 10), (1, 4), (1, 10)])
def test_items_of_numbers_with_one_range_and_one_stem_are_an_ordinal_set(ends):
    low, high = ends
    places = np.random.default_rng(high).integers(low, high + 1, (300, 3))
    book = draft_codebook(Survey(pd.DataFrame(places, columns=["t_1", "t_2", "t_3"]), Codebook({})))
    assert book.members("t") == ("t_1", "t_2", "t_3")
    for name in book.members("t"):
        assert book[name].kind == "ordinal"
        assert list(book[name].codes) == list(range(low, high + 1))


SORTS = {
    "words": ["Never", "Rarely", "Sometimes", "Often", "Always"],
    "numbers at the ends": ["1 - Not at all", "2", "3", "4", "5 - Completely"],
    "education": ["Primary school", "Lower secondary", "Upper secondary", "Bachelor's degree", "Doctorate"],
    "income": ["Lowest quintile", "Second quintile", "Third quintile", "Fourth quintile", "Highest quintile"],
    "german classes": [
        "Unterschicht",
        "Untere Mittelschicht",
        "Mittelschicht",
        "Obere Mittelschicht",
        "Oberschicht",
    ],
    "levels": ["ISCED 1", "ISCED 2", "ISCED 3", "ISCED 4", "ISCED 5"],
}


@pytest.mark.parametrize("name", SORTS)
def test_the_mean_the_score_and_the_top_boxes_of_a_text_scale_need_no_edit_of_the_draft(name, tmp_path):
    labels = SORTS[name]
    places = np.random.default_rng(4).integers(0, 5, (200, 3))
    frame = pd.DataFrame(np.array(labels)[places], columns=["s_1", "s_2", "s_3"])
    frame.to_csv(tmp_path / "export.csv", index=False)
    survey = tk.read(tmp_path / "export.csv")
    survey = tk.read(tmp_path / "export.csv", tk.draft_codebook(survey))
    assert tk.mean(tk.Design(survey), "s_1").to_frame()["estimate"].item() == pytest.approx(
        places[:, 0].mean() + 1
    )
    scored = tk.score(survey, "s", into="whole")
    assert scored.data["whole"].mean() == pytest.approx(places.mean() + 1)
    boxes = tk.collapse(survey, variable="s_1", into="top2", labels={"Top": labels[-2:]}, rest="Other")
    top = tk.proportion(tk.Design(boxes), "top2").to_frame().set_index("level")["estimate"]["Top"]
    assert top == pytest.approx((places[:, 0] >= 3).mean())


@pytest.mark.parametrize(
    "answers",
    [
        ("Gar nicht", "Wenig", "Etwas", "Sehr"),
        ("Überhaupt nicht", "Ein wenig", "Etwas", "Ziemlich", "Sehr"),
        ("Überhaupt nicht", "Eher nicht", "Teils/teils", "Eher schon", "Voll und ganz"),
        ("Not at all", "A little", "Somewhat", "Very"),
        ("Not at all", "Slightly", "Moderately", "Very", "Extremely"),
        ("Pas du tout", "Un peu", "Assez", "Très"),
        ("Nada", "Poco", "Algo", "Bastante", "Mucho"),
        ("Nada", "Pouco", "Algo", "Muito"),
        ("Per niente", "Poco", "Abbastanza", "Molto"),
        ("Helemaal niet", "Weinig", "Enigszins", "Zeer"),
        ("Wcale", "Trochę", "Umiarkowanie", "Bardzo"),
        ("Inte alls", "Lite", "Något", "Mycket"),
        ("Ikke i det hele tatt", "Litt", "Noe", "Veldig"),
        ("Slet ikke", "Lidt", "Noget", "Meget"),
        ("Ei lainkaan", "Hieman", "Jonkin verran", "Erittäin"),
        ("Hiç", "Biraz", "Orta derecede", "Çok"),
        ("Совсем нет", "Немного", "Умеренно", "Очень"),
        ("Зовсім ні", "Трохи", "Помірно", "Дуже"),
        ("完全不", "有一点", "一般", "非常"),
        ("全くない", "少し", "ある程度", "とても"),
        ("전혀", "약간", "어느 정도", "매우"),
        ("على الإطلاق", "قليلا", "إلى حد ما", "جدا"),
    ],
)
def test_scales_of_intensity_get_their_order_and_scores_in_every_language(answers):
    variable = drafted(shuffled(list(answers)))
    assert (variable.kind, variable.labels) == ("ordinal", answers)
    assert list(variable.scores.values()) == list(range(1, len(answers) + 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_vague_times_have_a_place_below_times_in_the_calendar_that_are_surely_more_often(language):
    vague, dated = ([wordings(step)[0] for step in SCALES[name][language]] for name in FREQUENCIES)
    never, rarely, sometimes, often, always = vague[0], vague[2], vague[4], vague[-4], vague[-1]
    monthly, weekly, daily = dated[-6], dated[-4], dated[-2]
    known = [
        [never, sometimes, daily], [never, rarely, weekly, daily], [never, sometimes, often, daily],
        [never, rarely, monthly],
    ]  # fmt: skip
    for steps in known:
        found = scale_of(steps[::-1])
        assert found is not None
        assert found.places == tuple(range(len(steps)))[::-1]
    for steps in ([never, always, daily], [never, sometimes, monthly], [never, often, weekly]):
        assert scale_of(steps) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FREQUENCIES)
def test_some_steps_of_a_scale_of_times_keep_their_order(name, language):
    steps = [step for step in ladder(name, language) if not reason_in(step)[0]]
    for few in combinations(steps, FEWEST + 1):
        found = scale_of(few[::-1])
        assert found is not None
        assert found.places == tuple(range(len(few)))[::-1]
