(** * The statements on families, scale, blocks and the ratio at work (S2, S5, S11 to S13)

    Informal statement.  As [Instances.v].  On the chain of five with counts as codes, and a
    predictor a quarter and a head an eighth too high, the resolution ratio is 1/2.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List QArith Qabs Reals Lqa Lra Lia.
From Tellapart Require Import Systems NoCollapse Characterisation Data Kernels Quantitative.
From Tellapart Require Import Resolution LeastSquares Irreducible LinearAlgebra LinearCapacity.
From Tellapart Require Import AffineCapacity Lattice Scaling BlockRank Ratio Refuted.
From Tellapart Require Import Instances InstancesSystems InstancesPrograms InstancesLosses.
From Tellapart Require Import InstancesResolution.
From Tellapart Require ResolutionReal ScalingReal.
Import ListNotations.
Local Open Scope Q_scope.

(** ** S7: two observations that labels tell apart at once *)

Example instance_depth_zero : ~ k_bisimilar chain middle 0 c1 c2.
Proof. apply (depth_zero chain middle). discriminate. Qed.

(** ** S5: the family of identity and bisimilarity *)

Example instance_bounds x y :
  (meet ends_of_interval x y -> x = y) /\ (x = y -> meet ends_of_interval x y) /\
  (bisimilar chain middle x y -> join ends_of_interval x y).
Proof.
  split; [|split].
  - apply (meet_lower ends_of_interval eq). left. reflexivity.
  - apply (meet_greatest ends_of_interval eq). intros R [-> | ->] u v <-; [reflexivity|].
    apply bisimilar_equivalence.
  - apply (join_upper ends_of_interval). right. reflexivity.
Qed.

(** The empty family has bounds too. *)
Example instance_complete_lattice :
  exists J, admissible chain middle J /\ forall x y, J x y -> x = y.
Proof.
  destruct (complete_lattice chain middle (fun _ => False)) as [(J & HJ & _ & Hleast) _];
    [contradiction|].
  exists J. split; [exact HJ|]. apply Hleast; [apply identity_admissible|contradiction].
Qed.

(** ** S2: meets for the chain with a gap *)

Example instance_data_meet :
  data_admissible (logged gap_triples) (fun _ => @None nat) (meet (fun R => R = fun _ _ => True)) /\
  data_admissible (logged gap_triples) (fun _ => @None nat) (meet (fun _ => False)) /\
  ~ data_admissible (logged gap_triples) middle_known (meet (fun _ => False)).
Proof.
  split; [|split].
  - apply data_meet_admissible; [eexists; reflexivity|]. intros R ->.
    split; [split|split].
    + intro x. exact I.
    + intros x y _. exact I.
    + intros x y z _ _. exact I.
    + intros x y l l' _ H. discriminate.
    + intros x y a x' y' _ _ _. exact I.
  - apply data_meet_of_none. discriminate.
  - intro H. discriminate (proj1 (data_meet_of_none _ _) H 1%nat 2%nat _ _ eq_refl eq_refl).
Qed.

(** ** S11: the label as code, in tenths *)

Example instance_rescaled_loss :
  dynamics_loss chain_triples middle 1 (fun z i => (1 # 10) * bit_code z i)
    (mean_predictor chain_triples Bool.eqb middle 1 (fun z i => (1 # 10) * bit_code z i)) ==
  3 # 200.
Proof.
  transitivity ((1 # 10) * (1 # 10) * label_dynamics label_predictor).
  - refine (proj1 (irreducible_rescaled chain_triples Bool.eqb middle_labels middle 1 bit_code 1
      bit_code (1 # 10) _)). discriminate.
  - vm_compute. reflexivity.
Qed.

Example instance_mean_rescaled :=
  mean_loss_rescaled chain_triples chain_pair chain_after 1
    (fun s t => Bool.eqb (fst s) (fst t) && Bool.eqb (snd s) (snd t))%bool _ (1 # 10)
    (fun _ _ => eq_refl).

(** ** S12: five blocks, rank five *)

Lemma place_of_number o : at_place (number o) = o.
Proof. destruct o; reflexivity. Qed.

Lemma number_below o : (number o < 5)%nat.
Proof. destruct o; simpl; lia. Qed.

Example instance_rank_blocks : (5 <= 5)%nat.
Proof.
  apply (rank_at_most_blocks chain 1 middle_vector 5 number at_place 5); [exact number_below| |].
  - intros o w l _. rewrite place_of_number. reflexivity.
  - exact chain_rank.
Qed.

Example instance_affine_blocks : (5 <= 5)%nat.
Proof.
  apply (affine_at_most_blocks chain 1 middle_vector 5 number at_place 5); [exact number_below| |].
  - intros o w l _. rewrite place_of_number. reflexivity.
  - exact chain_rank_one.
Qed.

(** ** S13: the noisy chain has the ratio 1/2 *)

Example instance_rescaled_errors :=
  rescaled_errors (A := bool) apart (fun u v => 1000 * apart (fst u) (fst v)) apart count noisy_step
    noisy_head (fun z => (z, tt)) fst 1000 (fun z => eq_refl)
    (fun u v => Qeq_refl (1000 * apart u v)).

Definition bit_apart (b c : bool) : Q := apart (on_ends b) (on_ends c).

Definition other (x y : five) : bool := negb (same_five x y).

Definition chain_ratio : Q :=
  resolution_ratio apart bit_apart chain_triples middle_labels [c0; c1; c2; c3; c4] other Bool.eqb
    count noisy_step (fun z => Qeq_bool z 2).

Example instance_ratio :
  chain_ratio == 1 # 2 /\
  resolved apart bit_apart (logged chain_triples) (fully_labelled middle)
    (fun x y => other x y = true) count noisy_step (fun z => Qeq_bool z 2).
Proof.
  assert (H : chain_ratio == 1 # 2) by (vm_compute; reflexivity). split; [exact H|].
  apply (resolution_ratio_below_one apart bit_apart chain_triples middle_labels
    [c0; c1; c2; c3; c4] other Bool.eqb count noisy_step (fun z => Qeq_bool z 2)
    (fully_labelled middle)).
  - exact middle_labels_spec.
  - exact all_five.
  - exact Bool.eqb_true_iff.
  - clear H. intros o a o' x _ Hx. destruct o', x; first [discriminate Hx|reflexivity].
  - clear H. intros o l x l' _ _ Hne. destruct l, l'; first [contradiction|reflexivity].
  - change (chain_ratio < 1). rewrite H. reflexivity.
Qed.

Example instance_label_exists := nearest_label_exists apart middle_value c0 _ all_five.

(** ** Over the real numbers *)

Local Open Scope R_scope.

Lemma both_listed : is_finite bool [false; true].
Proof. intros []; simpl; auto. Qed.

Example instance_real_nearest z :
  ResolutionReal.nearest_code rapart bit z
    (ResolutionReal.nearest_of rapart bit z false [false; true]) :=
  ResolutionReal.nearest_of_correct rapart bit z false _ both_listed.

Example instance_real_label_exists :=
  ResolutionReal.nearest_label_exists rapart bit false _ both_listed.

Example instance_real_rescaled_errors :=
  ScalingReal.rescaled_errors (A := unit) rapart (fun u v => 2 * rapart (fst u) (fst v)) bits_apart
    bit drifting upper_half (fun z => (z, tt)) fst 2 (fun z => eq_refl) (fun u v => eq_refl).
