"""Erasure of one respondent: what is left is what a study would be that never held the person."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from erasable_studies import contents, random_people, random_style, write_study
from typer.testing import CliRunner

import trustkit as tk
from trustkit import cli
from trustkit.erasure.erased_rows import Removal, write_without
from trustkit.erasure.erasure import rehearse_erasure
from trustkit.errors import DataError
from trustkit.files.erased_ids import read_tombstones
from trustkit.reporting.study import check_export

ROOT = Path(__file__).parents[2]
WHEN = {"reason": "request of 3 May", "on": "2026-05-04", "report": "leave"}


def study_of(folder, seed, waves=1):
    """Write a study, and the one that never held one of its people; return both and the id."""
    random = np.random.default_rng(seed)
    rows = {}
    for wave in range(waves):
        style = random_style(random)
        rows[f"wave_{wave}"] = style, random_people(random, style, 12)
    everyone = [row[0] for _, people in rows.values() for row in people]
    who = everyone[random.integers(len(everyone))]
    never = {
        name: (style, [row for row in people if row[0] != who]) for name, (style, people) in rows.items()
    }
    return write_study(folder / "held", rows), write_study(folder / "never", never), who


def pipeline(study):
    """Return the estimates that a study gives: read, cleaned, weighted, by group."""
    raw = study / "data/raw/wave_0"
    survey = tk.clean(tk.read(raw / "answers.csv", raw / "codebook.yaml"))
    design = tk.rake(tk.Design(survey), {"region": {"North": 0.5, "South": 0.5}})
    return tk.proportion(design, "trust", by="region").to_frame()


def test_500_random_removals_leave_the_bytes_of_a_file_that_never_held_the_person(tmp_path):
    random = np.random.default_rng(1)
    people = set()
    for number in range(500):
        style = random_style(random)
        rows = random_people(random, style, 8)
        who = rows[random.integers(len(rows))][0]
        mine = tuple(at for at, row in enumerate(rows) if row[0] == who)
        others = [row for row in rows if row[0] != who]
        path, target = tmp_path / "answers.csv", tmp_path / "without.csv"
        path.write_bytes(style.file(rows))
        write_without(path, target, Removal(mine, len(rows)))
        assert target.read_bytes() == style.file(others), (number, style)
        people.add(len(mine))
    assert people == {1, 2}


@pytest.mark.parametrize("seed", range(12))
def test_an_erased_study_is_the_study_that_never_held_the_person(tmp_path, seed):
    held, never, who = study_of(tmp_path, seed, waves=1 + seed % 3)
    erasure = tk.erase(held, who, **WHEN)
    assert contents(held) == contents(never)
    assert tk.verify_erasure(held, erasure).empty
    pd.testing.assert_frame_equal(pipeline(held), pipeline(never))


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(0, 500, 50))
def test_500_erased_studies_are_those_that_never_held_the_person(tmp_path, start):
    for seed in range(start, start + 50):
        held, never, who = study_of(tmp_path / str(seed), 1000 + seed, waves=1 + seed % 3)
        erasure = tk.erase(held, who, **WHEN)
        assert contents(held) == contents(never), seed
        assert tk.verify_erasure(held, erasure).empty, seed
        pd.testing.assert_frame_equal(pipeline(held), pipeline(never))


@pytest.fixture
def shipped(tmp_path):
    """A copy of the shipped study's data, the survey, and a panel member who stands in two rows."""
    raw = ROOT / "data" / "raw" / "consumer_trust"
    shutil.copytree(raw, tmp_path / "data" / "raw" / "consumer_trust")
    survey = tk.read(raw / "responses.csv", raw / "codebook.yaml")
    return tmp_path, survey, survey.data["respondent_id"].value_counts().index[0]


