"""Steps from `Survey` to `Survey` that rename, merge or reverse answers.

Each step describes its new variable in the codebook and adds a row to the log; the raw file is not changed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, SURVEY, TEXT, WORDS, accepts
from trustkit.errors import DataError
from trustkit.survey.columns import answered, describe, sums_of
from trustkit.survey.exclusion_log import Step
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.table_rows import renamed_nets
from trustkit.survey.variable import ANSWERED, CODED, Code, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from trustkit.survey.survey import Survey


def recode(
    survey: Survey, *, variable: str, labels: Mapping[str, str], into: str = "", label: str = ""
) -> Survey:
    """Rename or merge answers; answers not named stay as they are.

    Parameters
    ----------
    survey
        The survey.
    variable
        The variable.
    labels
        Answer -> its new label. Several answers with one new label are merged; an answer may become a
        missing one (its label is the reason's), and a missing one an answer.
    into
        The new variable's name; empty changes the variable in place.
    label
        The new variable's wording; empty keeps the old one.

    Returns
    -------
    Survey
        The answers keep the order of the old ones. Merged answers get the codes 1, 2, ...; if none
        are merged, each keeps its code and its score.

    Raises
    ------
    DataError
        No such variable or answers (all of them named), a name already taken, or a change in place of an
        answer that others rest on: who was asked what, or the figures that the log tracks.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"use": ["daily", "weekly", "never"]}))
    >>> often = {"daily": "often", "weekly": "often"}
    >>> tk.recode(survey, variable="use", labels=often, into="uses").data["uses"].tolist()
    ['often', 'often', 'never']
    """
    accepts(
        survey=(survey, SURVEY),
        variable=(variable, NAME),
        labels=(labels, WORDS),
        into=(into, TEXT),
        label=(label, TEXT),
    )
    old, column = _coded(survey, variable)
    known = [*old.labels, *old.missing_labels, *(str(name) for name in column.cat.categories)]
    _refuse_unknown(variable, labels, known, old)
    into = into or variable
    kept = [labels.get(name, name) for name in old.labels]
    added = [labels[name] for name in known if name in labels and name not in old.labels]
    answers = [name for name in dict.fromkeys([*kept, *added]) if name not in old.missing_labels]
    one_to_one = len(set(kept)) == len(kept) and not set(kept) & set(old.missing_labels)
    free = _free_codes(old, old.codes if one_to_one else ())
    codes = list(old.codes) if one_to_one else []
    new = replace(
        _missing_left(old, labels),
        name=into,
        label=label or old.label,
        codes=dict(zip([*codes, *(next(free) for _ in answers[len(codes) :])], answers, strict=True)),
        scores={labels.get(name, name): value for name, value in old.scores.items()} if one_to_one else {},
        statistic=old.statistic if one_to_one else "mean",
        nets=renamed_nets(old.nets, labels, answers),
        last=tuple(name for name in (labels.get(last, last) for last in old.last) if name in answers),
        set=old.set if into == variable else "",
    )
    rule = f"{into}: {_mapping_in_words(labels)}"
    return _relabelled(survey, variable, new, labels, Step("recode", rule, "answers renamed or merged", 0, 0))


def collapse(
    survey: Survey,
    *,
    variable: str,
    into: str,
    labels: Mapping[str, str | Sequence[str]],
    rest: str = "",
    label: str = "",
) -> Survey:
    """Sort answers into boxes, such as the two at the top of a scale and the others.

    Parameters
    ----------
    survey
        The survey.
    variable
        The variable, or a set's name: then all its questions, one after the other.
    into
        The new variable's name; of a set, a name with ``*`` where a question's own stands: ``"*_top2"``.
    labels
        Box -> the answers in it, boxes in the order they shall have. Missing answers stay missing unless
        they are put into a box.
    rest
        The box, the last one, of all other substantive answers; empty if there are none.
    label
        The new variable's wording; empty keeps the old one.

    Returns
    -------
    Survey
        With the new variable, its boxes coded 1, 2, ... in their order.

    Raises
    ------
    DataError
        No such variable or answers, an answer in two boxes or, without ``rest``, in none (all of them
        named), a name already taken, or a change in place of an answer that others rest on, as for `recode`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"trust": ["none", "some", "much", "full"]}))
    >>> boxes = {"trusts": ["much", "full"]}
    >>> collapsed = tk.collapse(survey, variable="trust", into="top2", labels=boxes, rest="does not")
    >>> collapsed.data["top2"].tolist(), collapsed.codebook["top2"].codes
    (['does not', 'does not', 'trusts', 'trusts'], {1: 'trusts', 2: 'does not'})
    """
    accepts(
        survey=(survey, SURVEY),
        variable=(variable, NAME),
        into=(into, TEXT),
        labels=(labels, WORDS),
        rest=(rest, TEXT),
        label=(label, TEXT),
    )
    items = _items(survey, variable, into)
    for name in items:
        survey = collapse(
            survey, variable=name, into=into.replace("*", name), labels=labels, rest=rest, label=label
        )
    if items:
        return survey
    old, _ = _coded(survey, variable)
    boxed = [(name, box) for box, names in labels.items() for name in _listed(names)]
    _refuse_unknown(variable, [name for name, _ in boxed], [*old.labels, *old.missing_labels], old)
    mapping = dict(boxed)
    twice = [name for name in mapping if sum(name == other for other, _ in boxed) > 1]
    left = [name for name in old.labels if name not in mapping]
    if twice or (left and not rest):
        raise DataError(
            f"each answer of {variable} must be in exactly one box",
            got="; ".join(
                f"{what}: {', '.join(map(repr, names))}"
                for what, names in (("in two boxes", twice), ("in none", [] if rest else left))
                if names
            ),
            do="put each into one box, or name the box of all others as rest",
        )
    mapping |= dict.fromkeys(left, rest)
    free, kept = _free_codes(old), _missing_left(old, mapping)
    called = [box for box in mapping.values() if box in old.missing_labels]
    if called:
        raise DataError(
            f"the box {called[0]!r} is also the label of missing answers",
            do="name the box differently, or make the answers missing ones with recode",
        )
    new = replace(
        kept,
        name=into,
        label=label or old.label,
        kind="ordinal" if old.kind == "ordinal" else "single",
        codes={next(free): box for box in dict.fromkeys([*labels, *([rest] if left else [])])},
        scores={},
        statistic="mean",
        nets={},
        last=(),
        reverse=False,
        set="",
    )
    rule = f"{into}: {_mapping_in_words(mapping)}"
    return _relabelled(survey, variable, new, mapping, Step("collapse", rule, "answers put into boxes", 0, 0))


def _items(survey: Survey, variable: str, into: str) -> tuple[str, ...]:
    """Return a set's questions; none if a variable is meant."""
    items = () if variable in survey.data else survey.codebook.members(variable)
    if items and "*" not in into:
        raise DataError(
            f"{variable} is a set of {len(items)} questions, and all would get one name",
            got=f"into={into!r}", do="write * where a question's own name stands, such as into='*_new'",
        )  # fmt: skip
    return items


