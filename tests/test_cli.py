"""The command line: what it prints, where, and the exit code it leaves with."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import typer
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console
from site_project import make_project
from study_files import plain_export
from typer.testing import CliRunner

import trustkit as tk
from trustkit import cli, command_output
from trustkit.errors import CodebookError, TrustkitError
from trustkit.survey.codebook_yaml import read_codebook

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "data" / "raw" / "consumer_trust"


@pytest.fixture
def study(tmp_path) -> Path:
    for name in ("codebook.yaml", "targets.yaml", "claims.yaml"):
        shutil.copy(STUDY / name, tmp_path)
    lines = (STUDY / "responses.csv").read_bytes()
    (tmp_path / "responses.csv").write_bytes(lines)
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def started(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trustkit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_help_lists_the_commands_with_examples_and_exit_codes():
    assert "Exit codes: 0, done" in " ".join(run("--help").output.split())
    for command in ("report", "verify", "check", "new", "audit"):
        assert f"Example: trustkit {command}" in run(command, "--help").output


def test_the_readme_lists_all_commands():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"The commands are (.*?)\.", readme, re.DOTALL)
    commands = typer.main.get_command(cli.app).commands
    assert sorted(re.findall(r"`([\w-]+)`", listed)) == sorted(commands)


def test_an_option_that_is_on_or_off_shows_no_kind_of_value(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for arguments in (["--help"], ["report", "--help"]):
        shown = run(*arguments).stdout
        assert "--help" in shown
        assert "<bool>" not in shown
    assert "<path>" in shown


def test_check_says_that_data_and_codebook_agree(study):
    found = run("check", study / "responses.csv", "-c", study / "codebook.yaml")
    assert found.exit_code == 0
    assert "6,040 rows agree with codebook.yaml" in found.output


def test_check_prints_every_disagreement_and_leaves_with_1(study):
    book = (study / "codebook.yaml").read_text(encoding="utf-8")
    changed = book.replace('codes: {1: "Yes, I trust all brands"', 'codes: {5: "Yes, I trust all brands"')
    assert changed != book
    (study / "codebook.yaml").write_text(changed, encoding="utf-8")
    found = run("check", study / "responses.csv", "-c", study / "codebook.yaml")
    assert found.exit_code == cli.FOUND
    assert "unknown code" in found.output


def test_check_of_a_file_needs_its_codebook_and_of_a_folder_takes_none(study):
    with pytest.raises(TrustkitError, match="an export needs its codebook"):
        cli.app(["check", str(study / "responses.csv")], standalone_mode=False)
    with pytest.raises(TrustkitError, match="has its own codebook"):
        cli.app(["check", str(study), "-c", str(study / "codebook.yaml")], standalone_mode=False)


def test_new_makes_a_study_that_check_finds_in_agreement(tmp_path):
    export = plain_export(tmp_path / "answers.csv")
    made = run("new", tmp_path / "mine", "--from", export)
    assert made.exit_code == 0, made.output
    told = " ".join(made.output.split())
    assert "mine is made: 120 respondents, 12 columns, 12 of them with guesses to look at" in told
    assert f"trustkit report {(tmp_path / 'mine').as_posix()}" in told
    found = run("check", tmp_path / "mine")
    assert found.exit_code == cli.FOUND, found.output
    told = " ".join(found.output.split())
    assert "answers.csv: 120 rows agree with codebook.yaml" in told
    assert "Guessed in codebook.yaml, changing no figure" in told
    assert "Unsure in codebook.yaml: each could change a figure" in told
    assert "Not written in codebook.yaml" in told


def test_new_and_check_count_a_column_of_several_answers_once_and_name_the_study_in_their_commands(tmp_path):
    channels = ["Post, App", "App", "Post", "App, Email", "Email, Post, App"] * 8
    pd.DataFrame({"sex": ["f", "m"] * 20, "channels": channels}).to_csv(tmp_path / "answers.csv", index=False)
    mine = tmp_path / "my study"
    made = " ".join(run("new", mine, "--from", tmp_path / "answers.csv").output.split())
    assert "40 respondents, 2 columns, 2 of them with guesses" in made
    told = " ".join(run("check", mine).output.split())
    assert "of 2 of 2 variables" in told
    assert f"trustkit accept '{mine.as_posix()}' --sure" in told
    assert f"trustkit audit '{mine.as_posix()}'" in told
    raw = mine / "data" / "raw" / "my_study"
    told = " ".join(run("check", raw / "answers.csv", "-c", raw / "codebook.yaml").output.split())
    assert f"trustkit accept '{(raw / 'codebook.yaml').as_posix()}' --sure" in told
    assert "trustkit audit" not in told


def wide_export(path, *, answers=40):
    """Write an export with many guesses of many kinds, and unsure ones, in columns of several names."""
    draw = np.random.default_rng(6)
    cells = {}
    for number in range(answers):
        cells[f"odd{number}_{'abcdefgh'[number % 8]}"] = draw.choice([1, 2, 3, 4, 9 + number, 99], 80)
        cells[f"why{number}"] = draw.choice([f"Reason {number}", f"Cause {number}", "Don't know"], 80)
        cells[f"note{number}"] = [f"note {number} of {row}" for row in range(80)]
    pd.DataFrame(cells).to_csv(path, index=False)
    return path


def lines_on_screen(lines, width=80):
    """Return how many lines of a screen some lines take."""
    return sum(max(1, -(-len(line.rstrip()) // width)) for line in lines)


def test_check_fits_a_small_screen_and_shows_every_guess_when_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(command_output.screen, "width", 80)
    run("new", tmp_path / "mine", "--from", wide_export(tmp_path / "answers.csv"))
    found = run("check", tmp_path / "mine").output.splitlines()
    assert lines_on_screen(found) <= 23
    assert any("more rows with --all" in line for line in found)
    told = "\n".join(found)
    assert "Guessed in codebook.yaml, changing no figure" in told
    assert "Unsure in codebook.yaml: each could change a figure" in told
    every = run("check", tmp_path / "mine", "--all").output
    assert all(f"why{number}" in every for number in range(40))
    assert "with --all" not in every


def test_check_passes_once_every_unsure_guess_is_accepted_and_the_rest_of_the_file_stays(tmp_path):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "answers.csv"))
    book = tmp_path / "mine" / "data" / "raw" / "mine" / "codebook.yaml"
    before = book.read_text().splitlines()
    unsure = [name for name, about in read_codebook(book).variables.items() if about.unsure]
    assert run("accept", tmp_path / "mine", "--sure").exit_code == 0
    assert run("check", tmp_path / "mine").exit_code == cli.FOUND
    assert run("accept", tmp_path / "mine", *unsure).exit_code == 0
    assert run("check", tmp_path / "mine").exit_code == 0
    marks = ("    review:", "    unsure:")
    assert book.read_text().splitlines() == [line for line in before if not line.startswith(marks)]


def test_first_look_is_drawn_again_from_the_corrected_codebook_and_keeps_the_old_notebook(tmp_path):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "answers.csv"))
    book = tmp_path / "mine" / "data" / "raw" / "mine" / "codebook.yaml"
    notebook = tmp_path / "mine" / "notebooks" / "01_first_look.ipynb"
    old = notebook.read_text(encoding="utf-8")
    book.write_text(book.read_text().replace('label: "trust"', 'label: "Do you trust brands?"'))
    found = run("first-look", tmp_path / "mine")
    assert found.exit_code == 0, found.output
    assert "Do you trust brands?" in notebook.read_text(encoding="utf-8")
    assert notebook.with_name("01_first_look.ipynb.before").read_text(encoding="utf-8") == old


def test_accept_wants_names_or_sure_and_names_that_are_there(tmp_path):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "answers.csv"))
    assert run("accept", tmp_path / "mine").exit_code != 0
    wrong = run("accept", tmp_path / "mine", "agee")
    assert isinstance(wrong.exception, CodebookError)
    assert "did you mean 'age'?" in str(wrong.exception)


def test_check_prints_all_guesses_and_json_on_request(tmp_path):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "answers.csv"))
    every = run("check", tmp_path / "mine", "--all")
    assert "respid" in every.output
    record = json.loads(run("check", tmp_path / "mine", "--json").output)
    assert {row["variable"] for row in record[0]["review"] if row["unsure"]} >= {"age", "trust"}


def test_check_shows_an_unsure_guess_of_many_variables_once_and_each_with_all(tmp_path):
    answers = [1, 2, 3, 4, 5, 99]
    columns = {f"q{place}": [answers[(row * place) % 6] for row in range(60)] for place in (1, 5, 7, 11)}
    pd.DataFrame(columns).assign(q7=[*answers[:5] * 11, 99, 99, 1, 1, 1]).to_csv(
        tmp_path / "a.csv", index=False
    )
    run("new", tmp_path / "mine", "--from", tmp_path / "a.csv")
    short, long = (run("check", tmp_path / "mine", *option).output for option in ((), ("--all",)))
    words = "'99' is read as missing"
    told = " ".join(re.sub("[│┃]", " ", short).split())
    assert told.count(words) == 1
    assert "q1, q5, q7, q11" in told
    assert "of q1: '1' is" in told
    assert "4 variables; each by its name with --all" in told
    assert " ".join(re.sub("[│┃]", " ", long).split()).count(words) == len(columns)


def test_check_of_a_study_that_disagrees_prints_it_and_leaves_with_1(tmp_path):
    export = plain_export(tmp_path / "answers.csv")
    run("new", tmp_path / "mine", "--from", export)
    book = tmp_path / "mine" / "data" / "raw" / "mine" / "codebook.yaml"
    book.write_text(book.read_text().replace("98: skipped, ", "", 1))
    found = run("check", tmp_path / "mine")
    assert found.exit_code == cli.FOUND
    assert "answers.csv disagrees with codebook.yaml" in " ".join(found.output.split())


@pytest.fixture
def terminal(monkeypatch) -> io.StringIO:
    """Return what a person at a terminal sees of the error stream."""
    seen = io.StringIO()
    monkeypatch.setattr(command_output, "errors", Console(file=seen, force_terminal=True, width=100))
    return seen


def steps(seen: io.StringIO) -> list[tuple[str, str]]:
    """Return the steps that a bar went through, each with how many were done before it, of how many."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.getvalue())
    found = [re.fullmatch(r"(\S.*?) +[━╺╸]+ +(\d+/\d+) .*", line) for line in re.split(r"[\r\n]", plain)]
    return list(dict.fromkeys(line.groups() for line in found if line))


