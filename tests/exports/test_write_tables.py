"""Exported tables: every number reads back, a second run gives the same bytes, and microdata stays."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from dataclasses import replace

import docx
import numpy as np
import openpyxl
import pandas as pd
import pptx
import pytest
from bs4 import BeautifulSoup
from python_calamine import CalamineWorkbook

import trustkit as tk
from trustkit.errors import DataError
from trustkit.exports import safe_text
from trustkit.exports.banner_layout import banner_table
from trustkit.exports.printed_tables import SYNTHETIC
from trustkit.exports.result_layout import result_table
from trustkit.exports.write_tables import SUFFIXES, write_tables
from trustkit.headings import shown_name
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.tables.protected import ProtectedTable

TRUST = tk.Variable(
    "trust", "How far do you trust banks?", "ordinal", codes={1: "Little", 2: "Some", 3: "Much"},
    scores={"Little": 0, "Some": 1, "Much": 2},
)  # fmt: skip
RANDOM = np.random.default_rng(5)
PEOPLE = pd.DataFrame(
    {
        "trust": RANDOM.choice([1, 2, 3], 900, p=[0.3, 0.3, 0.4]),
        "sex": RANDOM.choice([1, 2], 900),
        "age": RANDOM.choice([1, 2, 3], 900),
        "hours": RANDOM.normal(5, 2, 900),
        "weight": RANDOM.uniform(0.4, 2.5, 900),
    }
).assign(trust=lambda d: np.where((d["age"] == 1) & (d["trust"] == 3), 1, d["trust"]))
BOOK = tk.Codebook(
    {
        "trust": TRUST,
        "sex": tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
        "age": tk.Variable("age", "Age", "ordinal", codes={1: "18-34", 2: "35-54", 3: "55+"}),
        "hours": tk.Variable("hours", "Hours online", "numeric"),
        "weight": tk.Variable("weight", "Weight", "weight"),
    },
    title="Trust",
    data="synthetic",
)
DESIGN = tk.Design(tk.Survey(PEOPLE, BOOK), weights="weight")
QUESTIONS = [tk.Question("trust", nets={"Some or much": ["Some", "Much"]}), "hours"]
BANNER = tk.banner(DESIGN, QUESTIONS, ["sex", "age", ("sex", "age")])
SHARES = tk.proportion(DESIGN, "trust", by="sex")
CHART = tk.dot_interval(tk.proportion(DESIGN, "trust", by="age", level="Much"), title="Trust grows with age")
BARS = tk.likert_bars(tk.proportion(DESIGN, "trust", by="age"), title="Trust by age")
CROSSED = tk.crosstab(DESIGN, "trust", "sex")
RATES = tk.data_table(
    pd.DataFrame(
        {"definition": ["=1+1", "'asked", "00123"], "rate": [0.25, -0.125, 1e-9], "n": [1200, 300, 0]}
    ),
    title="Rates", note="Base: devices.",
)  # fmt: skip
EVERYTHING = [BANNER, SHARES, tk.mean(DESIGN, "hours", by="age"), CHART, BARS, CROSSED, RATES]
LEVELS = {"Little": 0, "Some": 1, "Much": 2}
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Each format, written twice."""
    folder = tmp_path_factory.mktemp("tables")
    for place in ("one", "two"):
        (folder / place).mkdir()
        for suffix in SUFFIXES:
            tables = RATES if suffix == ".csv" else EVERYTHING
            tk.write_tables(tables, folder / place / f"t{suffix}", title="Trust in banks")
    return folder


def sheets(path):
    """Each sheet as two libraries read it."""
    book = openpyxl.load_workbook(path)
    ours = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    calamine = CalamineWorkbook.from_path(path)
    theirs = {
        name: calamine.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in calamine.sheet_names
    }
    return ours, theirs


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_second_run_gives_the_same_bytes_and_leaves_no_other_file(written, suffix):
    one, two = ((written / place / f"t{suffix}").read_bytes() for place in ("one", "two"))
    assert one == two
    assert len(list((written / "one").iterdir())) == len(SUFFIXES)


@pytest.mark.parametrize("suffix", [".xlsx", ".docx", ".pptx", ".zip"])
def test_no_member_of_an_archive_has_the_time_of_the_day(written, suffix):
    pending = [(written / "one" / f"t{suffix}").read_bytes()]
    while pending:
        with zipfile.ZipFile(io.BytesIO(pending.pop())) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            pending += [archive.read(name) for name in archive.namelist() if name.endswith(".xlsx")]
            if "docProps/core.xml" in archive.namelist():
                assert str(pd.Timestamp.now().year) not in archive.read("docProps/core.xml").decode()


