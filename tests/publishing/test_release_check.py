"""Nothing that tells of a respondent leaves in any kind of file, and a harmless site raises no alarm."""

from __future__ import annotations

import io
import json
import random
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_leaks import FILES, PAGE, leaks, made_up_people, notebook, png, write_study

import trustkit as tk
from trustkit.cli import main
from trustkit.counted import Counted
from trustkit.erasure.personal_traces import Trace, search_files
from trustkit.ledger import COUNTS_MIME, PUBLISHED_COUNTS, counted_to_json
from trustkit.privacy import leak_looks
from trustkit.privacy.check_digits import has_luhn, is_iban, official_number
from trustkit.privacy.leak_looks import NO_LIBRARY, looks_like_leaks
from trustkit.publishing.phrases import Phrases, words_of
from trustkit.publishing.release_check import publish_study
from trustkit.publishing.site_files import _sheet_text, file_pieces
from trustkit.publishing.small_counts import is_small
from trustkit.reporting.reports import make_report

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20_264
HARMLESS = "Of 5,240 respondents 40.0% don't trust all brands (95% interval 38.2% to 41.8%) in 2024."


@pytest.fixture(scope="module")
def people():
    return made_up_people(SEED)


@pytest.fixture(scope="module")
def study(people, tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("study"), people)