def test_on_a_terminal_a_bar_goes_through_the_steps_of_each_command(study, terminal):
    export, book = study / "responses.csv", study / "codebook.yaml"
    run("new", study / "mine", "--from", export)
    assert steps(terminal) == [
        ("reading responses.csv", "0/3"), ("drafting its codebook", "1/3"),
        ("writing the first notebook", "2/3"),
    ]  # fmt: skip
    terminal.truncate(terminal.seek(0))
    run("new", study / "known", "--from", export, "-c", book)
    assert steps(terminal) == [("reading responses.csv", "0/2"), ("writing the first notebook", "1/2")]
    terminal.truncate(terminal.seek(0))
    run("check", study / "known")
    assert steps(terminal) == [("reading responses.csv", "0/2"), ("checking responses.csv", "1/2")]
    terminal.truncate(terminal.seek(0))
    run("verify", export, "-c", book, "--claims", study / "claims.yaml")
    assert steps(terminal) == [
        ("reading responses.csv", "0/3"), ("checking and cleaning", "1/3"), ("judging the claims", "2/3"),
    ]  # fmt: skip
    terminal.truncate(terminal.seek(0))
    run("verify", export, "-c", book, "--claims", study / "claims.yaml", "-t", study / "targets.yaml")
    assert [step for step, done in steps(terminal) if done == "2/4"] == ["raking to targets.yaml"]


