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
from trustkit.design.pps import read_pps
from trustkit.design.read_lazy import open_rows
from trustkit.design.replicates import Replicates, read_replicates
from trustkit.design.role_columns import read_roles, single_columns
from trustkit.design.rows import MemoryRows
from trustkit.design.stages import first_of, read_later_stages
from trustkit.design.variance import DomainLonely, LonelyPsu, Sample
from trustkit.errors import DesignError
from trustkit.survey.codebook import Codebook
from trustkit.survey.exclusion_log import ExclusionLog
from trustkit.survey.survey import Survey
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage
    from trustkit.design.pps import Pps
    from trustkit.design.role_columns import Given
    from trustkit.design.rows import Rows
    from trustkit.design.stages import LaterStages, Stage
    from trustkit.design.weight_history import WeightStep

    Floats = NDArray[np.float64]

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
    *,
    stages: Sequence[Stage] = (),
    pps: Pps | None = None,
) -> DesignParts:
    """Read a design from a survey, a frame, or a source in an engine.

    Parameters
    ----------
    source, codebook, replicates, stages, pps
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
    if pps is not None:
        _refuse_beside_pps(policies, replicates, stages)
        given = replace(given, replaces=("fpc",))
    given = _of_stages(given, stages, replicates) if stages else given
    if isinstance(source, pd.DataFrame):
        source = Survey(source, codebook or Codebook({}, title="data frame"))
    elif isinstance(source, Survey) and codebook is not None:
        source = _described(source, codebook)
    if replicates is None and pps is None:
        replicates = _of_codebook(source.codebook if isinstance(source, Survey) else codebook, given)
    if isinstance(source, Survey):
        return _in_memory(source, given, policies, replicates, stages, pps)
    if replicates is not None:
        raise DesignError(
            "a lazy source takes no replicates", do="bring the columns that are needed into pandas"
        )
    if pps is not None:
        raise DesignError(
            "a lazy source takes no probabilities of inclusion as fpc",
            got="Pps", do="bring the columns that are needed into pandas, or leave fpc out",
        )  # fmt: skip
    if len(stages) > 1:
        raise DesignError(
            "a lazy source takes one stage of sampling",
            got=f"{len(stages):,} stages",
            do="bring the columns that are needed into pandas, or pass the first stage only, without its fpc",
        )
    book = codebook or Codebook({}, title="data frame")
    roles = single_columns(given.over(book.design))
    rows = open_rows(source, book, roles)
    if policies.lonely_psu == "fail":
        refuse_lonely(rows.groups, roles, rows.stage, book.variables)
    sample = Sample(np.empty(0), rows.stage, policies.lonely_psu, policies.domain_lonely)
    return DesignParts(rows, book, sample, roles, frozenset(roles.values()), ExclusionLog())


def _of_codebook(book: Codebook | None, given: Given) -> Replicates | None:
    """Return the replicate weights that the codebook names, unless arguments give another design."""
    if book is None or book.design.replicates is None or not given.keeps_replicates(book.design):
        return None
    return Replicates(**vars(book.design.replicates))


def _of_stages(given: Given, stages: Sequence[Stage], replicates: Replicates | None) -> Given:
    """Return the roles of the first of several stages.

    Raises
    ------
    DesignError
        Stages beside arguments that they replace, or beside replicates.
    """
    first = first_of(stages)
    if replicates is not None:
        raise DesignError(
            "a design has stages or replicates, not both",
            do="leave the stages out if the replicate weights give the variance",
        )
    beside = [role for role in ("strata", "fpc") if getattr(given, role) is not None]
    if beside:
        raise DesignError(
            f"{' and '.join(beside)} can't be used beside stages",
            got=f"{len(stages):,} stages in psu",
            do="give the strata and fpc of each stage there: tk.Stage(psu, strata=..., fpc=...)",
        )
    return replace(
        given, strata=first.strata, psu=first.psu, fpc=first.fpc, replaces=("strata", "psu", "fpc")
    )


def _in_memory(
    survey: Survey,
    given: Given,
    policies: Policies,
    replicates: Replicates | None,
    stages: Sequence[Stage],
    pps: Pps | None,
) -> DesignParts:
    """Read the design of rows in memory."""
    data = survey.data
    if data.empty:
        raise DesignError("the survey has no rows", do="check the file, and what the cleaning steps removed")
    known = read_roles(data, given.over(survey.codebook.design))
    weights = read_weights(known.data, known.names.get("weights"))
    stage = read_first_stage(known.data, known.names, weights, policies.nest)
    names, used = dict(known.names), known.columns
    if pps is not None:
        stage, inclusion, columns = read_pps(data, pps, stage)
        used |= columns
        if "weights" not in names:
            weights, names["weights"] = 1 / inclusion, "1 / probability of inclusion"
    replicate_weights = None if replicates is None else read_replicates(data, replicates)
    if policies.lonely_psu == "fail" and replicates is None:
        refuse_lonely(known.data, known.names, stage, survey.codebook.variables)
    later, of_stages = read_later_stages(
        data, stages, stage, lonely_psu=policies.lonely_psu, domain_lonely=policies.domain_lonely
    )
    if stages and "weights" not in names and all(given.fpc is not None for given in stages):
        weights, names["weights"] = 1 / _sampled_shares(stage, later, len(data)), "fpc of all stages"
    sample = Sample(
        weights, stage, policies.lonely_psu, policies.domain_lonely, replicate_weights, later=later
    )
    rows = MemoryRows(data, survey.codebook)
    return DesignParts(rows, survey.codebook, sample, names, used | of_stages, survey.log)


def _refuse_beside_pps(policies: Policies, replicates: Replicates | None, stages: Sequence[Stage]) -> None:
    """Refuse what a design with unequal probabilities of inclusion does not take."""
    beside = [
        words
        for given, words in (
            (replicates is not None, "replicates"),
            (bool(stages), "several stages"),
            (policies.lonely_psu != "fail", f"lonely_psu={policies.lonely_psu!r}"),
        )
        if given
    ]
    if beside:
        raise DesignError(
            f"a design with probabilities of inclusion as fpc takes no {beside[0]}",
            got="fpc=Pps(...)",
            do=f"leave {beside[0]} out, or leave Pps out for the variance with replacement",
        )


def _sampled_shares(stage: FirstStage, later: LaterStages | None, n: int) -> Floats:
    """Return each row's probability of being sampled, which the fpc of all stages give."""
    if later is not None:
        return later.shares
    groups = np.zeros(n, dtype=np.intp) if stage.groups is None else stage.groups
    shares: Floats = stage.fractions[stage.stratum_of_group][groups]
    return shares


def _described(survey: Survey, codebook: Codebook) -> Survey:
    """Return a survey with another codebook.

    Raises
    ------
    DesignError
        With every variable whose answers are not all in the codebook.
    """
    purposes = tuple(dict.fromkeys((*survey.codebook.used_for, *codebook.used_for)))
    codebook = replace(codebook, used_for=purposes)
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
