"""Every public result: its small numbers are hidden on a page, or it is not published, or it has none."""

from __future__ import annotations

import inspect
import json
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from contract_calls import Study
from nbformat.v4 import new_code_cell, new_notebook, new_output
from test_contract import call

import trustkit as tk
from trustkit.claims.claims import Claims
from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.counted import UNPROTECTED
from trustkit.design.weight_history import WeightHistory
from trustkit.display import Shown
from trustkit.errors import ReportError
from trustkit.exports.result_layout import result_table
from trustkit.ledger import COUNTS_MIME, RESULT_MIME
from trustkit.reporting import protected_pages as pages
from trustkit.reporting.shown_tables import shown_tables
from trustkit.reporting.uncounted import WITHHELD_FRAME, WITHHELD_OLD, WITHHELD_TEXT
from trustkit.tables.banner import BannerTable
from trustkit.tables.open_results import FOR_THE_DESK, OPEN
from trustkit.units import IN_CELLS, POINTS

MANY = 10_000
"""A threshold that no sample of these tests reaches: every number has to be hidden."""

SAID = {"predict": {1}, "verdict_dots": {1}, "change_beyond_noise": {5}}
"""Columns of numbers that tell nothing of respondents: given values, a published number, its base."""

TOLD = re.compile(r"n = \d|\d [a-z]*(?:respondents|women|persons)|\d%(?! \(A\)| or| interval)| p [=<]")
"""How a note gives a number of respondents, or one that rests on them."""

SPOKEN = {"compare_norm", "banner", "beside", "pool", "with_imputations"}
"""Results whose notes have numbers that others published, levels of tests, and shares of the variance."""

FILES = {"write", "write_codebook", "write_tables", "make_key", "erase", "expire", "verify_erasure"}
"""Functions that write; what they return is frames and paths, or is for the desk."""

CLASSES = [getattr(tk, name) for name in tk.__all__ if inspect.isclass(getattr(tk, name))]
RESULTS = {kind for kind in CLASSES if issubclass(kind, Shown)} | {
    tk.Banner,
    tk.DataFigure,
    Claims,
    WeightHistory,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("results"))


def outputs_of(result, monkeypatch):
    """What Jupyter stores of a result, a chart without its picture."""
    if isinstance(result, tk.DataFigure):
        shown = []
        for name, given in (("_drawn", None), ("_saved", b""), ("_page_svg", ""), ("page_svg", "")):
            monkeypatch.setattr(tk.DataFigure, name, lambda *_, given=given, **__: given)
        monkeypatch.setattr("trustkit.figures.data_figure.add_card", lambda *_: None)
        monkeypatch.setattr(
            "IPython.display.display",
            lambda data, *, raw, metadata=None: shown.append(
                new_output("display_data", data=json.loads(json.dumps(data)), metadata=metadata or {})
            ),
        )
        result._ipython_display_()
        return shown
    data = {"text/plain": repr(result), "text/html": result._repr_html_(), **result._repr_mimebundle_()}
    return [new_output("display_data", data=json.loads(json.dumps(data)))]


def published(*outputs, protection=None):
    """What a published page has of the outputs of a cell."""
    page = new_notebook(cells=[new_code_cell("show", outputs=list(outputs))])
    return pages.protected_pages([("a", page)], protection).notebooks[0].cells[0].outputs


def test_every_public_result_is_protected_or_open_or_for_the_desk():
    counted = {kind.__name__ for kind in RESULTS if hasattr(kind, "_printed") or kind is tk.Banner}
    named = {kind.__name__ for kind in RESULTS}
    assert named - counted - set(OPEN) - set(FOR_THE_DESK) == set()
    assert set(OPEN) | set(FOR_THE_DESK) <= named
    assert not set(OPEN) & set(FOR_THE_DESK)


@pytest.fixture(scope="module")
def made(study):
    """What the public functions return that shows itself, by the function's name; each kind of it once."""
    results = {}
    for name, given in study.functions().items():
        result = None if name in FILES else call(getattr(tk, name), given)
        several = isinstance(result, tk.Survey | tk.Design | tk.Codebook) and any(
            type(other) is type(result) for other in results.values()
        )
        if type(result) in RESULTS and not several:
            results[name] = result
    return results