def test_a_panel_member_in_two_rows_of_the_shipped_study_is_erased_from_both(shipped):
    held, survey, who = shipped
    raw = held / "data/raw/consumer_trust"
    erasure = tk.erase(held, who, **WHEN)
    assert erasure.files["rows"].tolist() == [2]
    after = tk.read(raw / "responses.csv", raw / "codebook.yaml")
    stay = survey.data[survey.data["respondent_id"] != who].reset_index(drop=True)
    pd.testing.assert_frame_equal(after.data, stay)
    assert tk.verify_erasure(held, erasure).empty


@pytest.mark.nightly
def test_no_verdict_of_the_shipped_study_changes_with_one_panel_member(shipped):
    held, survey, who = shipped
    tk.erase(held, who, **WHEN)
    raw = held / "data/raw/consumer_trust"
    after = tk.read(raw / "responses.csv", raw / "codebook.yaml")
    design = tk.rake(tk.Design(tk.clean(after)), raw / "targets.yaml")
    before = tk.rake(tk.Design(tk.clean(survey)), raw / "targets.yaml")
    assert design.n == before.n - 1
    verdicts = [
        tk.verify(tk.read_claims(raw / "claims.yaml"), one).to_frame()["verdict"].tolist()
        for one in (before, design)
    ]
    assert verdicts[0] == verdicts[1]


def test_nothing_changes_if_nobody_has_the_id(tmp_path):
    held, _, _ = study_of(tmp_path, 1)
    before = contents(held)
    with pytest.raises(DataError, match="nothing was changed") as refused:
        tk.erase(held, "C9999", **WHEN)
    assert refused.value.got == "searched: answers.csv (id)"
    assert contents(held) == before
    assert not (held / ".trustkit").exists()


def test_an_id_that_differs_by_case_or_blanks_is_told_and_left(tmp_path):
    held, _, who = study_of(tmp_path, 2)
    before = contents(held)
    with pytest.raises(DataError, match="nothing was changed") as refused:
        tk.erase(held, who.lower(), **WHEN)
    assert "differs by case, blanks or leading zeros" in refused.value.got
    assert contents(held) == before


def test_the_tombstone_holds_no_value_of_the_person_and_no_plain_hash(tmp_path):
    held, _, who = study_of(tmp_path, 3)
    survey = tk.read(held / "data/raw/wave_0/answers.csv", held / "data/raw/wave_0/codebook.yaml")
    mine = survey.data[survey.data["id"] == who].astype(str).to_numpy().ravel().tolist()
    tk.erase(held, who, **WHEN)
    text = (held / "data/raw/ERASED.csv").read_text(encoding="utf-8")
    assert not [value for value in mine if len(value) > 3 and value in text]
    for name in ("sha256", "sha1", "md5", "sha512"):
        assert hashlib.new(name, who.encode()).hexdigest() not in text
    (stone,) = read_tombstones(held)
    path = held / stone.file
    assert stone.after == hashlib.sha256(path.read_bytes()).hexdigest() != stone.before
    assert stone.before == survey.digest
    assert (stone.date, stone.reason) == ("2026-05-04", "request of 3 May")


def test_the_key_is_readable_by_its_owner_alone_and_git_ignores_it(tmp_path):
    held, _, who = study_of(tmp_path, 4)
    tk.erase(held, who, **WHEN)
    key = held / ".trustkit" / "erasure.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (held / ".trustkit" / ".gitignore").read_text() == "*\n"
    key.chmod(0o644)
    with pytest.raises(DataError, match="other users can read"):
        tk.read(held / "data/raw/wave_0/answers.csv")


def test_two_studies_have_different_tombstones_for_one_id(tmp_path):
    stones = set()
    for name in ("a", "b"):
        held, _, who = study_of(tmp_path / name, 5)
        tk.erase(held, who, **WHEN)
        stones.add(read_tombstones(held)[0].keyed_id)
    assert len(stones) == 2


@pytest.fixture
def restored(tmp_path):
    """A study after an erasure into which the old file has been put back, digest and all."""
    held, _, who = study_of(tmp_path, 6)
    raw = held / "data/raw/wave_0"
    shutil.copytree(raw, tmp_path / "backup")
    tk.erase(held, who, **WHEN)
    shutil.rmtree(raw)
    shutil.copytree(tmp_path / "backup", raw)
    return held, who