def reverse(survey: Survey, *, variable: str, into: str = "", label: str = "") -> Survey:
    """Turn a scale around: the answer that scored lowest scores highest, and comes last.

    Parameters
    ----------
    survey
        The survey.
    variable
        An ordinal variable, whose respondents keep their answers and change their scores, or a numeric
        one with a range, whose values become low + high - value; or a set's name: then all its questions.
    into
        The new variable's name; empty changes the variable in place. Of a set, a name with ``*`` where a
        question's own stands: ``"*_reversed"``.
    label
        The new variable's wording; empty keeps the old one.

    Raises
    ------
    DataError
        No such variable, one without order or range, one that the codebook turns around already, or a
        name already taken.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> about = tk.Variable("calm", "Calm", "ordinal", codes={1: "no", 2: "a bit", 3: "yes"})
    >>> survey = tk.Survey(pd.DataFrame({"calm": [1, 3]}), tk.Codebook({"calm": about}))
    >>> tk.reverse(survey, variable="calm").codebook["calm"].codes
    {1: 'yes', 2: 'a bit', 3: 'no'}
    """
    accepts(survey=(survey, SURVEY), variable=(variable, NAME), into=(into, TEXT), label=(label, TEXT))
    items = _items(survey, variable, into or "*")
    for name in items:
        survey = reverse(survey, variable=name, into=into.replace("*", name), label=label)
    if items:
        return survey
    old = describe(survey.data, survey.codebook, variable)
    into = into or variable
    if old.reverse:
        raise DataError(
            f"the codebook already reverses {variable}",
            do="drop this step, or reverse: true from the codebook",
        )
    new = replace(old, name=into, label=label or old.label, set=old.set if into == variable else "")
    n = len(survey.data)
    if old.kind == "ordinal":
        ends = min(old.scores.values(), default=0) + max(old.scores.values(), default=0)
        new = replace(
            new,
            codes=dict(zip(old.codes, reversed(old.labels), strict=True)),
            scores={name: ends - value for name, value in old.scores.items()},
        )
        step = Step(
            "reverse", f"{into}: from {new.labels[0]} to {new.labels[-1]}", "scale turned around", n, n
        )
        return _relabelled(survey, variable, new, {}, step)
    if old.kind != "numeric" or old.low is None or old.high is None:
        raise DataError(
            f"{variable} can't be reversed",
            got=f"kind {old.kind}, {'no range' if old.kind == 'numeric' else 'no order'}",
            expected="an ordinal variable, or a numeric one with low and high",
        )
    column = survey.data[variable]
    turned = column.where(~answered(column, old), old.low + old.high - column)
    step = Step("reverse", f"{into}: {old.low + old.high:g} - {variable}", "scale turned around", n, n)
    return _with(survey, variable, new, turned).tracked(step)


