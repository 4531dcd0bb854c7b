"""Exact mathematics of tellapart: systems, partitions, what labels and dynamics force, evidence.

This is the door of the room: every public name can be imported from here.
"""

from tellapart.theory.audit import Audit as Audit
from tellapart.theory.audit import audit as audit
from tellapart.theory.bisimulation import Bisimulation as Bisimulation
from tellapart.theory.bisimulation import bisimulation as bisimulation
from tellapart.theory.bisimulation import is_admissible as is_admissible
from tellapart.theory.bisimulation import is_bisimulation as is_bisimulation
from tellapart.theory.certificate import Certificate as Certificate
from tellapart.theory.checker import check_certificate as check_certificate
from tellapart.theory.choice.comparison import LabelComparison as LabelComparison
from tellapart.theory.choice.comparison import compare_labels as compare_labels
from tellapart.theory.choice.suggestion import LabelSuggestion as LabelSuggestion
from tellapart.theory.choice.suggestion import suggest_labels as suggest_labels
from tellapart.theory.choice.symmetry import automorphism_moving as automorphism_moving
from tellapart.theory.choice.targets import Sufficiency as Sufficiency
from tellapart.theory.choice.targets import suffices as suffices
from tellapart.theory.counterexamples.minimum import Minimum as Minimum
from tellapart.theory.counterexamples.search import (
    smallest_counterexamples as smallest_counterexamples,
)
from tellapart.theory.counterexamples.shrink import Shrunk as Shrunk
from tellapart.theory.counterexamples.specimen import Specimen as Specimen
from tellapart.theory.counterexamples.verify import verify_specimen as verify_specimen
from tellapart.theory.data.transitions import TransitionData as TransitionData
from tellapart.theory.data_audit import DataAudit as DataAudit
from tellapart.theory.errors import TellapartError as TellapartError
from tellapart.theory.formats.files import read_system as read_system
from tellapart.theory.formats.files import write_system as write_system
from tellapart.theory.gallery import gallery as gallery
from tellapart.theory.gallery import gallery_mdp as gallery_mdp
from tellapart.theory.horizon import Horizon as Horizon
from tellapart.theory.horizon import horizon as horizon
from tellapart.theory.hypotheses import Hypothesis as Hypothesis
from tellapart.theory.lattice.admissible import AdmissibleLattice as AdmissibleLattice
from tellapart.theory.lattice.admissible import admissible_lattice as admissible_lattice
from tellapart.theory.lattice.count import AdmissibleCount as AdmissibleCount
from tellapart.theory.lattice.count import count_admissible as count_admissible
from tellapart.theory.lattice.sample import AdmissibleSample as AdmissibleSample
from tellapart.theory.lattice.sample import sample_admissible as sample_admissible
from tellapart.theory.linear.capacity import Capacity as Capacity
from tellapart.theory.linear.capacity import capacity as capacity
from tellapart.theory.linear.realisation import LinearRealisation as LinearRealisation
from tellapart.theory.linear.realisation import realise as realise
from tellapart.theory.losses.irreducible import IrreducibleLoss as IrreducibleLoss
from tellapart.theory.losses.irreducible import irreducible_loss as irreducible_loss
from tellapart.theory.mdp import DeterministicMDP as DeterministicMDP
from tellapart.theory.partial.chain import Infeasibility as Infeasibility
from tellapart.theory.partial.chain import infeasibility as infeasibility
from tellapart.theory.partial.coverage import CoverageAdvice as CoverageAdvice
from tellapart.theory.partial.coverage import coverage_advice as coverage_advice
from tellapart.theory.partial.forced import forced_merges as forced_merges
from tellapart.theory.partial.min_codes import MinimumCodes as MinimumCodes
from tellapart.theory.partial.min_codes import minimum_codes as minimum_codes
from tellapart.theory.partial.pairs import PairSeparation as PairSeparation
from tellapart.theory.partial.pairs import separation_of as separation_of
from tellapart.theory.partial.relation import SeparationRelation as SeparationRelation
from tellapart.theory.partial.relation import separation_relation as separation_relation
from tellapart.theory.partition import Partition as Partition
from tellapart.theory.partition import kernel as kernel
from tellapart.theory.relabelling import duplicated as duplicated
from tellapart.theory.relabelling import rename as rename
from tellapart.theory.relabelling import with_unreachable as with_unreachable
from tellapart.theory.resolution import Resolution as Resolution
from tellapart.theory.resolution import resolution as resolution
from tellapart.theory.scope.exhaustion import Exhaustion as Exhaustion
from tellapart.theory.scope.exhaustion import exhaust as exhaust
from tellapart.theory.scope.sat import refute_by_sat as refute_by_sat
from tellapart.theory.separation import Separation as Separation
from tellapart.theory.separation import separation as separation
from tellapart.theory.verdict import Grade as Grade
from tellapart.theory.verdict import Judgement as Judgement
from tellapart.theory.verdict import Verdict as Verdict
from tellapart.theory.verdict import judge as judge
