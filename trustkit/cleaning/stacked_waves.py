"""Waves of a survey, one below the other: renamed questions brought together, answers matched by label."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import MAPPING, NAME, TEXT, ArgumentKind, a_trustkit, accepts
from trustkit.cleaning.derive import strongest
from trustkit.errors import DataError, Faults, first_few, suggest
from trustkit.survey.checks import UNKNOWN_CODE, broken_rules
from trustkit.survey.codebook import Codebook, Roles, nets_among
from trustkit.survey.column_names import caseless
from trustkit.survey.columns import answered
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.permissions import described_by
from trustkit.survey.protection import strictest
from trustkit.survey.survey import Survey
from trustkit.survey.variable import CODED, Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

SURVEYS = ArgumentKind(
    lambda value: (
        MAPPING.fits(value) and all(a_trustkit("Survey", "").fits(part) for part in dict(value).values())  # type: ignore[call-overload]
    ),
    "a mapping {wave: Survey}",
    'write it as {"2019": survey_2019, "2021": survey_2021}',
)
"""What `stack_waves` takes as waves."""

NAMES_BY_WAVE = ArgumentKind(
    lambda value: (
        MAPPING.fits(value)
        and all(
            MAPPING.fits(part) and all(isinstance(old, str) for old in dict(part).values())
            for part in dict(value).values()  # type: ignore[call-overload]
        )
    ),
    "a mapping {name: {wave: the column's name in that wave}}",
    'write it as {"trust": {"2019": "q3", "2021": "q5"}}',
)
"""What `stack_waves` takes as names of columns."""


def stack_waves(
    waves: Mapping[str, Survey],
    *,
    names: Mapping[str, Mapping[str, str]] | None = None,
    wave: str = "wave",
    label: str = "Wave",
) -> Survey:
    """Put the waves of a survey below each other, one row per person and wave.

    Parameters
    ----------
    waves
        Wave -> its survey, from the earliest to the latest. Each is cleaned already. For a file with one row
        per person, give the same survey for each wave, and its columns in ``names``.
    names
        Name -> {wave: the name of the column in that wave}, for questions whose names differ. A wave that is
        not listed has the column under the name itself.
    wave, label
        The name and the wording of the new variable that holds the waves.

    Returns
    -------
    Survey
        The variables that all waves have, described as in the latest wave; what one wave marks as unsure or
        as identifying is so in all. Its log names the variables that are left out.

    Raises
    ------
    DataError
        With every error: fewer than two waves, a column that a wave does not have, a question of different
        kinds, to other respondents or that some waves do not describe, codes that are not in a codebook,
        answers that one wave lacks or that have another order or reason, a reversed number with another
        direction or range in one wave. Columns of the design that differ between waves. Waves of which only
        some hold only those who agreed to a purpose, or that are limited to different purposes.

    Notes
    -----
    Answers are matched by their labels, without regard to capitals and blanks; codes may differ. Scores are
    those of the latest wave. Missing codes of numbers become missing values in their own wave, as the same
    number may be an answer in another. ``check`` of the result lists ids as repeated, as a person has a row
    in each wave; `link_waves` refuses a person twice in one wave.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> old = tk.Variable("q3", "Do you trust us?", "single", codes={1: "yes", 2: "no"})
    >>> new = tk.Variable("q5", "Do you trust us?", "single", codes={1: "No", 2: "Yes"})
    >>> first = tk.Survey(pd.DataFrame({"id": [1, 2], "q3": [1, 2]}), tk.Codebook({"q3": old}))
    >>> second = tk.Survey(pd.DataFrame({"id": [1, 3], "q5": [2, 2]}), tk.Codebook({"q5": new}))
    >>> waves = {"2019": first, "2021": second}
    >>> stacked = tk.stack_waves(waves, names={"trust": {"2019": "q3", "2021": "q5"}})
    >>> stacked.data[["wave", "id", "trust"]].to_dict("list")
    {'wave': ['2019', '2019', '2021', '2021'], 'id': [1, 2, 1, 3], 'trust': ['Yes', 'No', 'Yes', 'Yes']}
    """
    accepts(
        waves=(waves, SURVEYS),
        names=(names, NAMES_BY_WAVE.optional()),
        wave=(wave, NAME),
        label=(label, TEXT),
    )
    if len(waves) < 2:  # noqa: PLR2004
        raise DataError(
            "stacked waves need at least two surveys",
            where="waves",
            got=str(len(waves)),
            do='write them as {"2019": survey_2019, "2021": survey_2021}',
        )
    faults = Faults("the waves", DataError)
    _check_limits(waves, faults)
    columns = _columns(waves, names or {}, faults)
    faults.refuse()
    last = list(waves)[-1]
    if wave in columns[last]:
        raise DataError(f"the variable {wave!r} is there already", where="wave", do="choose another name")
    parts: dict[str, list[pd.Series]] = {}
    variables: dict[str, Variable] = {}
    for name in columns[last]:
        described = {of: survey.codebook.variables.get(columns[of][name]) for of, survey in waves.items()}
        data = {of: survey.data[columns[of][name]] for of, survey in waves.items()}
        about, parts[name] = _joined(name, described, data, faults)
        if about is not None:
            _check_asked(name, {of: known for of, known in described.items() if known}, columns, faults)
            variables[name] = about
    faults.refuse(do="describe the questions alike in all waves, or recode the answers of one of them")
    return _stacked(waves, columns, variables, parts, (wave, label))


def _check_limits(waves: Mapping[str, Survey], faults: Faults) -> None:
    """Record that waves are not limited to the same purposes: no limit holds for some rows only."""
    limits = {of: survey.codebook.used_for for of, survey in waves.items()}
    limited = {of: purposes for of, purposes in limits.items() if purposes}
    if len({frozenset(purposes) for purposes in limits.values()}) == 1:
        return
    words = ", ".join(f"{of}: {' and '.join(purposes)}" for of, purposes in limited.items())
    if len({frozenset(purposes) for purposes in limited.values()}) > 1:
        faults.add(
            f"the waves may be used for different purposes: {words}", where="waves",
            do="stack waves that hold those who agreed to one purpose",
        )  # fmt: skip
        return
    purpose = next(iter(limited.values()))[0]
    faults.add(
        f"only some waves are limited to respondents who agreed ({words}), not"
        f" {first_few([of for of in waves if of not in limited])}",
        where="waves",
        do=f"limit the others too: tk.consented(survey, {purpose!r}); or stack the waves first, then"
        " limit them together",
    )


def _columns(
    waves: Mapping[str, Survey], names: Mapping[str, Mapping[str, str]], faults: Faults
) -> dict[str, dict[str, str]]:
    """Return, for each wave, the name that all waves have -> the column of the wave."""
    renamed = {old for by_wave in names.values() for old in by_wave.values()}
    columns: dict[str, dict[str, str]] = {}
    for of, survey in waves.items():
        known = [str(column) for column in survey.data.columns]
        own = {name: by_wave.get(of, name) for name, by_wave in names.items()}
        for name, old in own.items():
            if old not in known:
                faults.add(
                    f"the wave {of!r} has no column {old!r}", where=f"names, {name}", do=suggest(old, known)
                )
        columns[of] = own | {name: name for name in known if name not in renamed and name not in names}
    for name, by_wave in names.items():
        for of in by_wave:
            if of not in waves:
                faults.add(f"there is no wave {of!r}", where=f"names, {name}", do=suggest(of, waves))
    common = [name for name in columns[list(waves)[-1]] if all(name in own for own in columns.values())]
    return {of: {name: own[name] for name in common} for of, own in columns.items()}


def _joined(
    name: str, described: Mapping[str, Variable | None], data: Mapping[str, pd.Series], faults: Faults
) -> tuple[Variable | None, list[pd.Series]]:
    """Return a variable as the latest wave describes it, and its columns with that wave's labels."""
    known = {of: variable for of, variable in described.items() if variable is not None}
    if not known:
        return None, list(data.values())
    last = list(described)[-1]
    about = described[last]
    kinds = {of: known[of].kind if of in known else "not described" for of in described}
    if about is None or len(set(kinds.values())) > 1:
        got = ", ".join(f"{kind} in {of}" for of, kind in kinds.items())
        faults.add(
            f"the kind of the question differs: {got}", where=name, do="describe it alike in all waves"
        )
        return about, list(data.values())
    about = replace(
        about,
        name=name,
        identifier=strongest(variable.identifier for variable in known.values()),
        unsure=any(variable.unsure for variable in known.values()),
        **described_by(known.values()),
        review="; ".join(dict.fromkeys(v.review for v in known.values() if v.review)),
    )
    if about.kind not in CODED:
        _check_reversed(name, known, faults)
        numbers = [data[of].where(answered(data[of], variable)) for of, variable in known.items()]
        lows, highs = [v.low for v in known.values()], [v.high for v in known.values()]
        low = None if None in lows else min(low for low in lows if low is not None)
        high = None if None in highs else max(high for high in highs if high is not None)
        return replace(about, missing={}, missing_words={}, missing_ranges=(), low=low, high=high), numbers
    relabelled, before = {}, len(faults)
    for of, variable in known.items():
        _check_codes(name, (of, variable), data[of], faults)
        _check_answers(name, (of, variable), (last, about), faults)
        about = _with_missing(about, variable, of, faults)
        relabelled[of] = _as_labelled(variable, about)
    if len(faults) > before:
        return about, list(data.values())
    categories = [*about.labels, *about.missing_labels]
    dtype = pd.CategoricalDtype(categories, ordered=about.kind == "ordinal")
    return about, [
        pd.Series(pd.Categorical(data[of].astype(object).map(relabelled[of]), dtype=dtype)) for of in known
    ]


