"""Exact mathematics of tellapart: MDPs, partitions, bisimulation, witnesses, certificates.

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
from tellapart.theory.errors import TellapartError as TellapartError
from tellapart.theory.gallery import gallery as gallery
from tellapart.theory.gallery import gallery_mdp as gallery_mdp
from tellapart.theory.mdp import DeterministicMDP as DeterministicMDP
from tellapart.theory.partition import Partition as Partition
from tellapart.theory.partition import kernel as kernel
from tellapart.theory.resolution import Resolution as Resolution
from tellapart.theory.resolution import resolution as resolution
from tellapart.theory.separation import Separation as Separation
from tellapart.theory.separation import separation as separation
from tellapart.theory.verdict import Grade as Grade
from tellapart.theory.verdict import Judgement as Judgement
from tellapart.theory.verdict import Verdict as Verdict
from tellapart.theory.verdict import judge as judge
