"""The synthetic data are what their documents say, and are made again to the byte."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.checksums import read_digests
from trustkit.cleaning.clean import clean
from trustkit.datasets import synthetic
from trustkit.design.design import Design
from trustkit.errors import DataError
from trustkit.files.read import read
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.survey.survey import Survey
from trustkit.weighting.calibration import rake
from trustkit.yaml_documents import Document

RAW = Path(__file__).parents[2] / "data" / "raw"
TRUST, TRACKING, BANNERS = RAW / "consumer_trust", RAW / "app_tracking", RAW / "consent_banners"
FIGURES = {"trust_all_brands": "No, I don't trust all brands", "marketing_no_recall": "Yes"}
MADE = {
    TRUST: ["responses.csv", "SHA256SUMS"],
    TRACKING: ["devices.csv", "SHA256SUMS"],
    BANNERS: ["visits.csv", "decisions.csv", "SHA256SUMS"],
}
"""The folders of synthetic data, and the files in them that a program makes."""
EXCLUSIONS = ["drop_duplicates", "drop_failed_attention", "drop_speeders", "drop_straightliners"]


def document(path):
    return Document(path, DataError).root.value


@pytest.fixture(scope="module")
def spec():
    return document(TRUST / "generator.yaml")


@pytest.fixture(scope="module")
def raw():
    return read(TRUST / "responses.csv", TRUST / "codebook.yaml")


@pytest.fixture(scope="module")
def cleaned(raw):
    return clean(raw)


@pytest.fixture(scope="module")
def devices():
    return read(TRACKING / "devices.csv", TRACKING / "codebook.yaml")


def without(survey, *steps):
    """Clean without some of the codebook's steps."""
    kept = tuple(step for step in survey.codebook.cleaning if step["step"] not in steps)
    return clean(replace(survey, codebook=replace(survey.codebook, cleaning=kept)))


def shares(survey, weights=None):
    """Return the two headline shares in percent, don't know and refused left out."""
    weights = np.ones(len(survey.data)) if weights is None else weights
    found = []
    for name, label in FIGURES.items():
        valid = survey.data[name].isin(survey.codebook[name].labels).to_numpy()
        found.append(100 * weights[valid & (survey.data[name] == label)].sum() / weights[valid].sum())
    return np.array(found)


def raked(survey):
    return shares(survey, rake(Design(survey), TRUST / "targets.yaml").weights)


def printed(percents):
    return [round(float(percent)) for percent in percents]


def test_the_command_makes_the_files_of_all_folders_again_to_the_byte(tmp_path):
    for folder, made in MADE.items():
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns(*made))
    synthetic.main(str(tmp_path))
    for folder, made in MADE.items():
        for name in made:
            assert (tmp_path / folder.name / name).read_bytes() == (folder / name).read_bytes(), name
        assert not list((tmp_path / folder.name).glob("*.part"))


def test_another_seed_makes_other_answers_with_the_same_figures(spec):
    margins = document(TRUST / "targets.yaml")["margins"]
    book = read_codebook(TRUST / "codebook.yaml")
    table = pd.DataFrame(synthetic.consumer_trust({**spec, "seed": spec["seed"] + 1}, margins, book))
    first = pd.read_csv(TRUST / "responses.csv", dtype=str, keep_default_na=False)
    assert table.shape == first.shape
    assert not table["trust_all_brands"].equals(first["trust_all_brands"])
    assert printed(raked(clean(Survey(table.mask(table == ""), book)))) == [40, 82]


@pytest.mark.parametrize("folder", MADE, ids=lambda folder: folder.name)
def test_every_raw_file_is_listed_with_its_digest(folder):
    listed = read_digests(folder)
    files = {file.name for file in folder.iterdir()}
    claims = {name for name in files if name.startswith("claims")}
    assert listed.keys() == files - claims - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_column_is_in_the_codebook_and_the_other_way_round(raw, devices):
    for survey in (raw, devices):
        assert list(survey.data.columns) == list(survey.codebook.variables)


