"""Seeded synthetic data in ``data/raw``: the consumer trust survey, app-tracking devices, consent banners.

What the data are like (sizes, margins, shares of answers, defects, figures to come out) stands in each
folder's ``generator.yaml``; this module only draws. Every column has a stream of uniform numbers of its
own, named after it, and turns them with inverse transforms written here, so the files are the same to
the byte on any numpy and a new question changes no other column. ``python -m trustkit.datasets.synthetic``
makes all folders again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from trustkit.checksums import CHECKSUMS
from trustkit.errors import DataError
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.survey.codebook import Codebook

    Spec = Mapping[str, Any]
    Codes = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Numbers = NDArray[np.float64]
    Table = dict[str, NDArray[np.object_]]

MARGINS = ("country", "age_group", "sex")
"""The variables whose shares in the sample differ from those in the population."""
TOLD = -1
"""Stands for an answer that is not missing."""
DAY = 24 * 60 * 60
"""Seconds."""
PASSES = 100
"""Rounds of fitting the population's margins: far more than it takes."""


@dataclass(frozen=True)
class Draw:
    """Streams of random numbers, one a name, each ``count`` long.

    Examples
    --------
    >>> bool((Draw(1, 2).uniform("age") == Draw(1, 3).uniform("age")[:2]).all())
    True
    """

    seed: int
    count: int

    def uniform(self, name: str) -> Numbers:
        """Return numbers between 0 and 1."""
        return np.random.Generator(np.random.PCG64([self.seed, zlib.crc32(name.encode())])).random(self.count)

    def normal(self, name: str) -> Numbers:
        """Return standard normal numbers."""
        return ndtri(self.uniform(name))


@dataclass(frozen=True)
class Fieldwork:
    """What every question needs: the generator's data, the codebook, draws, and who reads attentively."""

    spec: Spec
    book: Codebook
    draw: Draw
    kind: NDArray[np.str_]
    attentive: Flags


def pick(shares: Iterable[float], at: Numbers) -> Codes:
    """Return the place of the share that each number between 0 and 1 falls into.

    Examples
    --------
    >>> pick([0.2, 0.5, 0.3], np.array([0.1, 0.2, 0.69, 0.99])).tolist()
    [0, 1, 1, 2]
    """
    steps = np.cumsum(list(shares))
    return np.searchsorted(steps[:-1] / steps[-1], at, side="right").astype(np.int64)


def chosen(shares: Mapping[int, float], at: Numbers) -> Codes:
    """Return the code whose share each number between 0 and 1 falls into.

    Examples
    --------
    >>> chosen({1: 0.9, 98: 0.1}, np.array([0.1, 0.95])).tolist()
    [1, 98]
    """
    codes: Codes = np.array(list(shares), dtype=np.int64)
    return codes[pick(shares.values(), at)]