def test_read_refuses_a_restored_backup(restored):
    held, who = restored
    raw = held / "data/raw/wave_0"
    with pytest.raises(DataError, match="restored backup") as refused:
        tk.read(raw / "answers.csv", raw / "codebook.yaml")
    assert who not in str(refused.value)
    tk.erase(held, who, **WHEN)
    assert len(tk.read(raw / "answers.csv", raw / "codebook.yaml").data)


@pytest.mark.parametrize("codebook", ["codebook.yaml", None])
def test_read_refuses_an_erased_id_in_another_file(restored, codebook):
    held, who = restored
    raw = held / "data/raw/wave_0"
    tk.erase(held, who, **WHEN)
    frame = pd.DataFrame(
        {"id": ["X1", who], "mail": "", "region": 1, "trust": 1, "weight": 1.0, "words": "a"}
    )
    frame.to_csv(raw / "new.csv", index=False)
    with pytest.raises(DataError, match="restored backup") as refused:
        tk.read(raw / "new.csv", codebook and raw / codebook)
    assert refused.value.got == "1 row of respondents who were erased (row 1)"


def test_without_the_key_the_old_file_is_refused_and_check_says_what_cannot_be_checked(restored):
    held, _ = restored
    raw = held / "data/raw/wave_0"
    (held / ".trustkit" / "erasure.key").unlink()
    with pytest.raises(DataError, match="restored backup"):
        tk.read(raw / "answers.csv", raw / "codebook.yaml")
    content = (raw / "answers.csv").read_bytes()
    (raw / "answers.csv").write_bytes(content + b"\n")  # another digest
    digest = hashlib.sha256((raw / "answers.csv").read_bytes()).hexdigest()
    (raw / "SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    checked = check_export(raw / "answers.csv", raw / "codebook.yaml")
    assert checked.unsearched.startswith("1 erased respondent could not be looked for by id")


def test_an_id_in_columns_of_two_names_must_be_told_apart(tmp_path):
    held, _, who = study_of(tmp_path, 7, waves=2)
    book = held / "data/raw/wave_1/codebook.yaml"
    data = held / "data/raw/wave_1/answers.csv"
    for path in (book, data):
        path.write_bytes(
            path.read_bytes().replace(b"id", b"customer", 1) if path == data else path.read_bytes()
        )
    data.write_text(f"customer,region\n{who},1\nC2,2\n", encoding="utf-8")
    book.write_text("title: B\nvariables: {customer: {label: C, kind: id}}\n", encoding="utf-8")
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    data.with_name("SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    before = contents(held)
    with pytest.raises(DataError, match="another person's") as refused:
        tk.erase(held, who, **WHEN)
    assert refused.value.got == "customer, id"
    assert contents(held) == before
    tk.erase(held, who, column="customer", **WHEN)
    assert data.read_text(encoding="utf-8") == "customer,region\nC2,2\n"


def test_processed_data_and_copies_of_notebooks_that_hold_the_person_are_deleted(tmp_path):
    held, _, who = study_of(tmp_path, 8)
    (held / "data/processed/.gitkeep").touch()
    (held / "data/processed/cleaned.csv").write_text(f"id\n{who}\n")
    copies = held / "notebooks" / ".ipynb_checkpoints"
    copies.mkdir(parents=True)
    (copies / "01-checkpoint.ipynb").write_text(json.dumps({"cells": [f"{who} said"]}))
    (copies / "02-checkpoint.ipynb").write_text("{}")
    planned = rehearse_erasure(held, who)
    assert (held / "data/processed/cleaned.csv").exists()
    erasure = tk.erase(held, who, **WHEN)
    assert erasure.deleted == (
        "data/processed/cleaned.csv", "notebooks/.ipynb_checkpoints/01-checkpoint.ipynb"
    )  # fmt: skip
    assert planned["file"].tolist()[1:] == list(erasure.deleted)
    assert (copies / "02-checkpoint.ipynb").exists()
    assert (held / "data/processed/.gitkeep").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.md", "{who} wrote to us"),
        ("site/index.html", "<p>{mail}</p>"),
        ("notebooks/old.json", '{{"text": "they are {who}."}}'),
    ],
)
def test_verify_finds_what_is_left_anywhere_in_the_study_without_showing_it(tmp_path, name, text):
    held, _, who = study_of(tmp_path, 9)
    survey = tk.read(held / "data/raw/wave_0/answers.csv", held / "data/raw/wave_0/codebook.yaml")
    mail = survey.data.loc[survey.data["id"] == who, "mail"].iloc[0]
    path = held / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.format(who=who, mail=mail), encoding="utf-8")
    erasure = tk.erase(held, who, **WHEN)
    left = tk.verify_erasure(held, erasure)
    assert left["file"].tolist() == [name]
    assert who not in left.to_string()
    assert who not in repr(erasure)
    assert mail not in repr(erasure)