def test_every_number_of_a_banner_reads_back_from_the_workbook_by_two_libraries(written):
    frame = BANNER.to_frame()
    for book in sheets(written / "one" / "t.xlsx"):
        head, *rows = book["Numbers"]
        own = pd.DataFrame(rows, columns=head)[: len(frame)]
        for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff", "n_weighted"):
            read = pd.to_numeric(own[shown_name(name)]).to_numpy(dtype=float)
            np.testing.assert_allclose(read, frame[name].to_numpy(dtype=float), rtol=1e-12, atol=0)


def test_a_banners_sheet_has_bases_shares_as_numbers_and_letters_beside_them(written):
    table = BANNER["trust"]
    printed = banner_table(table)
    for book in sheets(written / "one" / "t.xlsx"):
        rows = book["T01 trust"]
        assert rows[0][0] == "How far do you trust banks?"
        assert rows[1][0].startswith(f"{SYNTHETIC} Base: substantive answers")
        top = next(number for number, row in enumerate(rows) if row[0] == "n")
        assert [row[0] for row in rows[top : top + 8]] == [
            "n", "weighted n", "effective n", "Little", "Some", "Much", "Some or much", "mean",
        ]  # fmt: skip
        heads = rows[top - 1]
        for (column, letter), cells in table.frame.groupby(["column", "letter"], sort=False):
            place = heads.index(f"{column} ({letter})" if letter else column)
            values = [row[place] for row in rows[top + 3 : top + 8]]
            np.testing.assert_allclose(values, cells["estimate"], rtol=1e-12)
            assert rows[top][place] == cells["n"].iloc[0]
            if letter:
                letters = [str(row[place + 1] or "") for row in rows[top + 3 : top + 8]]
                both = (cells["higher"] + " " + cells["higher_at_second"]).str.strip()
                assert letters == both.tolist()
    assert printed.has_letters


def test_a_share_has_the_format_of_a_percentage_and_panes_stay(written):
    book = openpyxl.load_workbook(written / "one" / "t.xlsx")
    sheet = book["T01 trust"]
    assert sheet.freeze_panes == "B5"
    assert sheet["B8"].number_format == "0.0%"
    assert sheet["B5"].number_format == "#,##0"
    assert sheet.page_setup.orientation == "landscape"
    assert book.sheetnames[0] == "Contents"
    links = {
        cell.hyperlink.location for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink
    }
    assert links == {f"'{name}'!A1" for name in book.sheetnames[1:]}


@pytest.mark.parametrize("result", [SHARES, CROSSED, CHART, BARS], ids=["shares", "crossed", "dots", "bars"])
def test_every_number_of_other_results_reads_back_from_the_workbook(tmp_path, result):
    tk.write_tables(result, tmp_path / "t.xlsx")
    frame = result.data if isinstance(result, tk.DataFigure) else result.to_frame()
    for book in sheets(tmp_path / "t.xlsx"):
        read = {
            float(cell)
            for rows in book.values()
            for row in rows
            for cell in row
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        }
        read = np.array(sorted(read))
        for name in NUMBERS:
            for value in frame[name].dropna().to_numpy(dtype=float):
                assert np.abs(read - value).min() <= 1e-12 * max(abs(value), 1e-3), name


def test_csv_json_and_parquet_hold_the_long_form_with_all_digits(written, tmp_path):
    frame = BANNER.to_frame()
    tk.write_tables(BANNER, tmp_path / "t.parquet")
    parquet = pd.read_parquet(tmp_path / "t.parquet")
    document = json.loads((written / "one" / "t.json").read_text(encoding="utf-8"))
    rows = [row for table in document["tables"][:2] for row in table["rows"]]
    with zipfile.ZipFile(written / "one" / "t.zip") as archive:
        parts = [pd.read_csv(archive.open(name)) for name in archive.namelist()[:2]]
    for own in (parquet, pd.DataFrame(rows), pd.concat(parts, ignore_index=True)):
        for name in NUMBERS:
            np.testing.assert_array_equal(own[name].to_numpy(dtype=float), frame[name].to_numpy(dtype=float))
    assert set(parquet["data"]) == {"synthetic"}
    assert parquet["row"].tolist() == frame["row"].tolist()


