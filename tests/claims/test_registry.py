"""The registry of published figures that comes with trustkit: complete, linked to its studies, checked."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path

import pytest

import trustkit as tk
from trustkit.errors import ClaimError

ROOT = Path(__file__).parents[2]
REGISTRY = tk.published_figures()


def checks_of(publication):
    table = REGISTRY.check().table
    return table[table["publication"] == publication]


def test_every_publication_has_a_verdict_or_the_reason_why_none_is_possible():
    table = REGISTRY.check().table
    assert set(table["publication"]) == {figure.publication for figure in REGISTRY.figures}
    assert table["publication"].nunique() == 23
    assert table["reason"].str.len().min() > 10
    assert set(table["verdict"]) == {"possible", "impossible", "cannot be checked"}


def test_every_figure_takes_part_in_a_check():
    checked = {name for names in REGISTRY.check().table["figures"] for name in names.split(", ")}
    assert checked == {figure.name for figure in REGISTRY.figures}


def test_the_2014_question_on_awareness_lacks_an_answer():
    (found,) = checks_of("pew_2014").query("verdict == 'impossible'").itertuples()
    assert "an answer was left out" in found.reason


def test_the_margin_of_point_nine_agrees_with_simple_random_sampling():
    (found,) = checks_of("usercentrics_2026").query("verdict == 'possible'").itertuples()
    assert "simple random sample agrees" in found.reason


def test_the_distributions_that_were_rounded_are_possible():
    for publication, count in {"ico": 3, "gdma_2022": 1}.items():
        sums = checks_of(publication).query("check.str.contains('= 100%')")
        assert sums["verdict"].tolist() == ["possible"] * count


def test_two_parties_are_not_everybody():
    groups = checks_of("pew_w127").query("check.str.contains('groups')")
    assert set(groups["verdict"]) == {"cannot be checked"}
    assert groups["reason"].str.contains("not all").all()


def test_pages_were_read_in_an_excerpt_on_a_day_that_is_given():
    linked = [figure for figure in REGISTRY.figures if figure.url]
    assert len({figure.publication for figure in linked}) == 20
    for figure in linked:
        assert figure.url.startswith(("https://", "http://"))
        assert dt.date(2026, 1, 1) < dt.date.fromisoformat(figure.read)
        assert figure.extent == "excerpt"


def test_figures_without_a_page_say_that_they_are_unverified():
    unread = [figure for figure in REGISTRY.figures if not figure.url]
    assert {figure.publication for figure in unread} == {"acquia_global", "statista_ios", "stated_margins"}
    for figure in unread:
        assert "unverified" in repr(figure)
        assert "unverified" in figure.claim.note
        assert f"Unverified, as no page was read: {unread[0].source}" in repr(REGISTRY)
    assert "unverified" not in repr(REGISTRY["kpmg_2021"])
    assert "Pages of 23 publications: 0 read whole, 20 in an excerpt, 3 not read." in repr(REGISTRY)


def test_a_figure_of_another_year_than_its_publication_has_that_years_fieldwork():
    years = {
        figure.name: year[0] for figure in REGISTRY.figures if (year := re.match(r"\d{4}", figure.title))
    }
    assert len(years) > 10
    for name, year in years.items():
        assert year in REGISTRY[name].fieldwork, name


def test_figures_with_a_study_have_the_same_number_in_its_claims():
    linked = [figure for figure in REGISTRY.figures if figure.study]
    assert len(linked) == 3
    for figure in linked:
        file, _, name = figure.study.partition(": ")
        claims = {claim.name: claim for claim in tk.read_claims(ROOT / "data" / "raw" / file)}
        assert (claims[name].published, claims[name].decimals) == (figure.published, figure.decimals)
        assert figure.study_data == "synthetic"


def test_a_subset_as_base_has_no_number_of_respondents_of_the_whole():
    for name in ("cigi_social_media", "adobe_creepy", "eb_concerned", "pew_2023_government_rep"):
        assert REGISTRY[name].base
        assert REGISTRY[name].n is None


def test_a_figure_is_a_claim_that_cannot_be_recomputed():
    design = tk.Design(tk.read(tk.example_folder("consumer_trust") / "responses.csv"))
    verdicts = tk.verify([REGISTRY["kpmg_2021"].claim], design)
    assert verdicts.verdicts[0].verdict == "not checkable"


COMPUTED = re.compile(
    r"active|Pragmatists|Unconcerned|Fundamentalists|Margin of error|way that costs a brand"
)


def test_what_was_asked_is_told_unless_the_figure_was_computed_or_its_object_is_unknown():
    without = {figure.name: figure for figure in REGISTRY.figures if not figure.question}
    assert {name for name, figure in without.items() if not COMPUTED.search(figure.title)} == {
        "yougov_very",
        "yougov_somewhat",
    }
    for figure in REGISTRY.figures:
        assert re.match(r"(whether|how|which|what|why) |$", figure.question), figure.name
        assert not figure.question.endswith(("?", "."))


def test_figures_of_one_sum_or_change_were_asked_the_same():
    for check in REGISTRY.checks:
        asked = {REGISTRY[name].question for name in check.figures}
        assert len(asked) == 1, check.figures


def test_a_figure_shows_what_was_asked():
    assert "whether they trust the internet" in repr(REGISTRY["cigi_trust"])


def test_an_unknown_figure_is_refused_with_the_nearest_name():
    with pytest.raises(ClaimError, match="did you mean 'kpmg_2021'"):
        REGISTRY["kpmg_2012"]


def test_figures_and_checks_show_themselves():
    assert "second hand" in repr(REGISTRY["kpmg_2021"])
    assert "an answer was left out" in REGISTRY.check()._repr_html_()
    assert "43 + 44 + 5 = 100%             impossible" in repr(REGISTRY.check())
    assert "Feel that they are the product" in repr(REGISTRY)
    assert len(REGISTRY.to_frame()) == len(REGISTRY.figures)


def test_publications_in_which_a_check_found_something_come_first_and_the_checks_are_counted():
    checks = REGISTRY.check()
    _, shown, notes = checks._parts()
    counted = checks.table["verdict"].value_counts()
    assert shown["source"].iloc[0] == "Pew Research Center, online panel of GfK, first survey of 2014"
    assert shown["source"].drop_duplicates().tolist() == [
        name for name, _ in itertools.groupby(shown["source"])
    ]  # each publication stands together
    assert notes[0].startswith(f"{len(checks.table)} checks of {checks.table['publication'].nunique()} publi")
    assert all(f"{counted[verdict]} {verdict}" in notes[0] for verdict in counted.index)
    assert sorted(shown["check"]) == sorted(checks.table["check"])


def test_no_title_of_a_figure_needs_the_title_above_it():
    assert not [figure.name for figure in REGISTRY.figures if "the same" in figure.title.lower()]


def test_figures_are_selected_in_the_order_of_their_names():
    assert [figure.name for figure in REGISTRY.select(["kpmg_2021", "cigi_trust"])] == [
        "kpmg_2021",
        "cigi_trust",
    ]
    with pytest.raises(ClaimError, match="no figure is named 'x'"):
        REGISTRY.select(["x"])


def test_a_published_figure_is_shown_with_its_unit():
    assert REGISTRY["kpmg_2021"].printed == "40%"
    margins = [figure for figure in REGISTRY.figures if figure.statistic == "margin of error"]
    assert margins
    assert all(figure.printed.endswith(" points") for figure in margins)
