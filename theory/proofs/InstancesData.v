(** * Certificates for logged data at work on the chain of five with a gap

    Informal statement.  As [Instances.v]: the chain without the step down from 3.  A replay of one
    step tells 1 from 3; a model merges 3 and 4.  Two successors of one pair are the instance for
    forced merges and for data that no model fits.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List Lia.
From Tellapart Require Import Systems Tables Data Merging DataCertificate DataChecker DataDecision.
From Tellapart Require Import Instances.
Import ListNotations.

(** ** The chain *)

Definition gap_row (t : nat) : triple := nth t gap_triples (0, 0, 0).
Definition gap_source (t : nat) : nat := fst (fst (gap_row t)).
Definition gap_taken (t : nat) : nat := snd (fst (gap_row t)).
Definition gap_successor (t : nat) : nat := snd (gap_row t).
Definition gap_label (o : nat) : nat := S (middle_table o).

Local Notation gap := (logged (row_list 9 gap_source gap_taken gap_successor)).
Local Notation gap_known := (known 5 gap_label).

Lemma gap_within : within_rows 5 9 gap_source gap_successor.
Proof. apply (rows_exist_spec 5 9 gap_source gap_successor). reflexivity. Qed.

Definition folded (o : nat) : nat := Nat.min 3 o.
Definition folded_lead (z a : nat) : nat :=
  match a with 0 => if z =? 3 then 3 else pred z | _ => folded (S z) end.

Lemma folded_accepted :
  accepts_model 5 9 gap_source gap_taken gap_successor gap_label folded folded_lead middle_table
    = true.
Proof. reflexivity. Qed.

Example instance_accepts_model_iff :
  data_zero_loss gap gap_known folded folded_lead middle_table :=
  proj2 (proj1 (accepts_model_iff 5 9 _ _ _ _ _ _ _) folded_accepted).

Example instance_model_feasible : feasible gap gap_known :=
  model_feasible 5 9 _ _ _ _ _ _ _ folded_accepted.

Example instance_model_not_apart : ~ told_apart gap gap_known 3 4 :=
  model_not_apart 5 9 _ _ _ _ _ _ _ 3 4 folded_accepted eq_refl.

Definition one_step_blocks (i o : nat) : nat :=
  nth o (nth i [[0; 1; 2; 1; 4]; [0; 1; 2; 1; 2]] []) 0.

Lemma one_step_accepted :
  accepts_clash 5 9 gap_source gap_taken gap_successor gap_label 1 3 1 (fun _ => 5) (fun _ => 7)
    one_step_blocks 2 4 = true.
Proof. reflexivity. Qed.

Example instance_clash_sound : told_apart gap gap_known 1 3 :=
  clash_sound 5 9 _ _ _ _ _ _ _ _ _ _ _ _ one_step_accepted.

Example instance_model_complete : exists code lead head,
  accepts_model 5 9 gap_source gap_taken gap_successor gap_label code lead head = true /\
  code 3 = code 4.
Proof. apply (model_complete 5 9); [exact gap_within|lia|lia|exact instance_model_not_apart]. Qed.

Example instance_clash_complete : exists steps first second block x y,
  accepts_clash 5 9 gap_source gap_taken gap_successor gap_label 1 3 steps first second block x y
    = true.
Proof. apply (clash_complete 5 9); [exact gap_within|lia|lia|exact instance_clash_sound]. Qed.

Example instance_told_apart_certified : told_apart gap gap_known 1 3.
Proof.
  apply (told_apart_certified 5 9); [exact gap_within|lia|lia|exact instance_clash_complete].
Qed.

Example instance_not_apart_certified : ~ told_apart gap gap_known 3 4.
Proof.
  apply (not_apart_certified 5 9); [exact gap_within|lia|lia|exact instance_model_complete].
Qed.

Example instance_feasible_certified : feasible gap gap_known.
Proof.
  apply (feasible_certified 5 9 _ _ _ _ gap_within 0); [lia|].
  exists folded, folded_lead, middle_table. exact folded_accepted.
Qed.

(** ** Two successors: 0 leads to 1 and to 2, which have different labels *)

Local Notation fork := (logged (row_list 2 (fun _ => 0) (fun _ => 0) S)).
Local Notation fork_known := (known 3 (fun o => o)).

Definition fork_blocks (i o : nat) : nat := match i with 0 => o | _ => Nat.min 1 o end.

Lemma fork_accepted :
  accepts_clash 3 2 (fun _ => 0) (fun _ => 0) S (fun o => o) 0 0 1 (fun _ => 0) (fun _ => 1)
    fork_blocks 1 2 = true.
Proof. reflexivity. Qed.

Example instance_clash_infeasible : ~ feasible fork fork_known :=
  clash_infeasible 3 2 _ _ _ _ _ _ _ _ _ _ _ _ fork_accepted eq_refl.

Example instance_infeasible_certified : exists steps first second block x y,
  accepts_clash 3 2 (fun _ => 0) (fun _ => 0) S (fun o => o) 0 0 steps first second block x y
    = true.
Proof.
  apply (infeasible_certified 3 2); [|lia|exact instance_clash_infeasible].
  apply (rows_exist_spec 3 2). reflexivity.
Qed.

Lemma fork_forced :
  accepts_forced 3 2 (fun _ => 0) (fun _ => 0) S 0 0 1 (fun _ => 0) (fun _ => 1) fork_blocks
    (Nat.min 1) (fun z => z) (fun _ _ => 1) = true.
Proof. reflexivity. Qed.

Example instance_forced_sound : merged fork (only 0 0) 1 2.
Proof. apply (forced_sound 3 2 _ _ _ _ _ _ _ _ _ _ _ _ fork_forced); [lia|lia|reflexivity]. Qed.

Example instance_forced_exactly : forced fork 1 2 /\ ~ forced fork 0 1.
Proof.
  assert (H := forced_exactly 3 2 _ _ _ _ _ _ _ _ _ _ _ fork_forced).
  split; [apply H; [lia|lia|reflexivity]|]. intro G. apply H in G; [discriminate|lia|lia].
Qed.

Example instance_forced_complete : exists steps first second block least lead,
  accepts_forced 3 2 (fun _ => 0) (fun _ => 0) S 0 0 steps first second block (Nat.min 1) least lead
    = true.
Proof.
  apply (forced_complete 3 2); [apply (rows_exist_spec 3 2); reflexivity|lia|lia|].
  exact (forced_sound 3 2 _ _ _ _ _ _ _ _ _ _ _ _ fork_forced).
Qed.
