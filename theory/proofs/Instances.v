(** * Every theorem at work on the counting chain of five

    Informal statement.  A theorem whose hypotheses contradict each other is true and worthless.
    Here each main statement is applied to a system in which its hypotheses hold: observations
    0 .. 4, the actions down and up (clipped at the ends), label 1 on the middle observation only.
    Bisimilarity has five blocks, the depth is 2, and only the pair (0, 4) needs it.

    Main definitions: [chain], [middle], [chain_table], [middle_table].

    Main statements: one [instance_..] for each group of theorems. *)

From Coq Require Import Arith List RelationClasses QArith Qabs Lqa Lia.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Quantitative.
From Tellapart Require Import Tables Certificate Checker Decision Refinement Merging Feasibility.
From Tellapart Require Import Dropped.
Import ListNotations.

Local Open Scope nat_scope.

Inductive five := c0 | c1 | c2 | c3 | c4.

Definition chain (x : five) (up : bool) : five :=
  match x, up with
  | c0, false => c0 | c1, false => c0 | c2, false => c1 | c3, false => c2 | c4, false => c3
  | c0, true => c1 | c1, true => c2 | c2, true => c3 | c3, true => c4 | c4, true => c4
  end.

Definition middle (x : five) : bool := match x with c2 => true | _ => false end.

(** ** S4, S5, S7, S1 *)

Lemma ends_separated : ~ bisimilar chain middle c0 c4.
Proof. intro H. apply bisimilar_iff_words with (w := [false; false]) in H. discriminate. Qed.

Lemma identity_zero_loss : zero_loss chain middle (fun x => x) chain middle.
Proof. split; intro; reflexivity. Qed.

Example instance_no_collapse : c0 <> c4 :=
  no_unhealthy_collapse chain middle (fun x => x) chain middle identity_zero_loss c0 c4
    ends_separated.

Example instance_kernel_admissible : admissible chain middle (kernel (fun x => x)) :=
  kernel_admissible chain middle (fun x => x) chain middle identity_zero_loss.

(** The two-member family of identity and bisimilarity has a meet and a join. *)
Definition ends_of_interval (R : five -> five -> Prop) : Prop :=
  R = eq \/ R = bisimilar chain middle.

Example instance_lattice :
  admissible chain middle (meet ends_of_interval) /\
  admissible chain middle (join ends_of_interval).
Proof.
  assert (H : forall R, ends_of_interval R -> admissible chain middle R).
  { intros R [-> | ->]; [apply identity_admissible|apply bisimilar_admissible]. }
  split; [|exact (join_admissible _ _ _ H)].
  apply meet_admissible; [|exact H]. exists eq. left. reflexivity.
Qed.

Example instance_first_separated :
  exists w, length w = 2 /\ middle (run chain w c0) <> middle (run chain w c4).
Proof.
  refine (proj1 (first_separated chain middle [false; true] _ Bool.bool_dec 1 c0 c4 _ _)).
  - intros []; simpl; auto.
  - split; [reflexivity|]. intros []; reflexivity.
  - intro H. apply (k_bisimilar_iff_words _ _ 2) with (w := [false; false]) in H;
      [discriminate|simpl; lia].
Qed.

Definition same_five (x y : five) : bool :=
  match x, y with
  | c0, c0 | c1, c1 | c2, c2 | c3, c3 | c4, c4 => true
  | _, _ => false
  end.

Lemma same_five_spec : decides same_five eq.
Proof. intros [] []; simpl; split; congruence. Qed.

Lemma all_five : is_finite five [c0; c1; c2; c3; c4].
Proof. intros []; simpl; tauto. Qed.

Example instance_characterisation : realised chain middle eq :=
  proj2 (finite_characterisation chain middle eq same_five _ all_five same_five_spec)
    (identity_admissible chain middle).

