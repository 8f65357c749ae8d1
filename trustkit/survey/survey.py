"""A survey: the respondents' frame, the codebook that describes it, and the log of exclusions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd

from trustkit.arguments import COLUMN, FUNCTION, SURVEY, a_trustkit, accepts
from trustkit.counted import Counted, counted_rows
from trustkit.display import Shown
from trustkit.errors import DataError, Faults, first_few
from trustkit.field_kinds import accepts_fields
from trustkit.given_functions import called
from trustkit.survey.checks import NO_PLACE, TOLERATED, Broken, broken_rules
from trustkit.survey.columns import (
    answered,
    group_sizes,
    has_reason,
    has_unnamed_categories,
    is_labelled,
    labelled,
    total_weight,
    tracked_shares,
)
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.multiple_answers import expanded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

    Floats = NDArray[np.float64]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False, repr=False)
class Survey(Shown):
    """Respondents and the description of their answers.

    Attributes
    ----------
    data
        One row per respondent. Coded answers are categoricals of the codebook's labels; a code that
        is not in the codebook stays visible as a separate category.
    codebook
        What each column is.
    log
        The exclusion log.
    source, digest
        The raw file's name and its SHA-256, as read.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sex = tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})
    >>> tk.Survey(pd.DataFrame({"sex": [1, 2, 7]}), tk.Codebook({"sex": sex})).check()
      variable          rule value  count rows
    0      sex  unknown code     7      1    2
    """

    data: pd.DataFrame
    codebook: Codebook
    log: ExclusionLog = field(default_factory=ExclusionLog)
    source: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        """Label the coded columns that are not labelled yet; name other categories in words."""
        accepts_fields(self)
        names = self.data.columns
        if not names.is_unique:
            twice = ", ".join(str(name) for name in names[names.duplicated()].unique())
            raise DataError("columns share a name", got=twice, do="name each column once")
        if any(
            variable.split or variable.empty != "no answer" for variable in self.codebook.variables.values()
        ):
            data, variables, sets = expanded(self.data, self.codebook.variables, self.codebook.sets)
            object.__setattr__(self, "data", data)
            joined = {name: about for name, about in self.codebook.variables.items() if name not in variables}
            book = replace(
                self.codebook, variables=variables, sets=sets, joined={**self.codebook.joined, **joined}
            )
            object.__setattr__(self, "codebook", book)
        types = dict(zip(self.data.columns, self.data.dtypes, strict=True))
        new_columns = {
            name: labelled(self.data[name], variable)
            for name, variable in self.codebook.variables.items()
            if name in types and not is_labelled(types[name], variable)
        }
        new_columns |= {
            name: self.data[name].cat.rename_categories([str(category) for category in dtype.categories])
            for name, dtype in types.items()
            if isinstance(name, str) and name not in self.codebook.variables and has_unnamed_categories(dtype)
        }
        if new_columns:
            object.__setattr__(self, "data", self.data.assign(**new_columns))
        caveats = self.log.caveats.joined(self.codebook.caveats)
        object.__setattr__(self, "log", replace(self.log, caveats=caveats))

    def check(self) -> pd.DataFrame:
        """Compare the data with the codebook.

        An id may be repeated where the cleaning drops duplicates by it.

        Returns
        -------
        DataFrame
            One row per fault: ``variable``, ``rule``, ``value``, ``count``, ``rows`` (the first few
            row labels). Empty when all agrees.
        """
        faults: list[dict[str, object]] = []
        roles = self.codebook.design.columns
        design = {name for role in ("strata", "psu", "fpc", "replicates") for name in roles.get(role, ())}
        once = {step.get("key") for step in self.codebook.cleaning if step.get("step") == "drop_duplicates"}
        for name, variable in self.codebook.variables.items():
            if name not in self.data:
                faults.append(_fault(name, "column is missing", ""))
                continue
            column = self.data[name]
            valid = answered(column, variable).to_numpy()
            broken = [*broken_rules(column, variable, valid), *self._broken_routing(variable, valid)]
            if name in design:
                broken.append(Broken(NO_PLACE, "", column.isna().to_numpy()))
            faults += [
                _fault(name, rule, value, column.index[rows])
                for rule, value, rows in broken
                if rows.any() and not (rule == "id repeated" and name in once)
            ]
        return pd.DataFrame(faults, columns=["variable", "rule", "value", "count", "rows"])

    def _broken_routing(self, variable: Variable, valid: NDArray[np.bool_]) -> list[Broken]:
        """Find answers to a question that was not asked, and none at all to a closed one that was."""
        asked = {
            of: self.data[of].isin(answers).to_numpy()
            for of, answers in variable.asked.items()
            if of in self.data
        }
        if not asked:
            return []
        conditions = {of: " or ".join(variable.asked[of]) for of in asked}
        broken = [
            Broken("answered though not asked", f"{of} is not {conditions[of]}", ~met & valid)
            for of, met in asked.items()
        ]
        if variable.kind == "text":  # an open question may be left empty
            return broken
        column = self.data[variable.name]
        unasked = [label for label, reason in variable.reason_of.items() if reason == "not asked"]
        silent = column.isna().to_numpy() | has_reason(column, variable, *unasked)
        words = " and ".join(f"{of} is {answers}" for of, answers in conditions.items())
        broken.append(
            Broken("not answered though asked", words, silent & np.logical_and.reduce(list(asked.values())))
        )
        return broken

    def refuse_faults(self) -> None:
        """Raise one ``DataError`` that lists every row of `check` that cleaning can't go on with."""
        faults = Faults("the data, compared with the codebook", DataError)
        for row in self.check().to_dict("records"):
            if row["rule"] not in TOLERATED:
                count = "1 row" if row["count"] == 1 else f"{row['count']:,} rows"
                rows = f" {row['value']} ({count}, first: {row['rows']})" if row["count"] else ""
                faults.add(f"{row['rule']}{rows}", where=row["variable"])
        faults.refuse(
            where=self.source or None,
            do="correct the codebook, or recode the values; nothing was changed or dropped",
        )

    def tracked(self, step: Step, *, before: Survey | None = None) -> Survey:
        """Return the survey with a step in its log, and what the step did to the shares followed.

        Parameters
        ----------
        step
            Its name, rule, reason and numbers of respondents.
        before
            The survey before the step, if the step removed respondents.
        """
        accepts(step=(step, a_trustkit("Step", "make one")), before=(before, SURVEY.optional()))
        old = before or self
        weight = total_weight(old.data, self.codebook)
        now = group_sizes(self.data, self.log.by)
        counted = replace(
            step,
            figures=tracked_shares(self.data, self.codebook, np.ones(len(self.data))),
            weight_lost=1 - total_weight(self.data, self.codebook) / weight if weight else float("nan"),
            groups={
                group: (size, now.get(group, 0)) for group, size in group_sizes(old.data, self.log.by).items()
            },
        )
        return replace(self, log=self.log.add(counted))

    def with_variable(
        self, variable: Variable, values: pd.Series | pd.api.extensions.ExtensionArray | Floats
    ) -> Survey:
        """Return the survey with one more variable, described in its codebook.

        Raises
        ------
        DataError
            If the name is taken, there is not one value per row, or a Series has another index than the rows.
        """
        accepts(
            variable=(variable, a_trustkit("Variable", "make one with tk.Variable")),
            values=(values, COLUMN),
        )
        if len(values) != len(self.data):
            raise DataError(
                "a new variable needs one value per row",
                got=f"{len(values):,} values",
                expected=f"{len(self.data):,}",
                do="give the values in the order of the rows",
            )
        if isinstance(values, pd.Series) and not values.index.equals(self.data.index):
            raise DataError(
                "a new variable must have the index of the rows",
                got="another index, by which pandas would match or drop values",
                do="give values.to_numpy() if they are in the order of the rows",
            )
        name = variable.name
        if name in self.data:
            raise DataError(f"the variable {name!r} is there already", do="choose another name")
        book = replace(self.codebook, variables={**self.codebook.variables, name: variable})
        return replace(self, data=self.data.assign(**{name: values}), codebook=book)

    def pipe(self, function: Callable[Concatenate[Survey, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a function makes of the survey, so that steps read from top to bottom.

        Parameters
        ----------
        function
            Takes the survey first.
        *args, **kwargs
            What else it takes.

        Examples
        --------
        >>> import trustkit as tk
        >>> folder = tk.example_folder("consumer_trust")
        >>> survey = tk.read(folder / "responses.csv", tk.read_codebook(folder / "codebook.yaml"))
        >>> survey.pipe(tk.clean).pipe(tk.Design).n
        5240
        """
        accepts(function=(function, FUNCTION))
        do = "it takes the survey first, then the other values that pipe is given"
        return cast("R", called(partial(function, **kwargs), self, *args, name="function", do=do))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return (counted_rows(["survey"], [len(self.data)], lambda _: [(1, 1)]),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "study": self.codebook.title or "-",
            "respondents": f"{len(self.data):,}",
            "variables": str(self.data.shape[1]),
            "population": self.codebook.population or "not stated",
            "source": self.source.rpartition("/")[2] or "-",
        }
        table = pd.DataFrame({"survey": list(about), "value": list(about.values())})
        return "Survey", table, self.codebook.caveats.sentences


def _fault(name: str, rule: str, value: str, rows: pd.Index | None = None) -> dict[str, object]:
    rows = pd.Index([]) if rows is None else rows
    return {
        "variable": name,
        "rule": rule,
        "value": value,
        "count": len(rows),
        "rows": first_few(rows),
    }