def cut(propensity: Numbers, weights: Numbers, share: float) -> Flags:
    """Choose the rows of highest propensity whose weighted share comes nearest to ``share``.

    Examples
    --------
    >>> cut(np.array([0.3, 2.0, 1.0, -1.0]), np.array([1.0, 1.0, 1.0, 3.0]), 0.35).tolist()
    [False, True, True, False]
    """
    order = np.argsort(-propensity, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    highest = np.zeros(len(order), dtype=bool)
    highest[order[: 1 + int(np.argmin(np.abs(reached - share)))]] = True
    return highest


def population_weights(groups: Sequence[Codes], shares: Sequence[Sequence[float]]) -> Numbers:
    """Weight rows until each grouping has its shares (iterative proportional fitting).

    `trustkit.weight.rake` does the same for users. It is not called, lest it be tested on its own work.

    Examples
    --------
    >>> population_weights([np.array([0, 0, 0, 1])], [[0.5, 0.5]]).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    weights = np.ones(len(groups[0]))
    for _ in range(PASSES):
        for place, wanted in zip(groups, shares, strict=True):
            achieved = np.bincount(place, weights, minlength=len(wanted)) / len(weights)
            weights = weights * (np.array(wanted) / achieved)[place]
    return weights


def answers(item: Spec, latents: Mapping[str, Numbers], noise: Numbers) -> Codes:
    """Answer one question: a latent with noise, cut where the codes get their shares.

    Examples
    --------
    >>> item = {"latent": "trust", "loading": 0.6, "shares": {1: 0.5, 2: 0.5}}
    >>> answers(item, {"trust": np.array([-1.0, 1.0])}, np.zeros(2)).tolist()
    [1, 2]
    """
    level = item["loading"] * latents[item["latent"]] + (1 - item["loading"] ** 2) ** 0.5 * noise
    return chosen(item["shares"], ndtr(level))


def consumer_trust(spec: Spec, margins: Mapping[str, Mapping[str, float]], book: Codebook) -> Table:
    """Make the raw export of the consumer trust survey.

    ``spec`` is as in ``generator.yaml``, ``margins`` as in ``targets.yaml``: variable -> label -> share of
    the population. Returns column -> cells as text, rows in the order in which interviews were completed.
    """
    sizes = [spec["respondents"], *(group["rows"] for group in spec["careless"].values())]
    kind = np.repeat(["attentive", *spec["careless"]], sizes)
    draw = Draw(spec["seed"], len(kind))
    work = Fieldwork(spec, book, draw, kind, kind == "attentive")
    labels = {name: book[name].labels for name in MARGINS}
    sample, population = (
        {name: [shares[name][label] for label in labels[name]] for name in MARGINS}
        for shares in (spec["sample"], margins)
    )
    people = {name: pick(sample[name], draw.uniform(name)) for name in MARGINS}
    weights = population_weights(
        [place[work.attentive] for place in people.values()], list(population.values())
    )
    first, last = np.array([spec["ages"][group] for group in labels["age_group"]])[people["age_group"]].T
    age = first + (draw.uniform("age") * (last - first + 1)).astype(np.int64)
    latents = _latents(work, people, age)

    columns = {name: np.array(list(book[name].codes))[place] for name, place in people.items()}
    columns["age"] = _or_missing(work, age, {999: spec["age_refused"]}, "age")
    for name, item in (spec["background"] | spec["answers"]).items():
        answered = answers(item, latents, draw.normal(name))
        together = book[name].set if book[name].kind == "multiple" else name
        answered = _or_missing(work, answered, item.get("missing", {}), together)
        read = work.attentive | (name in spec["background"])
        columns[name] = np.where(read, answered, _unread(work, name, item["shares"]))
    for name, item in spec["headlines"].items():
        columns[name] = _headline(work, name, latents[item["latent"]], weights)
    columns |= _made_consistent(work, columns)
    columns |= _behaviour(work)

    table = {name: column.astype(str).astype(object) for name, column in columns.items()}
    table |= {name: _open_answers(work, name) for name in spec["texts"]}
    order = np.argsort(draw.uniform("respondent_id"), kind="stable")
    table["respondent_id"] = np.array([f"P{10001 + place}" for place in order], dtype=object)
    return _in_order(work, _routed(table, book), columns)


def app_tracking(spec: Spec, book: Codebook) -> Table:
    """Make the device table: one row per device, with its state towards one app.

    ``spec`` is as in ``generator.yaml``: three target rates and the share restricted fix how many devices
    are in each state, apps and countries decide which. Returns column -> cells as text.
    """
    target, draw = spec["targets"], Draw(spec["seed"], spec["devices"])
    apps, countries = (pd.DataFrame.from_dict(spec[name], orient="index") for name in ("apps", "countries"))
    app = apps.iloc[pick(apps["share"], draw.uniform("app"))]
    country = countries.iloc[pick(countries["share"], draw.uniform("country"))]
    leaning = app["appetite"].to_numpy() + country["allow"].to_numpy()
    prompts = app["prompts"].to_numpy() == 1

    # The three rates share their numerator, so its size follows from them and the number of devices.
    allowed = 1 / (1 / target["branch_all"] + 1 / target["flurry_all"] - 1 / target["appsflyer_prompts"])
    asked = allowed / target["appsflyer_prompts"]
    off_share = allowed / target["flurry_all"] - asked
    off = _most(country["off"].to_numpy() + draw.normal("off"), np.ones(len(app), dtype=bool), off_share)
    restricted = _most(draw.normal("restricted"), ~off, spec["restricted"])
    prompted = _most(draw.normal("prompted"), prompts & ~off & ~restricted, asked)
    authorized = _most(leaning + draw.normal("allow"), prompted, allowed)

    table = {
        "device_id": np.array([f"{number:06d}" for number in range(1, len(app) + 1)]),
        "prompts": prompts.astype(np.int64),
        "state": np.select([off, restricted, authorized, prompted], ["E", "D", "A", "B"], "C"),
    }
    for name, labels in {"app": app.index, "category": app["category"], "country": country.index}.items():
        codes = {label: code for code, label in book[name].codes.items()}
        table[name] = pd.Index(labels).map(codes).to_numpy()
    return {name: table[name].astype(str).astype(object) for name in book.variables}


def consent_banners(spec: Spec, book: Codebook) -> tuple[Table, Table]:
    """Make visits to websites with consent banners, and the consent records that they leave.

    ``spec`` is as in ``generator.yaml``. A device visits several times and leans towards consent or away from
    it each time, so that its choices resemble each other. Returns column -> cells as text of both tables.
    """
    draw, count = Draw(spec["seed"], spec["visits"]), spec["devices"]
    sites = pd.DataFrame.from_dict(spec["sites"], orient="index")
    site = pick(sites["share"], draw.uniform("site"))
    device = pick(-np.log(Draw(spec["seed"], count).uniform("visits of a device")), draw.uniform("device"))
    habit = Draw(spec["seed"], count).normal("habit")[device]
    leaning = ndtr(spec["habit"] * habit + (1 - spec["habit"] ** 2) ** 0.5 * draw.normal("choice"))
    banner = sites["banner"].to_numpy(dtype=object)[site]
    choice = np.empty(len(site), dtype=object)
    for name, shares in spec["banners"].items():
        here = banner == name
        choice[here] = np.array(list(shares), dtype=object)[pick(shares.values(), leaning[here])]

    fieldwork = spec["fieldwork"]
    moment = np.sort(draw.uniform("moment")) * fieldwork["days"] * DAY
    first = datetime.fromisoformat(str(fieldwork["first"]))
    times = [(first + timedelta(seconds=int(second))).isoformat() + "Z" for second in moment]
    named = np.array([f"D{1001 + place}" for place in device], dtype=object)
    visits = {"device": named, "choice": choice}
    visits["visit_id"] = np.array([f"{number:05d}" for number in range(1, len(site) + 1)], dtype=object)
    for name, labels in {"site": sites.index.to_numpy(dtype=object)[site], "banner": banner}.items():
        codes = {label: str(code) for code, label in book[name].codes.items()}
        visits[name] = np.array([codes[str(label)] for label in labels], dtype=object)
    rows = [
        (named[visit], purpose, status[choice[visit]], times[visit])
        for visit in range(len(site))
        for purpose, status in spec["records"].items()
        if choice[visit] in status
    ]
    cells = np.array(rows, dtype=object).T
    records = dict(zip(("subject", "purpose", "status", "at"), cells, strict=True))
    return {name: visits[name] for name in book.variables}, records


def write_consumer_trust(folder: Path) -> None:
    """Write ``responses.csv`` and the checksums from the YAML files in the folder."""
    spec = _read(folder / "generator.yaml", ("seed", "respondents", "sample", "headlines", "careless"))
    margins = _read(folder / "targets.yaml", ("margins",))["margins"]
    _publish(folder / "responses.csv", consumer_trust(spec, margins, read_codebook(folder / "codebook.yaml")))


def write_app_tracking(folder: Path) -> None:
    """Write ``devices.csv`` and the checksums from the YAML files in the folder."""
    spec = _read(folder / "generator.yaml", ("seed", "devices", "targets", "countries", "apps"))
    _publish(folder / "devices.csv", app_tracking(spec, read_codebook(folder / "codebook.yaml")))


def write_consent_banners(folder: Path) -> None:
    """Write ``visits.csv``, ``decisions.csv`` and the checksums from the YAML files in the folder."""
    spec = _read(folder / "generator.yaml", ("seed", "visits", "devices", "sites", "banners", "records"))
    visits, records = consent_banners(spec, read_codebook(folder / "codebook.yaml"))
    _publish(folder / "visits.csv", visits)
    _publish(folder / "decisions.csv", records)


def _latents(work: Fieldwork, people: Mapping[str, Codes], age: Codes) -> dict[str, Numbers]:
    """Draw what lies behind the answers: each latent from noise, earlier latents and group effects."""
    latents = {"age": (age - age.mean()) / age.std()}
    for name, latent in work.spec["latents"].items():
        level = latent["noise"] * work.draw.normal(name)
        for other, slope in latent["of"].items():
            level = level + slope * latents[other]
        for variable, effects in latent.get("by", {}).items():
            by_place = np.array([effects.get(label, 0.0) for label in work.book[variable].labels])
            level = level + by_place[people[variable]]
        latents[name] = (level - level.mean()) / level.std()
    return latents


def _or_missing(work: Fieldwork, answered: Codes, missing: Mapping[int, float], together: str) -> Codes:
    """Replace a share of the answers by each missing code; what stands together goes missing together."""
    shares = {**missing, TOLD: 1 - sum(missing.values())}
    codes = chosen(shares, work.draw.uniform(f"{together}: missing"))
    return np.where(codes == TOLD, answered, codes)


def _headline(work: Fieldwork, name: str, latent: Numbers, weights: Numbers) -> Codes:
    """Answer a question whose weighted share among the attentive, missing left out, is the target."""
    item = work.spec["headlines"][name]
    answered = _or_missing(work, np.full(len(latent), item["low"]), item["missing"], name)
    valid = work.attentive & (answered == item["low"])
    high = cut(latent[valid], weights[valid[work.attentive]], item["share"])
    answered[valid] = np.where(high, item["high"], item["low"])
    for kind, group in work.spec["careless"].items():
        unread = chosen(group["headlines"][name], work.draw.uniform(f"{name}: careless"))
        answered = np.where(work.kind == kind, unread, answered)
    return answered


def _unread(work: Fieldwork, name: str, codes: Iterable[int]) -> Codes:
    """Answer without reading: anything, or the same place on every scale."""
    place = work.draw.uniform(f"{name}: unread")
    for kind, group in work.spec["careless"].items():
        place = np.where(work.kind == kind, group.get("place", place), place)
    return chosen(dict.fromkeys(codes, 1.0), place)


def _made_consistent(work: Fieldwork, columns: Mapping[str, Codes]) -> dict[str, Codes]:
    """Make the attentive agree with themselves: channels with headline, reversed statements with others."""
    received, recall, concern = (work.book.members(name) for name in ("received", "recall", "concern"))
    headline, unrecalled = work.spec["headlines"]["marketing_no_recall"], columns["marketing_no_recall"]
    recalls_all = work.attentive & (unrecalled == headline["low"])
    recalled = {name: np.where(recalls_all, 1, columns[name]) for name in recall}
    forgot = [(columns[a] == 1) & (recalled[b] == 0) for a, b in zip(received, recall, strict=True)]
    contradicts = work.attentive & (unrecalled == headline["high"]) & ~np.any(forgot, axis=0)
    recalled[received[0]] = np.where(contradicts, 1, columns[received[0]])
    recalled[recall[0]] = np.where(contradicts, 0, recalled[recall[0]])
    last = columns[concern[-1]]
    straight = work.attentive & np.all([columns[name] == last for name in concern], axis=0)
    recalled[concern[-1]] = np.where(straight, 1 + last % len(work.book[concern[-1]].codes), last)
    return recalled


def _behaviour(work: Fieldwork) -> dict[str, Codes]:
    """Return what the survey software notes: the time taken, and the answer to the attention check."""
    draw, time, check = work.draw, work.spec["duration"], work.spec["attention"]
    share = np.maximum(time["least"], np.exp(time["spread"] * draw.normal("duration")))
    idle = work.attentive & (draw.uniform("idle") < time["idle"])
    share = np.where(idle, _between(time["idle_time"], draw.uniform("idle: time")), share)
    failed = np.zeros(len(idle), dtype=bool)
    for kind, group in work.spec["careless"].items():
        rows = np.flatnonzero(work.kind == kind)
        failed[rows[: group["fail_check"]]] = True
        if "time" in group:
            share[rows] = _between(group["time"], draw.uniform("fast"))[rows]
    wrong = chosen(check["failed"], draw.uniform("attention_check"))
    return {
        "duration_seconds": np.rint(share * time["median"]).astype(np.int64),
        "attention_check": np.where(failed, wrong, check["passed"]),
    }


def _open_answers(work: Fieldwork, name: str) -> NDArray[np.object_]:
    """Put open answers together from their parts; the careless write what comes to hand."""
    item, draw = work.spec["texts"][name], work.draw
    parts = [
        np.array(words, dtype=object)[pick([1] * len(words), draw.uniform(f"{name}: part {number}"))]
        for number, words in enumerate([item["careless"], *item["parts"]])
    ]
    found = np.where(work.attentive, np.add.reduce(parts[1:]), parts[0])
    return np.where(draw.uniform(f"{name}: wrote") < item["share"], found, "")


def _routed(table: Table, book: Codebook) -> Table:
    """Blank the answers to questions that the codebook says were not asked."""
    routed = dict(table)
    for name, variable in book.variables.items():
        for of, labels in variable.asked.items():
            codes = [str(code) for code, label in book[of].codes.items() if label in labels]
            routed[name] = np.where(np.isin(routed[of].astype(str), codes), routed[name], "")
    return routed


def _in_order(work: Fieldwork, table: Table, columns: Mapping[str, Codes]) -> Table:
    """Add the repeated interviews, date all, and return columns and rows in the order of a real export."""
    draw, repeats, fieldwork = work.draw, work.spec["repeats"], work.spec["fieldwork"]
    favour = np.ones(draw.count)
    for name, times in repeats["favour"].items():
        favour *= [times.get(code, 1) for code in columns[name].tolist()]
    # Weighted sampling without replacement: the largest of u ** (1 / weight), in logarithms.
    luck = np.where(work.attentive, np.log(draw.uniform("repeats")) / favour, -np.inf)
    again = np.argsort(-luck, kind="stable")[: repeats["rows"]]
    wait = np.floor(draw.uniform("repeats: wait")[again] * (1 + repeats["days_later"]))
    moment = draw.uniform("interview_date") * fieldwork["days"]
    rows = np.concatenate([np.arange(draw.count), again])
    moments = np.concatenate([moment, moment[again] + wait])
    order = np.argsort(moments, kind="stable")
    cells = {name: column[rows[order]] for name, column in table.items()}
    first = date.fromisoformat(fieldwork["first"])
    days = [(first + timedelta(int(days))).isoformat() for days in moments[order]]
    cells["interview_date"] = np.array(days, dtype=object)
    return {name: cells[name] for name in work.book.variables}


def _between(ends: Sequence[float], at: Numbers) -> Numbers:
    return ends[0] + (ends[1] - ends[0]) * at


def _most(propensity: Numbers, among: Flags, share: float) -> Flags:
    """Choose, among some devices, those of highest propensity, as many as are a share of all devices."""
    return cut(np.where(among, propensity, -np.inf), np.ones(len(among)), share)


def _read(path: Path, needed: Sequence[str]) -> Spec:
    """Read a YAML document as plain data."""
    document = Document(path, DataError)
    document.root.keys([str(key) for key in document.root.mapping()], needed)
    document.finish()
    return cast("Spec", document.root.value)


def _publish(path: Path, table: Table) -> None:
    """Write a table and its folder's checksums, each beside its place first: nobody reads half a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    _replace(path, text.getvalue())
    # Claims are no raw data: they are about the data, and more may be written.
    files = {*path.parent.glob("*.csv"), *path.parent.glob("*.yaml")} - {*path.parent.glob("claims*.yaml")}
    digests = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(files)]
    _replace(path.with_name(CHECKSUMS), "".join(digests))


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def main(raw: str = "data/raw") -> None:
    """Make the folders below ``raw`` again."""
    write_consumer_trust(Path(raw, "consumer_trust"))
    write_app_tracking(Path(raw, "app_tracking"))
    write_consent_banners(Path(raw, "consent_banners"))


if __name__ == "__main__":
    main(*sys.argv[1:])
