"""Public-use files: the rows of a survey without identifiers, written only if nobody stands out in them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from trustkit.arguments import NAMES, PATH, POSITIVE_WHOLE, SURVEY, accepts
from trustkit.errors import DataError, Faults, suggest
from trustkit.files.file_places import refuse_place, refuse_study_data
from trustkit.files.write import write
from trustkit.privacy.anonymity import anonymity, groups_of
from trustkit.privacy.leak_looks import looks_like_leaks
from trustkit.survey.codebook import nets_among
from trustkit.survey.permissions import permits
from trustkit.survey.quoted_cells import may_be_quoted
from trustkit.survey.respondent_ids import cell_text
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Identifier

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

LEAST_K = 2
"""Below it every row may be of its own, so the rule would say nothing."""

SHORTEST = 4
"""How many characters an identifier has at least that is searched in answers; shorter ones are everywhere."""

WORDS = re.compile(r"[^\s,;:()\"'<>]+")
"""Words of an answer, with the signs that addresses and ids have."""

KINDS = tuple(kind for kind in get_args(Identifier) if kind != "none")
"""What `release` may be told to leave out, beside single variables."""


def release(
    survey: Survey, path: str | Path, *, k: int = 5, drop: str | Sequence[str] = ("direct",)
) -> pd.DataFrame:
    """Write a public-use file, only if every respondent shares what may be known of them with enough others.

    Nothing is coarsened for you, because only you can say which detail readers can do without.

    Parameters
    ----------
    survey
        The survey, cleaned, its quasi-identifiers marked in the codebook and coarsened (`collapse`).
    path
        Where to, outside the study's folder ``data``: ``.sav`` or ``.parquet``, as `write`.
    k
        How many respondents must at least share the same values of all quasi-identifiers; 2 or more.
    drop
        What to leave out: variables, or all that the codebook calls ``direct`` or ``quasi``.

    Returns
    -------
    DataFrame
        One row per variable: ``variable``, ``released`` and ``why``.

    Raises
    ------
    DataError
        With every reason why no file is written: a variable that the codebook does not describe, an id, a
        direct identifier, an open answer or what looks like one, a variable that respondents did not allow
        for the purpose of the rows, an answer or label that holds an identifier of a respondent or looks
        like an address, a telephone, account or official number, a key or a path (as `check_release`
        searches for), no quasi-identifier in the codebook, or groups that are smaller than ``k``. The
        last names the variables to coarsen, the most useful first. Or if the file would lie in the folder
        ``data`` of a study, or `write` can't write it.

    Notes
    -----
    k is that of `anonymity`; a missing value is a value of its own. It limits who can be found by the
    variables that the codebook marks, and says nothing of others. It does not hide what all members of a
    group have in common: look at l-diversity with `anonymity`. The rows are sorted by their values, so that
    their order tells nothing. The codebook in the file has no cleaning steps and no remarks of drafting.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> variables = {
    ...     "id": tk.Variable("id", "Id", "id", identifier="direct"),
    ...     "sex": tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, identifier="quasi"),
    ...     "trust": tk.Variable("trust", "Trust", "single", codes={1: "yes", 0: "no"}),
    ... }
    >>> frame = pd.DataFrame({"id": list("abcd"), "sex": [1, 2, 2, 1], "trust": [1, 0, 1, 1]})
    >>> survey = tk.Survey(frame, tk.Codebook(variables))
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "public.parquet"
    >>> tk.release(survey, file, k=2)["released"].tolist()
    [False, True, True]
    >>> tk.read(file).data["sex"].tolist()
    ['Men', 'Men', 'Women', 'Women']
    """
    accepts(survey=(survey, SURVEY), path=(path, PATH), k=(k, POSITIVE_WHOLE), drop=(drop, NAMES))
    if k < LEAST_K:
        raise DataError(
            "k must be at least 2", where="k", got=str(k), do="give 5, or more for sensitive data"
        )
    path = Path(path)
    refuse_study_data(path)
    refuse_place(path, source=survey.source)
    left_out = _left_out(survey, (drop,) if isinstance(drop, str) else tuple(drop))
    public = _public(survey, left_out)
    faults = Faults("the public-use file, and nothing was written", DataError)
    _note_identifiers(public, faults)
    _note_leaks(survey, public, faults)
    _note_purpose(public, faults)
    _note_groups(survey.codebook, public, k, faults)
    faults.refuse()
    write(public, path)
    return _listed(survey, left_out)


def _left_out(survey: Survey, drop: Sequence[str]) -> dict[str, str]:
    """Return the variables to leave out, and why."""
    book = survey.codebook.variables
    for name in drop:
        if name not in survey.data and name not in KINDS:
            choices = [*KINDS, *map(str, survey.data.columns)]
            raise DataError(
                f"there is no variable and no kind of identifier {name!r}", where="drop",
                do=suggest(name, choices) or 'name variables, or write "direct" or "quasi"',
            )  # fmt: skip
    kinds = {name: about.identifier for name, about in book.items() if about.identifier in drop}
    return {
        str(name): f"{kinds[name]} identifier" if name in kinds else "left out as asked"
        for name in survey.data
        if name in kinds or name in drop
    }


def _public(survey: Survey, left_out: Collection[str]) -> Survey:
    """Return the survey without some variables, sorted by its values, and without its history."""
    data = survey.data[[name for name in survey.data if name not in left_out]]
    if len(data.columns):
        texts = data.astype(str).reset_index(drop=True)
        data = data.iloc[texts.sort_values(list(texts.columns), kind="stable").index]
    variables = {name: about for name, about in survey.codebook.variables.items() if name in data}
    return Survey(data.reset_index(drop=True), _public_codebook(survey.codebook, variables))


def _public_codebook(book: Codebook, kept: Mapping[str, Variable]) -> Codebook:
    """Return a codebook of some variables, in which nothing names the others."""
    roles = {
        role: None for role, names in book.design.columns.items() if not all(name in kept for name in names)
    }
    variables = {
        name: replace(
            about, review="", asked={of: labels for of, labels in about.asked.items() if of in kept}
        )
        for name, about in kept.items()
    }
    sets = {about.set for about in kept.values()}
    purposes = {
        name: replace(told, record="", agreed=())
        if told.record in book.variables and told.record not in kept
        else told
        for name, told in book.purposes.items()
    }
    return replace(
        book, variables=variables, cleaning=(), joined={}, purposes=purposes,
        design=replace(book.design, **roles),
        track={name: label for name, label in book.track.items() if name in kept},
        sets={name: wording for name, wording in book.sets.items() if name in sets},
        nets=nets_among(book, variables),
    )  # fmt: skip


def _note_identifiers(public: Survey, faults: Faults) -> None:
    """Record the variables that may tell who somebody is, whatever k is."""
    for name in map(str, public.data):
        about = public.codebook.variables.get(name)
        if about is None:
            faults.add(
                "the codebook does not describe it, so nobody knows what it tells", where=name,
                do="describe it, or leave it out",
            )  # fmt: skip
        elif about.kind == "id" or about.identifier == "direct":
            faults.add("it tells who the respondent is", where=name, do=f"leave it out: drop={[name]}")
        elif about.kind == "text":
            faults.add(
                "an open answer may tell who wrote it",
                where=name,
                do="leave it out, or code the answers",
            )
        elif hidden := _hidden_answers(public.data[name], about):
            faults.add(
                f"answers that the codebook does not list look like identifiers or open answers ({hidden:,} "
                "different ones)", where=name, do="leave it out, or list its answers under codes",
            )  # fmt: skip
    if public.data.empty:
        faults.add("no variable or no respondent is left", do="leave out less")


def _hidden_answers(column: pd.Series, about: Variable) -> int:
    """Return how many different answers no message may quote, and so no file may hold either."""
    if not isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.kind in "biufM":
        return 0
    plain = replace(about, identifier="none")
    return sum(not may_be_quoted(cell, plain) for cell in column.dropna().unique())


def _note_leaks(survey: Survey, public: Survey, faults: Faults) -> None:
    """Record answers and labels that look like addresses or numbers of a person, or hold an identifier."""
    variables = survey.codebook.variables
    secret = {
        text
        for name, about in variables.items()
        if name in survey.data and (about.kind == "id" or about.identifier == "direct")
        for text in (cell_text(cell).casefold() for cell in survey.data[name].dropna().unique())
        if len(text) >= SHORTEST and not text.isdecimal()
    }
    for name in map(str, public.data):
        about = public.codebook.variables.get(name)
        if about is None or about.kind in ("id", "text") or about.identifier == "direct":
            continue  # it has a fault of its own
        column = public.data[name]
        is_text = isinstance(column.dtype, pd.CategoricalDtype) or column.dtype.kind not in "biufM"
        answers = [cell_text(cell) for cell in column.dropna().unique()] if is_text else []
        texts = [*answers, about.label, *about.labels, *about.missing_labels]
        looks = {what for text in texts for _, what, _ in looks_like_leaks(text)}
        words = {word for text in texts for word in (text.casefold(), *WORDS.findall(text.casefold()))}
        if not secret.isdisjoint(words):
            looks.add("an identifier of a respondent")
        for what in sorted(looks):
            faults.add(
                f"an answer or label holds {what}", where=name, do="recode the answer, or leave it out"
            )


def _note_purpose(public: Survey, faults: Faults) -> None:
    """Record the variables that respondents did not allow for the purpose of the rows."""
    for name, about in public.codebook.variables.items():
        purpose = next((one for one in public.codebook.used_for if not permits(about, one)), None)
        if purpose is not None:
            faults.add(f"respondents did not allow it for {purpose!r}", where=name, do="leave it out")


def _note_groups(book: Codebook, public: Survey, k: int, faults: Faults) -> None:
    """Record groups that are too small, and the variables to coarsen."""
    if all(about.identifier != "quasi" for about in book.variables.values()):
        faults.add(
            "no variable is marked as a quasi-identifier, so k can't be measured",
            do="write identifier: quasi beside what somebody may know of a respondent, such as age",
        )
        return
    # an open answer has a fault of its own
    names = [
        name
        for name, about in public.codebook.variables.items()
        if about.identifier == "quasi" and about.kind != "text"
    ]
    if public.data.empty or not names:
        return
    sizes = np.bincount(groups_of(public.data, names))
    if sizes.min() >= k:
        return
    few = int(sizes[sizes < k].sum())
    steps = ", ".join(f"{name} (k is then {then:,})" for name, then in _to_coarsen(public, names, k))
    faults.add(
        f"k is {sizes.min():,}, not {k:,}: {few:,} of {len(public.data):,} respondents are in smaller groups",
        where=", ".join(names), do=f"coarsen with tk.collapse, or leave out, in this order: {steps}",
    )  # fmt: skip


def _to_coarsen(public: Survey, names: Sequence[str], k: int) -> list[tuple[str, int]]:
    """Return the variables whose detail costs most, until k is met without them; each with k after it."""
    steps: list[tuple[str, int]] = []
    left = list(names)
    while len(left) > 1 and (not steps or steps[-1][1] < k):
        best = anonymity(public, quasi=left).coarsen.iloc[0]
        left.remove(str(best["without"]))
        steps.append((str(best["without"]), int(best["k"])))
    if not steps or steps[-1][1] < k:
        steps.append((left[0], len(public.data)))
    return steps


def _listed(survey: Survey, left_out: Mapping[str, str]) -> pd.DataFrame:
    """Return what was released, one row per variable."""
    book = survey.codebook.variables
    rows = [
        (
            name,
            name not in left_out,
            left_out.get(name, "quasi-identifier" if book[name].identifier == "quasi" else "no identifier"),
        )
        for name in map(str, survey.data)
    ]
    return pd.DataFrame(rows, columns=["variable", "released", "why"])