def _check_asked(
    name: str, waves: Mapping[str, Variable], columns: Mapping[str, Mapping[str, str]], faults: Faults
) -> None:
    """Record that the waves asked different respondents, by the joint names of the variables."""
    conditions, words = set(), []
    for of, about in waves.items():
        ours = {old: new for new, old in columns[of].items()}
        asked = {ours.get(old, old): who for old, who in about.asked.items()}
        conditions.add(frozenset((new, frozenset(map(caseless, who))) for new, who in asked.items()))
        told = " and ".join(f"{new} is {' or '.join(who)}" for new, who in asked.items())
        words.append(f"{of}: {told or 'everyone'}")
    if len(conditions) > 1:
        faults.add(
            f"the waves asked different respondents: {'; '.join(words)}", where=name,
            do="describe alike who was asked in all waves, or stack the waves without this question",
        )  # fmt: skip


def _check_reversed(name: str, waves: Mapping[str, Variable], faults: Faults) -> None:
    """Record that a number is turned around in some waves only, or in ranges that differ."""
    turned = {of: (about.reverse, about.low, about.high) for of, about in waves.items()}
    if any(reverse for reverse, _, _ in turned.values()) and len(set(turned.values())) > 1:
        got = "; ".join(
            f"{of}: {low} to {high}{', reversed' if reverse else ''}"
            for of, (reverse, low, high) in turned.items()
        )
        faults.add(
            f"a reversed number has another direction or range in one wave: {got}", where=name,
            do="bring the waves to one direction and one range",
        )  # fmt: skip


