"""Everything with parameters: subjects, networks, designs, trainers, exact evaluation."""

from tellapart.models.attack.table import AttackReport as AttackReport
from tellapart.models.certify import margin_certificate as margin_certificate
from tellapart.models.designs import DESIGNS as DESIGNS
from tellapart.models.designs import Design as Design
from tellapart.models.designs import constant_subject as constant_subject
from tellapart.models.designs import design as design
from tellapart.models.designs import scaled_label_subject as scaled_label_subject
from tellapart.models.diagnostics.summary import diagnose as diagnose
from tellapart.models.evaluation import Evaluation as Evaluation
from tellapart.models.evaluation import evaluate as evaluate
from tellapart.models.exact import ExactCheck as ExactCheck
from tellapart.models.exact import ExactTables as ExactTables
from tellapart.models.exact import exact_subject as exact_subject
from tellapart.models.exact import verify_exact as verify_exact
from tellapart.models.fit import FitProgress as FitProgress
from tellapart.models.fit import FitResult as FitResult
from tellapart.models.fit import FitStatus as FitStatus
from tellapart.models.fit import fit as fit
from tellapart.models.fit_many import fit_many as fit_many
from tellapart.models.gate import CollapseGate as CollapseGate
from tellapart.models.gate_records import CollapseError as CollapseError
from tellapart.models.gauges import gauged_linear_subject as gauged_linear_subject
from tellapart.models.krylov import krylov_subject as krylov_subject
from tellapart.models.linear import linear_subject as linear_subject
from tellapart.models.networks import LinearHead as LinearHead
from tellapart.models.networks import LinearPredictor as LinearPredictor
from tellapart.models.networks import MLPEncoder as MLPEncoder
from tellapart.models.networks import MLPPredictor as MLPPredictor
from tellapart.models.networks import TableEncoder as TableEncoder
from tellapart.models.networks import reference_subject as reference_subject
from tellapart.models.piecewise import piecewise_subject as piecewise_subject
from tellapart.models.recipes import SubjectRecipe as SubjectRecipe
from tellapart.models.subject import Encoder as Encoder
from tellapart.models.subject import Head as Head
from tellapart.models.subject import Predictor as Predictor
from tellapart.models.subject import Subject as Subject
from tellapart.models.subject import SubjectError as SubjectError
from tellapart.models.translation.errors import NotExactlyEvaluable as NotExactlyEvaluable
from tellapart.models.translation.subject import translate as translate
from tellapart.models.untrained import untrained_subject as untrained_subject

__all__ = [
    "DESIGNS",
    "AttackReport",
    "CollapseError",
    "CollapseGate",
    "Design",
    "Encoder",
    "Evaluation",
    "ExactCheck",
    "ExactTables",
    "FitProgress",
    "FitResult",
    "FitStatus",
    "Head",
    "LinearHead",
    "LinearPredictor",
    "MLPEncoder",
    "MLPPredictor",
    "NotExactlyEvaluable",
    "Predictor",
    "Subject",
    "SubjectError",
    "SubjectRecipe",
    "TableEncoder",
    "constant_subject",
    "design",
    "diagnose",
    "evaluate",
    "exact_subject",
    "fit",
    "fit_many",
    "gauged_linear_subject",
    "krylov_subject",
    "linear_subject",
    "margin_certificate",
    "piecewise_subject",
    "reference_subject",
    "scaled_label_subject",
    "translate",
    "untrained_subject",
    "verify_exact",
]
