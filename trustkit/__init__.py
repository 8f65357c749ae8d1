"""trustkit: from a raw survey export to a published report whose figures are checked.

``import trustkit as tk``; nothing heavy is imported until a name is used (PEP 562).
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustkit.adjust import adjust_nonresponse as adjust_nonresponse
    from trustkit.adjust import normalize as normalize
    from trustkit.adjust import propensity_weights as propensity_weights
    from trustkit.adjust import trim as trim
    from trustkit.association import chisq_test as chisq_test
    from trustkit.association import gof_test as gof_test
    from trustkit.balance import weight_shift as weight_shift
    from trustkit.careless import careless as careless
    from trustkit.claims import Claim as Claim
    from trustkit.claims import Reading as Reading
    from trustkit.claims import Verdict as Verdict
    from trustkit.claims import Verdicts as Verdicts
    from trustkit.claims import read_claims as read_claims
    from trustkit.claims import verify as verify
    from trustkit.clean import clean as clean
    from trustkit.codebook import Codebook as Codebook
    from trustkit.codebook import Variable as Variable
    from trustkit.codebook import read_codebook as read_codebook
    from trustkit.codebook import write_codebook as write_codebook
    from trustkit.compare import paired_proportions as paired_proportions
    from trustkit.compare import rank_test as rank_test
    from trustkit.compare import ttest as ttest
    from trustkit.consent import consent_funnel as consent_funnel
    from trustkit.consent import opt_in_rates as opt_in_rates
    from trustkit.contrasts import contrast as contrast
    from trustkit.contrasts import delta as delta
    from trustkit.contrasts import pairwise as pairwise
    from trustkit.contrasts import wave_difference as wave_difference
    from trustkit.contrasts import with_replicates as with_replicates
    from trustkit.derive import derive as derive
    from trustkit.design import Design as Design
    from trustkit.design import replicate as replicate
    from trustkit.diagnostics import weight_summary as weight_summary
    from trustkit.disclosure import disclosure as disclosure
    from trustkit.draft import draft_codebook as draft_codebook
    from trustkit.errors import TrustkitError as TrustkitError
    from trustkit.estimate import correlation as correlation
    from trustkit.estimate import mean as mean
    from trustkit.estimate import proportion as proportion
    from trustkit.estimate import ratio as ratio
    from trustkit.estimate import total as total
    from trustkit.estimate import variance as variance
    from trustkit.figures import dot_interval as dot_interval
    from trustkit.figures import exclusion_flow as exclusion_flow
    from trustkit.figures import exclusion_losses as exclusion_losses
    from trustkit.figures import funnel as funnel
    from trustkit.figures import likert_bars as likert_bars
    from trustkit.figures import tracked_path as tracked_path
    from trustkit.figures import verdict_dots as verdict_dots
    from trustkit.pictures import DataFigure as DataFigure
    from trustkit.pictures import data_table as data_table
    from trustkit.precision import implied_deff as implied_deff
    from trustkit.precision import margin_of_error as margin_of_error
    from trustkit.quantiles import quantile as quantile
    from trustkit.read import read as read
    from trustkit.recode import collapse as collapse
    from trustkit.recode import recode as recode
    from trustkit.recode import reverse as reverse
    from trustkit.replicates import Replicates as Replicates
    from trustkit.results import Estimate as Estimate
    from trustkit.results import TestResult as TestResult
    from trustkit.scales import score as score
    from trustkit.sensitivity import exclusion_sensitivity as exclusion_sensitivity
    from trustkit.survey import Survey as Survey
    from trustkit.targets import read_targets as read_targets
    from trustkit.targets import targets_of as targets_of
    from trustkit.weight import calibrate as calibrate
    from trustkit.weight import poststratify as poststratify
    from trustkit.weight import rake as rake
    from trustkit.write import write as write

__version__ = "0.1.0"

_HOMES = {
    "adjust": (
        "adjust_nonresponse",
        "normalize",
        "propensity_weights",
        "trim",
    ),
    "association": (
        "chisq_test",
        "gof_test",
    ),
    "balance": ("weight_shift",),
    "careless": ("careless",),
    "claims": (
        "Claim",
        "Reading",
        "Verdict",
        "Verdicts",
        "read_claims",
        "verify",
    ),
    "clean": ("clean",),
    "codebook": (
        "Codebook",
        "Variable",
        "read_codebook",
        "write_codebook",
    ),
    "compare": (
        "paired_proportions",
        "rank_test",
        "ttest",
    ),
    "consent": (
        "consent_funnel",
        "opt_in_rates",
    ),
    "contrasts": (
        "contrast",
        "delta",
        "pairwise",
        "wave_difference",
        "with_replicates",
    ),
    "derive": ("derive",),
    "design": (
        "Design",
        "replicate",
    ),
    "diagnostics": ("weight_summary",),
    "disclosure": ("disclosure",),
    "draft": ("draft_codebook",),
    "errors": ("TrustkitError",),
    "estimate": (
        "correlation",
        "mean",
        "proportion",
        "ratio",
        "total",
        "variance",
    ),
    "figures": (
        "dot_interval",
        "exclusion_flow",
        "exclusion_losses",
        "funnel",
        "likert_bars",
        "tracked_path",
        "verdict_dots",
    ),
    "pictures": ("DataFigure", "data_table"),
    "precision": (
        "implied_deff",
        "margin_of_error",
    ),
    "quantiles": ("quantile",),
    "read": ("read",),
    "recode": ("collapse", "recode", "reverse"),
    "replicates": ("Replicates",),
    "results": (
        "Estimate",
        "TestResult",
    ),
    "scales": ("score",),
    "sensitivity": ("exclusion_sensitivity",),
    "survey": ("Survey",),
    "targets": (
        "read_targets",
        "targets_of",
    ),
    "weight": (
        "calibrate",
        "poststratify",
        "rake",
    ),
    "write": ("write",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


class _Face(ModuleType):
    """Keeps a public function before the module of its name: ``tk.read`` reads, whoever imported what."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME_OF):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> object:
    """Import a public name from its module when it is first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'trustkit' has no attribute {name!r}")
    value = getattr(import_module(f"trustkit.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
