(** * The statements on losses at work on the chain of five

    Informal statement.  As [Instances.v], for S11 and S12; [InstancesResolution.v] has S13.  The
    label as the only code of the chain has an irreducible loss; with one code for each count there
    is none.  The chain needs five dimensions in a linear model and four in an affine one.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List QArith Qabs Lqa Lia.
From Tellapart Require Import Systems Data Kernels LeastSquares Irreducible LinearAlgebra.
From Tellapart Require Import LinearCapacity AffineCapacity Refuted Instances.
Import ListNotations.
Local Open Scope Q_scope.

(** ** S11: the label as code *)

Definition chain_triples : list (five * bool * five) :=
  map (fun t => (fst t, snd t, chain (fst t) (snd t)))
    (list_prod [c0; c1; c2; c3; c4] [false; true]).

Definition middle_labels : list (five * bool) :=
  map (fun x => (x, middle x)) [c0; c1; c2; c3; c4].

Definition bit_code (b : bool) (_ : nat) : Q := on_ends b.

Lemma bit_faithful : faithful 1 bit_code.
Proof. intros [] [] H; [reflexivity| | |reflexivity]; discriminate (H 0%nat Nat.lt_0_1). Qed.

Definition label_dynamics : (bool * bool -> nat -> Q) -> Q :=
  dynamics_loss chain_triples middle 1 bit_code.

Definition label_predictor : bool * bool -> nat -> Q :=
  mean_predictor chain_triples Bool.eqb middle 1 bit_code.

Definition label_head : bool -> nat -> Q := mean_head middle_labels middle 1 bit_code bit_code.

(** From "not the middle" either action leads to the middle in one case of four. *)
Example instance_irreducible :
  label_dynamics label_predictor == 3 # 2 /\
  forall T, 3 # 2 <= label_dynamics T.
Proof.
  assert (H : label_dynamics label_predictor == 3 # 2) by (vm_compute; reflexivity).
  split; [exact H|]. intro T. rewrite <- H.
  exact (irreducible_dynamics _ Bool.eqb Bool.eqb_true_iff middle 1 bit_code bit_faithful T).
Qed.

Example instance_irreducible_auxiliary (P : bool -> nat -> Q) :
  auxiliary_loss middle_labels middle 1 bit_code label_head <=
  auxiliary_loss middle_labels middle 1 bit_code P :=
  irreducible_auxiliary middle_labels middle 1 bit_code bit_faithful 1 bit_code P.

Lemma middle_labels_spec o l : In (o, l) middle_labels <-> fully_labelled middle o = Some l.
Proof.
  unfold fully_labelled. split.
  - intro H. apply in_map_iff in H. destruct H as (x & H & _). congruence.
  - intro H. injection H as <-. apply in_map_iff. exists o. split; [reflexivity|apply all_five].
Qed.

Example instance_irreducible_zero :
  ~ data_admissible (logged chain_triples) (fully_labelled middle) (kernel middle).
Proof.
  intro H.
  apply (irreducible_zero_iff chain_triples (fully_labelled middle) Bool.eqb Bool.eqb_true_iff
    middle_labels middle_labels_spec middle 1 bit_code bit_faithful 1 bit_code bit_faithful) in H.
  vm_compute in H. discriminate.
Qed.

Definition count_code (x : five) (_ : nat) : Q := count x.

Lemma count_faithful : faithful 1 count_code.
Proof.
  intros x y H. specialize (H 0%nat Nat.lt_0_1).
  destruct x, y; first [reflexivity|discriminate].
Qed.

Example instance_irreducible_none :
  data_admissible (logged chain_triples) (fully_labelled middle) (kernel (fun x => x)).
Proof.
  apply (irreducible_zero_iff chain_triples (fully_labelled middle) Bool.eqb Bool.eqb_true_iff
    middle_labels middle_labels_spec (fun x => x) 1 count_code count_faithful 1 bit_code
    bit_faithful). vm_compute. reflexivity.
Qed.

Definition chain_pair (t : five * bool * five) : bool * bool := (middle (fst (fst t)), snd (fst t)).

Definition chain_after (t : five * bool * five) : nat -> Q := bit_code (middle (snd t)).

Lemma label_pair_spec (s t : bool * bool) :
  (Bool.eqb (fst s) (fst t) && Bool.eqb (snd s) (snd t))%bool = true <-> s = t.
Proof. destruct s as [[] []], t as [[] []]; simpl; split; congruence. Qed.

Example instance_mean_is_best (g : bool * bool -> nat -> Q) :=
  mean_is_best chain_triples chain_pair chain_after 1 _ label_pair_spec g.

(** Two steps of one group that lead to different codes. *)
Example instance_mean_zero :
  ~ squared_loss chain_triples chain_pair chain_after 1 (group_mean chain_triples chain_pair
    chain_after (fun s t => Bool.eqb (fst s) (fst t) && Bool.eqb (snd s) (snd t))%bool) == 0.
Proof.
  intro H. apply (mean_zero_iff _ _ _ _ _ label_pair_spec) with (x := (c1, true, c2))
    (y := (c0, true, c1)) (i := 0%nat) in H; simpl; try (reflexivity || lia || tauto).
  discriminate.
Qed.

(** ** S12: five dimensions, four with constants *)

Definition middle_vector (o : five) (_ : nat) : Q := middle_value o.

(** Two ups lead from 0 to the middle, one from 1, and so on. *)
Definition to_middle (k : nat) : list bool * nat :=
  (match k with
   | 0 => [true; true] | 1 => [true] | 2 => [] | 3 => [false] | _ => [false; false]
   end%nat, 0%nat).

Definition at_place (k : nat) : five :=
  match k with 0 => c0 | 1 => c1 | 2 => c2 | 3 => c3 | _ => c4 end%nat.

Definition unit_vector (k : nat) (o : five) : Q := if (number o =? k)%nat then 1 else 0.

Lemma six_dependent (h : nat -> five -> Q) : dependent 6 h.
Proof.
  apply (combinations_dependent 5 6 h (fun k j => h k (at_place j)) unit_vector); [lia|].
  intros k [] _; unfold combination, unit_vector; simpl; ring.
Qed.

Lemma chain_rank : rank chain 1 middle_vector 5.
Proof.
  split; [|intros ws _; apply six_dependent]. exists to_middle. split; [intros k _; simpl; lia|].
  intros (c & (k & Hk & Hck) & Hzero). apply Hck. rewrite <- (Hzero (at_place k)).
  do 5 (destruct k as [|k];
    [unfold combination, column, middle_vector, middle_value; simpl; ring|]). lia.
Qed.

Lemma chain_rank_one : rank chain 2 (with_one 1 middle_vector) 5.
Proof.
  split; [|intros ws _; apply six_dependent]. exists to_middle. split; [intros k _; simpl; lia|].
  intros (c & (k & Hk & Hck) & Hzero). apply Hck. rewrite <- (Hzero (at_place k)).
  do 5 (destruct k as [|k];
    [unfold combination, column, with_one, middle_vector, middle_value; simpl; ring|]). lia.
Qed.

Lemma both_actions (a : bool) : In a [false; true].
Proof. destruct a; simpl; auto. Qed.

Example instance_linear_capacity :
  (exists E T P, linear_zero_loss chain 1 middle_vector 5 E T P) /\
  ~ (exists E T P, linear_zero_loss chain 1 middle_vector 4 E T P).
Proof.
  split; [|intro H]; [|apply (linear_capacity chain 1 middle_vector _ both_actions Bool.bool_dec 5)
    in H; [lia|exact chain_rank]].
  exact (rank_attained chain 1 middle_vector _ both_actions Bool.bool_dec 5 5 chain_rank (le_n 5)).
Qed.

Example instance_affine_capacity :
  (exists E T t P s, affine_zero_loss chain 1 middle_vector 4 E T t P s) /\
  ~ (exists E T t P s, affine_zero_loss chain 1 middle_vector 3 E T t P s).
Proof.
  split; [|intro H].
  - apply (affine_capacity chain 1 middle_vector _ both_actions Bool.bool_dec 5 4 chain_rank_one).
    lia.
  - apply (affine_capacity chain 1 middle_vector _ both_actions Bool.bool_dec 5 3 chain_rank_one)
      in H. lia.
Qed.

Example instance_affine_iff :
  exists E T P, linear_zero_loss chain 2 (with_one 1 middle_vector) 5 E T P :=
  proj1 (affine_iff_linear chain 1 middle_vector 4) (proj1 instance_affine_capacity).

Example instance_linear_dependent E T P (zero : linear_zero_loss chain 1 middle_vector 5 E T P) :
  dependent 6 (fun k => column chain middle_vector (repeat true k, 0%nat)).
Proof.
  apply (linear_dependent chain 1 middle_vector 5 E T P zero 6 (fun k => (repeat true k, 0%nat)));
    [|intros k _; simpl]; lia.
Qed.