def test_no_number_of_a_result_is_published_if_its_respondents_are_too_few(made, monkeypatch):
    monkeypatch.setattr(pages, "PROTECTION", tk.Protection(threshold=MANY, base=MANY))
    left = {}
    for name, result in made.items():
        outputs = outputs_of(result, monkeypatch)
        if not any(COUNTS_MIME in output.data for output in outputs) or name == "verify":
            continue
        for output in published(*outputs):
            assert "image/png" not in output.data, name
            tables = shown_tables(output.data.get("text/html", ""))
            cells = {
                (column, text)
                for table in tables
                for row in table.rows
                for column, text in enumerate(row)
                if column and column not in SAID.get(name, ()) and re.fullmatch(r"[<-]? ?\d.*", text)
            }
            told = {note for table in tables for note in table.notes if TOLD.search(note)}
            if cells or (told and name not in SPOKEN):
                left[name] = (cells, told)
    assert {name: what for name, what in left.items() if not isinstance(made[name], tk.Survey)} == {}


def test_what_has_no_respondents_is_named_as_open_or_withheld(made, monkeypatch):
    kinds = {}
    for name, result in made.items():
        for output in outputs_of(result, monkeypatch):
            if RESULT_MIME in output.data:
                kind = output.data[RESULT_MIME]["result"]
                kinds.setdefault(kind, set()).add(name)
                (left,) = published(output)
                said = left.data["text/plain"]
                assert ("withheld" in said) is (kind in FOR_THE_DESK), name
                assert RESULT_MIME not in left.data
    assert set(kinds) <= {*OPEN, *FOR_THE_DESK}
    assert "Estimate" not in kinds


def test_a_kind_that_is_not_known_and_an_older_output_are_withheld():
    new = new_output("display_data", data={"text/plain": "3", RESULT_MIME: {"result": "Newcomer"}})
    assert "(Newcomer) is withheld" in published(new)[0].data["text/plain"]
    old = new_output("display_data", data={"text/html": tk.instrument("nps")._repr_html_()})
    assert published(old)[0].data["text/plain"] == WITHHELD_OLD


def test_the_frame_and_the_print_of_a_result_with_few_respondents_are_withheld():
    frame = pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 4})
    estimate = tk.proportion(tk.Design(frame), "trust")
    html = estimate.to_frame()._repr_html_()
    shown = new_output("execute_result", data={"text/html": html, "text/plain": "..."})
    assert published(shown)[0].data["text/plain"] == WITHHELD_FRAME
    printed = new_output("stream", text=repr(estimate))
    assert UNPROTECTED in printed.text
    assert published(printed)[0].text == WITHHELD_TEXT
    harmless = new_output("stream", text="2 files read")
    assert published(harmless)[0].text == "2 files read"


NUMBERS_BELOW_ONE = {
    "change", "check_fit", "check_mean", "check_test", "confirm", "contrast", "correlation", "delta",
    "drivers", "exclusion_sensitivity", "factors", "fit_by_group", "glm", "gof_test", "compare_norm",
    "invariance", "item_analysis", "margin_fits", "mean", "multinomial", "oneway_test", "ordinal",
    "pairwise", "polychoric", "pool", "predict", "predicted_means", "quantile", "rank_test", "ratio",
    "read_targets", "reliability", "subgroups_fit", "targets_of", "term_test", "ttest", "variance",
    "wave_difference", "with_imputations", "with_replicates", "attrition", "average_effect", "count",
}  # fmt: skip
"""Functions that are called here for numbers other than shares: means, coefficients, targets, statistics of
tests."""

OF_TESTS = ("t", "F", "p", "p adjusted", "statistic", "conf")
"""Columns of pairs and tests that hold no estimates."""

FRACTION = re.compile("[-+\N{MINUS SIGN}]?0?\\.[0-9]+( to .*)?")
"""How a share, or a difference of shares, looks if it is printed as a fraction."""


def tables_of(result):
    """The tables that a result shows."""
    several = [result[name] for name in result.tables] if isinstance(result, tk.Banner) else [result]
    return [one._parts()[1] for one in several]


def fractions_in(table):
    """The cells of a table that may be fractions; kappa is one, and a column of points has none."""
    return {
        (str(name), str(cell))
        for place, name in enumerate(table)
        if name not in OF_TESTS and not str(name).endswith(POINTS)
        for first, cell in zip(table.iloc[:, 0], table.iloc[:, place], strict=True)
        if first != "kappa" and FRACTION.fullmatch(str(cell))
    }


