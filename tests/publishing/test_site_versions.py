"""Two versions of a site: what both tell of few respondents is named with both places, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from planted_leaks import PAGE, made_up_people, write_study

import trustkit as tk
from trustkit.cli import main
from trustkit.counted import Counted
from trustkit.ledger import COUNTS_MIME, PUBLISHED_COUNTS, counted_from_json, counted_to_json
from trustkit.publishing.release_check import publish_study
from trustkit.publishing.site_versions import WITHDRAW, site_differences, version_differences
from trustkit.reporting.protected_pages import protected_pages

SEED = 20_265
RESPONDENTS = 1_200


def answers_of(n=RESPONDENTS, seed=SEED):
    """Made-up answers: how much respondents trust, their sex, area and age."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "trust": rng.choice(["yes", "no", "unsure"], n, p=[0.5, 0.3, 0.2]),
            "sex": rng.choice(["women", "men"], n),
            "area": rng.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2]),
            "age": rng.integers(16, 90, n),
        }
    )


def published(**pages):
    """The counts that a site of some pages publishes, read back from its ledger as a file holds it."""
    notebooks = []
    for name, results in pages.items():
        counts = [[one] if isinstance(one, Counted) else one._printed() for one in results]
        printed = [{COUNTS_MIME: counted_to_json(tables)} for tables in counts]
        outputs = [new_output("display_data", data={"text/html": "", **data}) for data in printed]
        notebooks.append((name, new_notebook(cells=[new_code_cell("show", outputs=outputs)])))
    ledger = json.loads(json.dumps(dict(protected_pages(notebooks).counts)))
    tables = ledger["pages"].items()
    return {name: counted_from_json({"version": 1, "tables": own}) for name, own in tables}


def site_of(frame):
    """A site with trust of everybody, by sex and by area."""
    design = tk.Design(frame)
    groups = [tk.proportion(design, "trust", by=by) for by in ("sex", "area")]
    return published(topline=[tk.proportion(design, "trust")], groups=groups)


def test_the_same_site_raises_no_alarm():
    assert version_differences(site_of(answers_of()), site_of(answers_of())) == []


@pytest.mark.parametrize("seed", range(3))
def test_five_hundred_more_interviews_raise_no_alarm(seed):
    frame = answers_of(seed=seed)
    more = pd.concat([frame, answers_of(500, seed + 100)])
    assert version_differences(site_of(frame), site_of(more)) == []
    conditions = [{"sex": "men"}, {"area": ["north", "south"]}]
    old, new = (
        published(trust=[tk.proportion(tk.Design(rows), "trust", where=where) for where in conditions])
        for rows in (frame, more)
    )
    assert version_differences(old, new) == []


@pytest.mark.parametrize("row", [0, 7, 500, 1_199])
def test_one_erased_respondent_is_found_in_each_count_that_had_the_respondent(row):
    frame = answers_of()
    gone = frame.iloc[row]
    found = version_differences(site_of(frame), site_of(frame.drop(index=row)))
    assert {place for place, _ in found} == {
        "base of trust, page topline",
        f"{gone['trust']!r} of trust, page topline",
        *(f"base of trust, {by} {gone[by]}, page groups" for by in ("sex", "area")),
        *(f"{gone['trust']!r} of trust, {by} {gone[by]}, page groups" for by in ("sex", "area")),
    }
    said = {
        f"a count that differs by fewer than 10 respondents from the site published before: {place}"
        for place, _ in found
    }
    assert {what for _, what in found} == said


@pytest.mark.parametrize("change", ["a week with 3 interviews", "a step that drops 2"])
def test_a_few_more_and_a_few_less_are_found(change):
    frame = answers_of()
    other = frame.iloc[2:] if change == "a step that drops 2" else pd.concat([frame, answers_of(3, 5)])
    found = version_differences(site_of(frame), site_of(other))
    assert "base of trust, page topline" in [place for place, _ in found]


def test_a_condition_that_leaves_few_out_is_found_though_no_count_is_of_the_same_respondents():
    frame = answers_of().assign(area=["far"] * 4 + ["near"] * (RESPONDENTS - 4))
    design = tk.Design(frame)
    everybody = published(trust=[tk.proportion(design, "trust")])
    near = published(trust=[tk.proportion(design, "trust", where={"area": "near"})])
    for old, new, place, other in [
        (everybody, near, "base of trust, where area is near, page trust", "base of trust, page trust"),
        (near, everybody, "base of trust, page trust", "base of trust, where area is near, page trust"),
    ]:
        found = dict(version_differences(old, new))
        assert found[place].endswith(f"from the site published before: {other}")


