"""Protected tables: what is hidden, that no outsider finds it, and what goes with a hidden number."""

from __future__ import annotations

import json
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from reference_designs import FOLDER
from scipy.optimize import LinearConstraint, linprog, milp

import trustkit as tk
from trustkit.counted import SMALLEST_CELL, Counted, ShownCount
from trustkit.errors import DataError
from trustkit.survey.protection import PROTECTION, SOURCES
from trustkit.tables.protection import needs_protection, protected_counts
from trustkit.tables.relations import made_of, related
from trustkit.tables.suppression import Needs, hide, unmet

TEN = SMALLEST_CELL
ENOUGH = 1e-6


def rows_of(table, names):
    """A frame with as many respondents in each cell of a table as its counts say."""
    places = np.argwhere(np.ones_like(table))
    codes = np.repeat(places, table.ravel(), axis=0)
    return pd.DataFrame({name: [f"{name}{k}" for k in codes[:, axis]] for axis, name in enumerate(names)})


def results_of(table, names):
    """The estimates whose cells are all cells and all margins of a table."""
    design = tk.Design(rows_of(table, names))
    if len(names) == 2:
        return [tk.proportion(design, names[0]), tk.proportion(design, names[0], by=names[1])]
    pairs = [[names[1]], [names[2]], [names[1], names[2]]]
    return [tk.proportion(design, names[0]), *(tk.proportion(design, names[0], by=by) for by in pairs)]


def hidden_sets(results, found):
    """The hidden cells as the answers that they count, read from what is printed and not from relations."""
    hidden = {}
    for one, table in zip(results, found.tables, strict=True):
        by = [str(name) for name in one.keys.columns[:-2]]
        for (_, key), (_, shown) in zip(one.keys.iterrows(), table.table.iterrows(), strict=True):
            group = tuple(sorted(str(key[name]) for name in by))
            hidden[tuple(sorted([str(key["level"]), *group]))] = shown["proportion"] == "[c]"
            hidden[group] = shown["n"] == "[c]"
    return hidden


def place_of(key, names):
    """Where the full cells of a printed cell are in the table."""
    wanted = {label[:1]: int(label[1:]) for label in key}
    return tuple(wanted.get(name, slice(None)) for name in names)


def equations(shape, names, known):
    """All unknown full cells, and the equations that the printed cells and margins of a table are."""
    cells = list(np.ndindex(*shape))
    matrix = []
    for key in known:
        wanted = {label[:1]: int(label[1:]) for label in key}
        matrix.append([float(all(cell[names.index(k)] == v for k, v in wanted.items())) for cell in cells])
    return cells, np.array(matrix)


def outsider(table, names, hidden, *, integer=False):
    """The interval of each hidden small cell, by an attack that shares no code with the package.

    The unknowns are the cells of the table; each printed number and base is an equation on them.
    """
    values = {key: float(table[place_of(key, names)].sum()) for key in hidden}
    known = [key for key, is_hidden in hidden.items() if not is_hidden]
    cells, matrix = equations(table.shape, names, known)
    right = np.array([values[key] for key in known])
    found = {}
    for key, value in values.items():
        if 0 < value < TEN:
            _, goal = equations(table.shape, names, [key])
            ends = []
            for sign in (1, -1):
                if integer:
                    solved = milp(
                        sign * goal[0], constraints=LinearConstraint(matrix, right, right),
                        integrality=np.ones(len(cells)),
                    )  # fmt: skip
                else:
                    solved = linprog(sign * goal[0], A_eq=matrix, b_eq=right, method="highs")
                ends.append(np.inf * -sign if solved.status == 3 else sign * solved.fun)
            found[key] = tuple(ends)
    return found