def test_a_csv_file_has_numbers_as_they_are_and_no_text_that_runs(written):
    text = (written / "one" / "t.csv").read_bytes().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["definition", "rate", "n"]
    assert rows == [["'=1+1", "0.25", "1200"], ["''asked", "-0.125", "300"], ["00123", "1e-09", "0"]]
    assert [safe_text.read_back(row[0]) for row in rows] == RATES.data["definition"].tolist()


def test_whole_numbers_of_any_size_keep_their_digits_in_csv(tmp_path):
    frame = pd.DataFrame({"group": ["a", "b"], "total": [2**53 + 1, 3], "n": [50, 60]})
    tk.write_tables(tk.data_table(frame, title="Totals"), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").split()[1] == "a,9007199254740993,50"


def test_what_a_csv_file_changed_and_left_out_is_listed(tmp_path):
    lost = tk.write_tables(RATES, tmp_path / "t.csv")
    assert lost[["what", "kept", "lost"]].to_numpy().tolist() == [
        ["title and notes", "", "Rates Base: devices."],
        ["text of definition", "'=1+1", "=1+1"],
        ["text of definition", "''asked", "'asked"],
    ]


def test_a_word_document_has_headings_captions_repeated_heads_and_the_numbers_as_shown(written):
    document = docx.Document(written / "one" / "t.docx")
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == 8
    assert "Caption" in styles
    for table in document.tables:
        assert table.style.name == "Survey table"
        repeated = [
            row._tr.trPr is not None and row._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None
            for row in table.rows
        ]
        assert repeated[0]
        assert repeated == sorted(repeated, reverse=True)
        assert not repeated[-1]
    printed = banner_table(BANNER["trust"])
    first = document.tables[0]
    heads = [cell.text for cell in first.rows[1].cells]
    place = [column.heading for column in printed.columns].index(heads[1])
    assert [row.cells[1].text for row in first.rows[2:]] == [row[place].lettered for row in printed.rows]
    pictures = document.inline_shapes
    assert [shape._inline.docPr.get("descr").split(".")[0] for shape in pictures] == [CHART.title, BARS.title]


def test_slides_have_titles_notes_and_a_chart_with_the_numbers_and_their_intervals(tmp_path):
    tk.write_tables([SHARES, CHART], tmp_path / "t.pptx", title="Trust")
    deck = pptx.Presentation(tmp_path / "t.pptx")
    assert all(slide.shapes.title.text_frame.text for slide in deck.slides)
    assert all(slide.has_notes_slide for slide in deck.slides)
    frames = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(frames) == 2
    assert frames[0]._element.nvGraphicFramePr.cNvPr.get("descr").startswith("Bar chart. Proportion: How far")
    estimate = SHARES.to_frame()
    for number, series in enumerate(frames[0].chart.plots[0].series):
        own = estimate[estimate["level"] == series.name]
        assert series.name == ["Little", "Some", "Much"][number]
        np.testing.assert_allclose(series.values, own["estimate"], rtol=1e-12)
        for side, ends in (
            ("plus", own["ci_high"] - own["estimate"]),
            ("minus", own["estimate"] - own["ci_low"]),
        ):
            values = series._element.xpath(f"c:errBars/c:{side}/c:numLit/c:pt/c:v")
            np.testing.assert_allclose([float(value.text) for value in values], ends, rtol=1e-12)
    assert "Synthetic data." in deck.slides[1].notes_slide.notes_text_frame.text
    book = openpyxl.load_workbook(io.BytesIO(frames[0].chart.part.chart_workbook.xlsx_part.blob))
    assert book.active["B2"].value == pytest.approx(estimate["estimate"].iloc[0], rel=1e-12)


def test_a_chart_that_is_too_large_becomes_a_table_on_several_numbered_slides(tmp_path):
    answers = [f"Answer {number:02d}" for number in range(40)]
    people = pd.DataFrame({"q": answers * 30, "sex": ["m", "f"] * 600})
    lost = tk.write_tables(tk.banner(tk.Design(people), ["q"], ["sex"]), tmp_path / "t.pptx")
    deck = pptx.Presentation(tmp_path / "t.pptx")
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides][1:]
    assert titles == [f"q ({number} of {len(titles)})" for number in range(1, len(titles) + 1)]
    shown = [
        row.cells[0].text_frame.text
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
    ]
    assert [text for text in shown if text in answers] == answers
    assert lost["what"].tolist() == ["chart", "numbers in tables"]