def test_no_function_prints_shares_or_their_differences_as_fractions_unless_it_is_named(made):
    found = {
        name
        for name, result in made.items()
        if not isinstance(result, tk.Survey | tk.Design | tk.Codebook)
        and any(map(fractions_in, tables_of(result)))
    }
    assert found - NUMBERS_BELOW_ONE == set()
    assert NUMBERS_BELOW_ONE - set(made) == set()


@pytest.fixture(scope="module")
def differences(study):
    return study.differences_of_shares()


def test_differences_of_shares_are_printed_in_percentage_points(differences):
    for name, result in differences.items():
        (table,) = tables_of(result)
        assert fractions_in(table) == set(), name
        named = [*map(str, table), *table.astype(str).to_numpy().ravel()]
        assert any(text.endswith((POINTS, IN_CELLS)) for text in named), name
        with pytest.MonkeyPatch.context() as patched:
            html = outputs_of(result, patched)[-1].data["text/html"]
        for shown in (repr(result), html):
            assert POINTS in shown or IN_CELLS in shown, name


def test_differences_of_shares_are_exported_in_percentage_points(differences):
    for name, result in differences.items():
        printed = result_table(result)
        cells = pd.DataFrame([[cell.text for cell in row] for row in printed.rows])
        cells.columns = [column.heading for column in printed.columns]
        assert fractions_in(cells) == set(), name


def test_the_frame_of_a_difference_of_shares_holds_fractions_and_its_table_hundred_times_as_much(differences):
    for name in ("change", "contrast", "difference_from_rest", "net", "average_effect", "wave_difference"):
        result = differences[name]
        head = next(text for text in tables_of(result)[0] if text == f"{result.statistic}{POINTS}")
        printed = tables_of(result)[0][head].astype(float)
        assert (abs(printed - 100 * result.to_frame()["estimate"]) <= 0.05 + 1e-9).all(), name


TWO = tk.Protection(threshold=2, base=2, dominance=None, p_percent=None)
"""A rule that hides hardly anything, so that the small samples of these tests are written whole."""

OTHER_NUMBERS = {"FactorModel", "Sensitivity", "Transitions", "Willingness"}
"""Results that show other numbers than their frames hold, or a few of them."""


def written_whole(made, folder):
    """Each result of which nothing is hidden: its rows in a JSON file, its frame, and its protected table."""
    for name, result in made.items():
        for one in result if isinstance(result, tk.Banner) else [result]:
            if not getattr(one, "_printed", tuple)() or isinstance(one, tk.Survey | tk.Design):
                continue
            safe = tk.protect([one], protection=TWO)
            if any(any(marks.numbers) or any(marks.bases) for marks in safe.marks[0]):
                continue
            tk.write_tables(one, folder / f"{name}.json", protection=TWO)
            (table,) = json.loads((folder / f"{name}.json").read_text())["tables"]
            if isinstance(one, tk.DataFigure | BannerTable):
                frame = one.data if isinstance(one, tk.DataFigure) else one.frame
            else:
                frame = getattr(one, "to_frame", pd.DataFrame)()
            yield name, one, table["rows"], frame, safe.tables[0]


def test_results_of_which_nothing_is_hidden_keep_all_digits_in_a_file(made, tmp_path):
    rounded, kept = set(), 0
    for _, result, rows, frame, _ in written_whole(made, tmp_path):
        if "estimate" not in frame or type(result).__name__ in OTHER_NUMBERS:
            continue
        kept += 1
        read = np.array([row.get("estimate") for row in rows], dtype=float)
        if not np.array_equal(read, frame["estimate"].to_numpy(dtype=float), equal_nan=True):
            rounded.add(type(result).__name__)
    assert not rounded
    assert kept > 40


def test_a_file_has_no_number_of_respondents_that_the_protected_table_does_not_show(made, tmp_path):
    beyond = {}
    for name, result, rows, _, table in written_whole(made, tmp_path):
        texts = " ".join([repr(table), *map(str, table.table.columns)]).replace(",", "")
        known = {float(number.strip("%")) for number in re.findall(r"\d+(?:\.\d+)?%?", texts)}
        for one in result._printed():
            known |= {*map(float, one.bases.tolist()), *map(float, one.counts.ravel().tolist())}
            known |= {float(one.counts[shown.group].sum()) for shown in one.shown}
        unknown = {
            (column, value)
            for row in rows
            for column, value in row.items()
            if isinstance(value, int | float) and value > 0 and float(value).is_integer()
            if column not in ("df", "n_eff") and not {value, 100 * value} & known
        }
        if unknown:
            beyond[name] = unknown
    assert beyond == {}