def _check_codes(name: str, wave: tuple[str, Variable], column: pd.Series, faults: Faults) -> None:
    """Record codes that the codebook of a wave does not list: they have no label to be matched by."""
    of, variable = wave
    unknown = [
        item.value
        for item in broken_rules(column, variable, column.notna().to_numpy())
        if item.rule == UNKNOWN_CODE and item.rows.any()
    ]
    if unknown:
        faults.add(
            f"the wave {of!r} has codes that are not in its codebook: {', '.join(dict.fromkeys(unknown))}",
            where=name,
            do="add them to the codebook, as answers or as missing",
        )


def _check_answers(
    name: str, earlier: tuple[str, Variable], later: tuple[str, Variable], faults: Faults
) -> None:
    """Record the answers that only one of two waves has, and answers in another order."""
    (old, before), (new, after) = earlier, later
    ours, theirs = ([caseless(label) for label in about.labels] for about in (before, after))
    for wave, labels, own, other in (
        (old, before.labels, ours, theirs), (new, after.labels, theirs, ours)
    ):  # fmt: skip
        alone = [label for label, plain in zip(labels, own, strict=True) if plain not in other]
        if alone:
            opposite = new if wave == old else old
            faults.add(
                f"only the wave {wave!r} has {', '.join(map(repr, alone))}, which {opposite!r} lacks",
                where=name,
            )
    if after.kind == "ordinal" and set(ours) == set(theirs) and ours not in (theirs, theirs[::-1]):
        faults.add(f"the answers of {old!r} and {new!r} have different orders", where=name)


def _with_missing(about: Variable, other: Variable, wave: str, faults: Faults) -> Variable:
    """Return the description with the missing answers that another wave has."""
    known = {caseless(label): reason for label, reason in about.reason_of.items()}
    missing, words = dict(about.missing), dict(about.missing_words)
    for label, reason in other.reason_of.items():
        if caseless(label) not in known:
            missing[label], words[label] = reason, label
        elif known[caseless(label)] != reason:
            faults.add(
                f"{label!r} means {reason} in {wave!r}, and {known[caseless(label)]} in the latest wave",
                where=about.name,
            )
    return replace(about, missing=missing, missing_words=words)


def _as_labelled(variable: Variable, about: Variable) -> dict[str, str]:
    """Return how the labels of one wave read in the joint description."""
    own = {caseless(label): label for label in (*about.labels, *about.missing_labels)}
    return {label: own.get(caseless(label), label) for label in (*variable.labels, *variable.missing_labels)}