def test_a_workbooks_charts_point_to_their_numbers_and_draw_their_intervals(tmp_path):
    tk.write_tables(SHARES, tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert chart.count("<c:errBars>") == 3
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T01 trust"]
    for side in ("plus", "minus"):  # cells, so that every program draws them and they can be edited
        places = re.findall(rf"<c:{side}><c:numRef><c:f>'T01 trust'!([^<]*)</c:f>", chart)
        lengths = [cell.value for place in places for (cell,) in sheet[place.replace("$", "")]]
        estimate = SHARES.to_frame().sort_values(
            "level", key=lambda levels: levels.map(LEVELS), kind="stable"
        )
        ends = estimate["ci_high" if side == "plus" else "ci_low"]
        np.testing.assert_allclose(lengths, abs(ends - estimate["estimate"]), rtol=1e-12)
    assert "'T01 trust'!" in chart
    assert 'descr="Bar chart. Proportion: How far do you trust banks?' in drawing
    tk.write_tables(SHARES, tmp_path / "t.xlsx", charts=False)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        assert not [name for name in archive.namelist() if "chart" in name]


def test_a_page_has_every_number_in_full_scoped_heads_and_loads_nothing(written):
    page = BeautifulSoup((written / "one" / "t.html").read_bytes(), "html.parser")
    first = page.find("table")
    read = [float(tag["value"]) for tag in first.find_all("data")]
    printed = banner_table(BANNER["trust"])
    assert read == [cell.number for row in printed.rows for cell in row if cell.number is not None]
    assert {th["scope"] for th in page.find_all("th")} == {"row", "col", "colgroup"}
    assert page.find_all(["script", "link", "iframe"]) == []
    assert [image["alt"] for image in page.find_all("img")] == [CHART.caption, BARS.caption]
    assert all(image["src"].startswith("data:") for image in page.find_all("img"))


def words_in(path):
    """All text of a file, whatever its format."""
    content = path.read_bytes()
    if path.suffix in {".xlsx", ".docx", ".pptx", ".zip"}:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    return content.decode("utf-8", "ignore")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "result", [BANNER["trust"], SHARES, CHART, CROSSED], ids=["banner", "shares", "chart", "crossed"]
)
def test_synthetic_data_are_called_synthetic_in_every_format(tmp_path, suffix, result):
    tk.write_tables(result, tmp_path / f"t{suffix}")
    assert "ynthetic" in words_in(tmp_path / f"t{suffix}")


def suppressed(table, row, letter):
    """A table of a banner in which one cell is suppressed."""
    frame = table.frame.assign(mark="")
    hit = (frame["row"] == row) & (frame["letter"] == letter)
    assert hit.sum() == 1
    frame.loc[hit, "mark"] = "[c]"
    frame.loc[hit, ["estimate", "se", "ci_low", "ci_high"]] = math.nan
    frame.loc[hit, ["higher", "higher_at_second"]] = ""
    return tk.BannerTable(table.title, frame, table.tests, table.notes, table.caveats)


def test_a_mark_stands_in_place_of_the_number_and_the_chart_leaves_the_point_out(tmp_path):
    small = tk.banner(DESIGN, ["trust"], ["sex"])["trust"]
    value = small.frame.set_index(["row", "letter"]).loc[("Some", "A"), "estimate"]
    hidden = suppressed(small, "Some", "A")
    tk.write_tables(hidden, tmp_path / "t.xlsx", protection=None)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T01 trust"]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert cells.count("[c]") == 1
    assert any(str(cell).startswith("[c] confidential") for cell in cells)
    for suffix in (".xlsx", ".docx", ".pptx", ".html"):
        tk.write_tables(hidden, tmp_path / f"t{suffix}", protection=None)
        words = words_in(tmp_path / f"t{suffix}")
        assert "[c]" in words
        assert f"{value:.6f}" not in words
    deck = pptx.Presentation(tmp_path / "t.pptx")
    (chart,) = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    series = next(one for one in chart.plots[0].series if one.name == "Women (A)")
    points = series._element.xpath("c:val/c:numRef/c:numCache/c:pt/@idx")
    assert points == ["0", "2"]