def test_a_condition_that_is_no_mapping_is_compared_too():
    frame = answers_of().assign(late=[True] * 6 + [False] * (RESPONDENTS - 6))
    design = tk.Design(frame)
    everybody = published(trust=[tk.proportion(design, "trust")])
    in_time = published(trust=[tk.proportion(design, "trust", where=~frame["late"])])
    assert [what for place, what in version_differences(everybody, in_time) if place.startswith("base")]
    less = published(trust=[tk.proportion(design, "trust", where=~frame["late"] & (frame.index > 8))])
    places = [place for place, _ in version_differences(in_time, less)]
    assert "base of trust, some respondents, page trust" in places


def grouped(frame, first_ends):
    """A site with trust by groups of age, the first of which ends somewhere."""
    names = [f"16 to {first_ends}", f"{first_ends + 1} to 90"]
    group = np.where(frame["age"] <= first_ends, *names)
    return published(age=[tk.proportion(tk.Design(frame.assign(group=group)), "trust", by="group")])


def test_groups_whose_limits_move_by_few_respondents_are_found_unless_the_data_have_grown():
    frame = answers_of()
    frame.loc[frame["age"] == 35, "age"] = 36
    frame.loc[[3, 4, 5], "age"] = 35
    found = dict(version_differences(grouped(frame, 34), grouped(frame, 35)))
    assert found["base of trust, group 16 to 35, page age"] == (
        "a count that differs by fewer than 10 respondents from a group with another name before: "
        "base of trust, group 16 to 34, page age"
    )
    topline = [tk.proportion(tk.Design(frame), "trust")]
    grown = [tk.proportion(tk.Design(pd.concat([frame, answers_of(500, 5)])), "trust")]
    old, new = grouped(frame, 34), grouped(frame, 35)
    assert version_differences(
        {**old, **published(topline=topline)}, {**new, **published(topline=grown)}
    ) == []  # fmt: skip


def test_a_recoding_that_puts_a_hidden_answer_into_another_is_found():
    frame = pd.DataFrame({"trust": ["yes"] * 300 + ["no"] * 200 + ["never"] * 4 + ["unsure"] * 15})
    old = published(trust=[tk.proportion(tk.Design(frame), "trust")])
    merged = frame.replace({"trust": {"no": "no or never", "never": "no or never"}})
    assert version_differences(old, published(trust=[tk.proportion(tk.Design(merged), "trust")]))
    dropped = frame[frame["trust"] != "never"]
    without = published(trust=[tk.proportion(tk.Design(dropped), "trust")])
    assert "base of trust, page trust" in dict(version_differences(old, without))


def counted_pages(*counts):
    """A page of one question, of which some counts are not published."""
    tables = [
        {
            "variable": "trust", "answers": ["no", "unsure", "yes"], "by": [], "where": {}, "groups": [[]],
            "counts": [row], "n": [200], "shown": [],
        }
        for row in counts
    ]  # fmt: skip
    return {"trust": counted_from_json({"version": 1, "tables": tables})}


def test_two_versions_that_hide_different_cells_beside_a_small_one_are_found():
    old, new = counted_pages([None, None, 150]), counted_pages([45, None, None])
    ((place, what),) = version_differences(old, new)
    assert place == "base of trust, page trust"
    assert what.startswith("a count of fewer than 10 respondents that follows from this site and the one")
    assert what.endswith(": 'yes' of trust, page trust")
    assert version_differences(old, counted_pages([None, None, 150])) == []
    assert version_differences(old, counted_pages([20, None, None])) == []  # 30 are left


def test_an_answer_of_one_version_and_a_net_of_the_other_are_compared():
    answers = ["never"] * 100 + ["rarely"] * 8 + ["often"] * 300
    (counted,) = tk.proportion(tk.Design(pd.DataFrame({"q": answers})), "q")._printed()
    never = counted.together({"never": 1.0}, "never")
    net = counted.together({"never": 1.0, "rarely": 1.0}, "seldom")
    (table,) = published(q=[net])["q"]
    assert [one.count for one in table.shown] == [108]
    assert table.counts.tolist() == [[-1, -1, -1]]
    (found,) = version_differences(published(q=[never]), published(q=[net]))
    assert found[0] == "'never' or 'rarely' of q, page q"