def generated(seed, *, ways=2):
    """A table with small cells."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 5, 2) if ways == 2 else np.array([3, 3, 3])
    n = int(rng.integers(120, 500))
    return rng.multinomial(n, rng.dirichlet(np.full(int(shape.prod()), 1.2))).reshape(tuple(shape))


def check_generated(seed, *, ways=2, integer=False):
    """Protect a generated table, and attack it."""
    names = ["a", "b", "c"][:ways]
    table = generated(seed, ways=ways)
    results = results_of(table, names)
    found = tk.protect(results)
    intervals = outsider(table, names, hidden_sets(results, found), integer=integer)
    for cell, (low, high) in intervals.items():
        assert low <= ENOUGH, (seed, cell, low)
        assert high >= TEN - ENOUGH, (seed, cell, high)
    return len(intervals)


@pytest.mark.parametrize("start", range(0, 97, 14))
def test_an_outsider_finds_no_small_cell_of_generated_tables(start):
    assert sum(check_generated(seed) for seed in range(start, min(start + 14, 97))) > 10


def test_an_outsider_who_knows_that_counts_are_whole_finds_no_small_cell_of_three_ways():
    assert sum(check_generated(seed, ways=3, integer=True) for seed in (2, 6, 7)) > 3


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(1000, 2900, 100))
def test_an_outsider_finds_no_small_cell_of_many_generated_tables(start):
    assert sum(check_generated(seed) for seed in range(start, start + 100)) > 100


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(1000, 1100, 10))
def test_an_outsider_with_whole_counts_finds_no_small_cell_of_many_tables_of_three_ways(start):
    assert sum(check_generated(seed, ways=3, integer=True) for seed in range(start, start + 10)) > 10


def test_no_cell_is_hidden_in_vain():
    names = ["a", "b"]
    for seed in range(200, 208):
        table = generated(seed)
        results = results_of(table, names)
        hidden = hidden_sets(results, tk.protect(results))
        small = {key for key in hidden if 0 < table[place_of(key, names)].sum() < TEN}
        bases = {key for key, is_hidden in hidden.items() if is_hidden} - small
        for shown_again in bases:
            intervals = outsider(table, names, {**hidden, shown_again: False})
            assert any(low > ENOUGH or high < TEN - ENOUGH for low, high in intervals.values()), shown_again


def joint_tables():
    """A row of 82, 53, 38 and 6 in a two-way table, and its 179 in a one-way table."""
    table = np.array([[82, 53, 38, 6], [120, 90, 70, 45]])
    return results_of(table, ["a", "b"])


def test_hiding_the_small_cell_alone_is_solved_exactly_beside_the_one_way_table():
    printed = [table._printed() for table in joint_tables()]
    found = related([one for counts in printed for one in counts])
    place = found.relations.names.index("a: a0; b: b3")
    assert found.relations.value[place] == 6
    alone = np.zeros(found.relations.size, dtype=bool)
    alone[place] = True
    needs = Needs(alone, np.array([place]), np.array([6.0]), np.array([4.0]))
    assert unmet(found.relations, needs, alone, integer=False) == [place]


def test_tables_of_a_report_are_protected_together():
    one_way, two_way = joint_tables()
    together = tk.protect([one_way, two_way])
    proof = together.proof.set_index("cell")
    assert proof.loc["a: a0; b: b3", "count"] == 6
    assert bool(proof["safe"].all())
    shown = together.tables[1].table
    hidden = shown.loc[shown["proportion"] == "[c]"]
    assert len(hidden) >= 4
    exact = tk.attack([one_way, two_way]).set_index("cell").loc["a: a0; b: b3"]
    assert (exact["low"], exact["high"], bool(exact["safe"])) == (6, 6, False)


COUNTS = {"1": 120, "2": 260, "3": 180, "4": 34, "5": 6, "base": 600, "mean": 0}
MEAN = sum(int(score) * COUNTS[score] for score in "12345") / 600


def with_mean(within=None):
    """Five answers with scores, of which two are hidden, beside their mean."""
    answers = {"base": 1.0, **dict.fromkeys("12345", -1.0)}
    scores = {**{score: int(score) - MEAN for score in "12345"}, "mean": -1.0}
    return made_of(COUNTS, [answers, scores], within=within, free=["mean"])


def ends_of(relations, cell):
    """What an outsider knows of a cell while the answers 4 and 5 are hidden."""
    from trustkit.tables.attack import limits, reach

    hidden = np.array([name in "45" for name in relations.names])
    bounds = limits(relations, hidden, 700.0)
    place = relations.names.index(cell)
    value = relations.value[place]
    return tuple(value + sign * reach(relations, bounds, place, sign).deviation for sign in (-1, 1))


def test_a_published_mean_solves_two_hidden_answers():
    assert ends_of(with_mean(), "5") == pytest.approx((6, 6))
    assert ends_of(with_mean(), "4") == pytest.approx((34, 34))


def test_a_rounded_mean_and_rounded_shares_still_bound_a_hidden_answer_below_the_threshold():
    def rounded(count, unit):
        shown = round(count / 600 / unit) * unit
        return count - 600 * (shown - unit / 2), 600 * (shown + unit / 2) - count

    within = {answer: rounded(COUNTS[answer], 0.001) for answer in "123"}
    within["mean"] = rounded(MEAN * 600, 0.01)
    low, high = ends_of(with_mean(within), "5")
    assert low == pytest.approx(0)
    assert 8.3 < high < 8.5 < TEN


def scored_design():
    """The design of the worked mean."""
    answers = np.repeat(["1", "2", "3", "4", "5"], [COUNTS[answer] for answer in "12345"])
    about = tk.Variable("q", "Agree?", "ordinal", codes={k: str(k) for k in range(1, 6)})
    survey = tk.Survey(pd.DataFrame({"q": answers.astype(int)}), tk.Codebook({"q": about}))
    return tk.Design(survey)


def test_the_mean_is_hidden_or_enough_answers_are():
    design = scored_design()
    found = tk.protect([tk.proportion(design, "q"), tk.mean(design, "q")])
    assert bool(found.proof["safe"].all())
    shares, mean = (table.table for table in found.tables)
    hidden = int((shares["proportion"] == "[c]").sum())
    assert hidden > 2 or mean["mean"].tolist() == ["[c]"]
    net = tk.net(design, "q", plus=["4", "5"], minus=["1", "2"])
    assert bool(tk.protect([tk.proportion(design, "q"), net]).proof["safe"].all())


def test_a_second_run_and_another_order_of_tables_hide_the_same_cells():
    one_way, two_way = joint_tables()
    first = tk.protect([one_way, two_way]).to_frame()
    assert first.equals(tk.protect([one_way, two_way]).to_frame())
    other = tk.protect([two_way, one_way]).to_frame()
    assert set(first["cell"][first["mark"] == "[c]"]) == set(other["cell"][other["mark"] == "[c]"])


def test_small_and_complementary_cells_have_the_same_mark():
    frame = tk.protect(joint_tables()).to_frame()
    hidden = frame[frame["rule"].isin(["small", "complementary"])]
    assert set(hidden["rule"]) == {"small", "complementary"}
    assert set(hidden["mark"]) == {"[c]"}


def test_standard_error_and_interval_of_a_hidden_share_are_hidden():
    (table,) = tk.protect([joint_tables()[1]]).tables
    hidden = table.table[table.table["proportion"] == "[c]"]
    assert len(hidden)
    assert (hidden[["standard error", "95% interval"]] == "[c]").all(axis=None)
    assert "[c] confidential" in " ".join(table.notes)


def test_a_group_below_the_base_is_hidden_as_a_whole():
    table = np.array([[60, 5], [40, 3], [30, 0]])
    (shown,) = tk.protect([results_of(table, ["a", "b"])[1]]).tables
    small = shown.table[shown.table["b"] == "b1"]
    assert (small.drop(columns=["b", "answer"]) == "[c]").all(axis=None)


def test_zeros_are_shown_and_named_unless_they_are_to_be_protected():
    table = np.array([[60, 50], [40, 0], [30, 50]])
    results = results_of(table, ["a", "b"])
    shown = tk.protect(results).to_frame()
    assert shown[["cell", "mark", "rule"]].to_numpy().tolist() == [["a: a1; b: b1", "", "class"]]
    hidden = tk.protect(results, protection=tk.Protection(zeros="protect"))
    frame = hidden.to_frame().set_index("cell")
    assert frame.loc["a: a1; b: b1", "mark"] == "[c]"
    assert bool(hidden.proof["safe"].all())


def test_an_answer_that_nearly_everybody_gave_is_hidden_with_the_few_who_did_not():
    design = tk.Design(pd.DataFrame({"q": ["yes"] * 200 + ["no"] * 4}))
    found = tk.protect([tk.proportion(design, "q", level="yes")])
    assert found.tables[0].table["proportion"].tolist() == ["[c]"]
    assert bool(found.proof["safe"].all())


def test_a_box_and_its_base_give_the_respondents_who_did_not_tick_it():
    frame = pd.DataFrame({"a": ["yes"] * 197 + ["no"] * 3, "b": ["yes"] * 90 + ["no"] * 110})
    found = tk.protect([tk.proportion(tk.Design(frame), ["a", "b"], level="yes")])
    assert found.tables[0].table["proportion"].tolist()[0] == "[c]"
    assert "[c]" not in found.tables[0].table["proportion"].tolist()[1]


def test_a_net_is_a_relation():
    counts = np.array([[30, 80, 60, 7]])
    answers = ("a", "b", "c", "d")
    shown = [ShownCount(0, answer, (answer,)) for answer in answers]
    net = ShownCount(0, "net", ("c", "d"))

    def hidden(printed):
        table = Counted("q", answers, (), ((),), (), counts, tuple(printed))
        return protected_counts([[table]], PROTECTION).marks[0][0].numbers

    assert hidden(shown) == (True, False, False, True)
    assert hidden([*shown, net]) == (False, False, True, True, False)


def test_bases_that_differ_by_few_respondents_are_not_both_published():
    frame = rows_of(np.array([[60, 50, 3], [40, 40, 2]]), ["a", "b"])
    design = tk.Design(frame)
    some = tk.proportion(design, "a", where={"b": ["b0", "b1"]})
    everybody = tk.proportion(design, "a")
    found = tk.protect([everybody, some])
    assert bool(found.proof["safe"].all())
    assert (found.to_frame()["mark"] == "[c]").any()
    assert not len(tk.protect([some]).to_frame())


def test_letters_that_name_a_hidden_column_go_with_its_cell():
    rng = np.random.default_rng(3)
    sizes = {"m": 400, "f": 400, "x": 60}
    shares = {"m": 0.75, "f": 0.35, "x": 0.1}
    frame = pd.DataFrame(
        [
            (sex, "yes" if k < shares[sex] * n else "no" if k < 0.95 * n else "unsure")
            for sex, n in sizes.items()
            for k in range(n)
        ],
        columns=["sex", "q"],
    )
    book = tk.banner(tk.Design(frame.iloc[rng.permutation(len(frame))]), ["q"], ["sex"])
    (table,) = tk.protect([book]).tables
    shown = table.table.set_index("answer")
    whole = book["q"]._parts()[1].set_index("answer")
    letter = {column: column.split("(")[1][0] for column in shown if "(" in column}
    for row in ("yes", "no", "unsure"):
        gone = {letter[column] for column in letter if shown.loc[row, column] == "[c]"}
        for column in letter:
            assert not gone & set(shown.loc[row, column].split()[1:]), (row, column)
    assert any(shown.loc["yes"] != whole.loc["yes"])
    assert "C" in " ".join(whole.loc["yes"])


def test_cross_tables_and_estimates_share_their_cells():
    frame = rows_of(np.array([[82, 53, 38, 6], [120, 90, 70, 45]]), ["a", "b"])
    design = tk.Design(frame)
    table = tk.crosstab(design, "a", "b")
    found = tk.protect([table, tk.proportion(design, "a")])
    assert bool(found.proof["safe"].all())
    assert "[c]" in found.tables[0].table.to_numpy()
    by_row = tk.protect([tk.crosstab(design, "a", "b", percent=p) for p in ("row", "total", "column")])
    assert bool(by_row.proof["safe"].all())
    hidden = [set(zip(*np.nonzero(t.table.iloc[:2, 1:5].to_numpy() == "[c]"), strict=True)) for t in by_row]
    assert hidden[0] == hidden[1] == hidden[2]


def test_nothing_is_hidden_where_no_cell_is_small():
    found = tk.protect(results_of(np.array([[60, 50], [40, 40]]), ["a", "b"]))
    assert found.cost == 0
    assert not any("[c]" in table.table.to_numpy() for table in found)


def test_the_quick_method_is_proved_too_and_says_that_it_may_hide_more():
    printed = [one for table in joint_tables() for one in table._printed()]
    found = related(printed)
    small = (found.relations.value < TEN) & found.relations.printed
    cells = np.flatnonzero(small)
    needs = Needs(small, cells, found.relations.value[cells], TEN - found.relations.value[cells])
    quick = hide(found.relations, needs, rounds=0)
    exact = hide(found.relations, needs)
    assert (quick.exact, exact.exact) == (False, True)
    assert not unmet(found.relations, needs, quick.hidden, integer=True)
    cost = found.relations.cost
    assert cost[quick.hidden].sum() >= cost[exact.hidden].sum()


def peer_tables():
    """The committed tables, each with what pytauargus hides of it."""
    tables = json.loads((FOLDER / "suppression" / "tables.json").read_text(encoding="utf-8"))
    peers = json.loads((FOLDER / "suppression" / "output.json").read_text(encoding="utf-8"))["hidden"]
    assert len(tables) == len(peers) == 50
    return list(zip(tables, peers, strict=True))


@pytest.mark.parametrize(
    ("first", "last"), [(0, 8), *(pytest.param(at, at + 14, marks=pytest.mark.nightly) for at in (8, 22, 36))]
)
def test_nothing_costs_more_than_what_pytauargus_hides(first, last):
    for counts, peer in peer_tables()[first:last]:
        found = tk.protect(results_of(np.array(counts), ["a", "b"]))
        assert found.exact
        assert found.cost <= sum(count for *_, count in peer)


def test_each_threshold_has_its_source():
    assert set(SOURCES) <= {*tk.Protection.__dataclass_fields__}
    with pytest.raises(DataError, match="hides nothing"):
        tk.Protection(threshold=1)


def test_a_result_needs_protection_from_nine_respondents_downwards():
    for few, expected in ((9, True), (10, False), (0, False)):
        design = tk.Design(pd.DataFrame({"q": ["a"] * 50 + ["b"] * 60 + ["c"] * few}))
        assert needs_protection(tk.proportion(design, "q")._printed()) is expected


def test_what_is_not_a_table_is_refused():
    with pytest.raises(DataError, match="estimates, cross tables, banners"):
        tk.protect([pd.DataFrame({"n": [3]})])


def test_costs_of_ties_are_told_apart_by_name():
    relations = made_of({"a": 5, "b": 20, "c": 20, "all": 45}, [{"all": 1, "a": -1, "b": -1, "c": -1}])
    needs = Needs(np.array([True, False, False, False]), np.array([0]), np.array([5.0]), np.array([5.0]))
    assert [hide(relations, needs).hidden.tolist() for _ in range(2)] == [[True, True, False, False]] * 2
    assert all(one == other for one, other in pairwise([tuple(relations.names)] * 2))


def test_a_hidden_base_does_not_follow_from_the_base_of_another_question():
    groups = ["Man"] * 214 + ["Woman"] * 182 + ["Other"] * 4
    frame = pd.DataFrame({"sex": groups, "a": ["yes", "no"] * 200, "b": ["x", "y", "y", "x"] * 100})
    design = tk.Design(frame)
    asked = [
        tk.proportion(design, "a"),
        tk.proportion(design, "a", by="sex"),
        tk.proportion(design, "b", by="sex"),
    ]
    total, *by_sex = (table.table["n"].tolist() for table in tk.protect(asked).tables)
    for place in range(0, 6, 2):  # two rows for each group
        assert len({tuple(n[place : place + 2]) for n in by_sex}) == 1  # hidden in both tables, or in none
    known = [n for n in by_sex[0] if n != "[c]"]
    assert set(total) == {"[c]"} or len(known) < 4


WITHOUT_AREA = np.array([[60, 50, 3], [40, 45, 37]])


@pytest.mark.parametrize("kind", ["mapping", "series", "one level"])
def test_answers_of_few_whom_the_condition_of_another_table_leaves_out_do_not_follow(kind):
    design = tk.Design(rows_of(WITHOUT_AREA, ["q", "area"]))
    inside = design.data["area"].isin(["area0", "area1"])
    where = {"mapping": {"area": ["area0", "area1"]}, "series": inside, "one level": {"area": "area2"}}[kind]
    tables = [tk.proportion(design, "q"), tk.proportion(design, "q", where=where)]
    found = tk.protect(tables)
    assert bool(found.proof["safe"].all())
    shown = [table.table["proportion"].tolist() for table in found.tables]
    assert "[c]" in (*shown[0], *shown[1])  # 113 less 110 are 3 of the 40 in the third area
    assert not tk.protect([tables[0]]).cost


def test_conditions_of_which_nobody_knows_how_they_relate_are_not_taken_for_groups():
    design = tk.Design(rows_of(WITHOUT_AREA * 10, ["q", "area"]))
    inside = [design.data["area"].isin(names) for names in (["area0"], ["area0", "area1"])]
    tables = [tk.proportion(design, "q"), *(tk.proportion(design, "q", where=rows) for rows in inside)]
    assert not tk.protect(tables).cost


def test_a_net_score_of_few_respondents_can_be_hidden_as_a_whole():
    scores = tk.Variable("score", "How far?", "ordinal", codes={score: str(score) for score in range(11)})
    book = tk.Codebook({"score": scores})
    few = tk.Design(tk.Survey(pd.DataFrame({"score": [*range(11)] * 2}), book))
    (table,) = tk.protect([tk.nps(few, "score")], protection=tk.Protection(threshold=20, base=20)).tables
    assert table.table.iloc[0, -1] == "[c]" or "[c]" in table.table.to_numpy()


def test_answers_of_few_whom_two_conditions_leave_out_do_not_follow():
    table = np.zeros((3, 2, 2), dtype=int)
    table[:, 0, 0], table[:, 1, 1], table[0, 0, 1] = [83, 90, 60], [0, 80, 70], 3
    design = tk.Design(rows_of(table, ["q", "area", "sex"]))
    inside = tk.proportion(design, "q", where={"area": "area0", "sex": "sex0"})
    tables = [tk.proportion(design, "q"), inside]
    shown = [table.table.set_index("answer")["proportion"] for table in tk.protect(tables).tables]
    assert "[c]" in (shown[0]["q0"], shown[1]["q0"])  # 86 less 83
    assert bool(tk.protect(tables).proof["safe"].all())


@pytest.mark.parametrize("first", ["all", "cleaned"])
def test_a_table_of_the_same_respondents_before_and_after_a_step_that_drops_few_is_withheld(first):
    frame = rows_of(np.array([[60, 50, 90], [40, 45, 37]]), ["q", "area"])
    designs = {"all": tk.Design(frame), "cleaned": tk.Design(frame.iloc[2:])}
    order = [first, "cleaned" if first == "all" else "all"]
    found = tk.protect([tk.proportion(designs[name], "q") for name in order])
    assert any((table.table["n"] == "[c]").all() for table in found.tables)
    other = {"all": tk.Design(frame), "cleaned": tk.Design(frame.iloc[40:])}
    assert not tk.protect([tk.proportion(other[name], "q") for name in order]).cost


def conditional_tables(seed):
    """Some tables of a question under conditions and by groups, and the respondents they are about."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(150, 600))
    frame = pd.DataFrame(
        {
            "q": rng.choice(["q0", "q1", "q2"], n, p=rng.dirichlet([2, 2, 2])),
            "area": rng.choice(["a0", "a1", "a2"], n, p=[0.6, 0.37, 0.03]),
            "sex": rng.choice(["m", "f"], n, p=rng.dirichlet([3, 0.5])),
        }
    )
    areas = [{}, {"area": ("a0", "a1")}, {"area": ("a0",)}, {"area": ("a1", "a2")}]
    found = []
    for _ in range(int(rng.integers(2, 4))):
        where = {**areas[rng.integers(4)], **({"sex": ("m",)} if rng.random() < 0.4 else {})}
        by = [name for name in ("area", "sex") if name not in where and rng.random() < 0.3]
        found.append((where, by))
    return frame, found