def test_a_mark_in_a_frame_of_estimates_stands_in_place_of_its_numbers():
    frame = SHARES.to_frame().assign(mark=["[c]", *[""] * 5])
    frame.loc[0, ["estimate", "se", "ci_low", "ci_high"]] = math.nan
    printed = result_table(tk.data_table(frame, title="Shares"))
    places = {column.label: place for place, column in enumerate(printed.columns)}
    assert "mark" not in places
    assert [printed.rows[0][places[shown_name(name)]].text for name in ("estimate", "se")] == ["[c]", "[c]"]
    assert printed.rows[1][places["estimate"]].number == frame["estimate"].iloc[1]
    assert math.isnan(printed.chart.series[0].numbers[0])


def test_bases_that_differ_between_answers_are_given_as_their_ends():
    boxes = {
        name: tk.Variable(name, f"Do you use {name}?", "multiple", codes={1: "Selected", 0: "No"}, set="uses")
        for name in "ab"
    }
    people = pd.DataFrame({"a": [1, 0] * 60, "b": [1, 0, None] * 40, "sex": ["m", "f", "m", "m"] * 30})
    design = tk.Design(tk.Survey(people, tk.Codebook(boxes, sets={"uses": "Which do you use?"})))
    printed = banner_table(tk.banner(design, ["uses"], ["sex"])["uses"])
    assert [row[0].text for row in printed.rows[:2]] == ["smallest n", "largest n"]
    assert [row[1].number for row in printed.rows[:2]] == [80, 120]


def test_a_format_that_is_not_known_several_tables_for_csv_and_raw_data_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"can't be written in this format(.|\n)*\.xlsx, \.docx"):
        tk.write_tables(SHARES, tmp_path / "t.pdf")
    with pytest.raises(DataError, match=r"a CSV file holds one table(.|\n)*t\.zip"):
        tk.write_tables(BANNER, tmp_path / "t.csv")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  t.json\n")
    with pytest.raises(DataError, match="overwrite raw data"):
        tk.write_tables(SHARES, tmp_path / "t.json")
    with pytest.raises(DataError, match="no such folder"):
        tk.write_tables(SHARES, tmp_path / "none" / "t.json")
    (tmp_path / "f.json").mkdir()
    with pytest.raises(DataError, match="only a file can be replaced"):
        tk.write_tables(SHARES, tmp_path / "f.json")