def test_the_raw_data_agree_with_their_codebooks(raw, devices):
    for survey in (raw, devices):
        assert survey.check().empty, survey.check()


def test_the_codebooks_say_that_the_data_are_synthetic_and_why_each_column_is_held(raw, devices):
    for survey in (raw, devices):
        book = survey.codebook
        assert book.data == "synthetic"
        assert "synthetic" in book.title
        for variable in book.variables.values():
            assert variable.label, variable.name
            assert variable.purpose, variable.name
            assert variable.consent, variable.name
            assert variable.retention, variable.name


def test_the_figures_come_out_after_cleaning_and_weighting_only(raw, cleaned):
    assert printed(raked(cleaned)) == [40, 82]
    assert raked(cleaned) == pytest.approx([40, 82], abs=0.05)
    stages = [printed(shares(raw)), printed(shares(cleaned)), printed(raked(cleaned))]
    assert stages == [[31, 72], [35, 78], [40, 82]]


def test_weighting_alone_gives_neither_figure(raw):
    assert printed(raked(raw)) == [36, 76]


@pytest.mark.parametrize("step", EXCLUSIONS)
def test_no_single_exclusion_gives_a_figure_weighted_or_not(step, raw):
    survey = without(raw, *(other for other in EXCLUSIONS if other != step))
    for found in (printed(shares(survey)), printed(raked(survey))):
        assert found[0] != 40
        assert found[1] != 82


@pytest.mark.parametrize("step", EXCLUSIONS)
def test_leaving_out_one_exclusion_gives_neither_figure(step, raw):
    found = printed(raked(without(raw, step)))
    assert found[0] != 40
    assert found[1] != 82


def test_keeping_dont_know_in_the_base_gives_neither_figure(cleaned):
    weights = rake(Design(cleaned), TRUST / "targets.yaml").weights
    found = [
        100 * weights[cleaned.data[name] == label].sum() / weights.sum() for name, label in FIGURES.items()
    ]
    assert printed(found) == [37, 77]


def test_the_defects_are_there_in_the_stated_numbers(spec, raw, cleaned):
    careless, repeats = spec["careless"], spec["repeats"]["rows"]
    assert len(raw.data) == spec["respondents"] + repeats + sum(group["rows"] for group in careless.values())
    failed = sum(group["fail_check"] for group in careless.values())
    steps = {step.step: step.n_before - step.n_after for step in cleaned.log.steps}
    assert steps == {
        "read": 0,
        "drop_duplicates": repeats,
        "drop_failed_attention": failed,
        "drop_speeders": careless["speeder"]["rows"] - careless["speeder"]["fail_check"],
        "drop_straightliners": careless["straightliner"]["rows"],
        "set_missing": 0,
    }
    assert len(cleaned.data) == spec["respondents"]


@pytest.mark.parametrize("share", [0.3, 0.4])
def test_the_speeders_do_not_hang_on_the_threshold(share, raw, cleaned):
    steps = tuple(
        {**step, "share_of_median": share} if step["step"] == "drop_speeders" else step
        for step in raw.codebook.cleaning
    )
    again = clean(replace(raw, codebook=replace(raw.codebook, cleaning=steps)))
    assert again.data.index.equals(cleaned.data.index)


def test_a_repeated_interview_stands_after_the_first_with_the_same_answers(raw):
    repeated = raw.data[raw.data["respondent_id"].duplicated(keep=False)].drop(columns="interview_date")
    assert (repeated.groupby("respondent_id").size() == 2).all()
    assert (repeated.drop_duplicates().groupby("respondent_id").size() == 1).all()
    assert raw.data["interview_date"].is_monotonic_increasing


def test_dates_stand_inside_the_fieldwork(raw):
    first, last = raw.codebook.fieldwork.split(" (")[0].split(" to ")
    assert raw.data["interview_date"].between(first, last).all()


