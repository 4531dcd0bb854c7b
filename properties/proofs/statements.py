"""The statements of the theory: what each says, what proves it, what no proof covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tellapart.theory.naming import entry_named

__all__ = ["STATEMENTS", "Statement", "statements_named"]


@dataclass(frozen=True)
class Statement:
    """A statement, before anything is run.

    Attributes
    ----------
    id, title
        Its number, and what it says in one line.
    page
        The page of the documentation.
    theorems
        Names in Coq, pinned in ``theory/proofs/Statements*.v``.
    unproved
        What neither these theorems nor anything else proves, written by people who compared both;
        empty when they found nothing.
    is_definition
        A definition has nothing to prove; what is listed are facts about it.
    """

    id: str
    title: str
    page: str
    theorems: tuple[str, ...] = ()
    unproved: str = ""
    is_definition: bool = False


def _rational_and_real(file: str, *names: str) -> tuple[str, ...]:
    return (*names, *(f"{file}Real.{name}" for name in names))


_ALL = (
    Statement(
        "D1", "zero loss: predictor and head make no error on the data", "definitions",
        ("total_zero_loss", "renaming_zero_loss", "less_data_zero_loss", "accepts_model_iff"),
        is_definition=True,
    ),
    Statement(
        "D2", "the kernel: which observations share a code", "definitions",
        ("kernel_equivalence", "renaming_kernel", "function_of_code_merges"),
        is_definition=True,
    ),
    Statement(
        "D3", "bisimilarity B*: no word of actions leads to different labels", "definitions",
        ("bisimilar_is_bisimulation", "bisimilar_greatest", "bisimilar_equivalence", "bisimilar_k",
         "k_bisimilar_down", "refine_correct", "refine_canonical"),
        is_definition=True,
    ),
    Statement(
        "D4", "admissible: labels and covered successors agree inside blocks", "definitions",
        ("total_data_admissible", "admissible_congruence", "less_data_admissible",
         "identity_admissible_iff"),
        is_definition=True,
    ),
    Statement(
        "S1", "kernels of zero-loss models are exactly the admissible relations", "no-collapse",
        ("realised_admissible", "quotient_zero_loss", "characterisation", "finite_representatives",
         "finite_characterisation", "data_kernel_admissible", "data_realised_iff",
         "classical_representatives", "classical_characterisation", "classical_data_realised"),
    ),
    Statement(
        "S2", "some merges are forced; zero loss is attainable iff they keep labels",
        "partial-data",
        ("merged_equivalence", "merged_closed", "merged_least", "forced_below",
         "intersection_admissible", "data_meet_admissible", "data_meet_of_none",
         "feasible_respects", "feasible_iff", "total_forced_identity",
         "merge_correct", "decide_feasible_correct", "replay_sound", "replay_complete",
         "forced_sound", "forced_exactly", "forced_complete", "model_feasible",
         "clash_infeasible", "feasible_certified", "infeasible_certified", "classical_feasible",
         "refuted_always_feasible"),
        "the running time",
    ),
    Statement(
        "S3", "a pair is told apart by all zero-loss encoders iff merging it clashes",
        "partial-data",
        ("clash_told_apart", "told_apart_iff", "decide_told_apart_correct", "classical_told_apart",
         "told_apart_symmetric", "total_clash_bisimilar", "total_not_bisimilar_apart",
         "total_told_apart_iff", "classical_total_told_apart", "word_told_apart",
         "covered_words_miss", "clash_sound", "clash_complete", "told_apart_certified",
         "model_not_apart", "model_complete", "not_apart_certified", "refuted_transitive"),
    ),
    Statement(
        "S4", "no unhealthy collapse: zero loss tells apart what is not bisimilar", "no-collapse",
        ("kernel_admissible", "no_unhealthy_collapse", "accepts_no_collapse"),
    ),
    Statement(
        "S5", "admissible relations are a lattice from the identity to B*", "no-collapse",
        ("identity_admissible", "bisimilar_admissible", "admissible_below_bisimilar",
         "meet_admissible", "meet_lower", "meet_greatest", "join_admissible", "join_upper",
         "join_least", "complete_lattice", "refuted_minimal_encoder"),
    ),
    Statement(
        "S6", "with gaps there may be no largest kernel; fewest codes are hard to find",
        "partial-data",
        ("refuted_largest_for_gaps",),
        "that the fewest codes are those of a smallest consistent automaton, and its NP-hardness "
        "(Gold 1978, cited); the bounds and optima that are computed",
    ),
    Statement(
        "S7", "bisimilar iff all words agree; depth is the length of a shortest word",
        "no-collapse",
        ("bisimilar_iff_words", "k_bisimilar_iff_words", "depth_zero", "distinguishing_word",
         "first_separated", "depth_bound", "n_labels_counts", "accepts_sound",
         "accepts_complete", "check_decides", "accepts_word", "refuted_shorter_word",
         "refuted_depth_bound"),
    ),
    Statement(
        "S8", "each loss alone allows collapse, and so does each dropped hypothesis",
        "no-collapse",
        ("constant_dynamics", "dynamics_realised", "auxiliary_realised", "one_observation_enough",
         "two_observations_enough", "auxiliary_loss_needed", "dynamics_loss_needed",
         "coverage_needed", "determinism_needed", "action_needed", "exact_zero_needed",
         "constant_label_promises_nothing", "refuted_no_dynamics", "refuted_no_auxiliary"),
        "what training on one loss after the other reaches; observations that hide the state",
    ),
    Statement(
        "S9", "a label suffices iff B* refines the target; symmetries obstruct it",
        "targets-and-capacity",
        ("suffices_iff", "symmetric_bisimilar", "symmetry_obstruction",
         "refuted_symmetry_of_actions"),
        "that the search finds the fewest labels",
    ),
    Statement(
        "S10", "small losses bound the distance of codes from below", "margins",
        (*_rational_and_real("Quantitative", "label_step", "one_step", "margin_sound",
                             "margin_grows", "margin_separates", "growth", "unrolled"),
         *_rational_and_real("WordMargin", "word_read", "word_margin", "word_margin_never_worse"),
         "refuted_margin_without_errors"),
        "that the norm of a product of matrices is a Lipschitz constant of it, and at most the "
        "product of their norms",
    ),
    Statement(
        "S11", "the smallest loss of given codes is a variance; zero iff admissible",
        "targets-and-capacity",
        ("mean_is_best", "mean_zero_iff", "irreducible_dynamics", "irreducible_auxiliary",
         "irreducible_zero_iff", "mean_loss_rescaled", "irreducible_rescaled",
         "refuted_dynamics_variance"),
        "codes and labels that are not rational",
    ),
    Statement(
        "S12", "linear models need as many dimensions as the labels along words have rank",
        "targets-and-capacity",
        ("linear_dependent", "rank_attained", "linear_capacity", "affine_iff_linear",
         "affine_capacity", "rank_at_most_blocks", "affine_at_most_blocks",
         "refuted_one_dimension_per_block"),
        "labels and models that are not rational; that words up to |O| - 1 give the rank; that "
        "closing the label vectors computes it; that there is a rank, which the theorems suppose",
    ),
    Statement(
        "S13", "a resolved model, read by nearest code, is the quotient", "resolution",
        (*_rational_and_real("Resolution", "resolved_prediction", "resolved_label",
                             "resolved_separates", "resolved_rescaled", "resolved_quotient",
                             "resolved_run", "resolved_same_bisimilarity", "nearest_of_correct",
                             "nearest_label_exists"),
         *_rational_and_real("Scaling", "rescaled_errors"),
         "resolution_ratio_below_one", "refuted_whole_gap", "refuted_without_decoding"),
        "that the ratio is below 1 iff resolved, for distances that are not rational",
    ),
)  # fmt: skip

#: Every statement by its number, definitions first.
STATEMENTS: Mapping[str, Statement] = MappingProxyType({each.id: each for each in _ALL})


def statements_named(names: Iterable[str] = ()) -> tuple[Statement, ...]:
    """Return statements by number, each once and in their order; nothing given is all of them.

    Raises
    ------
    InvalidArgumentError
        When there is none of that number.

    Examples
    --------
    >>> [each.id for each in statements_named(["S4", "D3"])]
    ['D3', 'S4']
    """
    wanted = {entry_named(STATEMENTS, name, "statement").id for name in names}
    return tuple(each for each in _ALL if not wanted or each.id in wanted)
