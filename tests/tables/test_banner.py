"""Banner tables: cells are the estimates of their columns, letters the tests of the design."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from reference_designs import FOLDER
from scipy import stats

import trustkit as tk
from trustkit.errors import DataError
from trustkit.tables.heads import letter_of

REFERENCE = FOLDER / "banner"
EXPECTED = json.loads((REFERENCE / "output.json").read_text(encoding="utf-8"))
BRANDS = {"one": {"one": 1}, "two": {"two": 1}, "six": {"six": 1}}
RAW = tk.example_folder("consumer_trust")


@pytest.fixture(scope="module")
def shipped():
    survey = tk.clean(tk.read(RAW / "responses.csv", codebook=RAW / "codebook.yaml"))
    return tk.rake(tk.Design(survey), RAW / "targets.yaml")


@pytest.mark.parametrize("name", [name for name in EXPECTED if not name.startswith("rest")])
def test_columns_that_share_respondents_differ_as_in_r(name):
    expected = EXPECTED[name]
    frame = pd.read_csv(REFERENCE / "data.csv").assign(trust=lambda d: d["trust"].map({1: "yes", 0: "no"}))
    psu = "psu" if name.startswith("clustered") else None
    design = tk.Design(frame, weights="w", strata="stratum", psu=psu)
    question = "score" if name.endswith("mean") else "trust"
    table = tk.banner(design, [question], [BRANDS], letters=tk.Letters(adjust="none"))[question]
    label = "mean" if name.endswith("mean") else "yes"
    letters = dict(zip(["one", "two", "six"], "ABC", strict=True))
    tests = table.tests[table.tests["row"] == label].set_index(["first", "second"])
    for pair, difference, se in zip(expected["pairs"], expected["difference"], expected["se"], strict=True):
        first, second = (letters[brand] for brand in pair.split())
        own = tests.loc[(first, second)]
        assert own["difference"] == pytest.approx(difference, rel=1e-10)
        assert own["se"] == pytest.approx(se, rel=1e-10)
        if psu is None:  # rows of two columns that share some count as those of the larger column
            largest = frame[pair.split()].sum().max()
            assert own["df"] == largest - 4
        else:
            assert own["df"] == expected["df"]
        assert own["p_value"] == pytest.approx(2 * stats.t.sf(abs(difference) / se, own["df"]), rel=1e-8)


QUESTIONS = ["trust_all_brands", "trust_banks", "opt_in", "received", "trust_score"]


def letters_by_pairwise(design, cells, by, letters):
    """Check the cells of a row and head, and return how many pairs of them have letters as in pairwise."""
    question, row = cells["question"].iloc[0], cells["row"].iloc[0]
    variable = question
    if question not in design.columns:
        members = design.codebook.members(question)
        variable = next(name for name in members if design.variable(name).label.endswith(f" {row}"))
    ticked = design.variable(variable).kind == "multiple"
    own = (
        tk.mean(design, variable, by=by)
        if row == "mean"
        else tk.proportion(design, variable, by=by, level="Selected" if ticked else row)
    )
    for name in ("estimate", "se", "ci_low", "ci_high", "n", "df"):
        np.testing.assert_allclose(cells[name], getattr(own, name), rtol=1e-10)
    if by is None:
        assert (cells["higher"] == "").all()
        return 0
    letter = cells["letter"].tolist()
    upper, lower = {name: set() for name in letter}, {name: set() for name in letter}
    flags = (cells["flag"] == "too small").any() or (row != "mean" and cells["estimate"].isin([0, 1]).any())
    if flags:  # pairs that a banner does not compare are not adjusted for
        return 0
    pairs = tk.pairwise(own, adjust=letters.adjust).table
    first_alpha, second_alpha = (1 - conf for conf in letters.conf)
    for (first, second), pair in zip(combinations(letter, 2), pairs.itertuples(), strict=True):
        higher, other = (first, second) if pair.difference > 0 else (second, first)
        if pair.p_adjusted < first_alpha:
            upper[higher].add(other)
        elif pair.p_adjusted < second_alpha:
            lower[higher].add(other.lower())
    assert [set(text.split()) for text in cells["higher"]] == list(upper.values())
    assert [set(text.split()) for text in cells["higher_at_second"]] == list(lower.values())
    return len(pairs)


def pairs_checked(design, questions, heads, letters):
    book = tk.banner(design, questions, list(heads.values()), letters=letters).to_frame()
    return sum(
        letters_by_pairwise(design, cells, heads.get(head), letters)
        for (_, _, head), cells in book.groupby(["question", "row", "head"], sort=False)
    )


@pytest.mark.parametrize("adjust", ["holm", "bh", "none"])
def test_every_letter_is_that_of_pairwise_and_every_cell_that_of_its_column(shipped, adjust):
    letters = tk.Letters(conf=(0.95, 0.8), adjust=adjust)
    heads = {"country": "country", "age": "age_group"}
    assert pairs_checked(shipped, QUESTIONS, heads, letters) > 500


@pytest.mark.nightly
def test_every_letter_of_all_questions_of_the_shipped_survey_is_that_of_pairwise(shipped):
    heads = {
        shipped.called(name): name for name in ("country", "sex", "age_group", "education", "income_band")
    }
    asked = [
        variable.set or variable.name
        for variable in shipped.codebook.variables.values()
        if variable.kind in ("single", "ordinal", "multiple") and variable.name in shipped.columns
        and variable.name not in heads.values() and variable.name != "attention_check"
    ]  # fmt: skip
    letters = tk.Letters(conf=(0.95, 0.9))
    assert pairs_checked(shipped, list(dict.fromkeys(asked)), heads, letters) > 5000


def test_a_net_is_the_union_of_its_answers_or_of_its_boxes(shipped):
    nets = {"Top 2": ["A lot", "Completely"]}
    table = tk.banner(shipped, [tk.Question("trust_banks", nets=nets)], ["sex"])["trust_banks"].frame
    own = tk.top_box(shipped, "trust_banks", boxes=nets["Top 2"], by="sex")
    cells = table[(table["row"] == "Top 2") & (table["head"] == "sex")]
    np.testing.assert_allclose(cells["estimate"], own.estimate, rtol=1e-12)
    np.testing.assert_allclose(cells["se"], own.se, rtol=1e-12)

    boxes = tk.Question("received", nets={"Written": ["Email", "Post"]})
    table = tk.banner(shipped, [boxes], ["sex"])["received"].frame
    data = shipped.data
    either = (data["received_email"] == "Selected") | (data["received_post"] == "Selected")
    sex = data["sex"] == "Female"
    expected = shipped.weights[either & sex].sum() / shipped.weights[sex].sum()
    cell = table[(table["row"] == "Written") & (table["column"] == "Female")]
    assert cell["estimate"].item() == pytest.approx(expected, rel=1e-12)
    assert cell["n"].item() == sex.sum()


BOX = {0: "No", 1: "Yes"}
PEOPLE = 240


def boxes(**about):
    """A survey of two boxes, of which No stands first in the codebook, and a question beside them."""
    draw = np.random.default_rng(11)
    data = pd.DataFrame({name: draw.choice([0, 1], PEOPLE, p=[0.8, 0.2]) for name in ("mail", "post")})
    data["sex"] = draw.choice([1, 2, np.nan], PEOPLE, p=[0.5, 0.45, 0.05])
    book = tk.Codebook(
        {
            "mail": tk.Variable("mail", "Ways? Mail", "multiple", codes=BOX, set="ways", **about),
            "post": tk.Variable("post", "Ways? Post", "multiple", codes=BOX, set="ways"),
            "sex": tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
        },
        sets={"ways": "Ways"},
    )
    return tk.Design(tk.Survey(data, book))


@pytest.mark.parametrize("name", ["ways", "mail"])
def test_what_a_ticked_box_is_called_is_told_and_not_guessed(name):
    design = boxes()
    with pytest.raises(DataError, match="the box mail has no answer 'Selected'"):
        tk.banner(design, [name], ["sex"])
    table = tk.banner(design, [tk.Question(name, level="Yes")], ["sex"])[name].frame
    rows = table[table["head"] == ""]
    expected = [(design.data[box] == "Yes").mean() for box in ("mail", "post")][: len(rows)]
    assert rows["estimate"].tolist() == pytest.approx(expected)
    with pytest.raises(DataError, match="name the columns with conditions"):
        tk.banner(design, ["sex"], ["ways"])


def test_a_single_box_of_a_set_shows_those_who_ticked_it(shipped):
    one = tk.banner(shipped, ["received_sms"], ["sex"])["received_sms"].frame
    both = tk.banner(shipped, ["received"], ["sex"])["received"].frame
    same = both[both["row"] == "Text messages"]
    assert one["estimate"].tolist() == same["estimate"].tolist()


def test_who_is_in_no_column_and_guesses_about_columns_are_told():
    design = boxes(unsure=True, review="the boxes were guessed")
    table = tk.banner(design, ["sex"], [{"by mail": {"mail": "Yes"}, "by post": {"post": "Yes"}}])["sex"]
    assert any("guess" in sentence for sentence in table.caveats.sentences)
    assert any("guess" in line for line in str(table).splitlines())
    table = tk.banner(design, [tk.Question("ways", level="Yes")], ["sex"])["ways"]
    count = int(design.data["sex"].isna().sum())
    assert f"{count} respondents have no answer to Sex and are in no group." in table.notes


def test_boxes_of_the_same_label_have_a_row_each_and_small_bases_are_named():
    data = pd.DataFrame({"a": [1, 0] * 60, "b": [0, 0, 1] * 40, "g": [1, 2] * 60})
    box = {1: "Selected", 0: "Not selected"}
    names = {name: tk.Variable(name, "Other", "multiple", codes=box, set="s") for name in "ab"}
    book = tk.Codebook(
        {**names, "g": tk.Variable("g", "G", "single", codes={1: "x", 2: "y"})}, sets={"s": "S"}
    )
    table = tk.banner(tk.Design(tk.Survey(data, book)), ["s"], ["g"])["s"]
    lines = str(table).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("Other")] == ["50.0%", "33.3%"]
    assert "Small bases, with fewer than 100 respondents: A, B." in table.notes


def test_bases_are_respondents_weights_and_kishs_effective_size(shipped):
    cells = tk.banner(shipped, ["trust_all_brands"], ["sex"]).to_frame().set_index(["row", "column"])
    data = shipped.data
    inside = (data["sex"] == "Female") & data["trust_all_brands"].isin(
        shipped.variable("trust_all_brands").labels
    )
    w = shipped.weights[inside]
    cell = cells.loc[(shipped.variable("trust_all_brands").labels[0], "Female")]
    assert cell["n"] == inside.sum()
    assert cell["n_weighted"] == pytest.approx(w.sum())
    assert cell["n_kish"] == pytest.approx(w.sum() ** 2 / (w**2).sum())


def test_nested_columns_are_compared_within_their_outer_level(shipped):
    cells = tk.banner(shipped, ["trust_all_brands"], [("sex", "age_group")]).to_frame()
    nested = cells[cells["head"] != ""]
    outer = dict(zip(nested["letter"], nested["column"].str.split(" / ").str[0], strict=True))
    for cell in nested.itertuples():
        assert {outer[letter] for letter in cell.higher.split()} <= {outer[cell.letter]}
    assert (nested["higher"] != "").any()
    own = tk.proportion(shipped, "trust_all_brands", by=["sex", "age_group"])
    np.testing.assert_allclose(np.sort(nested["estimate"].to_numpy()), np.sort(own.estimate), rtol=1e-12)


def test_waves_are_compared_with_the_one_before():
    rng = np.random.default_rng(5)
    wave = np.repeat(["1", "2", "3"], 400)
    trust = np.where(rng.random(1200) < np.repeat([0.3, 0.6, 0.9], 400), "yes", "no")
    design = tk.Design(pd.DataFrame({"wave": wave, "trust": trust}))
    cells = tk.banner(design, ["trust"], ["wave"], letters=tk.Letters(against="previous")).to_frame()
    yes = cells[(cells["row"] == "yes") & (cells["head"] != "")]
    assert yes["higher"].tolist() == ["", "A", "B"]


def test_waves_of_a_panel_whose_persons_are_not_linked_have_a_note():
    wave = tk.Variable("wave", "Wave", "single", codes={1: "first", 2: "second"})
    trust = tk.Variable("trust", "Trust?", "single", codes={1: "yes", 2: "no"})
    book = tk.Codebook({"id": tk.Variable("id", "Id", "id"), "wave": wave, "trust": trust})
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"id": [*range(200)] * 2, "wave": [1] * 200 + [2] * 200})
    panel = tk.Design(tk.Survey(data.assign(trust=rng.choice([1, 2], 400)), book))
    previous = tk.Letters(against="previous")
    notes = tk.banner(panel, ["trust"], ["wave"], letters=previous)["trust"].notes
    assert any("standard errors of differences are usually too large" in note for note in notes)
    linked = tk.link_waves(panel, wave="wave", person="id")
    for design, letters in ((linked, previous), (panel, tk.Letters())):
        notes = tk.banner(design, ["trust"], ["wave"], letters=letters)["trust"].notes
        assert not any("too large" in note for note in notes)


def test_unweighted_simple_random_samples_have_the_unpooled_z_test_of_textbooks():
    rng = np.random.default_rng(4)
    n = 20_000
    group = rng.choice(["a", "b"], n)
    trust = np.where(rng.random(n) < np.where(group == "a", 0.51, 0.5), "yes", "no")
    design = tk.Design(pd.DataFrame({"trust": trust, "group": group}))
    tests = tk.banner(design, ["trust"], ["group"], letters=tk.Letters(adjust="none"))["trust"].tests
    shares = [np.mean(trust[group == name] == "yes") for name in "ab"]
    sizes = [np.sum(group == name) for name in "ab"]
    se = np.sqrt(sum(p * (1 - p) / size for p, size in zip(shares, sizes, strict=True)))
    expected = 2 * stats.norm.sf(abs(shares[0] - shares[1]) / se)
    assert tests["p_value"].iloc[0] == pytest.approx(expected, rel=1e-3)  # n / (n - 1), and t for z


def test_numbers_do_not_depend_on_names_or_on_a_row_that_is_split_in_two_within_its_psu():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {"psu": np.repeat(range(40), 15), "w": rng.gamma(4, 0.25, 600), "area": rng.choice(list("abc"), 600)}
    ).assign(trust=rng.choice(["yes", "no"], 600))
    halves = pd.concat([frame, frame]).assign(w=lambda rows: rows["w"] / 2)
    renamed = frame.replace({"area": {"a": "x", "b": "y", "c": "z"}}).rename(columns={"trust": "q"})
    plain = tk.banner(tk.Design(frame, weights="w", psu="psu"), ["trust"], ["area"])["trust"]
    split = tk.banner(tk.Design(halves, weights="w", psu="psu"), ["trust"], ["area"])["trust"]
    other = tk.banner(tk.Design(renamed, weights="w", psu="psu"), ["q"], ["area"])["q"]
    for table in (split, other):
        for name in ("estimate", "se", "ci_low", "ci_high", "n_weighted"):
            np.testing.assert_allclose(table.frame[name], plain.frame[name], rtol=1e-9)
        np.testing.assert_allclose(table.tests["p_value"], plain.tests["p_value"], rtol=1e-9)


def small(rows):
    return tk.Design(pd.DataFrame(rows, columns=["trust", "group"]))


def test_small_columns_and_shares_at_an_end_are_not_compared_and_said_so():
    rows = [("yes", "a")] * 40 + [("no", "b")] * 40 + [("yes", "c")] * 15 + [("no", "c")] * 5
    table = tk.banner(small(rows), ["trust"], ["group"])["trust"]
    assert (table.frame["higher"] == "").all()
    assert table.frame[table.frame["column"] == "c"]["flag"].tolist() == ["too small"] * 2
    shown = str(table)
    assert "c (C) [u]" in shown
    assert "Not compared: a share is 0 or 1, where its variance is unknown; a column is too small." in shown


def test_a_column_without_respondents_is_left_out_with_a_note():
    frame = pd.DataFrame({"trust": list("yn") * 40, "group": pd.Categorical(list("ab") * 40, list("abz"))})
    table = tk.banner(tk.Design(frame), ["trust"], ["group"])["trust"]
    assert table.frame["column"].unique().tolist() == ["Total", "a", "b"]
    assert any("Nobody is in z of group" in note for note in table.notes)


def test_a_question_by_itself_is_shown_and_not_tested(shipped):
    table = tk.banner(shipped, ["sex"], ["sex"])["sex"].frame
    own = table[(table["head"] == "sex") & (table["row"] == table["column"])]
    assert own["estimate"].tolist() == [1.0, 1.0]
    assert (table["higher"] == "").all()


def test_answers_are_sorted_by_the_total_unless_they_are_ordinal(shipped):
    book = tk.banner(shipped, ["received", "trust_banks"], ["sex"], sort="total")
    total = book["received"].frame.query("head == ''")["estimate"]
    assert total.is_monotonic_decreasing
    rows = book["trust_banks"].frame["row"].drop_duplicates().tolist()
    assert rows == [*shipped.variable("trust_banks").labels, "mean"]


def test_letters_do_not_depend_on_the_order_of_columns_or_the_scale_of_weights(shipped):
    doubled = tk.Design(shipped.data, codebook=shipped.codebook, weights=shipped.weights * 2)
    plain = tk.Design(shipped.data, codebook=shipped.codebook, weights=shipped.weights)
    one = tk.banner(plain, ["trust_banks"], ["sex", "age_group"]).to_frame()
    two = tk.banner(doubled, ["trust_banks"], ["sex", "age_group"]).to_frame()
    assert one["higher"].tolist() == two["higher"].tolist()
    np.testing.assert_allclose(one["se"], two["se"], rtol=1e-9)
    other = tk.banner(plain, ["trust_banks"], ["age_group", "sex"]).to_frame()
    assert (one["higher"].str.split().str.len()).sum() == (other["higher"].str.split().str.len()).sum()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["hours_online"], "hours_online"),
        (["sexx"], "did you mean 'sex'"),
        ([{"all": {"sex": "Female"}}], "1 columns with respondents"),
        (["trust_type"], "not a question with several answers"),
        ([3], "'columns' can't be used"),
    ],
)
def test_heads_that_can_not_be_used_are_refused(shipped, columns, words):
    with pytest.raises(DataError) as caught:
        tk.banner(shipped, ["trust_banks"], columns)
    assert words in str(caught.value)


def test_too_many_columns_unknown_answers_and_coverages_are_refused(shipped):
    many = tk.Design(pd.DataFrame({"trust": list("yn") * 60, "group": [str(k) for k in range(60)] * 2}))
    with pytest.raises(DataError, match="can't be the head of a banner"):
        tk.banner(many, ["trust"], ["group"])
    with pytest.raises(DataError, match="has no answer 'A lott'"):
        tk.banner(shipped, [tk.Question("trust_banks", nets={"Top": ["A lott", "Completely"]})], ["sex"])
    with pytest.raises(DataError, match="'nets' can't be used"):
        tk.Question("trust_banks", nets={"Top": ["Completely"]})
    for conf in [(0.9, 0.95), (0.95, 0.95), (1.2,), (0.9, 0.8, 0.7)]:
        with pytest.raises(DataError, match="coverages of letters"):
            tk.Letters(conf=conf)
    with pytest.raises(DataError, match="no question 'trust'"):
        tk.banner(shipped, ["trust_banks"], ["sex"])["trust"]


def test_letters_go_on_after_z():
    assert [letter_of(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
