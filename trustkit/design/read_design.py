"""Reading a design: its rows, and the columns of weights, strata, PSUs and fpc."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.design.first_stage import (
    Nest,
    read_first_stage,
    read_weights,
    refuse_lonely,
)
from trustkit.design.read_lazy import open_rows
from trustkit.design.replicates import Replicates, read_replicates
from trustkit.design.role_columns import read_roles, single_columns
from trustkit.design.rows import MemoryRows
from trustkit.design.variance import DomainLonely, LonelyPsu, Sample
from trustkit.errors import DesignError
from trustkit.survey.codebook import Codebook
from trustkit.survey.exclusion_log import ExclusionLog
from trustkit.survey.survey import Survey
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustkit.design.role_columns import Given
    from trustkit.design.rows import Rows
    from trustkit.design.weight_history import WeightStep

MOST_SHOWN = 20
"""The most unknown answers of a variable that an error names."""


@dataclass(frozen=True, eq=False)
class DesignParts:
    """The parts of a design.

    Attributes
    ----------
    rows
        The respondents, in memory or in an engine.
    codebook
        The description of the study and its columns.
    sample
        Weights, the first stage of sampling, replicates and calibration, as arrays.
    roles
        The columns of ``weights``, ``strata``, ``psu`` and ``fpc``, or words for their source.
    sampling_columns
        The columns of the rows that carry the design.
    log
        The exclusion log.
    history
        What each weighting step did.
    """

    rows: Rows
    codebook: Codebook
    sample: Sample
    roles: Mapping[str, str]
    sampling_columns: frozenset[str]
    log: ExclusionLog
    history: tuple[WeightStep, ...] = ()


@dataclass(frozen=True)
class Policies:
    """How PSU labels are counted, and how a stratum with one PSU enters the variance."""

    nest: Nest
    lonely_psu: LonelyPsu
    domain_lonely: DomainLonely


def read_parts(
    source: object,
    codebook: Codebook | None,
    given: Given,
    policies: Policies,
    replicates: Replicates | None,
) -> DesignParts:
    """Read a design from a survey, a frame, or a source in an engine.

    Parameters
    ----------
    source, codebook, replicates
        As in `trustkit.Design`.
    given
        The columns and values from the user; the codebook names the others.
    policies
        How PSUs are counted.

    Raises
    ------
    DataError
        A source that can't be read.
    DesignError
        Rows that can't be a design (`trustkit.Design`).
    """
    if isinstance(source, pd.DataFrame):
        source = Survey(source, codebook or Codebook({}, title="data frame"))
    elif isinstance(source, Survey) and codebook is not None:
        source = _described(source, codebook)
    if isinstance(source, Survey):
        return _in_memory(source, given, policies, replicates)
    if replicates is not None:
        raise DesignError(
            "a lazy source takes no replicates", do="bring the columns that are needed into pandas"
        )
    book = codebook or Codebook({}, title="data frame")
    roles = single_columns(given.over(book.design))
    rows = open_rows(source, book, roles)
    if policies.lonely_psu == "fail":
        refuse_lonely(rows.groups, roles, rows.stage)
    sample = Sample(np.empty(0), rows.stage, policies.lonely_psu, policies.domain_lonely)
    return DesignParts(rows, book, sample, roles, frozenset(roles.values()), ExclusionLog())


def _in_memory(
    survey: Survey, given: Given, policies: Policies, replicates: Replicates | None
) -> DesignParts:
    """Read the design of rows in memory."""
    data = survey.data
    if data.empty:
        raise DesignError("the survey has no rows", do="check the file, and what the cleaning steps removed")
    known = read_roles(data, given.over(survey.codebook.design))
    weights = read_weights(known.data, known.names.get("weights"))
    stage = read_first_stage(known.data, known.names, weights, policies.nest)
    replicate_weights = None if replicates is None else read_replicates(data, replicates)
    if policies.lonely_psu == "fail" and replicates is None:
        refuse_lonely(known.data, known.names, stage)
    sample = Sample(weights, stage, policies.lonely_psu, policies.domain_lonely, replicate_weights)
    rows = MemoryRows(data, survey.codebook)
    return DesignParts(rows, survey.codebook, sample, known.names, known.columns, survey.log)


def _described(survey: Survey, codebook: Codebook) -> Survey:
    """Return a survey with another codebook.

    Raises
    ------
    DesignError
        With every variable whose answers are not all in the codebook.
    """
    log = replace(survey.log, caveats=codebook.caveats)
    described = replace(survey, codebook=codebook, log=log)
    unknown = {
        name: [label for label in categories if label not in (*about.labels, *about.missing_labels)]
        for name, about in codebook.variables.items()
        if name in described.data and isinstance(described.data[name].dtype, pd.CategoricalDtype)
        for categories in [described.data[name].cat.remove_unused_categories().cat.categories]
        if about.kind in CODED
    }
    lines = [
        f"{name}: {', '.join(map(str, labels[:MOST_SHOWN]))}" for name, labels in unknown.items() if labels
    ]
    if lines:
        raise DesignError(
            "the survey contains answers that are not in the codebook",
            where="codebook",
            got="\n    ".join(["", *lines]),
            expected="the labels or codes of a codebook that describes this survey",
            do="add these answers to it, or read the file again with it: tk.read(path, codebook=...)",
        )
    return described
