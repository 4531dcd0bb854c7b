(** * Margins, programs and classical statements at work on the chain of five

    Informal statement.  As [Instances.v], for the steps of S10 over the rationals and over the real
    numbers, the checker with hints, the refinement and merging, and the classical statements.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List RelationClasses QArith Qabs Reals Lia Lra.
From Tellapart Require Import Systems NoCollapse Characterisation Data Quantitative Tables.
From Tellapart Require Import Certificate Checker Decision Refinement Merging Feasibility.
From Tellapart Require Import Replay Classical.
From Tellapart Require Import Instances InstancesSystems.
From Tellapart Require QuantitativeReal.
Import ListNotations.
Local Open Scope nat_scope.

(** ** S10 over the rationals *)

Local Open Scope Q_scope.

Lemma chain_residual : forall o a, apart (count_step (count o) a) (count (chain o a)) <= 0.
Proof. intros [] []; vm_compute; discriminate. Qed.

Lemma middle_residual : forall o, apart (middle_head (count o)) (middle_value o) <= 0.
Proof. intros []; vm_compute; discriminate. Qed.

Lemma chain_lipschitz : forall a x y,
  apart (count_step (count x) a) (count_step (count y) a) <= 1 * apart (count x) (count y).
Proof. intros [] [] []; vm_compute; discriminate. Qed.

Lemma middle_lipschitz : forall x y,
  apart (middle_head (count x)) (middle_head (count y)) <= 1 * apart (count x) (count y).
Proof. intros [] []; vm_compute; discriminate. Qed.

Example instance_label_step : apart 1 0 <= 0 + 0 + 1 * apart 2 3 :=
  label_step middle_value count middle_head apart apart apart_distance (fun _ => 0)
    middle_residual 1 middle_lipschitz c2 c3.

Example instance_one_step : apart 0 3 <= 0 + 0 + 1 * apart 0 4 :=
  one_step chain count count_step apart apart_distance (fun _ _ => 0) chain_residual
    (fun _ => 1) chain_lipschitz c0 c4 false.

Example instance_margin_grows : chain_margin 1 c0 c4 <= chain_margin 2 c0 c4 :=
  margin_grows chain middle_value apart (fun _ _ => 0) (fun _ => 0) (fun _ => 1) 1 [false; true]
    1 c0 c4.

Example instance_margin_separates : count c0 <> count c4 :=
  margin_separates chain middle_value count count_step middle_head apart apart_distance
    apart apart_distance (fun _ _ => 0) chain_residual (fun _ => 0) middle_residual
    (fun _ => 1) (fun _ => eq_refl) chain_lipschitz 1 eq_refl middle_lipschitz
    [false; true] 2 c0 c4 eq_refl.

Example instance_growth : apart 0 2 <= power 1 2 * apart 0 4 + 2 * 0 * geometric 1 2 :=
  growth chain count count_step apart apart_distance 0 1 chain_residual eq_refl
    chain_lipschitz [false; false] c0 c4.

Local Close Scope Q_scope.

(** ** S10 over the real numbers: one observation for each label, codes are the labels *)

Local Open Scope R_scope.

Definition rapart (u v : R) : R := Rabs (u - v).

Lemma rapart_distance : QuantitativeReal.is_distance rapart.
Proof.
  unfold rapart. split.
  - intro x. rewrite Rminus_eq_0. apply Rabs_R0.
  - intros x y. apply Rabs_pos.
  - intros x y. apply Rabs_minus_sym.
  - intros x y z. replace (x - z) with ((x - y) + (y - z)) by ring. apply Rabs_triang.
Qed.

Definition bit (b : bool) : R := if b then 1 else 0.

Definition keep (b : bool) (_ : unit) : bool := b.

Lemma bit_residual : forall (o : bool) (a : unit), rapart (bit o) (bit (keep o a)) <= 0.
Proof. intros o a. unfold rapart, keep. rewrite Rminus_eq_0, Rabs_R0. lra. Qed.

Lemma bit_lipschitz : forall (a : unit) x y, rapart (bit x) (bit y) <= 1 * rapart (bit x) (bit y).
Proof. intros. lra. Qed.

Lemma bit_margin : 0 < QuantitativeReal.margin keep bit rapart (fun _ _ => 0) (fun _ => 0)
  (fun _ => 1) 1 [tt] 0 true false.
Proof.
  simpl. eapply Rlt_le_trans; [|apply Rbasic_fun.Rmax_r]. unfold rapart, bit.
  rewrite Rabs_right; lra.
Qed.

Example instance_real_label_step : rapart 1 0 <= 0 + 0 + 1 * rapart 1 0 :=
  QuantitativeReal.label_step bit bit (fun z => z) rapart rapart rapart_distance (fun _ => 0)
    (fun o => bit_residual o tt) 1 (bit_lipschitz tt) true false.

Example instance_real_one_step : rapart 1 0 <= 0 + 0 + 1 * rapart 1 0 :=
  QuantitativeReal.one_step keep bit (fun z _ => z) rapart rapart_distance (fun _ _ => 0)
    bit_residual (fun _ => 1) bit_lipschitz true false tt.

Example instance_real_margin_sound :
  QuantitativeReal.margin keep bit rapart (fun _ _ => 0) (fun _ => 0) (fun _ => 1) 1 [tt] 1 true
    false
    <= rapart 1 0 :=
  QuantitativeReal.margin_sound keep bit bit (fun z _ => z) (fun z => z) rapart rapart_distance
    rapart rapart_distance (fun _ _ => 0) bit_residual (fun _ => 0) (fun o => bit_residual o tt)
    (fun _ => 1) (fun _ => Rlt_0_1) bit_lipschitz 1 Rlt_0_1 (bit_lipschitz tt) [tt] 1 true false.

Example instance_real_margin_grows :=
  QuantitativeReal.margin_grows keep bit rapart (fun _ _ => 0) (fun _ => 0) (fun _ => 1) 1 [tt] 0
    true false.

Example instance_real_margin_separates : bit true <> bit false :=
  QuantitativeReal.margin_separates keep bit bit (fun z _ => z) (fun z => z) rapart rapart_distance
    rapart rapart_distance (fun _ _ => 0) bit_residual (fun _ => 0) (fun o => bit_residual o tt)
    (fun _ => 1) (fun _ => Rlt_0_1) bit_lipschitz 1 Rlt_0_1 (bit_lipschitz tt) [tt] 0 true false
    bit_margin.

Example instance_real_growth :=
  QuantitativeReal.growth keep bit (fun z _ => z) rapart rapart_distance 0 1 bit_residual Rlt_0_1
    bit_lipschitz [tt] true false.

Example instance_real_unrolled :=
  QuantitativeReal.unrolled keep bit bit (fun z _ => z) (fun z => z) rapart rapart_distance
    rapart rapart_distance 0 0 1 1 bit_residual (fun o => bit_residual o tt) Rlt_0_1 bit_lipschitz
    Rlt_0_1 (bit_lipschitz tt) [tt] true false.

Local Close Scope R_scope.

(** ** The checker with hints *)

Definition chain_order : nat -> nat := entry [2; 0; 4; 1; 3].

Definition chain_separation : nat -> nat := entry [0; 2; 1; 1].

Lemma chain_honest : honest 5 5 (fun o => o) chain_order chain_separation
  (place_of 5 chain_order) (member_of 5 (fun o => o)) (distance_of chain_separation).
Proof. exact (computed_honest 5 2 chain_table middle_table 5 _ _ _ instance_certificate). Qed.

Lemma chain_accepted : accepts 5 2 chain_table middle_table 5 (fun o => o) chain_order
  chain_separation (place_of 5 chain_order) (member_of 5 (fun o => o))
  (distance_of chain_separation) = true.
Proof. exact (accepts_complete _ _ _ _ _ _ _ _ _ _ _ chain_honest instance_certificate). Qed.

Example instance_sound : chain_certificate [0; 2; 1; 1] :=
  accepts_sound _ _ _ _ _ _ _ _ _ _ _ chain_accepted.

(** The blocks of 0 and 4 stand at positions 1 and 2 of the order. *)
Example instance_accepts_word :
  exists w, length w = 2 /\
    middle_table (run (table 2 chain_table) w 4) <> middle_table (run (table 2 chain_table) w 0).
Proof.
  destruct (accepts_word 5 2 chain_table middle_table 5 (fun o => o) chain_order chain_separation
    _ _ _ chain_accepted 2 1 4 0) as (w & Hlen & Hw & _); try reflexivity; try lia.
  exists w. split; [exact Hlen|exact Hw].
Qed.

Example instance_accepts_no_collapse : 0 <> 4.
Proof.
  apply (accepts_no_collapse 5 2 chain_table middle_table 5 (fun o => o) chain_order
    chain_separation _ _ _ chain_accepted nat (fun o => o) (table 2 chain_table) middle_table);
    [split; intro; reflexivity|lia|lia|discriminate].
Qed.

(** ** Refinement and merging *)

Example instance_refine_correct : ~ bisimilar (table 2 chain_table) middle_table 0 4.
Proof.
  intro H. apply (refine_correct 5 2 chain_table middle_table chain_closed) in H; [|lia|lia].
  vm_compute in H. discriminate.
Qed.

Example instance_refine_canonical : canonical 5 (refine 5 2 chain_table middle_table) :=
  refine_canonical 5 2 chain_table middle_table chain_closed.

Example instance_merge_correct : merged (logged gap_triples) (seeded [(3, 4)]) 4 3.
Proof.
  apply (merge_correct 5 gap_triples gap_triples_exist [(3, 4)]); [|vm_compute; reflexivity].
  intros x y [H|[]]. injection H as <- <-. lia.
Qed.

Example instance_n_labels : n_labels 5 middle_table = 2.
Proof. rewrite n_labels_counts. vm_compute. reflexivity. Qed.

(** With 3 and 4 as the seed nothing else has to be merged; with 0 and 4 more follows. *)
Definition ends_claim : list nat := merge 5 gap_triples [(0, 4)].

Lemma ends_exist x y : In (x, y) [(0, 4)] -> x < 5 /\ y < 5.
Proof. intros [H|[]]. injection H as <- <-. lia. Qed.

Example instance_replay_complete :
  exists steps, accepts_merges 5 gap_triples [(0, 4)] ends_claim steps = true.
Proof.
  destruct (merge_correct 5 gap_triples gap_triples_exist [(0, 4)] ends_exist) as [Hcan Hsame].
  apply replay_complete; [exact gap_triples_exist|exact ends_exist|exact Hcan|].
  intros x y _ _. apply Hsame.
Qed.

Example instance_replay_sound : merged (logged gap_triples) (seeded [(3, 4)]) 3 4.
Proof.
  apply (replay_sound 5 gap_triples gap_triples_exist [(3, 4)]) with
    (claim := [0; 1; 2; 3; 3]) (steps := []); [|reflexivity|lia|lia|reflexivity].
  intros x y [H|[]]. injection H as <- <-. lia.
Qed.

(** ** Classical statements *)

Example instance_classical_representatives : representatives (@eq five) (chosen eq) :=
  classical_representatives eq eq_equivalence.

Example instance_classical_characterisation : realised chain middle (bisimilar chain middle) :=
  proj2 (classical_characterisation chain middle _) (bisimilar_admissible chain middle).

Example instance_classical_data_realised : data_realised (logged one_triple) known eq :=
  proj2 (classical_data_realised (logged one_triple) known true eq) identity_data_admissible.

Example instance_classical_feasible : feasible (logged one_triple) known.
Proof.
  apply (classical_feasible _ _ true). intros x y l l' H Hx Hy.
  apply forced_is_identity in H. congruence.
Qed.

Example instance_classical_told_apart : told_apart (logged one_triple) known c1 c2 :=
  proj2 (classical_told_apart _ known true c1 c2) labels_clash.