def site_with(folder: Path, files: dict[str, bytes]) -> Path:
    """A site of some files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def missed_leaks(people, study, folder: Path, share: int) -> tuple[int, list[tuple[str, str]]]:
    """How many leaks were planted, one in so many of all kinds in all files, and which were not found."""
    planted = [
        (leak, kind, f"{number}/{name}", make(text), what)
        for number, (leak, (what, text)) in enumerate(leaks(people, SEED).items())
        for place, (kind, (name, make)) in enumerate(FILES.items())
        if (number + place) % share == 0
    ]
    site = site_with(folder, {file: content for _, _, file, content, _ in planted})
    found = tk.check_release(site, study).groupby("file")["what"].agg("; ".join)
    return len(planted), [
        (leak, kind) for leak, kind, file, _, what in planted if what not in found.get(file, "")
    ]


def test_leaks_of_every_kind_are_found_in_files_of_every_kind(people, study, tmp_path):
    planted, missed = missed_leaks(people, study, tmp_path, 3)
    assert planted > 200
    assert missed == []


@pytest.mark.nightly
def test_every_kind_of_leak_is_found_in_every_kind_of_file(people, study, tmp_path):
    planted, missed = missed_leaks(people, study, tmp_path, 1)
    assert planted > 700
    assert missed == []


def test_a_harmless_sentence_raises_no_alarm_in_any_kind_of_file(study, tmp_path):
    site = site_with(tmp_path / "site", {name: make(HARMLESS) for name, make in FILES.values()})
    assert tk.check_release(site, study).empty


def test_no_excerpt_holds_what_it_is_about(people, study, tmp_path):
    planted = {name: text for name, (_, text) in leaks(people, SEED + 1).items()}
    site = site_with(tmp_path, {f"{n}.txt": text.encode() for n, text in enumerate(planted.values())})
    found = tk.check_release(site, study)
    assert len(found) >= len(planted)
    words = {word for name in ("respondent_id", "last_name", "email", "phone") for word in people[name]}
    assert not any(word.casefold() in excerpt.casefold() for word in words for excerpt in found["excerpt"])
    assert all(not any(sign.isdecimal() for sign in excerpt) for excerpt in found["excerpt"])


@settings(deadline=None)  # a file of Word takes longer than a page
@given(seed=st.integers(0, 10**6), before=st.text(max_size=30), after=st.text(max_size=30))
def test_an_identifier_anywhere_in_any_file_is_found(people, secrets, seed, before, after):
    rng = random.Random(seed)  # noqa: S311  # a place, no secret
    column = rng.choice(["respondent_id", "last_name", "email", "phone"])
    value = rng.choice(list(people[column]))
    name, make = FILES[rng.choice(sorted(set(FILES) - {"Windows text", "page of a PDF", "title of a PDF"}))]
    plain = "".join(sign for sign in f"{before} | {after}" if sign.isprintable() and sign not in "\\%&<>-\"'")
    left, _, right = plain.partition("|")
    found = {leak.what for leak in secrets(make(f"{left} {value} {right}"), name)}
    assert f"an identifier ({column})" in found


@pytest.fixture(scope="module")
def secrets(study):
    from trustkit.publishing.release_check import _file_leaks
    from trustkit.publishing.study_secrets import study_secrets

    known = study_secrets(study)
    return lambda content, name: list(_file_leaks(content, name, known))


def across(row: dict[str, object], sign: str) -> str:
    """The names and the values of a row in two lines."""
    return "\n".join(sign.join(map(str, cells)) for cells in (row, row.values()))


def html_row(cells: object, tag: str) -> str:
    """A row of a table."""
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


FORMS = {
    "rows as JSON": ("a.json", lambda row: json.dumps([row])),
    "columns as JSON": ("b.json", lambda row: json.dumps({name: [value] * 2 for name, value in row.items()})),
    "frame as JSON": ("c.json", lambda row: json.dumps({name: {"0": value} for name, value in row.items()})),
    "CSV": ("d.csv", lambda row: across(row, ",")),
    "printed frame": ("e.txt", lambda row: f"   {across(row, '  ')}".replace("\n", "\n7  ")),
    "printed series": ("f.txt", lambda row: "\n".join(f"{name}    {value}" for name, value in row.items())),
    "table": ("g.html", lambda row: f"<table>{html_row(row, 'th')}{html_row(row.values(), 'td')}</table>"),
    "table in Markdown": ("h.md", lambda row: across(row, " | ").replace("\n", "\n---|---|---|---\n")),
}
"""Form of a row -> the file, and how it is written."""


@pytest.mark.parametrize("form", FORMS)
def test_a_row_of_one_respondent_is_found_in_every_form(people, secrets, form):
    traits = ["sex", "age", "region", "education"]
    single = people[people.groupby(traits)["age"].transform("size") == 1].iloc[0]
    row = {trait: single[trait].item() if trait == "age" else single[trait] for trait in traits}
    file, write = FORMS[form]
    assert "a row of one respondent" in {leak.what for leak in secrets(write(row).encode(), file)}
    many = {"sex": "Female", "region": "Westmarch", "trust": "Yes"}
    assert len(people.query("sex == 'Female' and region == 'Westmarch' and trust == 'Yes'")) > 1
    assert secrets(write(many).encode(), file) == []


def test_a_protected_row_is_no_row_of_a_respondent(people, secrets):
    traits = ["sex", "age", "region", "education"]
    single = people[people.groupby(traits)["age"].transform("size") == 1].iloc[0]
    line = ",".join(str(single[trait]) for trait in traits)
    assert secrets(f"{','.join(traits)},n\n{line},[c]\n".encode(), "a.csv") == []


def test_short_and_close_ids_are_found_beside_a_label_and_never_as_plain_numbers(tmp_path):
    people = made_up_people(3).assign(respondent_id=range(10_001, 10_091), patient_id=range(101, 191))
    study = write_study(tmp_path, people)
    harmless = b"n,estimate\n10024,0.10024\n10001,112\n"
    pages = b'Search.setIndex({"terms":{"pseudonym":112,"surname":[112,113]}})'
    planted = {
        "a.txt": b"It was respondent 10024 who wrote.",
        "b.csv": b"respondent_id,trust\n10024,Yes\n",
        "c.html": b"<p>patient id: 112</p>",
    }
    assert tk.check_release(
        site_with(tmp_path / "a", {"n.csv": harmless, "p.txt": b"112 of 120", "searchindex.js": pages}), study
    ).empty
    found = tk.check_release(site_with(tmp_path / "b", planted), study)
    assert set(found["file"]) == set(planted)
    assert found["what"].str.startswith("an identifier").all()


@pytest.mark.parametrize("first", [10_001, 1])
def test_a_number_of_a_dense_series_is_no_id_behind_a_title_in_an_address_and_may_be_one_elsewhere_in_it(
    tmp_path, first
):
    ids = [f"{number:05d}" for number in range(first, first + 90)]
    study = write_study(tmp_path, made_up_people(3).assign(respondent_id=ids))
    link = '<a href="https://news.example/2023/article-{}">x</a>'
    title = "https://news.example/trust-in-shops-"
    pages = {"a.html": link.format(ids[20]).encode(), "a.md": f"[x]({title}{ids[20]})".encode()}
    assert tk.check_release(site_with(tmp_path / "a", pages), study).empty
    told = {
        f"{number}.html": f'<a href="https://panel.example/{way}{ids[20]}">x</a>'.encode()
        for number, way in enumerate(("?id=", "?r=", "shops-x?r-", "people/"))
    }
    assert set(tk.check_release(site_with(tmp_path / "b", told), study)["file"]) == set(told)
    (tmp_path / "c").mkdir()
    apart = [str(number) for number in range(10_000, 9_910_000, 110_000)]
    sparse = write_study(tmp_path / "c", made_up_people(3).assign(respondent_id=apart))
    wide = {"a.html": link.format(apart[20]).encode()}
    assert not tk.check_release(site_with(tmp_path / "d", wide), sparse).empty


def test_numbers_of_an_office_file_itself_are_no_ids(tmp_path):
    study = write_study(tmp_path, made_up_people(3).assign(respondent_id=range(104_960, 105_050)))
    make = {name: write for name, write in FILES.values() if name.endswith((".xlsx", ".docx", ".pptx"))}
    site = site_with(tmp_path / "site", {name: write(HARMLESS) for name, write in make.items()})
    assert tk.check_release(site, study).empty


def test_a_name_that_is_a_word_is_found_as_it_is_written_only(secrets):
    assert [leak.what for leak in secrets(b"We asked Will twice.", "a.txt")] == ["an identifier (first_name)"]
    assert secrets(b"They will rose a mark.", "a.txt") == []


def test_a_stem_of_a_public_word_in_the_index_of_words_is_no_rare_answer(tmp_path):
    people = made_up_people(5).assign(gender=["divers", *["Female"] * 89])
    index = {"searchindex.js": b'Search.setIndex({"terms":{"divers":3,"divid":[2,3]}})'}
    page = {"a.html": b"<p>One of them is divers.</p>"}
    study = write_study(tmp_path, people)
    assert tk.check_release(site_with(tmp_path / "a", index), study).empty
    assert tk.check_release(site_with(tmp_path / "b", page), study)["what"].tolist() == ["a rare answer"]


def test_what_the_questionnaire_says_may_be_published(tmp_path):
    people = made_up_people(5).assign(town=["Marrowby", *["Westmarch"] * 89])
    study = write_study(tmp_path, people)
    book = study / "data" / "raw" / "study" / "codebook.yaml"
    written = book.read_text(encoding="utf-8")
    question = "Why did the shop that sent far too many letters keep calling?"
    book.write_text(written.replace('label: "why"', f'label: "{question}"'), encoding="utf-8")
    assert tk.check_release(site_with(tmp_path / "site", {"a.html": question.encode()}), study).empty


def test_files_that_cannot_be_searched_links_keys_and_raw_exports_are_refused(people, study, tmp_path):
    site = site_with(
        tmp_path / "site",
        {
            "a.parquet": b"PAR1" + bytes(40) + b"PAR1",
            "b.bin": bytes(range(256)) * 4,
            "study.key": b"x",
            "c": b"0123456789abcdef" * 4,
            "d.csv": (study / "data" / "raw" / "study" / "answers.csv").read_bytes(),
            "e.zip": b"PK\x03\x04 broken",
        },
    )
    (site / "f").symlink_to(study)
    found = tk.check_release(site, study)
    what = {file: set(rows["what"]) for file, rows in found.groupby("file")}
    assert what["a.parquet"] == what["b.bin"] == what["e.zip"] == {"a file that cannot be searched"}
    assert what["study.key"] == what["c"] == {"a secret key file"}
    assert "the raw export itself" in what["d.csv"]
    assert what["f"] == {"a link to another place"}


PAGES = {"01_trust": [[20, 30], [40, 50]], "02_few": [[20, 30], [40, 7]]}


def counted(cells: list[list[int]]) -> Counted:
    """Counts of a question by sex."""
    return Counted("trust", ("no", "yes"), ("sex",), (("Female",), ("Male",)), (), np.array(cells))


def test_small_counts_of_a_ledger_are_found_and_hidden_ones_are_not(study, tmp_path):
    for number, (cells, expected) in enumerate(
        [
            ([[20, 30], [40, 50]], 0),
            ([[20, 30], [40, 3]], 2),
            ([[20, 30], [-1, -1]], 0),
            ([[0, 9], [40, 50]], 3),
        ]
    ):
        ledger = json.dumps(counted_to_json([counted(cells)])).encode()
        found = tk.check_release(site_with(tmp_path / str(number), {PUBLISHED_COUNTS: ledger}), study)
        assert len(found) == expected, cells
        assert set(found["what"]) <= {"a count of fewer than 10 respondents that is not marked"}


def test_the_ledger_of_a_site_is_read_page_by_page(study, tmp_path):
    ledgers = {name: counted_to_json([counted(cells)])["tables"] for name, cells in PAGES.items()}
    site_with(tmp_path, {PUBLISHED_COUNTS: json.dumps({"version": 1, "pages": ledgers}).encode()})
    places = ["'no' of trust, sex Male", "'yes' of trust, sex Male"]  # all but a few answered no
    assert tk.check_release(tmp_path, study)["place"].tolist() == places


def test_a_ledger_in_a_published_notebook_is_found(study, tmp_path):
    data = {COUNTS_MIME: counted_to_json([counted([[20, 30], [40, 50]])])}
    cell = {"outputs": [{"output_type": "display_data", "data": data, "metadata": {}}]}
    found = tk.check_release(site_with(tmp_path, {"a.ipynb": notebook(cell)}), study)
    assert found["what"].tolist() == ["the counts behind a result, which are not protected"]
    assert found["place"].tolist() == [f"cell 1, output 1, {COUNTS_MIME}"]


def test_a_count_of_few_in_a_table_is_found_and_a_marked_one_is_not(study, tmp_path):
    table = "<table><tr><th>sex</th><th>n</th></tr><tr><td>Female</td><td>{}</td></tr></table>"
    for number, (cell, expected) in enumerate([("7", 1), ("[c]", 0), ("10", 0), ("0", 0), ("1,007", 0)]):
        site = site_with(tmp_path / str(number), {"a.html": table.format(cell).encode()})
        assert len(tk.check_release(site, study)) == expected, cell


@pytest.mark.parametrize("suffix", ["html", "xlsx", "docx", "csv", "json"])
def test_a_base_of_few_is_found_in_every_exported_table(suffix, study, tmp_path):
    frame = pd.DataFrame({"trust": ["yes", "no"] * 60, "sex": ["a", "b", "c"] * 40})
    few = pd.concat([frame, pd.DataFrame({"trust": ["yes"] * 7, "sex": ["d"] * 7})])
    for kind, answers, expected in (("few", few, True), ("enough", frame, False)):
        folder = tmp_path / kind
        folder.mkdir()
        design = tk.Design(answers)
        for name, table in (
            ("banner", tk.banner(design, ["trust"], ["sex"])),
            ("estimate", tk.proportion(design, "trust", by="sex")),
        ):
            tk.write_tables(table, folder / f"{name}.{suffix}", protection=None)
        found = tk.check_release(folder, study)
        held = set(found.loc[found["what"].str.startswith("a count of fewer than 10"), "file"])
        assert held == ({f"banner.{suffix}", f"estimate.{suffix}"} if expected else set())


def test_cells_of_a_sheet_stay_below_their_headings_if_one_is_empty():
    rows = ['<c r="A1"><v>1</v></c><c r="C1"><v>3</v></c>', '<c r="AB2"><v>5</v></c>']
    assert _sheet_text("".join(f"<row>{row}</row>" for row in rows), ()).split("\n") == [
        "1\t\t3",
        "\t" * 27 + "5",
    ]


@given(count=st.integers(-5, 500))
def test_a_count_is_small_from_one_to_nine(count):
    assert is_small(count) == (count in range(1, 10))


def test_without_the_extra_it_is_said_that_telephone_numbers_were_not_searched(study, tmp_path, monkeypatch):
    site = site_with(tmp_path, {"a.txt": b"+49 170 7770815"})
    assert tk.check_release(site, study)["what"].tolist() == ["a telephone number"]
    monkeypatch.setattr(leak_looks, "LIBRARY", "no_such_library_of_telephone_numbers")
    leak_looks._is_phone.cache_clear()
    found = tk.check_release(site, study)
    leak_looks._is_phone.cache_clear()
    assert found.empty
    assert found.attrs["not_searched"] == (NO_LIBRARY,)


@pytest.mark.parametrize(
    "number",
    [
        *(
            "943 476 5919",
            "12345678Z",
            "X1234567L",
            "RSSMRA80A01H501U",
            "2 55 08 14 168 025 38",
            "44051401359",
        ),
        *("86095742719", "111.444.777-35", "131052-308T", "811218-9876", "85.07.30-033.28", "219-09-9999"),
        "4111-1111-1111-1111",
    ],
)
def test_published_examples_of_official_numbers_agree_with_their_check_digits(number):
    assert official_number(number)
    found = [what for _, what, _ in looks_like_leaks(f"It is {number}, she said")]
    assert found == ["an official number of a person"]


@given(digits=st.text("0123456789", min_size=15, max_size=15))
def test_one_check_digit_in_ten_fits_a_card_and_one_pair_in_97_an_account(digits):
    assert sum(has_luhn(f"{digits}{last}") for last in range(10)) == 1
    assert sum(is_iban(f"DE{check:02}{digits}") for check in range(2, 99)) == 1


@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), max_size=6),
    st.lists(st.sampled_from("abcdx"), max_size=40),
)
def test_phrases_find_what_a_slow_search_finds(phrases, text):
    wanted = {tuple(words): "x" for words in phrases}
    slow = sorted(
        (start, len(words), "x")
        for words in wanted
        for start in range(len(text))
        if tuple(text[start : start + len(words)]) == words
    )
    assert list(Phrases(wanted).find(text)) == slow
    assert words_of("Ann-Brown_7") == ("ann", "brown", "7")


def test_an_archive_that_unpacks_to_too_much_is_refused_and_not_unpacked(monkeypatch):
    monkeypatch.setattr("trustkit.publishing.site_files.MOST_BYTES", 1000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100_000))
    assert [piece.kind for piece in file_pieces(stream.getvalue(), "a.zip")] == ["closed"]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_damaged_archive_is_a_file_that_cannot_be_searched(method, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("a.txt", "hello world " * 50)
    damaged = bytearray(stream.getvalue())
    damaged[50:70] = bytes(sign ^ 0x5A for sign in damaged[50:70])
    assert [piece.kind for piece in file_pieces(bytes(damaged), "a.zip")][-1] == "closed"
    (tmp_path / "a.zip").write_bytes(damaged)
    assert search_files(tmp_path, [Trace("the id", "P4711")]).empty


WHY = (
    "\u79c1\u306f\u3053\u306e\u4f1a\u793e\u306b\u5bfe\u3057\u3066\u5f37\u3044\u4e0d\u4fe1\u611f"
    "\u3092\u6301\u3063\u3066\u3044\u307e\u3059"
)
KENTARO = "\u4f50\u85e4\u5065\u592a\u90ce"
RAJESH = "\u0930\u093e\u091c\u0947\u0936 \u0915\u0941\u092e\u093e\u0930"


@pytest.mark.parametrize(
    ("answer", "identifier", "page", "excerpt"),
    [
        (WHY, "", f"\u4e00\u4eba\u306f{WHY}\u3068\u7b54\u3048\u305f", "\u79c1***************"),
        ("incomprehensibilities", "", "Incomprehensibilities!", "I" + "*" * 20),
        (KENTARO, "direct", f"\u6628\u65e5{KENTARO}\u3055\u3093", "\u4f50****"),
        ("Zoe\u0308 Mu\u0308llerin", "direct", "Zo\u00eb M\u00fcllerin", "Z** M*******"),
        ("Zo\u00eb M\u00fcllerin", "direct", "Zo&#101;&#x308; M%C3%BCllerin", "Z** M*******"),
        (RAJESH, "direct", RAJESH, "\u0930**** \u0915****"),
        ("Rose", "direct", "Rose of Stra\u00dfe 4", "R***"),
    ],
)  # fmt: skip
def test_values_in_any_script_are_found_however_they_are_composed(
    answer, identifier, page, excerpt, tmp_path
):
    raw = tmp_path / "study" / "data" / "raw" / "shop"
    raw.mkdir(parents=True)
    rows = [f"{answer}", *["fine"] * 30]
    (raw / "answers.csv").write_text("\n".join(["why", *rows]), encoding="utf-8")
    about = f"{{label: Why, kind: text{f', identifier: {identifier}' if identifier else ''}}}"
    (raw / "codebook.yaml").write_text(f"title: A shop\nvariables:\n  why: {about}\n")
    digest = tk.read(raw / "answers.csv").digest
    (raw / "SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    site = site_with(tmp_path / "site", {"a.html": f"<p>{page}</p>".encode()})
    assert tk.check_release(site, tmp_path / "study")["excerpt"].tolist()[:1] == [excerpt]


def run(monkeypatch, capsys, *arguments: object) -> tuple[int, str]:
    """The exit code and the output of a command."""
    monkeypatch.setattr("sys.argv", ["trustkit", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    output = capsys.readouterr()
    return int(ended.value.code or 0), output.out + output.err


def test_publish_copies_a_clean_site_and_nothing_of_another(people, tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path, people)
    assert run(monkeypatch, capsys, "publish", study)[0] == 2  # there is no site yet
    site = site_with(
        study / "site",
        {
            "index.html": PAGE.format(HARMLESS).encode(),
            ".buildinfo": b"",
            "a.png": png(b"tEXt", b"Title\x00Trust"),
        },
    )
    to = tmp_path / "public" / "site"
    code, words = run(monkeypatch, capsys, "publish", study, "--to", to)
    assert (code, sorted(path.name for path in to.iterdir())) == (0, [".buildinfo", "a.png", "index.html"])
    assert "nothing was found" in words
    (site / "index.html").write_text(PAGE.format(people["email"][0]), encoding="utf-8")
    code, words = run(monkeypatch, capsys, "publish", study, "--to", to)
    assert code == 1
    assert people["email"][0] not in words
    assert HARMLESS in (to / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in to.parent.iterdir()] == ["site"]
    code, words = run(monkeypatch, capsys, "publish", study, "--json")
    found = json.loads(words)["found"]
    assert code == 1
    assert {row["file"] for row in found} == {"index.html"}


@pytest.mark.site
def test_the_report_of_a_study_of_made_up_people_may_be_published(people, tmp_path):
    study = write_study(tmp_path, people)
    report = make_report(study, jobs=1, tell=lambda _step, _total=None: None)
    found = tk.check_release(report.site, study)
    assert found.empty, found.to_string()


def test_publish_replaces_no_folder_that_is_no_site(people, tmp_path):
    study = write_study(tmp_path, people)
    site_with(study / "site", {"index.html": b"<p>"})
    other = site_with(tmp_path / "letters", {"a.txt": b"mine"})
    for to in (other, study / "site", study / "site" / "copy"):
        with pytest.raises(tk.TrustkitError, match="the folder to copy to"):
            publish_study(study, to=to, tell=lambda _step: None)
    assert (other / "a.txt").read_bytes() == b"mine"


def test_a_finding_is_printed_in_lines_of_80_characters(people, tmp_path, monkeypatch, capsys):
    study = write_study(tmp_path, people)
    name = "a_long_name_of_a_file_" * 5 + ".ipynb"
    site_with(study / "site", {name: notebook({"source": f"{people['email'][0]} {people['why'][0]}"})})
    monkeypatch.chdir(tmp_path)
    _, words = run(monkeypatch, capsys, "publish", "study")
    lines = words.splitlines()
    assert max(map(len, lines[:-2])) <= 80
    assert any("an open answer" in line for line in lines)


SAID = {
    "3 respondents said that they trust no shop.": True,
    "Only three of 44 respondents had heard of it.": True,
    "Of the others, 7 women did not answer.": True,
    "9 of the respondents agreed.": True,
    "One employee reported it.": True,
    "30 respondents said so.": False,
    "40.3 respondents were expected, and 1,003 women answered.": False,
    "Figure 3: respondents who said so.": False,
    "In 2023 respondents said more.": False,
    "Two questions were asked.": False,
}


@pytest.mark.parametrize(("sentence", "leaks"), SAID.items())
def test_a_sentence_with_a_number_of_few_respondents_is_found(secrets, sentence, leaks):
    found = [leak.what for leak in secrets(f"<p>{sentence}</p>".encode(), "page.html")]
    assert ("a sentence with a number of fewer than 10 respondents" in found) is leaks


def test_a_mark_in_a_row_of_microdata_does_not_hide_it(people, secrets):
    traits = ["sex", "age", "region", "education"]
    single = people[people.groupby(traits)["age"].transform("size") == 1].iloc[0]
    row = {**{name: str(single[name]) for name in traits}, "trust": "[c]", "job": "[c]"}
    table = f"<table>{html_row(row, 'th')}{html_row(row.values(), 'td')}</table>"
    assert "a row of one respondent" in {leak.what for leak in secrets(table.encode(), "a.html")}
    line = ", ".join(row[name] for name in traits) + ", [c]"
    assert "a row of one respondent" in {leak.what for leak in secrets(line.encode(), "a.txt")}


def test_a_protected_table_of_three_crossed_groups_is_no_microdata(people, secrets):
    traits = ["sex", "age", "region", "education"]
    single = people[people.groupby(traits)["age"].transform("size") == 1].iloc[0]
    row = {
        **{name: str(single[name]) for name in traits},
        "proportion": "[c]",
        "se": "[c]",
        "ci": "[c]",
        "n": "[c]",
    }
    table = f"<table>{html_row(row, 'th')}{html_row(row.values(), 'td')}</table>"
    assert "a row of one respondent" not in {leak.what for leak in secrets(table.encode(), "a.html")}
    line = "  ".join([*(row[name] for name in traits), "[c]", "[c]", "[c]", "[c]"])
    assert "a row of one respondent" not in {leak.what for leak in secrets(line.encode(), "a.txt")}