def printed_sets(frame, asked):
    """The conditions on the respondents of each printed number, and which respondents they are."""
    design = tk.Design(frame)
    results = [
        tk.proportion(
            design, "q", where={name: list(own) for name, own in where.items()} or None, by=by or None
        )
        for where, by in asked
    ]
    sets = {}
    for (where, by), one, table in zip(asked, results, tk.protect(results).tables, strict=True):
        for (_, key), (_, shown) in zip(one.keys.iterrows(), table.table.iterrows(), strict=True):
            about = {**where, **{name: (key[name],) for name in by}}
            inside = np.logical_and.reduce(
                [np.ones(len(frame), bool), *(frame[k].isin(v) for k, v in about.items())]
            )
            if shown["n"] != "[c]":
                sets[tuple(sorted(about.items())), ""] = inside
            if shown["proportion"] != "[c]":
                sets[tuple(sorted(about.items())), key["level"]] = (
                    inside & (frame["q"] == key["level"]).to_numpy()
                )
    return sets


def check_conditions(seeds):
    """Look at all pairs of printed numbers of which one is inside the other by their conditions."""
    pairs = 0
    for seed in seeds:
        sets = printed_sets(*conditional_tables(seed))
        for ((about, answer), many), ((narrow, same), few) in permutations(sets.items(), 2):
            own = dict(narrow)
            if answer == same and all(k in own and set(own[k]) <= set(v) for k, v in about):
                pairs += 1
                assert not 0 < (many & ~few).sum() < TEN, (seed, about, narrow, answer)
    return pairs


def test_no_printed_number_less_one_inside_it_is_of_few_respondents():
    assert check_conditions([1, 72, 74, 82, 110, 122, 133, 148, *range(2, 8)]) > 25


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(1000, 1400, 100))
def test_no_printed_number_less_one_inside_it_is_of_few_respondents_in_many_reports(start):
    assert check_conditions(range(start, start + 100)) > 150


def test_a_protection_that_hides_nothing_says_so():
    design = tk.Design(pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 60}))
    assert "no number is hidden" in repr(tk.protect([tk.proportion(design, "trust")]))
