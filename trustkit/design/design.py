"""The sampling design: weights, strata, PSUs, finite populations, and the one variance function.

The longest module of the package, with a reason: every function takes a `Design`, so all that can be asked of
one stands in this class, two fifths of it docstrings. What it computes stands in the modules beside it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from trustkit.arguments import (
    ARRAY,
    CODEBOOK,
    FUNCTION,
    LOG,
    NAME,
    NAME_LIST,
    TEXT,
    WHERE,
    WHOLE,
    a_trustkit,
    accepts,
    one_of,
)
from trustkit.caveats import Caveats
from trustkit.counted import Counted, all_cells, counted_rows
from trustkit.design.engine_arguments import (
    CELLS,
    DIMS,
    FUNCTIONALS,
    LABELS,
    MASK,
    MONOMIALS,
    WEIGHT_ARRAY,
    WEIGHT_STEP,
)
from trustkit.design.first_stage import Nest
from trustkit.design.influences import influences_of
from trustkit.design.opt_in import called_in, caveats_of
from trustkit.design.pps import Pps
from trustkit.design.read_design import DesignParts, Policies, read_parts
from trustkit.design.reweighting import reweighted
from trustkit.design.role_columns import Given
from trustkit.design.rows import Centre, MemoryRows
from trustkit.design.stages import units_or_stages
from trustkit.design.variance import DomainLonely, LonelyPsu
from trustkit.design.weight_history import WeightHistory
from trustkit.display import Shown
from trustkit.given_functions import called
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage
    from trustkit.design.replicates import Replicates, ReplicateWeights
    from trustkit.design.role_columns import Groups, Numbers
    from trustkit.design.rows import Dims, Distribution, Rows
    from trustkit.design.stages import LaterStages, Stage
    from trustkit.design.sums import AnyCells, Cells, Functional, Sums
    from trustkit.design.variance import Calibration, Sample
    from trustkit.design.weight_history import WeightStep
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.exclusion_log import ExclusionLog
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

P = ParamSpec("P")
R = TypeVar("R")


class Design(Shown):
    """Respondents with their weights and the way they were sampled.

    Parameters
    ----------
    survey
        A `Survey`, a pandas DataFrame, the path of a Parquet file (opened with DuckDB), or a source that
        narwhals reads lazily: a DuckDB relation, a Polars LazyFrame, a Spark DataFrame. If the codebook
        names weights, strata, PSU or fpc, no arguments are needed; an argument given here takes priority.
    codebook
        Describes the columns. A codebook given here replaces the one of a `Survey`; it must contain the
        survey's answers.
    weights
        Sampling weights, non-negative and finite: the name of a column, or one number per row (a Series,
        placed by its index, or an array). None: every row weighs 1.
    strata, psu
        First-stage strata and primary sampling units: the name of a column, one label per row, or a list of
        names of columns that are crossed (``~interaction(region, urban)`` in R). None: one stratum; each row
        is its own PSU. For several stages, ``psu`` is a list with a `Stage` for each, the first stage first,
        and strata and fpc are given there: ``[Stage("district", fpc="districts"), Stage("school",
        fpc="schools")]``. Without weights, the product of the stages' N / n gives them, if each stage has an
        fpc. Rows in memory only.
    fpc
        Each stratum's population of PSUs, or the fraction sampled (all values at most 1): the name of a
        column, or one number per row. For PSUs with unequal probabilities, a `Pps`; without weights, 1 / p
        then gives them.
    nest
        ``"nested"``: the same PSU label in two strata means two PSUs. ``"unique"``: it is an error.
    lonely_psu
        How a stratum with one PSU enters the variance: ``fail`` (default) is an error, ``remove`` and
        ``certainty`` add nothing, ``adjust`` takes the deviation from zero instead of the stratum's mean,
        ``average`` adds the mean contribution of the other strata.
    domain_lonely
        ``"apply"``: ``adjust`` and ``average`` also apply to a stratum in which a domain has rows in only
        one PSU (``survey.adjust.domain.lonely`` of R survey; designs with PSUs). ``"ignore"`` (default):
        they do not.
    replicates
        `Replicates` that are columns of the survey; they then give the variance, instead of strata and PSUs.
        None: those that the codebook names under ``design``, unless other weights, strata, PSUs or fpc are
        given here.

    Raises
    ------
    DesignError
        Missing, negative, infinite or all-zero weights; missing strata or PSUs; a PSU in two strata;
        an fpc that varies in a stratum or is below the sample; a lonely PSU under ``fail``; a codebook
        without the answers of a survey that is labelled already; values that are not one per row, or that
        have another index than the rows; several stages beside ``strata``, ``fpc`` or replicates, or of rows
        in an engine.

    Notes
    -----
    Variance with replacement, times (1 - fraction) with fpc; each later stage adds its own variance, times
    the sampled fractions of the stages above, as ``svydesign(ids = ~district + school, fpc = ~districts +
    schools)`` of R survey (Lumley 2004, doi:10.18637/jss.v009.i08). If PSUs of the sample are left out,
    standard errors are silently too small. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"answer": ["yes", "no", "yes", "no"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> tk.Design(frame, weights="w").df
    3.0

    Strata that cross two columns, and weights from outside the frame:

    >>> frame = frame.assign(region=["n", "n", "n", "n"], urban=[1, 1, 0, 0])
    >>> tk.Design(frame, weights=frame["w"] / 1.5, strata=["region", "urban"]).df
    2.0

    Two of 10 villages, and in each two of 20 households:

    >>> frame = pd.DataFrame({"village": [1, 1, 2, 2], "visits": [3.0, 5.0, 2.0, 2.0]})
    >>> frame = frame.assign(villages=10, homes=20)
    >>> design = tk.Design(frame, psu=[tk.Stage("village", fpc="villages"), tk.Stage(fpc="homes")])
    >>> tk.total(design, "visits").estimate.round(6).tolist()
    [600.0]
    """

    __slots__ = ("_made_of",)

    def __init__(
        self,
        survey: Survey | pd.DataFrame | DesignParts | object,
        *,
        codebook: Codebook | None = None,
        weights: Numbers | None = None,
        strata: Groups | None = None,
        psu: Groups | Stage | Sequence[Stage] | None = None,
        fpc: Numbers | Pps | None = None,
        nest: Nest = "nested",
        lonely_psu: LonelyPsu = "fail",
        domain_lonely: DomainLonely = "ignore",
        replicates: Replicates | None = None,
    ) -> None:
        if isinstance(survey, DesignParts):
            self._made_of = survey
            return
        accepts(
            codebook=(codebook, CODEBOOK.optional()),
            nest=(nest, one_of(Nest)),
            lonely_psu=(lonely_psu, one_of(LonelyPsu)),
            domain_lonely=(domain_lonely, one_of(DomainLonely)),
            replicates=(replicates, a_trustkit("Replicates", "make them with tk.Replicates").optional()),
        )
        units, stages = units_or_stages(psu)
        pps = fpc if isinstance(fpc, Pps) else None
        given = Given(weights, strata, units, None if isinstance(fpc, Pps) else fpc)
        self._made_of = read_parts(
            survey,
            codebook,
            given,
            Policies(nest, lonely_psu, domain_lonely),
            replicates,
            stages=stages,
            pps=pps,
        )

    def replace(
        self,
        *,
        sample: Sample | None = None,
        log: ExclusionLog | None = None,
        history: tuple[WeightStep, ...] | None = None,
    ) -> Design:
        """Return a copy with some parts changed; None leaves a part as it is.

        Parameters
        ----------
        sample
            Weights, the first stage of sampling, replicates and calibration, as arrays.
        log
            The exclusion log.
        history
            The weighting steps.

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.rake(tk.Design(pd.DataFrame({"sex": ["m", "f", "f"]})), {"sex": {"m": 0.5, "f": 0.5}})
        >>> len(design.history), len(design.replace(history=()).history)
        (1, 0)
        """
        accepts(
            sample=(sample, a_trustkit("Sample", "take it from a design: design.sample").optional()),
            log=(log, LOG.optional()),
            history=(history, WEIGHT_STEP.listed("a list of WeightSteps").optional()),
        )
        made_of = self._made_of
        return Design(
            replace(
                made_of,
                sample=made_of.sample if sample is None else sample,
                log=made_of.log if log is None else log,
                history=made_of.history if history is None else history,
            )
        )

    @property
    def rows(self) -> Rows:
        """The rows, in memory or in an engine."""
        return self._made_of.rows

    @property
    def codebook(self) -> Codebook:
        """The description of the study and its columns."""
        return self._made_of.codebook

    @property
    def sample(self) -> Sample:
        """The sample as arrays."""
        return self._made_of.sample

    @property
    def roles(self) -> Mapping[str, str]:
        """The source of ``weights``, ``strata``, ``psu`` and ``fpc``, as far as the design has them.

        A column has its name, crossed columns are ``region x urban``, values are ``given weights``.
        """
        return self._made_of.roles

    @property
    def sampling_columns(self) -> frozenset[str]:
        """The columns of the rows that carry the design."""
        return self._made_of.sampling_columns

    @property
    def log(self) -> ExclusionLog:
        """The exclusion log."""
        return self._made_of.log

    @property
    def history(self) -> tuple[WeightStep, ...]:
        """What each weighting step did."""
        return WeightHistory(self._made_of.history)

    @property
    def first_stage(self) -> FirstStage:
        """The first stage of sampling: strata, PSUs and sampled fractions."""
        return self.sample.first_stage

    @property
    def later_stages(self) -> LaterStages | None:
        """The stages of sampling below the first; None if they add nothing to the variance."""
        return self.sample.later

    @property
    def replicates(self) -> ReplicateWeights | None:
        """Replicate weights, which then give the variance."""
        return self.sample.replicates

    @property
    def calibration(self) -> Calibration | None:
        """The auxiliary variables whose totals the weights meet."""
        return self.sample.calibration

    @property
    def data(self) -> pd.DataFrame:
        """The rows.

        Raises
        ------
        DesignError
            If they are in an engine.
        """
        return self.rows.in_memory().data

    @property
    def columns(self) -> Collection[str]:
        """The names of the columns."""
        return self.rows.columns

    @property
    def weights(self) -> Floats:
        """The rows' weights, shape (n,).

        Raises
        ------
        DesignError
            If the rows are in an engine.
        """
        self.rows.in_memory()
        return self.sample.weights

    @property
    def df(self) -> float:
        """Design degrees of freedom: PSUs with a positive weight minus strata, or those of the replicates."""
        return self.sample.df

    @property
    def n(self) -> int:
        """Respondents: rows with a positive weight (in an engine, all rows)."""
        return self.rows.count(self.sample.weights)

    @property
    def n_eff(self) -> float:
        """Kish's effective number of respondents, (sum of w)^2 / sum of w^2; it ignores PSUs."""
        return self.rows.n_eff(self.sample.weights)

    @property
    def caveats(self) -> Caveats:
        """What a reader of every output made from this design must know."""
        return self.caveats_with()

    @property
    def notes(self) -> tuple[str, ...]:
        """The caveats in words, for your own note below a table or chart."""
        return self.caveats.sentences

    def caveats_about(self, *names: str) -> Caveats:
        """Return the caveats of a result from some variables, with unreviewed guesses about them."""
        accepts(names=(names, NAME_LIST))
        known = self.codebook.variables
        roles = (*names, *self.sampling_columns)
        unsure = [known[name].label for name in dict.fromkeys(roles) if name in known and known[name].unsure]
        return self.caveats.joined(Caveats(guesses=tuple(unsure)))

    def caveats_with(self, *margins: str) -> Caveats:
        """Return the caveats once the weights also meet the margins of these variables."""
        accepts(margins=(margins, NAME_LIST))
        return caveats_of(self.codebook, self.roles, self.history, margins)

    def variable(self, name: str) -> Variable:
        """Return a column's description."""
        accepts(name=(name, NAME))
        return self.rows.variable(name)

    def headings(self, names: Iterable[str]) -> dict[str, str]:
        """Return what stands above the answers of each variable that the codebook describes."""
        accepts(names=(names, LABELS))
        known = self.codebook.variables
        return {name: known[name].heading for name in names if name in known}

    def called(self, name: str) -> str:
        """Return how sentences name a variable: by the codebook, or by its column."""
        accepts(name=(name, NAME))
        return called_in(self.codebook, name)

    def labels(self, names: Iterable[str]) -> dict[str, str]:
        """Return the wording of each variable that the codebook describes."""
        accepts(names=(names, LABELS))
        known = self.codebook.variables
        return {name: known[name].label for name in names if name in known}

    def codes(self, name: str, labels: Sequence[object]) -> Ints:
        """Return each row's place in ``labels``, -1 for any other value of the column."""
        accepts(name=(name, NAME), labels=(labels, LABELS))
        self.rows.variable(name)
        return self.rows.in_memory().codes(name, labels)

    def numbers(self, name: str) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Return a variable's numbers (0 if missing), and which rows have one (None: all).

        Raises
        ------
        DataError
            If it is not numeric and its answers have no scores, or a value is infinite.
        """
        accepts(name=(name, NAME))
        return self.rows.in_memory().numbers(name)

    def reweighted(
        self,
        weights: Floats,
        step: WeightStep,
        *,
        reason: str,
        calibration: Calibration | None = None,
        replicates: ReplicateWeights | None = None,
    ) -> Design:
        """Return the design with other weights, one more step in its history and in its log.

        Parameters
        ----------
        weights
            Shape (n,).
        step
            What was done.
        reason
            Why, for the log.
        calibration
            The auxiliary variables whose totals the weights meet; None treats the weights as given.
        replicates
            Their replicates; None: the design's replicates, multiplied as the weights are.
        """
        accepts(
            weights=(weights, WEIGHT_ARRAY),
            step=(step, WEIGHT_STEP),
            reason=(reason, TEXT),
            calibration=(calibration, a_trustkit("Calibration", "leave it out").optional()),
            replicates=(replicates, a_trustkit("ReplicateWeights", "leave them out").optional()),
        )
        self.rows.in_memory()
        parts = self._made_of
        return Design(
            reweighted(parts, weights, step, reason, calibration=calibration, replicates=replicates)
        )

    def with_variable(
        self, variable: Variable, values: pd.Series | pd.api.extensions.ExtensionArray
    ) -> Design:
        """Return the design with one more variable, described in its codebook.

        Parameters
        ----------
        variable
            Its description; the name is new.
        values
            One value per row, in the order of the rows; a Series has their index.

        Raises
        ------
        DataError
            If the name is taken, there is not one value per row, or a Series has another index than the rows.
        DesignError
            If the rows are in an engine.

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"age": [20, 30, 50]}))
        >>> young = tk.Variable("young", "Younger than 40", "single", codes={1: "yes", 0: "no"})
        >>> more = design.with_variable(young, (design.data["age"] < 40).astype(int))
        >>> tk.proportion(more, "young", level="yes").estimate.round(3).tolist()
        [0.667]
        """
        data = self.rows.in_memory().data
        made_of = self._made_of
        survey = Survey(data, self.codebook).with_variable(variable, values)
        return Design(
            replace(made_of, rows=MemoryRows(survey.data, survey.codebook), codebook=survey.codebook)
        )

    def cells(
        self,
        dims: Dims,
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
        centre: Centre = "none",
    ) -> AnyCells:
        """Place each row in the cross-classification of some coded variables.

        Parameters
        ----------
        dims
            Variables with the labels that count; a row with another value is in no cell.
        monomials
            Products of numeric variables to sum besides the constant: ``("y",)``, ``("y", "y")``. A row with
            a missing value in one of them is in no cell.
        linear
            The number of columns of the basis (the constant first) that the variance needs; None is all.
        where
            Only these rows are in a cell, as in `trustkit.proportion`.
        centre
            ``"middle"`` subtracts from each variable a value in the middle of the rows that are in a cell. If
            the estimate adds it back, no digits of a column far from zero are lost.
        """
        accepts(
            dims=(dims, DIMS),
            monomials=(monomials, MONOMIALS),
            linear=(linear, WHOLE.optional()),
            where=(where, WHERE),
            centre=(centre, one_of(Centre)),
        )
        return self.rows.cells(dims, monomials, linear=linear, where=where, centre=centre)

    def rows_in(
        self,
        dims: Dims,
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        where: Where = None,
    ) -> Cells:
        """Place each row as `cells` does, for steps that need rows in memory; an engine refuses."""
        accepts(dims=(dims, DIMS), monomials=(monomials, MONOMIALS), where=(where, WHERE))
        return self.rows.in_memory().cells(dims, monomials, linear=1, where=where)

    def sums(self, cells: AnyCells) -> Sums:
        """Sum the rows over the design's groups and some cells."""
        accepts(cells=(cells, CELLS))
        return cells.sums(self.sample.sums)

    def distribution(self, dims: Dims, variable: str, *, where: Where = None) -> Distribution:
        """Return the weighted distribution of a numeric variable in each cell of some coded variables."""
        accepts(dims=(dims, DIMS), variable=(variable, NAME), where=(where, WHERE))
        return self.rows.distribution(dims, variable, self.sample.weights, where=where)

    def covariance(self, *functionals: Functional) -> Floats:
        """Return the covariance of all estimates of some functionals."""
        accepts(functionals=(functionals, FUNCTIONALS))
        return self.sample.covariance(*functionals)

    def covariance_of(
        self,
        values: Floats,
        *,
        inside: NDArray[np.bool_] | None = None,
        refit: Callable[[Floats], Floats] | None = None,
    ) -> Floats:
        """Return the covariance of estimates that are not functions of sums, from their rows' influences.

        Parameters
        ----------
        values
            Shape (n, m): what a row adds to each estimate per unit of its weight, that is, the derivative of
            the estimates with respect to the row's weight.
        inside
            Shape (n,), or (n, m): the rows of the domain, or of the domain of each estimate; None is all.
            Rows outside add nothing, but their PSUs count.
        refit
            Maps weights, shape (n,), to the estimates, shape (m,). A design with replicates calls it once for
            each replicate; other designs do not need it.

        Returns
        -------
        array
            Shape (m, m).

        Raises
        ------
        DesignError
            Values that are not one line per row, or not finite; replicates without ``refit``; rows in an
            engine.

        Notes
        -----
        The totals of the influences over PSUs give the covariance as for any other estimate: stages, finite
        populations, lonely PSUs and the residuals of a calibration included (Binder 1983,
        doi:10.2307/1402588). If the derivative is wrong, the covariance is silently wrong.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"trust": [1.0, 2.0, 3.0, 6.0]}))
        >>> trust = design.data["trust"].to_numpy()
        >>> variance = design.covariance_of((trust - trust.mean()) / 4)
        >>> np.sqrt(variance).round(6).tolist(), tk.mean(design, "trust").se.round(6).tolist()
        ([[1.080123]], [1.080123])
        """
        accepts(
            values=(values, ARRAY),
            inside=(inside, MASK.optional()),
            refit=(refit, FUNCTION.optional()),
        )
        self.rows.in_memory()
        return self.sample.covariance_of(influences_of(values, inside, refit, self.sample.weights))

    def pipe(self, function: Callable[Concatenate[Design, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a function makes of the design, so that steps read from top to bottom.

        Parameters
        ----------
        function
            Takes the design first.
        *args, **kwargs
            What else it takes.

        Examples
        --------
        >>> import pandas as pd
        >>> import trustkit as tk
        >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes", "yes"]}))
        >>> design.pipe(tk.proportion, "trust", level="yes").estimate.tolist()
        [0.75]
        """
        accepts(function=(function, FUNCTION))
        do = "it takes the design first, then the other values that pipe is given"
        return cast("R", called(partial(function, **kwargs), self, *args, name="function", do=do))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return (counted_rows(["design"], [self.n], lambda _: all_cells(*self._parts()[1].shape)),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        stage = self.first_stage
        psus = int(stage.sizes.sum())
        weighted_by = [
            *(self.roles[role] for role in ("weights",) if role in self.roles),
            *(step.title for step in self.history),
        ]
        about = {
            "n": f"{self.n:,}",
            "weights": " then ".join(weighted_by) or "none",
            "strata": f"{len(stage.sizes):,}",
            "PSUs": f"{psus:,}" if stage.clustered else "each row",
            **({} if self.later_stages is None else {"stages": f"{1 + len(self.later_stages.levels):,}"}),
            "degrees of freedom": f"{self.df:,.0f}",
            "effective n (Kish)": f"{self.n_eff:,.0f}",
        }
        table = pd.DataFrame({"design": list(about), "value": list(about.values())})
        return "Design", table, self.caveats.sentences
