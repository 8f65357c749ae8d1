"""trustkit: from a raw survey export to a published report whose figures are checked.

The public names by topic (``import trustkit as tk``). Nothing heavy is imported until a name is used.

Reading and writing
    ``read``, ``write``, ``read_codebook``, ``write_codebook``, ``draft_codebook``, ``example_folder``,
    ``Survey``, ``Codebook``, ``Variable``, ``ExclusionLog``
Cleaning
    ``clean``, ``drop_duplicates``, ``drop_failed_attention``, ``drop_speeders``, ``drop_straightliners``,
    ``drop_where``, ``keep_where``, ``drop_inconsistent``, ``flag_inconsistent``,
    ``drop_without_consent``, ``set_missing``, ``recode``, ``collapse``, ``reverse``, ``derive``, ``score``,
    ``careless``, ``Careless``
Designs and weights
    ``Design``, ``Stage``, ``Pps``, ``Replicates``, ``replicate``, ``read_targets``, ``targets_of``,
    ``Targets``, ``rake``, ``poststratify``, ``standardize``, ``calibrate``, ``trim``, ``normalize``,
    ``adjust_nonresponse``, ``propensity_weights``, ``weight_summary``, ``WeightSummary``, ``WeightStep``
Estimates
    ``proportion``, ``count``, ``mean``, ``total``, ``ratio``, ``quantile``, ``variance``, ``correlation``,
    ``item_nonresponse``, ``ItemNonresponse``, ``nonresponse_pattern``, ``with_replicates``,
    ``margin_of_error``, ``MarginOfError``, ``implied_deff``, ``Estimate``
Comparisons and tests
    ``contrast``, ``delta``, ``pairwise``, ``Pairs``, ``wave_difference``, ``difference_from_rest``,
    ``ttest``, ``oneway_test``, ``rank_test``, ``paired_proportions``, ``chisq_test``, ``gof_test``,
    ``TestResult``, ``rank``, ``Ranking``
Waves and panels
    ``stack_waves``, ``link_waves``, ``change``, ``transitions``, ``Transitions``,
    ``trend_test``, ``attrition``, ``Attrition``, ``attrition_weights``
Models
    ``glm``, ``ordinal``, ``multinomial``, ``term_test``, ``predict``, ``predicted_means``,
    ``average_effect``, ``fit_by_group``, ``Fit``, ``GroupFits``, ``model_table``, ``ModelTable``,
    ``pool``, ``with_imputations``
Scales
    ``reliability``, ``item_analysis``, ``drivers``, ``instruments``, ``instrument``, ``Instrument``,
    ``compare_norm``, ``confirm``, ``FactorModel``, ``invariance``, ``Invariance``, ``polychoric``,
    ``factors``, ``Factors``, ``latent_classes``, ``LatentClasses``, ``modal_class``,
    ``class_proportion``
Tables
    ``banner``, ``beside``, ``Banner``, ``BannerTable``, ``Question``, ``Letters``, ``crosstab``,
    ``CrossTable``, ``protect``, ``attack``, ``Protection``, ``Protected``, ``ProtectedTable``,
    ``write_tables``
Trust and consent
    ``opt_in_rates``, ``OptInDefinition``, ``consent_banner_rates``, ``ConsentBannerDefinition``,
    ``consent_funnel``, ``net``, ``nps``, ``top_box``, ``trust_index``, ``segments``, ``SegmentRule``,
    ``agreement``, ``willingness``, ``Willingness``, ``turf``, ``Turf``
Published figures
    ``read_claims``, ``verify``, ``Claim``, ``Reading``, ``Verdict``, ``Verdicts``,
    ``exclusion_sensitivity``, ``ExclusionSensitivity``, ``Feasibility``, ``feasible``, ``margin_fits``,
    ``change_beyond_noise``, ``sums_to_100``, ``subgroups_fit``, ``check_mean``, ``check_test``,
    ``check_fit``, ``PublishedFigure``, ``PublishedFigures``, ``FigureChecks``, ``published_figures``,
    ``synthesize``, ``Synthesis``, ``sensitivity``, ``Sensitivity``
Privacy
    ``inventory``, ``Inventory``, ``consented``, ``with_consent_status``, ``anonymity``, ``Anonymity``,
    ``release``, ``read_consents``, ``Consents``, ``decode_tcf``, ``TCString``, ``make_key``,
    ``pseudonymise``, ``erase``, ``verify_erasure``, ``Erasure``, ``expire``, ``Expiry``
Charts and tables
    ``dot_interval``, ``likert_bars``, ``trend``, ``heat_table``, ``distribution``, ``difference_dots``,
    ``strip_plot``, ``funnel``, ``exclusion_flow``, ``exclusion_losses``, ``tracked_path``,
    ``verdict_dots``, ``specification_curve``, ``weight_shift``, ``data_table``, ``DataFigure``,
    ``DataTable``, ``house_style``, ``HouseStyle``
Reporting
    ``disclosure``, ``Disclosure``, ``check_release``
Errors
    ``TrustkitError``
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# The longest module, with a reason: each public name stands here four times, for readers, for `import *`, for
# type checkers and for the import on first use, so that all of them see it without running anything.
__all__ = [
    "Anonymity",
    "Attrition",
    "Banner",
    "BannerTable",
    "Careless",
    "Claim",
    "Codebook",
    "ConsentBannerDefinition",
    "Consents",
    "CrossTable",
    "DataFigure",
    "DataTable",
    "Design",
    "Disclosure",
    "Erasure",
    "Estimate",
    "ExclusionLog",
    "ExclusionSensitivity",
    "Expiry",
    "FactorModel",
    "Factors",
    "Feasibility",
    "FigureChecks",
    "Fit",
    "GroupFits",
    "HouseStyle",
    "Instrument",
    "Invariance",
    "Inventory",
    "ItemNonresponse",
    "LatentClasses",
    "Letters",
    "MarginOfError",
    "ModelTable",
    "OptInDefinition",
    "Pairs",
    "Pps",
    "Protected",
    "ProtectedTable",
    "Protection",
    "PublishedFigure",
    "PublishedFigures",
    "Question",
    "Ranking",
    "Reading",
    "Replicates",
    "SegmentRule",
    "Sensitivity",
    "Stage",
    "Survey",
    "Synthesis",
    "TCString",
    "Targets",
    "TestResult",
    "Transitions",
    "TrustkitError",
    "Turf",
    "Variable",
    "Verdict",
    "Verdicts",
    "WeightStep",
    "WeightSummary",
    "Willingness",
    "adjust_nonresponse",
    "agreement",
    "anonymity",
    "attack",
    "attrition",
    "attrition_weights",
    "average_effect",
    "banner",
    "beside",
    "calibrate",
    "careless",
    "change",
    "change_beyond_noise",
    "check_fit",
    "check_mean",
    "check_release",
    "check_test",
    "chisq_test",
    "class_proportion",
    "clean",
    "collapse",
    "compare_norm",
    "confirm",
    "consent_banner_rates",
    "consent_funnel",
    "consented",
    "contrast",
    "correlation",
    "count",
    "crosstab",
    "data_table",
    "decode_tcf",
    "delta",
    "derive",
    "difference_dots",
    "difference_from_rest",
    "disclosure",
    "distribution",
    "dot_interval",
    "draft_codebook",
    "drivers",
    "drop_duplicates",
    "drop_failed_attention",
    "drop_inconsistent",
    "drop_speeders",
    "drop_straightliners",
    "drop_where",
    "drop_without_consent",
    "erase",
    "example_folder",
    "exclusion_flow",
    "exclusion_losses",
    "exclusion_sensitivity",
    "expire",
    "factors",
    "feasible",
    "fit_by_group",
    "flag_inconsistent",
    "funnel",
    "glm",
    "gof_test",
    "heat_table",
    "house_style",
    "implied_deff",
    "instrument",
    "instruments",
    "invariance",
    "inventory",
    "item_analysis",
    "item_nonresponse",
    "keep_where",
    "latent_classes",
    "likert_bars",
    "link_waves",
    "make_key",
    "margin_fits",
    "margin_of_error",
    "mean",
    "modal_class",
    "model_table",
    "multinomial",
    "net",
    "nonresponse_pattern",
    "normalize",
    "nps",
    "oneway_test",
    "opt_in_rates",
    "ordinal",
    "paired_proportions",
    "pairwise",
    "polychoric",
    "pool",
    "poststratify",
    "predict",
    "predicted_means",
    "propensity_weights",
    "proportion",
    "protect",
    "pseudonymise",
    "published_figures",
    "quantile",
    "rake",
    "rank",
    "rank_test",
    "ratio",
    "read",
    "read_claims",
    "read_codebook",
    "read_consents",
    "read_targets",
    "recode",
    "release",
    "reliability",
    "replicate",
    "reverse",
    "score",
    "segments",
    "sensitivity",
    "set_missing",
    "specification_curve",
    "stack_waves",
    "standardize",
    "strip_plot",
    "subgroups_fit",
    "sums_to_100",
    "synthesize",
    "targets_of",
    "term_test",
    "top_box",
    "total",
    "tracked_path",
    "transitions",
    "trend",
    "trend_test",
    "trim",
    "trust_index",
    "ttest",
    "turf",
    "variance",
    "verdict_dots",
    "verify",
    "verify_erasure",
    "wave_difference",
    "weight_shift",
    "weight_summary",
    "willingness",
    "with_consent_status",
    "with_imputations",
    "with_replicates",
    "write",
    "write_codebook",
    "write_tables",
]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from trustkit.claims.claims import Claim as Claim
    from trustkit.claims.claims import Reading as Reading
    from trustkit.claims.claims_file import read_claims as read_claims
    from trustkit.claims.feasibility import Feasibility as Feasibility
    from trustkit.claims.feasibility import feasible as feasible
    from trustkit.claims.registry import FigureChecks as FigureChecks
    from trustkit.claims.registry import PublishedFigure as PublishedFigure
    from trustkit.claims.registry import PublishedFigures as PublishedFigures
    from trustkit.claims.registry_file import published_figures as published_figures
    from trustkit.claims.reported_precision import change_beyond_noise as change_beyond_noise
    from trustkit.claims.reported_precision import margin_fits as margin_fits
    from trustkit.claims.reported_shares import subgroups_fit as subgroups_fit
    from trustkit.claims.reported_shares import sums_to_100 as sums_to_100
    from trustkit.claims.reported_statistics import check_fit as check_fit
    from trustkit.claims.reported_statistics import check_mean as check_mean
    from trustkit.claims.reported_statistics import check_test as check_test
    from trustkit.claims.sensitivity import ExclusionSensitivity as ExclusionSensitivity
    from trustkit.claims.sensitivity import exclusion_sensitivity as exclusion_sensitivity
    from trustkit.claims.specifications import Sensitivity as Sensitivity
    from trustkit.claims.specifications import sensitivity as sensitivity
    from trustkit.claims.synthesis import Synthesis as Synthesis
    from trustkit.claims.synthesis import synthesize as synthesize
    from trustkit.claims.verdicts import Verdict as Verdict
    from trustkit.claims.verdicts import Verdicts as Verdicts
    from trustkit.claims.verify import verify as verify
    from trustkit.cleaning.careless import Careless as Careless
    from trustkit.cleaning.careless import careless as careless
    from trustkit.cleaning.clean import clean as clean
    from trustkit.cleaning.consent import drop_without_consent as drop_without_consent
    from trustkit.cleaning.derive import derive as derive
    from trustkit.cleaning.derive import set_missing as set_missing
    from trustkit.cleaning.exclusions import drop_duplicates as drop_duplicates
    from trustkit.cleaning.exclusions import drop_failed_attention as drop_failed_attention
    from trustkit.cleaning.exclusions import drop_inconsistent as drop_inconsistent
    from trustkit.cleaning.exclusions import drop_speeders as drop_speeders
    from trustkit.cleaning.exclusions import drop_straightliners as drop_straightliners
    from trustkit.cleaning.exclusions import drop_where as drop_where
    from trustkit.cleaning.exclusions import flag_inconsistent as flag_inconsistent
    from trustkit.cleaning.exclusions import keep_where as keep_where
    from trustkit.cleaning.recode import collapse as collapse
    from trustkit.cleaning.recode import recode as recode
    from trustkit.cleaning.recode import reverse as reverse
    from trustkit.cleaning.scores import score as score
    from trustkit.cleaning.segments import SegmentRule as SegmentRule
    from trustkit.cleaning.segments import segments as segments
    from trustkit.cleaning.stacked_waves import stack_waves as stack_waves
    from trustkit.datasets.example_data import example_folder as example_folder
    from trustkit.design.design import Design as Design
    from trustkit.design.linked_waves import link_waves as link_waves
    from trustkit.design.pps import Pps as Pps
    from trustkit.design.replicates import Replicates as Replicates
    from trustkit.design.replication import replicate as replicate
    from trustkit.design.stages import Stage as Stage
    from trustkit.design.weight_history import WeightStep as WeightStep
    from trustkit.drafting.draft import draft_codebook as draft_codebook
    from trustkit.erasure.erasure import Erasure as Erasure
    from trustkit.erasure.erasure import erase as erase
    from trustkit.erasure.erasure import verify_erasure as verify_erasure
    from trustkit.erasure.expiry import Expiry as Expiry
    from trustkit.erasure.expiry import expire as expire
    from trustkit.errors import TrustkitError as TrustkitError
    from trustkit.estimation.agreement import agreement as agreement
    from trustkit.estimation.association import chisq_test as chisq_test
    from trustkit.estimation.association import gof_test as gof_test
    from trustkit.estimation.attrition import Attrition as Attrition
    from trustkit.estimation.attrition import attrition as attrition
    from trustkit.estimation.comparisons import paired_proportions as paired_proportions
    from trustkit.estimation.comparisons import rank_test as rank_test
    from trustkit.estimation.comparisons import ttest as ttest
    from trustkit.estimation.consent_banner_rates import ConsentBannerDefinition as ConsentBannerDefinition
    from trustkit.estimation.consent_banner_rates import consent_banner_rates as consent_banner_rates
    from trustkit.estimation.consent_rates import consent_funnel as consent_funnel
    from trustkit.estimation.consent_rates import opt_in_rates as opt_in_rates
    from trustkit.estimation.contrasts import contrast as contrast
    from trustkit.estimation.contrasts import delta as delta
    from trustkit.estimation.contrasts import wave_difference as wave_difference
    from trustkit.estimation.counts import count as count
    from trustkit.estimation.estimates import mean as mean
    from trustkit.estimation.estimates import proportion as proportion
    from trustkit.estimation.estimates import ratio as ratio
    from trustkit.estimation.estimates import total as total
    from trustkit.estimation.group_means import oneway_test as oneway_test
    from trustkit.estimation.item_nonresponse import ItemNonresponse as ItemNonresponse
    from trustkit.estimation.item_nonresponse import item_nonresponse as item_nonresponse
    from trustkit.estimation.item_nonresponse import nonresponse_pattern as nonresponse_pattern
    from trustkit.estimation.net_scores import net as net
    from trustkit.estimation.net_scores import nps as nps
    from trustkit.estimation.net_scores import top_box as top_box
    from trustkit.estimation.opt_in_definitions import OptInDefinition as OptInDefinition
    from trustkit.estimation.pairs import Pairs as Pairs
    from trustkit.estimation.pairs import pairwise as pairwise
    from trustkit.estimation.precision import MarginOfError as MarginOfError
    from trustkit.estimation.precision import implied_deff as implied_deff
    from trustkit.estimation.precision import margin_of_error as margin_of_error
    from trustkit.estimation.quantiles import quantile as quantile
    from trustkit.estimation.ranking import Ranking as Ranking
    from trustkit.estimation.ranking import rank as rank
    from trustkit.estimation.replicate_statistics import with_replicates as with_replicates
    from trustkit.estimation.rest_differences import difference_from_rest as difference_from_rest
    from trustkit.estimation.results import Estimate as Estimate
    from trustkit.estimation.second_moments import correlation as correlation
    from trustkit.estimation.second_moments import variance as variance
    from trustkit.estimation.significance import TestResult as TestResult
    from trustkit.estimation.transitions import Transitions as Transitions
    from trustkit.estimation.transitions import transitions as transitions
    from trustkit.estimation.trend_tests import trend_test as trend_test
    from trustkit.estimation.trust_index import trust_index as trust_index
    from trustkit.estimation.turf import Turf as Turf
    from trustkit.estimation.turf import turf as turf
    from trustkit.estimation.wave_changes import change as change
    from trustkit.estimation.willingness import Willingness as Willingness
    from trustkit.estimation.willingness import willingness as willingness
    from trustkit.exports.write_tables import write_tables as write_tables
    from trustkit.figures.claim_figures import verdict_dots as verdict_dots
    from trustkit.figures.data_figure import DataFigure as DataFigure
    from trustkit.figures.data_table import DataTable as DataTable
    from trustkit.figures.data_table import data_table as data_table
    from trustkit.figures.difference_figures import difference_dots as difference_dots
    from trustkit.figures.distribution_figures import distribution as distribution
    from trustkit.figures.estimate_figures import dot_interval as dot_interval
    from trustkit.figures.estimate_figures import funnel as funnel
    from trustkit.figures.estimate_figures import likert_bars as likert_bars
    from trustkit.figures.exclusion_figures import exclusion_flow as exclusion_flow
    from trustkit.figures.exclusion_figures import exclusion_losses as exclusion_losses
    from trustkit.figures.exclusion_figures import tracked_path as tracked_path
    from trustkit.figures.heat_tables import heat_table as heat_table
    from trustkit.figures.house_style import HouseStyle as HouseStyle
    from trustkit.figures.house_style import house_style as house_style
    from trustkit.figures.specification_figures import specification_curve as specification_curve
    from trustkit.figures.strip_plots import strip_plot as strip_plot
    from trustkit.figures.trends import trend as trend
    from trustkit.figures.weight_figures import weight_shift as weight_shift
    from trustkit.files.read import read as read
    from trustkit.files.write import write as write
    from trustkit.models.fit import Fit as Fit
    from trustkit.models.glm import glm as glm
    from trustkit.models.groups import GroupFits as GroupFits
    from trustkit.models.groups import fit_by_group as fit_by_group
    from trustkit.models.model_tables import ModelTable as ModelTable
    from trustkit.models.model_tables import model_table as model_table
    from trustkit.models.pooling import pool as pool
    from trustkit.models.pooling import with_imputations as with_imputations
    from trustkit.models.predictions import average_effect as average_effect
    from trustkit.models.predictions import predict as predict
    from trustkit.models.predictions import predicted_means as predicted_means
    from trustkit.models.several_levels import multinomial as multinomial
    from trustkit.models.several_levels import ordinal as ordinal
    from trustkit.models.term_tests import term_test as term_test
    from trustkit.privacy.anonymity import Anonymity as Anonymity
    from trustkit.privacy.anonymity import anonymity as anonymity
    from trustkit.privacy.consent_files import read_consents as read_consents
    from trustkit.privacy.consented import consented as consented
    from trustkit.privacy.consented import with_consent_status as with_consent_status
    from trustkit.privacy.consents import Consents as Consents
    from trustkit.privacy.inventory import Inventory as Inventory
    from trustkit.privacy.inventory import inventory as inventory
    from trustkit.privacy.pseudonyms import make_key as make_key
    from trustkit.privacy.pseudonyms import pseudonymise as pseudonymise
    from trustkit.privacy.public_use import release as release
    from trustkit.privacy.tcf import TCString as TCString
    from trustkit.privacy.tcf import decode_tcf as decode_tcf
    from trustkit.published_scales.instrument import Instrument as Instrument
    from trustkit.published_scales.registry import instrument as instrument
    from trustkit.published_scales.registry import instruments as instruments
    from trustkit.publishing.release_check import check_release as check_release
    from trustkit.reporting.transparency import Disclosure as Disclosure
    from trustkit.reporting.transparency import disclosure as disclosure
    from trustkit.scales.class_members import class_proportion as class_proportion
    from trustkit.scales.class_members import modal_class as modal_class
    from trustkit.scales.confirm import FactorModel as FactorModel
    from trustkit.scales.confirm import confirm as confirm
    from trustkit.scales.drivers import drivers as drivers
    from trustkit.scales.factors import Factors as Factors
    from trustkit.scales.factors import factors as factors
    from trustkit.scales.invariance import Invariance as Invariance
    from trustkit.scales.invariance import invariance as invariance
    from trustkit.scales.item_analysis import item_analysis as item_analysis
    from trustkit.scales.latent_classes import LatentClasses as LatentClasses
    from trustkit.scales.latent_classes import latent_classes as latent_classes
    from trustkit.scales.norms import compare_norm as compare_norm
    from trustkit.scales.polychoric import polychoric as polychoric
    from trustkit.scales.reliability import reliability as reliability
    from trustkit.survey.codebook import Codebook as Codebook
    from trustkit.survey.codebook_yaml import read_codebook as read_codebook
    from trustkit.survey.codebook_yaml import write_codebook as write_codebook
    from trustkit.survey.exclusion_log import ExclusionLog as ExclusionLog
    from trustkit.survey.protection import Protection as Protection
    from trustkit.survey.survey import Survey as Survey
    from trustkit.survey.variable import Variable as Variable
    from trustkit.tables.banner import Banner as Banner
    from trustkit.tables.banner import BannerTable as BannerTable
    from trustkit.tables.banner import banner as banner
    from trustkit.tables.cross_tables import CrossTable as CrossTable
    from trustkit.tables.cross_tables import crosstab as crosstab
    from trustkit.tables.letters import Letters as Letters
    from trustkit.tables.protected import Protected as Protected
    from trustkit.tables.protected import ProtectedTable as ProtectedTable
    from trustkit.tables.protected import attack as attack
    from trustkit.tables.protected import protect as protect
    from trustkit.tables.questions import Question as Question
    from trustkit.tables.side_by_side import beside as beside
    from trustkit.weighting.adjustments import adjust_nonresponse as adjust_nonresponse
    from trustkit.weighting.adjustments import normalize as normalize
    from trustkit.weighting.adjustments import propensity_weights as propensity_weights
    from trustkit.weighting.adjustments import trim as trim
    from trustkit.weighting.attrition_weights import attrition_weights as attrition_weights
    from trustkit.weighting.calibration import calibrate as calibrate
    from trustkit.weighting.calibration import poststratify as poststratify
    from trustkit.weighting.calibration import rake as rake
    from trustkit.weighting.standardization import standardize as standardize
    from trustkit.weighting.summary import WeightSummary as WeightSummary
    from trustkit.weighting.summary import weight_summary as weight_summary
    from trustkit.weighting.targets import Targets as Targets
    from trustkit.weighting.targets import read_targets as read_targets
    from trustkit.weighting.targets import targets_of as targets_of
else:  # hidden from type checkers, so that a misspelt name is an error to them
    _HOMES = {
        "claims.claims": (
            "Claim",
            "Reading",
        ),
        "claims.claims_file": ("read_claims",),
        "claims.feasibility": (
            "Feasibility",
            "feasible",
        ),
        "claims.registry": (
            "FigureChecks",
            "PublishedFigure",
            "PublishedFigures",
        ),
        "claims.registry_file": ("published_figures",),
        "claims.reported_precision": (
            "change_beyond_noise",
            "margin_fits",
        ),
        "claims.reported_shares": (
            "subgroups_fit",
            "sums_to_100",
        ),
        "claims.reported_statistics": (
            "check_fit",
            "check_mean",
            "check_test",
        ),
        "claims.sensitivity": (
            "ExclusionSensitivity",
            "exclusion_sensitivity",
        ),
        "claims.specifications": (
            "Sensitivity",
            "sensitivity",
        ),
        "claims.synthesis": (
            "Synthesis",
            "synthesize",
        ),
        "claims.verdicts": (
            "Verdict",
            "Verdicts",
        ),
        "claims.verify": ("verify",),
        "cleaning.careless": (
            "Careless",
            "careless",
        ),
        "cleaning.clean": ("clean",),
        "cleaning.consent": ("drop_without_consent",),
        "cleaning.derive": (
            "derive",
            "set_missing",
        ),
        "cleaning.exclusions": (
            "drop_duplicates",
            "drop_failed_attention",
            "drop_inconsistent",
            "drop_speeders",
            "drop_straightliners",
            "drop_where",
            "flag_inconsistent",
            "keep_where",
        ),
        "cleaning.recode": (
            "collapse",
            "recode",
            "reverse",
        ),
        "cleaning.scores": ("score",),
        "cleaning.segments": (
            "SegmentRule",
            "segments",
        ),
        "cleaning.stacked_waves": ("stack_waves",),
        "datasets.example_data": ("example_folder",),
        "design.design": ("Design",),
        "design.linked_waves": ("link_waves",),
        "design.pps": ("Pps",),
        "design.replicates": ("Replicates",),
        "design.replication": ("replicate",),
        "design.stages": ("Stage",),
        "design.weight_history": ("WeightStep",),
        "drafting.draft": ("draft_codebook",),
        "errors": ("TrustkitError",),
        "estimation.agreement": ("agreement",),
        "estimation.association": (
            "chisq_test",
            "gof_test",
        ),
        "estimation.attrition": (
            "Attrition",
            "attrition",
        ),
        "estimation.consent_banner_rates": (
            "ConsentBannerDefinition",
            "consent_banner_rates",
        ),
        "estimation.comparisons": (
            "paired_proportions",
            "rank_test",
            "ttest",
        ),
        "estimation.consent_rates": (
            "consent_funnel",
            "opt_in_rates",
        ),
        "estimation.contrasts": (
            "contrast",
            "delta",
            "wave_difference",
        ),
        "estimation.counts": ("count",),
        "estimation.estimates": (
            "mean",
            "proportion",
            "ratio",
            "total",
        ),
        "estimation.group_means": ("oneway_test",),
        "estimation.item_nonresponse": (
            "ItemNonresponse",
            "item_nonresponse",
            "nonresponse_pattern",
        ),
        "estimation.net_scores": (
            "net",
            "nps",
            "top_box",
        ),
        "estimation.opt_in_definitions": ("OptInDefinition",),
        "estimation.pairs": (
            "Pairs",
            "pairwise",
        ),
        "estimation.precision": (
            "MarginOfError",
            "implied_deff",
            "margin_of_error",
        ),
        "estimation.quantiles": ("quantile",),
        "estimation.ranking": (
            "Ranking",
            "rank",
        ),
        "estimation.replicate_statistics": ("with_replicates",),
        "estimation.rest_differences": ("difference_from_rest",),
        "estimation.results": ("Estimate",),
        "estimation.second_moments": (
            "correlation",
            "variance",
        ),
        "estimation.significance": ("TestResult",),
        "estimation.transitions": (
            "Transitions",
            "transitions",
        ),
        "estimation.trend_tests": ("trend_test",),
        "estimation.trust_index": ("trust_index",),
        "estimation.turf": (
            "Turf",
            "turf",
        ),
        "estimation.wave_changes": ("change",),
        "estimation.willingness": (
            "Willingness",
            "willingness",
        ),
        "exports.write_tables": ("write_tables",),
        "figures.claim_figures": ("verdict_dots",),
        "figures.data_figure": ("DataFigure",),
        "figures.data_table": (
            "DataTable",
            "data_table",
        ),
        "figures.difference_figures": ("difference_dots",),
        "figures.distribution_figures": ("distribution",),
        "figures.estimate_figures": (
            "dot_interval",
            "funnel",
            "likert_bars",
        ),
        "figures.exclusion_figures": (
            "exclusion_flow",
            "exclusion_losses",
            "tracked_path",
        ),
        "figures.heat_tables": ("heat_table",),
        "figures.house_style": (
            "HouseStyle",
            "house_style",
        ),
        "figures.specification_figures": ("specification_curve",),
        "figures.strip_plots": ("strip_plot",),
        "figures.trends": ("trend",),
        "figures.weight_figures": ("weight_shift",),
        "files.read": ("read",),
        "files.write": ("write",),
        "models.fit": ("Fit",),
        "models.glm": ("glm",),
        "models.groups": (
            "GroupFits",
            "fit_by_group",
        ),
        "models.model_tables": (
            "ModelTable",
            "model_table",
        ),
        "models.pooling": (
            "pool",
            "with_imputations",
        ),
        "models.predictions": (
            "average_effect",
            "predict",
            "predicted_means",
        ),
        "models.several_levels": (
            "multinomial",
            "ordinal",
        ),
        "models.term_tests": ("term_test",),
        "privacy.anonymity": (
            "Anonymity",
            "anonymity",
        ),
        "privacy.consent_files": ("read_consents",),
        "privacy.consented": (
            "consented",
            "with_consent_status",
        ),
        "privacy.consents": ("Consents",),
        "privacy.pseudonyms": (
            "make_key",
            "pseudonymise",
        ),
        "privacy.public_use": ("release",),
        "privacy.tcf": (
            "TCString",
            "decode_tcf",
        ),
        "privacy.inventory": (
            "Inventory",
            "inventory",
        ),
        "published_scales.instrument": ("Instrument",),
        "published_scales.registry": (
            "instrument",
            "instruments",
        ),
        "erasure.erasure": (
            "Erasure",
            "erase",
            "verify_erasure",
        ),
        "erasure.expiry": (
            "Expiry",
            "expire",
        ),
        "publishing.release_check": ("check_release",),
        "reporting.transparency": (
            "Disclosure",
            "disclosure",
        ),
        "scales.class_members": (
            "class_proportion",
            "modal_class",
        ),
        "scales.confirm": (
            "FactorModel",
            "confirm",
        ),
        "scales.drivers": ("drivers",),
        "scales.factors": (
            "Factors",
            "factors",
        ),
        "scales.invariance": (
            "Invariance",
            "invariance",
        ),
        "scales.item_analysis": ("item_analysis",),
        "scales.latent_classes": (
            "LatentClasses",
            "latent_classes",
        ),
        "scales.norms": ("compare_norm",),
        "scales.polychoric": ("polychoric",),
        "scales.reliability": ("reliability",),
        "survey.codebook": ("Codebook",),
        "survey.codebook_yaml": (
            "read_codebook",
            "write_codebook",
        ),
        "survey.exclusion_log": ("ExclusionLog",),
        "survey.protection": ("Protection",),
        "survey.survey": ("Survey",),
        "survey.variable": ("Variable",),
        "tables.banner": (
            "Banner",
            "BannerTable",
            "banner",
        ),
        "tables.cross_tables": (
            "CrossTable",
            "crosstab",
        ),
        "tables.letters": ("Letters",),
        "tables.protected": (
            "Protected",
            "ProtectedTable",
            "attack",
            "protect",
        ),
        "tables.questions": ("Question",),
        "tables.side_by_side": ("beside",),
        "weighting.adjustments": (
            "adjust_nonresponse",
            "normalize",
            "propensity_weights",
            "trim",
        ),
        "weighting.attrition_weights": ("attrition_weights",),
        "weighting.calibration": (
            "calibrate",
            "poststratify",
            "rake",
        ),
        "weighting.standardization": ("standardize",),
        "weighting.summary": (
            "WeightSummary",
            "weight_summary",
        ),
        "weighting.targets": (
            "Targets",
            "read_targets",
            "targets_of",
        ),
    }
    _HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        """Import a public name from its module when it is first used."""
        from importlib import import_module  # noqa: PLC0415

        if name not in _HOME_OF:
            raise AttributeError(f"module 'trustkit' has no attribute {name!r}")
        value = getattr(import_module(f"trustkit.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """List the public names."""
        return [*__all__, "__version__"]


def load_ipython_extension(shell: object) -> None:
    """Complete variables' names in JupyterLab: ``%load_ext trustkit``."""
    from trustkit.reporting.completion import register  # noqa: PLC0415

    register(shell)