def _stacked(
    waves: Mapping[str, Survey],
    columns: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, Variable],
    parts: Mapping[str, list[pd.Series]],
    new: tuple[str, str],
) -> Survey:
    """Return the survey of all waves."""
    wave, label = new
    last = waves[list(waves)[-1]]
    of_row = pd.Categorical(
        [of for of, survey in waves.items() for _ in range(len(survey.data))], categories=list(waves)
    )
    data = pd.DataFrame(
        {wave: of_row, **{name: pd.concat(own, ignore_index=True) for name, own in parts.items()}}
    )
    time = Variable(wave, label, "single", codes=dict(enumerate(waves, start=1)))
    ours = {old: name for name, old in columns[list(waves)[-1]].items()}
    described = {
        name: replace(
            about, asked={ours[of]: who for of, who in about.asked.items() if of in ours},
        )
        for name, about in variables.items()
    }  # fmt: skip
    books = [survey.codebook for survey in waves.values()]
    book = Codebook(
        {wave: time, **described},
        title=last.codebook.title,
        data="synthetic" if any(book.data == "synthetic" for book in books) else "real",
        population=last.codebook.population,
        sample="opt-in" if any(book.sample == "opt-in" for book in books) else "probability",
        source="; ".join(dict.fromkeys(filter(None, (book.source for book in books)))),
        fieldwork="; ".join(dict.fromkeys(filter(None, (book.fieldwork for book in books)))),
        design=_roles(waves, columns),
        sets={name: words for book in books for name, words in book.sets.items()},
        nets={name: nets for book in books for name, nets in nets_among(book, described).items()},
        purposes={name: purpose for book in books for name, purpose in book.purposes.items()},
        used_for=books[0].used_for,
        protection=strictest(book.protection for book in books)
        if any(book.protection is not None for book in books)
        else None,
    )
    rule = "; ".join(f"{of}: {len(survey.data):,}" for of, survey in waves.items())
    left = [
        f"{of}: {', '.join(out)}" for of, out in _left_out(waves, columns).items() if out
    ]  # fmt: skip
    reason = (
        f"variables that not all waves have are left out ({'; '.join(left)})"
        if left
        else "all waves together"
    )
    log = ExclusionLog().add(Step("stack_waves", rule, reason, len(data), len(data)))
    return Survey(
        data, book, log, source="; ".join(dict.fromkeys(survey.source for survey in waves.values()))
    )


def _left_out(waves: Mapping[str, Survey], columns: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Return, for each wave, the described variables that are not in all waves."""
    return {
        of: [name for name in survey.codebook.variables if name not in columns[of].values()]
        for of, survey in waves.items()
    }


def _roles(waves: Mapping[str, Survey], columns: Mapping[str, Mapping[str, str]]) -> Roles:
    """Return the columns of the design that all waves have, under their joint names.

    Raises
    ------
    DataError
        If the waves name different columns for a role, or replicate weights that were made differently.
    """
    roles: dict[str, object] = {}
    for role in ("weights", "strata", "psu", "fpc", "replicates"):
        of_waves = {}
        for of, survey in waves.items():
            ours = {old: name for name, old in columns[of].items()}
            given = survey.codebook.design.columns.get(role, ())
            of_waves[of] = tuple(ours.get(column, "") for column in given)
        if len(set(of_waves.values())) > 1 or "" in next(iter(of_waves.values())):
            raise DataError(
                f"the waves name different columns as {role}",
                where="codebooks, design",
                got="; ".join(
                    f"{of}: {', '.join(survey.codebook.design.columns.get(role, ())) or 'none'}"
                    for of, survey in waves.items()
                ),
                do="bring them to one name with names",
            )
        own = next(iter(of_waves.values()))
        roles[role] = None if not own else own[0] if len(own) == 1 else own
    made = {
        of: replace(known, columns=roles["replicates"])  # type: ignore[arg-type]
        for of, survey in waves.items()
        if (known := survey.codebook.design.replicates) is not None
    }
    different = [of for of, known in made.items() if known != next(iter(made.values()))]
    if different:
        raise DataError(
            "the replicate weights of the waves were made differently",
            where="codebooks, design",
            got="; ".join(f"{of}: {known.kind}" for of, known in made.items()),
            expected="replicate weights with the same description in all waves",
            do="describe them alike, or make replicates of the stacked waves with tk.replicate",
        )
    return Roles(**{**roles, "replicates": next(iter(made.values()), None)})  # type: ignore[arg-type]