AREAS = ["north", "south", "islands"]


def small_groups():
    """A survey in which three of a hundred and fifty answer from one area."""
    area = ["north"] * 80 + ["south"] * 67 + ["islands"] * 3
    trust = (["yes", "no"] * 75)[:150]
    age = [20.0 + number % 41 for number in range(150)]
    return tk.Design(
        pd.DataFrame({"area": pd.Categorical(area, AREAS), "trust": pd.Categorical(trust), "age": age})
    )


def hidden_rows(result):
    """The first cells of a published result's rows in which a number is hidden."""
    (output,) = published(*outputs_of(result, None))
    return {row[0] for table in shown_tables(output.data["text/html"]) for row in table.rows if "[c]" in row}


def test_the_coefficient_of_a_level_with_three_respondents_is_hidden():
    fit = tk.glm(small_groups(), "age ~ area")
    assert hidden_rows(fit) == {"area: islands"}
    assert hidden_rows(tk.model_table({"a": fit})) == {"area: islands"}
    first = tk.glm(small_groups(), "age ~ trust")
    assert not hidden_rows(first)


def test_all_coefficients_of_a_term_are_hidden_if_the_first_level_has_three_respondents():
    area = pd.Categorical(small_groups().data["area"], AREAS[::-1])
    design = tk.Design(small_groups().data.assign(area=area))
    assert hidden_rows(tk.glm(design, "age ~ area")) == {"Intercept", "area: north", "area: south"}


def test_predictions_and_tests_of_a_model_with_a_small_level_are_hidden():
    fit = tk.glm(small_groups(), "age ~ area")
    assert hidden_rows(tk.predicted_means(fit, "area")) == {"islands", "north", "south"}
    assert len(hidden_rows(tk.term_test(fit, "area"))) == 1
    assert not hidden_rows(tk.term_test(tk.glm(small_groups(), "age ~ trust"), "trust"))


def test_tests_of_tables_with_a_small_cell_are_hidden():
    design = small_groups()
    pairs = {"chisq": tk.chisq_test, "oneway": tk.oneway_test, "rank": tk.rank_test}
    variables = {"chisq": "trust", "oneway": "age", "rank": "age"}
    assert all(hidden_rows(test(design, variables[name], "area")) for name, test in pairs.items())
    assert not hidden_rows(tk.chisq_test(design, "trust", "area", where={"area": ["north", "south"]}))


def test_a_ranking_with_a_small_group_shows_no_name_in_its_place():
    ranking = tk.rank(tk.mean(small_groups(), "age", by="area"))
    (output,) = published(*outputs_of(ranking, None))
    (table,) = shown_tables(output.data["text/html"])
    assert {cell for row in table.rows for cell in row} == {"[c]"}


def test_steps_that_removed_few_respondents_are_hidden_in_the_exclusion_log():
    seen = tk.Variable("seen", "Seen?", "single", codes={1: "yes", 2: "no", 3: "never"})
    rows = pd.DataFrame({"seen": ["yes"] * 100 + ["no"] * 3 + ["never"] * 40})
    survey = tk.Survey(rows, tk.Codebook({"seen": seen}))
    few = tk.drop_where(survey, where={"seen": "no"}, reason="did not see it")
    log = tk.drop_where(few, where={"seen": "never"}, reason="never saw it").log
    (output,) = published(*outputs_of(log, None))
    (table,) = shown_tables(output.data["text/html"])
    removed = dict(zip((row[0] for row in table.rows), (row[2] for row in table.rows), strict=True))
    left = dict(zip((row[0] for row in table.rows), (row[3] for row in table.rows), strict=True))
    assert removed["did not see it"] == "[c]"
    assert "[c]" in (removed["never saw it"], *left.values())
    assert "3" not in removed.values()


def test_the_weights_of_a_small_level_are_hidden():
    raked = tk.rake(small_groups(), {"area": {"north": 0.5, "south": 0.4, "islands": 0.1}})
    for result in (raked.history[-1], tk.weight_summary(raked)):
        (output,) = published(*outputs_of(result, None))
        (table,) = shown_tables(output.data["text/html"])
        assert [row[2:] for row in table.rows if row[1] == "islands"] == [("[c]",) * 4]