def _coded(survey: Survey, name: str) -> tuple[Variable, pd.Series]:
    """Return a coded variable's description and its categorical column."""
    about = describe(survey.data, survey.codebook, name)
    column = survey.data[name]
    if about.kind not in CODED:
        raise DataError(
            f"{name} has no answers to recode",
            got=f"kind {about.kind}",
            do="use derive, whose conditions take ranges of numbers",
        )
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.map(str, na_action="ignore").astype(pd.CategoricalDtype(list(about.labels)))
    return about, column


def _relabelled(
    survey: Survey, variable: str, new: Variable, labels: Mapping[str, str], step: Step
) -> Survey:
    """Return the survey with a variable's answers under their new labels; unknown codes stay visible."""
    if new.name == variable:
        moved = [(name, label) for name, label in labels.items() if name != label]
        _refuse_relied_on(survey, variable, {name for pair in moved for name in pair})
    _, column = _coded(survey, variable)
    codes = column.cat.codes.to_numpy()
    names = [labels.get(name, name) for name in column.cat.categories]
    visible = [labels.get(name, name) for name, size in sums_of(column).items() if name and size]
    place = {name: k for k, name in enumerate(dict.fromkeys([*new.labels, *new.missing_labels, *visible]))}
    lookup = np.array([*(place.get(name, -1) for name in names), -1])
    dtype = pd.CategoricalDtype(list(place), ordered=new.kind == "ordinal")
    values = pd.Categorical.from_codes(lookup[codes], dtype=dtype)
    n = len(survey.data)
    return _with(survey, variable, new, values).tracked(replace(step, n_before=n, n_after=n))


def _with(
    survey: Survey, old: str, new: Variable, values: pd.Series | pd.api.extensions.ExtensionArray
) -> Survey:
    """Return the survey with a variable changed in place, or with the new one beside it."""
    if new.name != old:
        return survey.with_variable(new, values)
    book = replace(survey.codebook, variables={**survey.codebook.variables, old: new})
    return replace(survey, data=survey.data.assign(**{old: values}), codebook=book)


def _refuse_unknown(variable: str, named: Iterable[str], known: Sequence[str], about: Variable) -> None:
    """Refuse labels that a variable doesn't have, all of them at once."""
    answers = tuple(dict.fromkeys(known))
    unknown = [name for name in named if name not in known]
    if unknown:
        raise DataError(
            f"{variable} has no answer {', '.join(map(repr, unknown))}",
            do="; ".join(dict.fromkeys(suggest_answer(name, answers, about) for name in unknown)),
        )


def _refuse_relied_on(survey: Survey, variable: str, changed: Collection[str]) -> None:
    """Refuse to change answers in place that a filter question or a tracked figure names.

    An answer that others are merged into has changed, too: more respondents give it than were asked.
    """
    book = survey.codebook
    relying = [
        f"{other.name}, asked of {name!r}"
        for other in book.variables.values()
        for name in other.asked.get(variable, ())
        if name in changed
    ]
    if book.track.get(variable) in changed:
        relying.append(f"the log, which tracks {book.track[variable]!r}")
    if relying:
        raise DataError(
            f"answers of {variable} can't change in place, because others depend on them",
            got="; ".join(relying),
            do="make a new variable with into",
        )


def _missing_left(old: Variable, labels: Mapping[str, str]) -> Variable:
    """Return a variable without the missing answers that get other labels."""
    moved = [name for name in old.missing_labels if labels.get(name, name) != name]
    unasked = any(
        old.reason_of[name] not in ANSWERED and labels[name] not in old.missing_labels for name in moved
    )
    gone = set(moved) - set(labels.values())
    left = {code: reason for code, reason in old.missing.items() if old.missing_names[code] not in gone}
    return replace(
        old,
        missing=left,
        missing_words={code: words for code, words in old.missing_words.items() if code in left},
        asked={} if unasked else old.asked,  # who was not asked has an answer now
    )


def _free_codes(old: Variable, taken: Iterable[Code] = ()) -> Iterator[int]:
    """Count from 1, without the codes that a variable uses already, or that mean missing answers."""
    used = {code_text(code) for code in (*taken, *old.missing)}
    return (
        code
        for code in count(1)
        if str(code) not in used and not any(span.holds(code) for span in old.missing_ranges)
    )


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _mapping_in_words(labels: Mapping[str, str]) -> str:
    """Return in words which answers became which."""
    sources: dict[str, list[str]] = {}
    for name, new in labels.items():
        sources.setdefault(new, []).append(name)
    return "; ".join(f"{new} = {' or '.join(names)}" for new, names in sources.items())