def test_a_failed_run_leaves_the_old_file_and_no_other(tmp_path):
    file = tmp_path / "t.xlsx"
    tk.write_tables(SHARES, file)
    before = file.read_bytes()
    long = tk.data_table(pd.DataFrame({"text": ["x" * 40_000]}), title="Long")
    with pytest.raises(DataError, match="too long for a cell of Excel"):
        tk.write_tables([SHARES, long], file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["t.xlsx"]


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_COLUMNS"])
def test_a_table_beyond_the_limits_of_excel_is_an_error_that_names_it(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(safe_text, limit, 6)
    with pytest.raises(DataError, match=r"too large for a sheet(.|\n)*T01 trust(.|\n)*at most"):
        tk.write_tables(SHARES, tmp_path / "t.xlsx")


def test_a_missing_package_is_named_with_the_extra_that_installs_it(tmp_path, monkeypatch):
    for module in ("xlsxwriter", "docx", "pptx"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    for suffix in (".xlsx", ".docx", ".pptx"):
        with pytest.raises(DataError, match=r"needs the package(.|\n)*trustkit-survey\[office\]"):
            write_tables(SHARES, tmp_path / f"t{suffix}")


def shown_cells_of(table):
    """A banner's table as it is shown, with a mark in place of one number."""
    title, shown, notes = table._parts()
    shown = shown.astype(object)
    shown.iloc[4, 2] = "[c]"
    return ProtectedTable(title, shown, tuple(notes))


def test_cells_that_are_shown_as_text_become_numbers_and_letters_again_and_marks_stay(tmp_path):
    table = BANNER["trust"]
    printed = result_table(shown_cells_of(table))
    whole = banner_table(table)
    assert printed.bases == 3
    assert [column.heading for column in printed.columns] == [column.heading for column in whole.columns]
    for own, row in zip(printed.rows, whole.rows, strict=True):
        for cell, expected in zip(own, row, strict=True):
            if cell.text != "[c]":
                assert (cell.lettered, cell.letters) == (expected.lettered, expected.letters)
                assert (cell.number is None) == (expected.number is None)
    tk.write_tables(shown_cells_of(table), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[1]
    marks = [cell for row in sheet.iter_rows() for cell in row if cell.value == "[c]"]
    assert len(marks) == 1
    assert sheet.cell(marks[0].row, 2).value == round(sheet.cell(marks[0].row, 2).value, 3)


def test_the_contents_say_that_data_are_synthetic_when_people_were_asked_and_how_they_were_weighted(
    tmp_path,
):
    dated = tk.Codebook(BOOK.variables, title="Trust", data="synthetic", fieldwork="1 to 14 March 2024")
    raked = tk.rake(tk.Design(tk.Survey(PEOPLE, dated)), {"sex": {"Women": 0.52, "Men": 0.48}})
    book = tk.banner(raked, ["trust", "hours"], ["age"])
    assert book.about[0] == "Fieldwork: 1 to 14 March 2024."
    assert book.about[1].startswith("Weighting: Raking to the margins of Sex.")
    for suffix in SUFFIXES:
        if suffix != ".csv":
            tk.write_tables(book, tmp_path / f"t{suffix}", title="Trust in banks")
            words = words_in(tmp_path / f"t{suffix}")
            assert suffix == ".parquet" or "1 to 14 March 2024" in words
    rows = sheets(tmp_path / "t.xlsx")[0]["Contents"]
    cells = [row[0] for row in rows if row[0]]
    assert cells[:4] == ["Trust in banks", SYNTHETIC, *book.about]
    assert [row[1] for row in rows if row[0] in ("T01 trust", "T02 hours")] == [
        "How far do you trust banks?",
        "Hours online",
    ]


def test_several_results_of_different_columns_share_one_parquet_file(tmp_path):
    tk.write_tables([SHARES, RATES], tmp_path / "t.parquet")
    read = pd.read_parquet(tmp_path / "t.parquet")
    assert read["table"].tolist() == [SHARES._parts()[0]] * 6 + ["Rates"] * 3
    np.testing.assert_array_equal(read["rate"].dropna(), RATES.data["rate"])
    np.testing.assert_array_equal(read["estimate"].dropna(), SHARES.estimate)


def test_wide_tables_are_printed_on_pages_that_begin_with_a_number_not_with_letters(tmp_path):
    tk.write_tables(BANNER, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T01 trust"]
    starts = [part.id + 1 for part in sheet.col_breaks.brk]
    assert starts
    assert all("higher than" not in str(sheet.cell(4, column).value) for column in starts)
    assert sheet.print_title_cols == "$A:$A"


def test_a_head_stands_unwrapped_over_its_columns_and_begins_a_printed_page_with_them(tmp_path):
    used = "Which of these brands did you use lately"
    rng = np.random.default_rng(2)
    area = rng.choice(list("abcdef"), 900)
    trust = np.where(rng.random(900) < np.where(area < "d", 0.8, 0.4), "yes", "no")
    frame = pd.DataFrame({"trust": trust, "area": area, used: rng.choice(["one", "two", "six"], 900)})
    design = tk.Design(frame)
    tk.write_tables(tk.banner(design, ["trust"], ["area", used]), tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["T01 trust"]
    (head,) = [cell for cell in sheet[3] if cell.value == used]
    assert not head.alignment.wrap_text
    assert head.column in [part.id + 1 for part in sheet.col_breaks.brk]


def test_arrows_have_a_heading_of_their_own_and_net_scores_are_written_in_points(tmp_path):
    codes = {code: str(code) for code in range(11)} | {0: "0 not at all", 1: "1 a day"}
    scale = tk.Variable("score", "Recommend?", "ordinal", codes=codes, statistic="nps")
    sex = tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"})
    data = pd.DataFrame({"score": [9, 10, 8, 2] * 50 + [3, 1, 9, 7] * 50, "sex": [1] * 200 + [2] * 200})
    design = tk.Design(tk.Survey(data, tk.Codebook({"score": scale, "sex": sex})))
    book = tk.banner(design, ["score"], ["sex"], letters=tk.Letters(against="rest"))
    tk.write_tables(book, tmp_path / "t.xlsx")
    rows = sheets(tmp_path / "t.xlsx")[0]["T01 score"]
    assert rows[3][:6] == ["answer", "Total", "Women (A)", "vs rest", "Men (B)", "vs rest"]
    (row,) = [row for row in rows if row[0] == "Net Promoter Score"]
    assert row[1:6] == [0.0, 25.0, "↑", -25.0, "↓"]
    tk.write_tables(tk.protect(book), tmp_path / "p.xlsx")
    (sheet,) = [rows for name, rows in sheets(tmp_path / "p.xlsx")[0].items() if name.startswith("T01")]
    assert {"0 not at all", "1 a day", "2", "10"} <= {row[0] for row in sheet}
    tk.write_tables(tk.protect(book), tmp_path / "p.html")
    assert '<span class="letters">↑</span>' in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_protected_tables_are_written_with_their_marks_and_without_what_they_hide(tmp_path):
    few = PEOPLE.assign(age=np.where((PEOPLE["age"] == 3) & (PEOPLE.index % 40 != 0), 2, PEOPLE["age"]))
    design = tk.Design(tk.Survey(few, BOOK), weights="weight")
    book = tk.banner(design, ["trust"], ["age", "sex"])
    protected = tk.protect([book, tk.proportion(design, "trust", by="age")])
    hidden = [str(table._parts()[1].to_numpy().ravel().tolist()).count("[c]") for table in protected.tables]
    assert min(hidden) > 0
    tk.write_tables(protected, tmp_path / "t.xlsx")
    for read in sheets(tmp_path / "t.xlsx"):
        assert [sum(row.count("[c]") for row in rows) for rows in list(read.values())[1:]] == hidden
    values = book.to_frame().set_index(["row", "column"])["estimate"]
    for suffix in SUFFIXES:
        tables = protected.tables[0] if suffix == ".csv" else protected
        tk.write_tables(tables, tmp_path / f"t{suffix}")
        words = words_in(tmp_path / f"t{suffix}")
        assert "[c]" in words
        assert f"{values['Little', '55+']:.8f}"[:8] not in words
    rows = pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig").set_index("answer")
    assert rows.loc["Little", "Total"] == pytest.approx(values["Little", "Total"], abs=5e-4)


def test_small_cells_are_hidden_unless_the_file_stays_at_the_desk(tmp_path):
    few = PEOPLE.assign(age=np.where((PEOPLE["age"] == 3) & (PEOPLE.index % 40 != 0), 2, PEOPLE["age"]))
    design = tk.Design(tk.Survey(few, BOOK), weights="weight")
    tables = [tk.banner(design, ["trust"], ["age"]), tk.proportion(design, "trust"), RATES]
    protected = tk.protect(tables)
    for suffix in SUFFIXES:
        given = tables[0] if suffix == ".csv" else tables
        tk.write_tables(given, tmp_path / f"t{suffix}")
        tk.write_tables(given, tmp_path / f"desk{suffix}", protection=None)
        words, desk = words_in(tmp_path / f"t{suffix}"), words_in(tmp_path / f"desk{suffix}")
        assert "[c]" in words
        assert "[c]" not in desk
        assert "Not protected" not in words
        assert suffix in {".csv", ".parquet"} or "Not protected" in desk
    hidden = [str(table._parts()[1].to_numpy().ravel().tolist()).count("[c]") for table in protected.tables]
    assert [bool(count) for count in hidden] == [True, False, False]
    for read in sheets(tmp_path / "t.xlsx"):
        assert [sum(row.count("[c]") for row in rows) for rows in list(read.values())[1:]] == hidden
    shares = sheets(tmp_path / "t.xlsx")[0]["T02 trust"]
    estimate = tk.proportion(design, "trust").estimate[0]
    numbers = [cell for row in shares for cell in row if isinstance(cell, float)]
    assert min(abs(number - estimate) for number in numbers) < 1e-12  # unrounded where nothing is hidden


def test_a_protection_of_ones_own_is_used_and_what_protect_returned_is_written_as_it_is(tmp_path):
    small = tk.data_table(pd.DataFrame({"group": ["a", "b"], "share": [0.5, 0.25], "n": [300, 8]}), title="S")
    tk.write_tables(small, tmp_path / "ten.csv")
    assert "[c]" in words_in(tmp_path / "ten.csv")
    five = tk.Protection(threshold=5, base=5)
    tk.write_tables(small, tmp_path / "five.csv", protection=five)
    tk.write_tables(tk.protect([small], protection=five), tmp_path / "given.csv")
    assert "[c]" not in words_in(tmp_path / "five.csv") + words_in(tmp_path / "given.csv")


def test_bases_are_rounded_in_a_file_of_which_nothing_is_hidden(tmp_path):
    shares = pd.DataFrame({"group": ["a", "b"], "share": [0.5, 0.25], "n": [303, 87]})
    tk.write_tables(
        tk.data_table(shares, title="S"), tmp_path / "t.csv", protection=tk.Protection(rounding=10)
    )
    assert "303" not in words_in(tmp_path / "t.csv")
    assert "300" in words_in(tmp_path / "t.csv")


def test_a_column_of_a_results_frame_that_its_table_does_not_show_is_left_out_and_listed(tmp_path):
    steps = (
        Step("read", "file", "read", 400, 400),
        Step("drop", "fast", "speed", 400, 300, groups={"f": (200, 128), "m": (200, 172)}),
    )
    log = ExclusionLog(steps, by="sex")
    lost = tk.write_tables(log, tmp_path / "t.json")
    (table,) = json.loads((tmp_path / "t.json").read_text())["tables"]
    assert "36.0%" in repr(log)
    assert table["rows"][1]["lost of sex = f"] == 0.36
    assert "lost of sex = m" in log.to_frame()  # the table shows the group that was hit hardest
    assert "lost of sex = m" not in table["rows"][1]
    assert lost[["what", "lost"]].to_numpy().tolist() == [
        ["column lost of sex = m", "numbers that its table does not show"]
    ]


def test_the_rule_of_a_codebook_holds_in_protect_and_in_files_and_can_only_be_made_stricter(tmp_path):
    frame = pd.DataFrame(
        {"trust": [1] * 60 + [2] * 15 + [3] * 40, "sex": [1, 2] * 30 + [1] * 15 + [1, 2] * 20}
    )
    few = tk.Variable("trust", "Trust?", "single", codes={1: "yes", 2: "no", 3: "unsure"})

    def hidden(rule, *given):
        design = tk.Design(tk.Survey(frame, tk.Codebook({"trust": few, "sex": BOOK["sex"]}, protection=rule)))
        results = [
            tk.proportion(design, "trust"),
            tk.crosstab(design, "trust", "sex"),
            tk.banner(design, ["trust"], [])["trust"],
            tk.likert_bars(tk.proportion(design, "trust"), title="Trust"),
        ]
        counts = set()
        for result in results:
            protection = {"protection": given[0]} if given else {}
            tk.write_tables(result, tmp_path / "t.csv", **protection)
            protected = tk.protect([result], **protection).tables[0]
            in_file = "[c]" in words_in(tmp_path / "t.csv")
            assert in_file == ("[c]" in repr(protected))
            tk.write_tables(protected, tmp_path / "again.csv")
            assert ("[c]" in words_in(tmp_path / "again.csv")) == in_file
            counts.add(in_file)
        (alike,) = counts
        return alike

    strict, loose = tk.Protection(threshold=20), tk.Protection(threshold=5)
    assert [hidden(None), hidden(strict), hidden(loose)] == [False, True, False]
    assert [hidden(None, strict), hidden(strict, loose), hidden(loose, strict)] == [True, True, True]


def test_a_result_that_does_not_say_its_respondents_is_written_at_the_desk_only(tmp_path):
    table = tk.banner(DESIGN, ["trust"], ["sex"])["trust"]
    silent = replace(table, counted=())
    with pytest.raises(DataError, match="does not say how many respondents"):
        tk.write_tables(silent, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())
    tk.write_tables(silent, tmp_path / "t.xlsx", protection=None)


def test_a_text_that_slides_shorten_is_listed_with_what_stands_there(tmp_path):
    long = "answer " * 40
    table = tk.data_table(pd.DataFrame({"answer": [long], "n": [3]}), title="Long")
    lost = tk.write_tables(table, tmp_path / "t.pptx").set_index("what").loc["text of a cell"]
    assert lost["lost"] == long.strip()
    assert lost["kept"].endswith("…")
    (made,) = [
        s.table
        for slide in pptx.Presentation(tmp_path / "t.pptx").slides
        for s in slide.shapes
        if s.has_table
    ]
    assert made.cell(1, 0).text_frame.text == lost["kept"]
    assert tk.write_tables(table, tmp_path / "t.xlsx").empty


def test_a_text_with_a_power_that_no_number_has_is_written_as_words(tmp_path):
    shares = pd.DataFrame({"group": ["1e999", "5e-99999"], "share": [0.25, 0.123456], "n": [300, 400]})
    tk.write_tables(tk.data_table(shares, title="S"), tmp_path / "t.csv")
    assert "0.123456" in words_in(tmp_path / "t.csv")