def test_a_published_verdict_chart_of_few_respondents_is_withheld(monkeypatch):
    reading = tk.Reading("age", statistic="mean", where={"area": "islands"})
    claim = tk.Claim("i", "Age on the islands", 40, 0, reading)
    chart = tk.verdict_dots(tk.verify([claim], small_groups()), title="Age")
    picture, below = published(*outputs_of(chart, monkeypatch))
    assert "withheld" in picture.data["text/plain"]
    assert "[c]" in below.data["text/html"]
    with pytest.raises(ReportError, match="fewer than 10"):
        published(*outputs_of(tk.verify([claim], small_groups()), None))


def test_a_margin_of_error_hides_the_base_that_is_hidden_in_the_shares():
    frame = small_groups().data
    shares = tk.proportion(tk.Design(frame), "trust", by="area", level="yes")
    everybody = tk.proportion(tk.Design(frame), "trust")
    results = [everybody, shares, tk.margin_of_error(shares)]
    outputs = published(*(output for result in results for output in outputs_of(result, None)))
    tables = [shown_tables(output.data["text/html"])[0] for output in outputs]
    sizes = [[row[-1] for row in table.rows] for table in tables[1:]]
    assert sizes[0] == sizes[1]
    assert sizes[0].count("[c]") > 1 or "[c]" in {row[-1] for row in tables[0].rows}


def test_an_alternative_of_a_verdict_that_rests_on_few_respondents_is_published_without_its_number():
    few = tk.Reading("trust", "yes", where={"area": "islands"}, because="only the islands are counted")
    many = tk.Reading("trust", "yes", where={"area": "north"}, because="only the north is counted")
    claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes"), (few, many))
    (shown,) = outputs_of(tk.verify([claim], small_groups()), None)
    assert shown.data[VERDICTS_MIME][0]["alternatives"].startswith("33.3% if only the islands")
    (output,) = published(shown)
    (verdict,) = output.data[VERDICTS_MIME]
    assert verdict["alternatives"] == "only the islands are counted; 50.0% if only the north is counted"
    assert "tried" not in verdict


def test_a_reason_of_a_verdict_that_rests_on_few_respondents_is_published_without_its_number():
    few = tk.Reading("trust", "yes", where={"area": "islands"}, because="only the islands < all are counted")
    claim = tk.Claim(
        "third", "A third trust", 33, 0, tk.Reading("trust", "yes", where={"area": "north"}), (few,)
    )
    verdicts = tk.verify([claim], small_groups())
    assert verdicts.verdicts[0].reason == "reached (33.3) if only the islands < all are counted"
    (output,) = published(*outputs_of(verdicts, None))
    (verdict,) = output.data[VERDICTS_MIME]
    assert verdict["reason"] == "reached if only the islands < all are counted"
    assert "reduced" not in verdict
    table = tk.protect([verdicts]).tables[0]
    for shown in (output.data["text/plain"], unescape(output.data["text/html"]), "\n".join(table.notes)):
        assert "33.3" not in shown
        assert "reached if only the islands < all are counted" in shown


def test_a_hint_at_another_base_that_few_respondents_make_is_published_without_its_number():
    codes = {"yes": "yes", "no": "no"}
    trust = tk.Variable("trust", "Trust?", "single", codes=codes, missing={"unsure": "don't know"})
    data = pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 40 + ["unsure"] * 4, "w": [1.0] * 80 + [20.0] * 4})
    design = tk.Design(tk.Survey(data, tk.Codebook({"trust": trust})), weights="w")
    verdicts = tk.verify([tk.Claim("few", "A quarter trust", 25, 0, tk.Reading("trust", "yes"))], design)
    assert "with everyone asked as the base it would be 25.0" in verdicts.verdicts[0].reason
    (output,) = published(*outputs_of(verdicts, None))
    assert "it would be" not in str(output.data)
    assert (
        output.data[VERDICTS_MIME][0]["reason"]
        == "the published number is outside the interval; check the base"
    )


def test_under_a_rule_with_rounding_a_published_verdict_has_rounded_numbers_of_respondents():
    claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes", where={"area": "north"}))
    verdicts = tk.verify([claim], small_groups())
    (output,) = published(*outputs_of(verdicts, None), protection=tk.Protection(rounding=7))
    (verdict,) = output.data[VERDICTS_MIME]
    assert verdicts.verdicts[0].n % 7
    assert verdict["trail"]
    assert all(
        step["n"] % 7 == step["removed"] % 7 == 0 for step in [{"removed": 0, **verdict}, *verdict["trail"]]
    )