def test_the_sample_is_off_the_population_as_stated(spec, cleaned):
    margins = document(TRUST / "targets.yaml")["margins"]
    for name, population in margins.items():
        found = cleaned.data[name].value_counts(normalize=True)
        assert sum(population.values()) == pytest.approx(1)
        for label, share in spec["sample"][name].items():
            assert found[label] == pytest.approx(share, abs=0.02)
        assert max(abs(found[label] - population[label]) for label in population) > 0.03


def test_ages_fit_their_groups(raw):
    ages = raw.data[raw.data["age"] != 999]
    top = ages["age_group"].astype(str).replace("65+", "65-95").str.split("-", expand=True).astype(int)
    assert ((ages["age"] >= top[0]) & (ages["age"] <= top[1])).all()
    assert (raw.data["age"] == 999).sum() > 0


def test_the_attentive_agree_with_themselves_about_channels(cleaned):
    data, book = cleaned.data, cleaned.codebook
    forgotten = np.column_stack(
        [
            (data[sent] == "Selected") & (data[recalled] == "Not selected")
            for sent, recalled in zip(book.members("received"), book.members("recall"), strict=True)
        ]
    ).any(axis=1)
    assert forgotten[data["marketing_no_recall"] == "Yes"].all()
    assert not forgotten[data["marketing_no_recall"] == "No"].any()


@pytest.mark.parametrize("battery", ["concern", "trust_type"])
def test_the_scales_hold_together(battery, cleaned):
    book = cleaned.codebook
    items = pd.DataFrame(
        {name: cleaned.data[name].map(book[name].scoring).astype(float) for name in book.members(battery)}
    ).dropna()
    count = items.shape[1]
    alpha = count / (count - 1) * (1 - items.var().sum() / items.sum(axis=1).var())
    assert alpha == pytest.approx(0.8, abs=0.03)


def test_the_concern_scale_has_eight_items_three_of_them_reversed(raw):
    items = [raw.codebook[name] for name in raw.codebook.members("concern")]
    assert [item.reverse for item in items].count(True) == 3
    assert len(items) == 8


def test_sharing_covers_eight_kinds_of_data_and_five_benefits(raw):
    sets = {variable.set for variable in raw.codebook.variables.values() if variable.set.startswith("share_")}
    assert len(sets) == 8
    assert all(len(raw.codebook.members(name)) == 5 for name in sets)


def test_groups_differ_and_people_say_more_than_they_do(cleaned):
    by_age = cleaned.data.groupby("age_group", observed=True)["trust_score"].mean()
    assert by_age["18-24"] - by_age["65+"] > 1
    by_country = cleaned.data.groupby("country", observed=True)["trust_score"].mean()
    assert by_country.max() - by_country.min() > 0.5
    stated = (cleaned.data["opt_in_stated"] == "Would allow").sum() / cleaned.data[
        "opt_in_stated"
    ].notna().sum()
    actual = (cleaned.data["opt_in"] == "Allowed").sum() / cleaned.data["opt_in"].notna().sum()
    assert stated > actual + 0.05


def test_open_answers_hold_what_breaks_careless_readers(raw):
    text = raw.data["open_trust"].dropna()
    for sign in (",", '"', "\n", "ö"):
        assert text.str.contains(sign, regex=False).any(), sign
    assert text.isin(["NA", "None", "NULL"]).any()


def state_rate(data, denominator):
    return 100 * (data["state"] == "Authorized").sum() / data["state"].isin(denominator).sum()


def app_tracking_rates(data):
    prompting = data[data["prompts"] == 1]
    asked = prompting[prompting["state"].isin(["Authorized", "Denied"])]
    denied = ["Authorized", "Denied", "Device-wide off"]
    return {
        "Flurry, all apps": state_rate(data, denied),
        "Flurry, prompting apps": state_rate(prompting, denied),
        "Branch, all": state_rate(data, ["Authorized", "Denied", "Not prompted", "Restricted"]),
        "AppsFlyer, prompts shown": state_rate(data, ["Authorized", "Denied"]),
        "mean over apps": 100
        * (asked["state"] == "Authorized").groupby(asked["app"], observed=True).mean().mean(),
    }