(** With a constant label the single block is realised too: the theorems allow collapse there. *)
Example instance_characterisation_one_block : realised chain (fun _ => tt) (fun _ _ => True).
Proof.
  apply (finite_characterisation chain (fun _ => tt) (fun _ _ => True) (fun _ _ => true) _
    all_five).
  - intros x y. tauto.
  - split; [split; auto|]. intros x y _. auto.
Qed.

(** ** S2, S3: the chain without the step down from 3 *)

Definition number (x : five) : nat :=
  match x with c0 => 0 | c1 => 1 | c2 => 2 | c3 => 3 | c4 => 4 end.

Definition chain_table (o a : nat) : nat := match a with 0 => pred o | _ => Nat.min 4 (S o) end.

Definition middle_table (o : nat) : nat := if o =? 2 then 1 else 0.

Definition gap_triples : list triple :=
  [(0, 0, 0); (1, 0, 0); (2, 0, 1); (4, 0, 3);
   (0, 1, 1); (1, 1, 2); (2, 1, 3); (3, 1, 4); (4, 1, 4)].

Definition middle_known (o : nat) : option nat := if o <? 5 then Some (middle_table o) else None.

Lemma gap_triples_exist o a o' : In (o, a, o') gap_triples -> (o < 5 /\ o' < 5)%nat.
Proof.
  unfold gap_triples. simpl.
  repeat (intros [H|H]; [injection H as <- <- <-; lia|revert H]). contradiction.
Qed.

Lemma middle_known_exists x l : middle_known x = Some l -> (x < 5)%nat.
Proof. unfold middle_known. destruct (Nat.ltb_spec x 5); [auto|discriminate]. Qed.

Example instance_feasible : feasible (logged gap_triples) middle_known :=
  proj1 (decide_feasible_correct 5 gap_triples gap_triples_exist middle_known middle_known_exists)
    eq_refl.

Example instance_told_apart : told_apart (logged gap_triples) middle_known 1 3.
Proof.
  apply (decide_told_apart_correct 5 gap_triples gap_triples_exist middle_known
    middle_known_exists);
    [lia|lia|reflexivity].
Qed.

(** Bisimilarity separates 3 and 4; without that one step they may be merged. *)
Example instance_not_told_apart :
  ~ told_apart (logged gap_triples) middle_known 3 4 /\
  ~ bisimilar (table 2 chain_table) middle_table 3 4.
Proof.
  split.
  - intro H. apply (decide_told_apart_correct 5 gap_triples gap_triples_exist middle_known
      middle_known_exists) in H; [discriminate|lia|lia].
  - intro H. apply bisimilar_k with (k := 1) in H. destruct H as [_ H].
    discriminate (H (exist _ 0 (Nat.lt_0_succ 1))).
Qed.

Example instance_infeasible :
  ~ feasible (logged [(0, 0, 1); (0, 0, 2)]) middle_known.
Proof.
  intro H. apply (decide_feasible_correct 5) in H; [discriminate| |exact middle_known_exists].
  simpl. intros o a o' [G|[G|[]]]; injection G as <- <- <-; lia.
Qed.

(** ** S9: a symmetry that keeps the actions *)

(** Two chains side by side, with the label of the place in the chain. *)
Definition twice (x : five * bool) (up : bool) : five * bool := (chain (fst x) up, snd x).

Definition swap (x : five * bool) : five * bool := (fst x, negb (snd x)).

Example instance_symmetry : bisimilar twice (fun x => middle (fst x)) (c1, true) (c1, false).
Proof.
  apply (symmetric_bisimilar twice (fun x => middle (fst x)) swap); intros [x s]; reflexivity.
Qed.

Example instance_suffices : suffices chain middle (fun x y => ~ (x = c0 /\ y = c4)).
Proof.
  apply suffices_iff. intros x y H [-> ->]. exact (ends_separated H).
Qed.

(** ** S10: codes are counts; the margin of (0, 4) after two rounds is 1 *)

Local Open Scope Q_scope.

Definition count (x : five) : Q := inject_Z (Z.of_nat (number x)).

Definition count_step (z : Q) (up : bool) : Q :=
  if up then Qminmax.Qmin 4 (z + 1) else Qminmax.Qmax 0 (z - 1).

Definition middle_head (z : Q) : Q := if Qeq_bool z 2 then 1 else 0.

Definition middle_value (x : five) : Q := if middle x then 1 else 0.

Definition chain_margin : nat -> five -> five -> Q :=
  margin chain middle_value apart (fun _ _ => 0) (fun _ => 0) (fun _ => 1) 1 [false; true].

Example instance_margin : 1 == chain_margin 2 c0 c4 /\ chain_margin 2 c0 c4 <= apart 0 4.
Proof.
  split; [reflexivity|].
  apply (margin_sound chain middle_value count count_step middle_head apart apart_distance
    apart apart_distance).
  - intros [] []; vm_compute; discriminate.
  - intros []; vm_compute; discriminate.
  - reflexivity.
  - intros [] [] []; vm_compute; discriminate.
  - reflexivity.
  - intros [] []; vm_compute; discriminate.
Qed.

Example instance_unrolled :
  1 == (apart 0 1 - 2 * 0 - 2 * 1 * 0 * geometric 1 2) / (1 * power 1 2) /\
  (apart 0 1 - 2 * 0 - 2 * 1 * 0 * geometric 1 2) / (1 * power 1 2) <= apart 0 4.
Proof.
  split; [reflexivity|].
  apply (unrolled chain middle_value count count_step middle_head apart apart_distance
    apart apart_distance 0 0 1 1) with (w := [false; false]) (x := c0) (y := c4).
  - intros [] []; vm_compute; discriminate.
  - intros []; vm_compute; discriminate.
  - reflexivity.
  - intros [] [] []; vm_compute; discriminate.
  - reflexivity.
  - intros [] []; vm_compute; discriminate.
Qed.

Local Close Scope Q_scope.

(** ** The checker, the refinement and the merging, run inside Coq *)

Definition entry (table : list nat) (i : nat) : nat := nth i table 0.

Definition chain_check (separations : list nat) : bool :=
  check 5 2 chain_table middle_table 5 (fun o => o) (entry [2; 0; 4; 1; 3])
    (entry separations).

Definition chain_certificate (separations : list nat) : Prop :=
  correct 5 2 chain_table middle_table 5 (fun o => o) (entry [2; 0; 4; 1; 3])
    (entry separations).

Example instance_certificate : chain_certificate [0; 2; 1; 1].
Proof. apply check_decides. vm_compute. reflexivity. Qed.

Example instance_wrong_certificate : ~ chain_certificate [0; 1; 1; 1].
Proof. intro H. apply check_decides in H. vm_compute in H. discriminate. Qed.

Example instance_refine : refine 5 2 chain_table middle_table = [0; 1; 2; 3; 4].
Proof. vm_compute. reflexivity. Qed.

(** With "is it an end?" as the label, mirror images stay together. *)
Example instance_refine_merges :
  refine 5 1 (fun o _ => Nat.min 4 (S o)) (fun o => if o =? 3 then 1 else 0)%nat =
    [0; 1; 2; 3; 4] /\
  refine 5 2 chain_table (fun _ => 0) = [0; 0; 0; 0; 0].
Proof. vm_compute. auto. Qed.

Lemma chain_closed : table_closed 5 2 chain_table.
Proof. intros o a Ho Ha. unfold chain_table. destruct a; lia. Qed.

Example instance_depth_bound :
  bisimilar (table 2 chain_table) middle_table 0 4 <->
  k_bisimilar (table 2 chain_table) middle_table 3 0 4 :=
  depth_bound 5 2 chain_table middle_table chain_closed 0 4 (Nat.lt_0_succ 4) (le_n 5).

Example instance_merge : merge 5 gap_triples [(3, 4)] = [0; 1; 2; 3; 3].
Proof. vm_compute. reflexivity. Qed.