def test_square_brackets_in_a_file_s_name_stay_in_the_bar(tmp_path, terminal):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "[2024] answers.csv"))
    assert steps(terminal)[0] == ("reading [2024] answers.csv", "0/3")


def test_away_from_a_terminal_there_is_no_bar(study):
    found = started("check", study / "responses.csv", "-c", study / "codebook.yaml")
    assert found.returncode == 0
    assert found.stderr == ""


def test_check_prints_every_fault_of_the_cleaning_list_and_leaves_with_1(study):
    book = study / "codebook.yaml"
    text = re.sub(r"^cleaning:.*?(?=^\S)", "", book.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    wrong = "cleaning: [{step: drop_duplicate, by: id}, {step: set_missing, into: x}]\n"
    book.write_text(f"{wrong}{text}", "utf-8")
    found = run("check", study / "responses.csv", "-c", book)
    assert found.exit_code == cli.FOUND
    told = " ".join(re.sub("[^ -~]", " ", found.output).split())
    assert told.count("cleaning step") >= 2
    assert "drop_duplicates" in told
    assert "unknown argument" in told


def test_new_with_a_codebook_counts_no_guesses(study, tmp_path):
    made = run(
        "new", tmp_path / "mine", "--from", study / "responses.csv", "--codebook", study / "codebook.yaml"
    )
    assert made.exit_code == 0, made.output
    assert "guesses" not in made.output


def test_a_file_system_that_says_no_prints_without_a_traceback(monkeypatch, capsys):
    def refuse():
        raise PermissionError(13, "Permission denied", "/study")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.MISTAKE
    assert "error: Permission denied: /study" in capsys.readouterr().err


def test_new_in_a_folder_that_holds_something_leaves_with_2_and_no_traceback(study):
    found = started("new", study, "--from", study / "responses.csv")
    assert found.returncode == cli.MISTAKE
    assert "error: the folder is not empty" in found.stderr
    assert "Traceback" not in found.stderr


def test_verify_prints_the_verdicts(study):
    found = run(
        "verify", study / "responses.csv", "-c", study / "codebook.yaml",
        "--claims", study / "claims.yaml", "-t", study / "targets.yaml",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.output.count("reproduced") == 2
    assert "synthetic" in found.output


def test_verify_without_weights_finds_the_figures_contradicted(study):
    found = run(
        "verify", study / "responses.csv", "-c", study / "codebook.yaml", "--claims", study / "claims.yaml"
    )
    assert found.exit_code == cli.FOUND
    assert "contradicted" in found.output


def test_a_mistake_prints_without_a_traceback_and_leaves_with_2(study):
    found = started("check", study / "response.csv", "-c", study / "codebook.yaml")
    assert found.returncode == cli.MISTAKE
    assert found.stdout == ""
    assert "error: no such file" in found.stderr
    assert "did you mean 'responses.csv'?" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_report_without_notebooks_is_refused(tmp_path):
    with pytest.raises(TrustkitError, match="there are no notebooks"):
        cli.app(["report", str(tmp_path)], standalone_mode=False)


def test_a_report_refuses_changed_raw_data_before_it_runs_anything(tmp_path):
    project = tmp_path / "project"
    raw = project / "data" / "raw" / "study"
    raw.mkdir(parents=True)
    (raw / "a.csv").write_text("x\n1\n")
    (raw / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n")
    (project / "notebooks").mkdir()
    (project / "notebooks" / "01.ipynb").write_text("{}")
    with pytest.raises(TrustkitError, match="the raw file has changed"):
        cli.app(["report", str(project)], standalone_mode=False)


CELLS = [
    "import pandas as pd\n\nimport trustkit as tk",
    """answers = pd.DataFrame({"answer": ["yes", "no"] * 50})
claim = tk.Claim("half", "Half say yes", 60, 0, tk.Reading("answer", "yes"))
tk.verify([claim], tk.Design(answers))""",
]


def test_a_report_runs_renders_and_prints_the_claims(tmp_path):
    project = make_project(tmp_path / "project")
    for path in (project / "notebooks").glob("*.ipynb"):
        path.unlink()
    heading = new_markdown_cell("# Halves\n\n**How many say yes?** Half of them.")
    cells = [heading, *(new_code_cell(source) for source in CELLS)]
    nbformat.write(new_notebook(cells=cells), project / "notebooks" / "trust.ipynb")
    found = run("report", project, "--out", tmp_path / "site")
    assert found.exit_code == 0, found.output
    assert "contradicted: Half say yes: the published number is outside the interval" in found.output
    assert "The site is at" in found.output
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_second_report_runs_nothing_says_so_and_tells_the_same_verdicts(tmp_path):
    project = make_project(tmp_path / "project")
    cells = [new_markdown_cell("# Halves\n\n**How many say yes?** Half of them.")]
    cells += [new_code_cell(source) for source in CELLS]
    nbformat.write(new_notebook(cells=cells), project / "notebooks" / "trust.ipynb")
    first = run("report", project, "--jobs", 2)
    assert first.exit_code == 0, first.output
    assert "not run" not in first.output
    second = run("report", project)
    assert "1 of 1 notebooks had not changed and were not run (--all runs all)" in second.output
    told = [json.loads(run("report", project, "--json").stdout) for _ in range(2)]
    assert told[0]["ran"] == []
    assert told[0]["notebooks"] == 1
    assert [verdict["title"] for verdict in told[0]["verdicts"]] == ["Half say yes"]
    refused = run("report", project, "--jobs", 0)
    assert refused.exit_code == cli.MISTAKE


def test_a_report_without_claims_says_that_nothing_was_checked(tmp_path):
    project = make_project(tmp_path / "project")
    (project / "data" / "raw" / "study" / "claims.yaml").write_text("claims: {}\n")
    for path in (project / "notebooks").glob("*.ipynb"):
        path.unlink()
    cells = [new_markdown_cell("# One\n\n**How many?** One."), new_code_cell("1")]
    nbformat.write(new_notebook(cells=cells), project / "notebooks" / "trust.ipynb")
    found = run("report", project)
    assert found.exit_code == 0, found.output
    assert "No published figure was checked" in found.output


def test_markup_and_terminal_escapes_in_a_file_are_printed_as_text(tmp_path):
    (tmp_path / "a.csv").write_text(
        'id,q\n1,"\\[/b] x"\n2,\x1b]0;owned\x07\x1b[31mred\n3,[bold]Yes[/bold] :smile:\n'
    )
    (tmp_path / "b.yaml").write_text(
        "title: '[/b]'\nvariables:\n"
        '  q: {label: Q, kind: single, codes: {1: "Yes"}, review: "[red]\\e[31m"}\n'
    )
    found = run("check", tmp_path / "a.csv", "-c", tmp_path / "b.yaml")
    assert found.exit_code == 1
    assert "[red]\\x1b[31m" in found.output
    assert "\x1b" not in found.output
    assert "\x07" not in found.output
    assert run("check", tmp_path / "[/red]\x1b.csv", "-c", tmp_path / "b.yaml").exception.where


def test_an_error_message_is_printed_as_text(capfd, monkeypatch):
    def refuse(**_):
        raise TrustkitError("wrong [/b] \x1b[31m \\[", got="[bold]x[/bold]")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit):
        cli.main()
    assert capfd.readouterr().err == "error: wrong [/b] \\x1b[31m \\[\n  got: [bold]x[/bold]\n"


def test_the_verdicts_fit_eighty_columns_with_titles_that_break_between_words(study, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    files = (study / "responses.csv", "-c", study / "codebook.yaml", "--claims", study / "claims.yaml")
    shown = run("verify", *files, "--targets", study / "targets.yaml").output
    assert max(map(len, shown.splitlines())) <= 80
    words = set(" ".join(claim.title for claim in tk.read_claims(study / "claims.yaml")).split())
    first = {line[: line.find("  ")].strip() for line in shown.splitlines()[4:] if line.strip()}
    assert {word for part in first for word in part.split()} <= words
    assert " 82%  " in shown
    assert "acquia_trust_all_brands" not in shown
    assert "acquia" in run("verify", *files, "--ids").output


def test_every_command_prints_json_on_request(study, tmp_path):
    files = (study / "responses.csv", "-c", study / "codebook.yaml", "--claims", study / "claims.yaml")
    verdicts = json.loads(run("verify", *files, "--json").output)
    assert {"claim", "verdict", "estimate", "n"} <= verdicts[0].keys()
    export = tmp_path / "answers.csv"
    export.write_text("trust,age\n" + "yes,30\nno,40\nyes,50\n" * 5)
    made = json.loads(run("new", tmp_path / "made", "--from", export, "--json").output)
    assert made["rows"] == 15
    assert json.loads(run("first-look", tmp_path / "made", "--json").output)["notebook"].endswith(".ipynb")
    assert json.loads(run("accept", tmp_path / "made", "--sure", "--json").output)[0]["codebook"]


WRONG_CALLS = {
    "new": ("made", "--from", "nowhere.csv"),
    "check": ("nowhere",),
    "accept": ("nowhere", "--sure"),
    "first-look": ("nowhere",),
    "report": ("nowhere",),
    "verify": ("nowhere.csv", "-c", "nowhere.yaml", "--claims", "nowhere.yaml"),
    "audit": ("nowhere",),
    "publish": ("nowhere",),
    "erase": ("nowhere", "R-1", "--reason", "request"),
    "expire": ("nowhere", "--on", "2026-04-01"),
}


@pytest.mark.parametrize("command", typer.main.get_command(cli.app).commands)
def test_a_command_that_fails_prints_its_error_as_one_json_document_on_request(
    command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    failed = run(command, *WRONG_CALLS[command], "--json")
    assert isinstance(failed.exception, TrustkitError | OSError)
    told = json.loads(failed.stdout)["error"]
    assert told["exit_code"] == cli.MISTAKE
    assert told["what"] in str(failed.exception)
    assert run(command, *WRONG_CALLS[command]).stdout == ""
    called_wrongly = run(command, "--json", "--no-such-option")
    assert called_wrongly.exit_code == cli.MISTAKE
    assert json.loads(called_wrongly.stdout)["error"]["where"] == "the command line"
    assert "no-such-option" in called_wrongly.stderr


def test_a_fault_of_the_file_system_and_an_interruption_are_json_on_request(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise raised

    monkeypatch.setattr("trustkit.reporting.audit.audit_study", refuse)
    raised: BaseException = PermissionError(13, "Permission denied", "/study")
    told = json.loads(run("audit", tmp_path, "--json").stdout)["error"]
    assert told == {"what": "Permission denied", "where": "/study", "exit_code": cli.MISTAKE}
    raised = KeyboardInterrupt()
    left = run("audit", tmp_path, "--json")
    assert json.loads(left.stdout)["error"]["exit_code"] == left.exit_code


def test_what_needs_attention_is_one_json_document_with_exit_code_1(tmp_path):
    run("new", tmp_path / "mine", "--from", plain_export(tmp_path / "answers.csv"))
    for command in ("check", "audit"):
        found = run(command, tmp_path / "mine", "--json")
        assert found.exit_code == cli.FOUND
        assert json.loads(found.stdout)[0]["export"] == "answers.csv"


def test_the_package_runs_as_a_program_under_its_own_name():
    found = started("--help")
    assert found.returncode == 0
    assert "python -m trustkit [OPTIONS] COMMAND" in found.stdout


def test_the_version_is_printed():
    assert run("--version").output.strip() == f"trustkit {tk.__version__}"


def test_on_a_terminal_lines_break_between_words_and_a_path_stays_whole(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(command_output, "screen", Console(file=stream, force_terminal=True, width=40))
    path = "a_folder/" * 8
    command_output.say(f"The words of this line take more than forty characters: {path}")
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert lines == ["The words of this line take more than", "forty characters:", path]


def test_what_is_not_shown_on_a_terminal_keeps_its_lines_whole(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(command_output, "screen", Console(file=stream, width=40))
    line = "The words of this line take more than forty characters."
    command_output.say(line)
    assert stream.getvalue() == f"{line}\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["new", "made", "--from", "a.csv", "--from", "b.csv"], "--from is given 2 times"),
        (
            ["new", "made", "--from=a.csv", "--codebook", "a.yaml", "-c", "b.yaml"],
            "--codebook is given 2 times",
        ),
        (["check", "a.csv", "-c", "a.yaml", "-c", "b.yaml", "-c", "c.yaml"], "--codebook is given 3 times"),
    ],
)
def test_an_option_with_one_value_that_is_given_several_is_refused(words, named):
    told = run(*words)
    assert told.exit_code == 2
    assert named in " ".join(told.output.replace("│", " ").split())


def test_an_option_with_several_values_may_be_repeated():
    told = run("erase", "no_such_study", "7", "--column", "id", "--column", "case")
    assert "is given" not in told.output