def test_a_net_of_one_version_and_an_answer_of_the_other_are_taken_from_the_base_together():
    answers = ["never"] * 130 + ["rarely"] * 120 + ["often"] * 250 + ["always"] * 3
    (counted,) = tk.proportion(tk.Design(pd.DataFrame({"q": answers})), "q")._printed()
    net = counted.together({"never": 1.0, "rarely": 1.0}, "seldom")
    often, seldom = published(q=[counted.together({"often": 1.0}, "often")]), published(q=[net])
    assert [tables["q"][0].bases.tolist() for tables in (often, seldom)] == [[503], [503]]
    for old, new in ((often, seldom), (seldom, often)):
        assert [place for place, _ in version_differences(old, new)] == ["base of q, page q"]
    assert version_differences(often, often) == version_differences(seldom, seldom) == []


@pytest.mark.parametrize("seed", range(6))
def test_no_two_published_sets_of_respondents_differ_by_few_without_being_named(seed):
    """The respondents themselves are compared, which the ledgers do not hold."""
    rng = np.random.default_rng(seed)
    frame = answers_of(400, seed).assign(area=rng.choice(["a", "b", "c"], 400, p=[0.6, 0.38, 0.02]))
    versions = [frame, frame.drop(index=rng.choice(400, int(rng.integers(0, 3)), replace=False))]
    conditions = [({}, "sex"), ({"area": ["a", "b"]}, None), ({"area": ["a", "b"], "sex": ["men"]}, None)]
    sites, sets = [], []
    for rows in versions:
        where, by = conditions[int(rng.integers(3))]
        result = tk.proportion(tk.Design(rows), "trust", where=where or None, by=by)
        (table,) = published(trust=[result])["trust"]
        sites.append({"trust": [table]})
        sets.append({})
        for group, levels in enumerate(table.groups):
            member = rows.isin({**where, **({by: list(levels)} if by else {})})
            inside = member[[*where, *([by] if by else [])]].all(axis=1)
            if table.bases[group] >= 0:
                sets[-1][(), group] = set(rows.index[inside])
            for place, answer in enumerate(table.answers):
                if table.counts[group, place] >= 0:
                    sets[-1][answer, group] = set(rows.index[inside & (rows["trust"] == answer)])
    few = any(
        0 < len(one ^ other) < 10 and len(one) != len(other) and (one <= other or other <= one)
        for (answer, _), one in sets[0].items()
        for (same, _), other in sets[1].items()
        if answer == same
    )
    assert few <= bool(version_differences(*sites))


def test_the_ledger_of_a_site_does_not_tell_the_order_of_sorted_rows():
    frame = answers_of()
    frame["brand"] = ["a"] * 600 + ["b"] * 400 + ["c"] * 150 + ["d"] * 6 + ["e"] * 44
    swapped = frame.assign(brand=frame["brand"].replace({"d": "e", "e": "d"}))
    ledgers = []
    for rows in (frame, swapped):
        book = tk.banner(tk.Design(rows), ["brand"], ["sex"], sort="total")
        ledgers.append([counted_to_json(tables) for tables in published(brand=[book["brand"]]).values()])
    assert any(count is None for row in ledgers[0][0]["tables"][0]["counts"] for count in row)
    assert ledgers[0] == ledgers[1]
    assert not any(one["cells"] for one in ledgers[0][0]["tables"][0]["shown"])


def test_publish_against_an_older_site_says_that_it_must_be_withdrawn(tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path, made_up_people(SEED))
    sites = {"old": site_of(answers_of()), "new": site_of(answers_of().iloc[1:])}
    for name, pages in sites.items():
        folder = tmp_path / name if name == "old" else study / "site"
        folder.mkdir()
        ledgers = {page: counted_to_json(tables)["tables"] for page, tables in pages.items()}
        text = json.dumps({"version": 1, "pages": ledgers})
        (folder / PUBLISHED_COUNTS).write_text(text, encoding="utf-8")
        (folder / "index.html").write_text(PAGE.format("Trust"), encoding="utf-8")
    found = publish_study(study, against=tmp_path / "old", to=tmp_path / "public", tell=lambda _: None)
    assert found.differences == len(found.leaks) == len(site_differences(tmp_path / "old", study / "site"))
    assert found.advice == WITHDRAW
    assert found.published is None
    assert not (tmp_path / "public").exists()
    monkeypatch.setattr("sys.argv", ["trustkit", "publish", str(study), "--against", str(tmp_path / "old")])
    with pytest.raises(SystemExit, match="1"):
        main()
    said = "".join(capsys.readouterr())
    assert "Withdraw the old site: do not leave it beside the new one." in said
    assert "base of trust, page topline" in said
    assert "Correct the notebook" not in said
    same = publish_study(study, against=study / "site", tell=lambda _: None)
    assert (len(same.leaks), same.advice) == (0, ())
    with pytest.raises(tk.TrustkitError, match="has no ledger of its counts"):
        site_differences(tmp_path, study / "site")