def test_one_behaviour_gives_opt_in_rates_from_12_to_46_percent(devices):
    rates = {name: round(float(rate), 1) for name, rate in app_tracking_rates(devices.data).items()}
    assert rates == {
        "Flurry, all apps": 21.0,
        "Flurry, prompting apps": 27.4,
        "Branch, all": 12.0,
        "AppsFlyer, prompts shown": 46.0,
        "mean over apps": 34.5,
    }


def test_there_is_one_row_a_device_in_forty_apps(devices):
    assert len(devices.data) == 240_000
    assert devices.data["device_id"].is_unique
    assert devices.data["app"].nunique() == 40


def test_nobody_can_answer_where_no_prompt_is_shown(devices):
    silent = devices.data[devices.data["prompts"] == 0]
    assert not silent["state"].isin(["Authorized", "Denied"]).any()
    assert silent["state"].isin(["Device-wide off"]).any()


def test_the_published_rates_are_percentages_with_a_source_and_a_definition():
    rates = pd.read_csv(TRACKING / "published_rates.csv")
    assert list(rates.columns) == ["source", "period", "population", "definition", "rate_percent", "note"]
    assert rates["rate_percent"].between(0, 100).all()
    assert rates[["source", "period", "population", "definition"]].notna().all().all()


def test_the_readme_states_the_figures_that_the_data_give(raw, cleaned, devices):
    words = (RAW / "README.md").read_text(encoding="utf-8")
    stages = np.array([shares(raw), shares(cleaned), raked(cleaned)]).T
    for name, row in zip(("don't trust all brands", "can't recall being asked"), stages, strict=True):
        assert f"| {name} | " + " | ".join(f"{share:.1f}%" for share in row) + " |" in words
    for name, rate in app_tracking_rates(devices.data).items():
        line = next(line for line in words.splitlines() if line.startswith(f"| {name}"))
        assert f"| {rate:.1f}% |" in line


@pytest.fixture(scope="module")
def visits():
    return read(BANNERS / "visits.csv", BANNERS / "codebook.yaml")


def banner_rates(data):
    """Return the share that accepted anything, of several denominators, in percent, without the estimator."""
    accepted = data["choice"].str.startswith("Accepted").sum()
    chose = accepted + (data["choice"] == "Refused all").sum()
    saw = (data["choice"] != "No banner shown").sum()
    return {
        "Of choices": accepted / chose,
        "Of banners shown": accepted / saw,
        "Of visitors": accepted / len(data),
    }


def test_the_readme_states_the_consent_rates_that_the_visits_give(visits):
    words = (RAW / "README.md").read_text(encoding="utf-8")
    for name, rate in banner_rates(visits.data).items():
        line = next(line for line in words.splitlines() if line.startswith(f"| {name}:"))
        assert f"| {100 * rate:.1f}% |" in line


def test_consent_records_say_what_the_visits_say(visits):
    records = pd.read_csv(BANNERS / "decisions.csv")
    marketing = records[records["purpose"] == "marketing"]
    given = visits.data["choice"].isin(["Accepted all", "Accepted some, marketing among them"]).sum()
    assert (marketing["status"] == "given").sum() == given
    assert len(marketing) == (visits.data["choice"] != "No banner shown").sum()
    assert set(records["subject"]) <= set(visits.data["device"])


def test_choices_of_one_device_resemble_each_other(visits):
    accepted = visits.data["choice"].str.startswith("Accepted").astype(float)
    alone = tk.mean(tk.Design(pd.DataFrame({"yes": accepted})), "yes").se
    together = tk.mean(
        tk.Design(pd.DataFrame({"yes": accepted, "device": visits.data["device"]}), psu="device"), "yes"
    ).se
    assert together[0] > 1.2 * alone[0]


def test_a_generator_without_its_seed_is_refused(tmp_path):
    (tmp_path / "generator.yaml").write_text("devices: 3\n")
    with pytest.raises(DataError, match="the key 'seed' is missing"):
        synthetic.write_app_tracking(tmp_path)
