"""trustkit: from a raw survey export to a published report whose figures are checked.

``import trustkit as tk``; nothing heavy is imported until a name is used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from trustkit.consent import consent_funnel as consent_funnel
    from trustkit.consent import opt_in_rates as opt_in_rates
    from trustkit.design import Design as Design
    from trustkit.errors import TrustkitError as TrustkitError
    from trustkit.estimate import mean as mean
    from trustkit.estimate import proportion as proportion
    from trustkit.estimate import ratio as ratio
    from trustkit.estimate import total as total
    from trustkit.figures import DataFigure as DataFigure
    from trustkit.figures import dot_interval as dot_interval
    from trustkit.figures import exclusion_flow as exclusion_flow
    from trustkit.figures import funnel as funnel
    from trustkit.figures import likert_bars as likert_bars
    from trustkit.read import read as read
    from trustkit.results import Estimate as Estimate
    from trustkit.scales import score as score
    from trustkit.survey import Survey as Survey
    from trustkit.weight import rake as rake
    from trustkit.weight import read_targets as read_targets

__version__ = "0.1.0"

_HOMES = {
    "claims": ("Claim", "Reading", "Verdict", "Verdicts", "read_claims", "verify"),
    "clean": ("clean",),
    "codebook": ("Codebook", "Variable", "read_codebook"),
    "consent": ("consent_funnel", "opt_in_rates"),
    "design": ("Design",),
    "errors": ("TrustkitError",),
    "estimate": ("mean", "proportion", "ratio", "total"),
    "figures": ("DataFigure", "dot_interval", "exclusion_flow", "funnel", "likert_bars"),
    "read": ("read",),
    "results": ("Estimate",),
    "scales": ("score",),
    "survey": ("Survey",),
    "weight": ("rake", "read_targets"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


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