def test_what_somebody_else_answered_in_another_wave_is_no_trace(tmp_path):
    held, _, who = study_of(tmp_path, 15, waves=2)
    for wave, words in (
        (0, f"{who},,1,1,1.0,much too long"),
        (1, "C9,,1,1,1.0,much too long\nC8,,2,1,1.0,2"),
    ):
        path = held / f"data/raw/wave_{wave}/answers.csv"
        path.write_text(f"id,mail,region,trust,weight,words\nC1,,1,1,1.0,a\n{words}\n", encoding="utf-8")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name("SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    erasure = tk.erase(held, who, **WHEN)
    assert tk.verify_erasure(held, erasure).empty


@pytest.mark.parametrize("answer", ["1", "2"])
def test_a_short_answer_is_looked_for_in_its_own_column_only(tmp_path, answer):
    held, _, who = study_of(tmp_path, 16)
    path = held / "data/raw/wave_0/answers.csv"
    rows = f"id,mail,region,trust,weight,words\nC1,,1,1,1.0,a\n{who},,2,1,1.0,{answer}\n"
    path.write_text(rows, encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    (held / "data/processed.csv").write_text(f"words,other\n{answer},{answer}\n")
    left = tk.verify_erasure(held, tk.erase(held, who, **WHEN))
    assert left["place"].tolist() == ["row 0, column words"]


def test_a_reason_that_tells_who_is_refused(tmp_path):
    held, _, who = study_of(tmp_path, 10)
    before = contents(held)
    for reason, words in (
        (f"{who} asked", "value of the respondent"),
        ("", "one line"),
        ("a\nb", "one line"),
    ):
        with pytest.raises(DataError, match=words):
            tk.erase(held, who, reason=reason, on="2026-05-04", report="leave")
    assert contents(held) == before


def test_a_reason_may_hold_a_number_that_is_also_a_short_answer(tmp_path):
    held, _, who = study_of(tmp_path, 17)
    path = held / "data/raw/wave_0/answers.csv"
    path.write_text(f"id,mail,region,trust,weight,words\nC1,,1,1,1.0,a\n{who},,2,1,1.0,3\n", encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    assert tk.erase(held, who, **WHEN).reason == "request of 3 May"


def test_erasing_somebody_twice_says_when_it_was_done(tmp_path):
    held, _, who = study_of(tmp_path, 11)
    tk.erase(held, who, **WHEN)
    with pytest.raises(DataError, match="has been erased") as refused:
        tk.erase(held, who, **WHEN)
    assert refused.value.got == "erased on 2026-05-04 from data/raw/wave_0/answers.csv"


def run(*arguments, **options):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], **options)


def test_the_command_erases_and_says_that_nothing_is_left(tmp_path):
    held, never, who = study_of(tmp_path, 12)
    shown = run("erase", held, who, "--reason", "request of 3 May", "--dry-run")
    assert shown.exit_code == 0
    assert contents(held) != contents(never)
    done = run(
        "erase", held, "-", "--reason", "request of 3 May", "--on", "2026-05-04", "--json", input=f"{who}\n"
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [item["file"] for item in told["files"]] == ["data/raw/wave_0/answers.csv"]
    assert told["found"] == []
    assert who not in done.stdout
    assert contents(held) == contents(never)
    assert "nothing" not in run("erase", held, "--resume").output
    assert run("erase", held, "--resume").output.strip() == "there is no erasure to finish"


def test_the_command_ends_with_1_if_something_is_left(tmp_path):
    held, _, who = study_of(tmp_path, 13)
    (held / "notes.md").write_text(f"ask {who}")
    done = run("erase", held, who, "--reason", "request of 3 May", "--no-report")
    assert done.exit_code == 1
    assert "Still there" in done.output
    assert "notes.md" in done.output


def test_history_of_git_is_named_with_the_commands_that_purge_it(tmp_path):
    held, _, who = study_of(tmp_path, 14)
    (held / ".git").mkdir()
    reach = tk.erase(held, who, **WHEN).out_of_reach
    command = reach.set_index("what").loc["the history of the git repository", "do"]
    assert "git filter-repo --invert-paths --path data/raw/wave_0/answers.csv" in command
    assert len(reach) == 5


@pytest.fixture
def panel(tmp_path):
    """A panel of three waves and a copy: ids under two names, pseudonyms in the last, one person twice."""
    study, key = tmp_path / "held", tk.make_key(tmp_path / "panel.key")
    pseudonyms = tk.pseudonymise(
        tk.Survey(
            pd.DataFrame({"id": ["P-101", "P-102", "P-103"]}),
            tk.Codebook({"id": tk.Variable("id", "Id", "id")}),
        ),
        key,
    ).data["id"].tolist()  # fmt: skip
    one, two, three = pseudonyms
    files = {
        "wave_1/answers.csv": "id,trust\nP-101,1\nP-102,2\nP-103,1\nP-102,2\n",
        "wave_1/copy.csv": "trust;id\n2;P-102\n1;P-101\n",
        "wave_2/answers.csv": "member,trust,words\nP-103,2,no\nP-102,1,my own words\n",
        "wave_3/answers.csv": f"id,trust\n{two},1\n{one},2\n{three},2\n{two},2\n",
    }
    for name, text in files.items():
        path = study / "data/raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.name == "answers.csv":
            column = text.partition(",")[0]
            book = f"title: A panel\nvariables: {{{column}: {{label: Member, kind: id}}}}\n"
            path.with_name("codebook.yaml").write_text(book)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            path.with_name("SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    return study, key, two


LEFT = {
    "wave_1/answers.csv": "id,trust\nP-101,1\nP-103,1\n",
    "wave_1/copy.csv": "trust;id\n1;P-101\n",
    "wave_2/answers.csv": "member,trust,words\nP-103,2,no\n",
}


def test_a_member_of_three_waves_is_erased_from_all_by_every_column_and_by_the_pseudonym(panel):
    study, key, pseudonym = panel
    erasure = tk.erase(study, "P-102", column=["id", "member"], key=key, **WHEN)
    assert sorted(erasure.files["rows"]) == [1, 1, 2, 2]
    for name, text in LEFT.items():
        assert (study / "data/raw" / name).read_text() == text
    last = (study / "data/raw/wave_3/answers.csv").read_text()
    assert pseudonym not in last
    assert last.count("\n") == 3
    assert tk.verify_erasure(study, erasure).empty
    assert pseudonym not in repr(erasure) + (study / "data/raw/ERASED.csv").read_text()


def test_without_the_key_the_pseudonym_stays_and_without_the_columns_nothing_changes(panel):
    study, key, pseudonym = panel
    before = contents(study)
    with pytest.raises(DataError, match="another person's") as refused:
        tk.erase(study, "P-102", key=key, **WHEN)
    assert refused.value.got == "id, member"
    assert contents(study) == before
    tk.erase(study, "P-102", column=["id", "member"], **WHEN)
    assert pseudonym in (study / "data/raw/wave_3/answers.csv").read_text()
    erasure = tk.erase(study, "P-102", column=["id", "member"], key=key, **WHEN)
    assert erasure.files["file"].tolist() == ["data/raw/wave_3/answers.csv"]


def test_a_column_that_no_file_has_is_named_with_the_nearest_one_and_nothing_changes(panel):
    study, _, _ = panel
    before = contents(study)
    with pytest.raises(DataError, match="no raw file has the column 'membr'") as refused:
        tk.erase(study, "P-102", column=["id", "membr"], **WHEN)
    assert refused.value.do == "did you mean 'member'?"
    assert contents(study) == before


def test_a_backup_with_the_pseudonym_or_under_another_column_is_refused(panel):
    study, key, pseudonym = panel
    tk.erase(study, "P-102", column=["id", "member"], key=key, **WHEN)
    for name, text in (("a", f"id,trust\n{pseudonym},1\nX,2\n"), ("b", "member,trust\nP-102,1\nX,2\n")):
        path = study / "data/raw/wave_1" / f"{name}.csv"
        path.write_text(text)
        with pytest.raises(DataError, match="brings back a respondent"):
            tk.read(path)


def test_one_file_with_two_columns_of_ids_loses_the_rows_of_both(tmp_path):
    held, _, _ = study_of(tmp_path, 3)
    raw = held / "data/raw/wave_0"
    text = "id,member,trust\nA1,B1,1\nA2,B2,1\nX,A2,2\nA3,B3,2\n"
    (raw / "answers.csv").write_text(text)
    (raw / "codebook.yaml").write_text(
        "title: Two\nvariables:\n  id: {label: Id, kind: id}\n  member: {label: Member, kind: id}\n"
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    (raw / "SHA256SUMS").write_text(f"{digest}  answers.csv\n")
    erasure = tk.erase(held, "A2", column=["id", "member"], **WHEN)
    assert (raw / "answers.csv").read_text() == "id,member,trust\nA1,B1,1\nA3,B3,2\n"
    assert erasure.files["rows"].tolist() == [2]
    assert [stone.column for stone in read_tombstones(held)] == ["id", "member"]


def test_the_command_takes_several_columns_and_a_key(panel):
    study, key, pseudonym = panel
    who = ["P-102", "--reason", "request of 3 May", "--on", "2026-05-04", "--no-report", "--key", key]
    done = run("erase", study, *who, "--column", "id", "--column", "member")
    assert done.exit_code == 0, done.output
    assert pseudonym not in (study / "data/raw/wave_3/answers.csv").read_text()


def test_a_raw_file_that_cannot_be_read_is_named_and_nothing_more_is_claimed(tmp_path):
    held, _, who = study_of(tmp_path, 12)
    (held / "data/raw/wave_0/old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    done = run("erase", held, who, "--reason", "request of 3 May", "--no-report")
    assert "Not searched, as they can't be read: data/raw/wave_0/old.xls" in done.output.replace("\n", " ")
    assert "No file of the study that was searched" in done.output.replace("\n", " ")


def test_consent_records_that_name_the_person_in_another_column_are_found_and_erased(tmp_path):
    held, _, who = study_of(tmp_path, 13)
    records = held / "data/raw/wave_0/consents.csv"
    records.write_text(f"subject,purpose\nsomebody,research\n{who},research\n")
    told = ["--reason", "request of 3 May", "--no-report"]
    done = run("erase", held, who, *told)
    assert done.exit_code == 1
    assert "name the column that holds it, too: --column" in done.output
    done = run("erase", held, who, *told, "--column", "subject")
    assert done.exit_code == 0, done.output
    assert records.read_text() == "subject,purpose\nsomebody,research\n"
