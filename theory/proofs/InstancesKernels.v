(** * The statements on definitions and on pairs at work

    Informal statement.  As [Instances.v], for D1, D2, D4, for S3 without gaps, and for covered
    words.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import List RelationClasses Lia.
From Tellapart Require Import Systems NoCollapse Characterisation Data Dropped Kernels.
From Tellapart Require Import CoveredWords Classical Instances InstancesSystems.
Import ListNotations.

(** ** D1, D2, D4 *)

Definition chain_zero_loss :
  data_zero_loss (total chain) (fully_labelled middle) (fun x => x) chain middle :=
  proj2 (total_zero_loss chain middle (fun x => x) chain middle) identity_zero_loss.

Definition place (i : nat) : five :=
  match i with 0 => c0 | 1 => c1 | 2 => c2 | 3 => c3 | _ => c4 end.

Lemma place_number x : place (number x) = x.
Proof. destruct x; reflexivity. Qed.

Example instance_renaming :
  data_zero_loss (total chain) (fully_labelled middle) number
    (fun i a => number (chain (place i) a)) (fun i => middle (place i)) :=
  proj1 (renaming_zero_loss _ _ number place (fun x => x) chain middle place_number)
    chain_zero_loss.

Lemma one_triple_total o a o' : logged one_triple o a o' -> total chain o a o'.
Proof. intros [H|[]]. injection H as <- <- <-. reflexivity. Qed.

Example instance_less_data : data_zero_loss (logged one_triple) known (fun x => x) chain middle :=
  less_data_zero_loss _ (fully_labelled middle) (logged one_triple) known (fun x => x) chain middle
    one_triple_total (fun _ _ H => H) chain_zero_loss.

Example instance_kernel : Equivalence (kernel middle) := kernel_equivalence middle.

Example instance_renaming_kernel : ~ kernel (fun x => negb (middle x)) c1 c2.
Proof.
  intro H. apply (renaming_kernel negb middle) in H; [discriminate|].
  intros [] []; simpl; congruence.
Qed.

Example instance_function_of_code : kernel (fun x => negb (middle x)) c0 c4 :=
  function_of_code_merges negb middle c0 c4 eq_refl.

Example instance_congruence : congruence chain eq :=
  proj1 (proj1 (admissible_congruence chain middle eq) (identity_admissible chain middle)).

Example instance_less_data_admissible : data_admissible (logged one_triple) known eq :=
  less_data_admissible _ (fully_labelled middle) (logged one_triple) known eq
    one_triple_total (fun _ _ H => H) instance_total.

Example instance_identity_inadmissible :
  ~ data_admissible (fun (_ : bool) (_ : unit) (_ : bool) => True) Some eq.
Proof.
  intro H. discriminate (proj1 (identity_admissible_iff _ _) H true tt true false I I).
Qed.

(** ** S3 *)

Example instance_told_apart_symmetric : told_apart (logged one_triple) known c2 c1 :=
  told_apart_symmetric _ known c1 c2 instance_clash.

Example instance_total_clash :
  ~ respects_labels (fully_labelled middle) (merged (total chain) (only c0 c4)).
Proof. intro H. apply total_clash_bisimilar in H. exact (ends_separated H). Qed.

Example instance_total_apart : told_apart (total chain) (fully_labelled middle) c0 c4 :=
  total_not_bisimilar_apart chain middle c0 c4 ends_separated.

(** With a constant label nothing is told apart. *)
Example instance_total_told_apart : ~ told_apart (total chain) (fully_labelled flat) c0 c4.
Proof.
  intro H. apply (total_told_apart_iff chain flat (fun _ _ => true) _ c0 c4 all_five) in H.
  - exact (H joined).
  - intros x y. split; [|reflexivity]. intros _.
    exact (constant_label_promises_nothing chain flat tt (fun _ => eq_refl) x y).
Qed.

Example instance_classical_total : told_apart (total chain) (fully_labelled middle) c0 c4 :=
  proj2 (classical_total_told_apart chain middle c0 c4) ends_separated.

(** No covered word separates 5 and 7; merging them joins 4 with another count. *)
Example instance_words_miss :
  ~ word_separates (logged nine_triples) four_known 5 7 /\
  told_apart (logged nine_triples) four_known 5 7.
Proof.
  destruct (covered_words_miss 5 7) as [Hword Hapart]; [lia|]. split.
  - intro H. apply Hword in H. apply H. simpl. auto.
  - apply Hapart. discriminate.
Qed.

Example instance_word : told_apart (logged nine_triples) four_known 3 5.
Proof.
  apply word_told_apart. apply (proj1 (covered_words_miss 3 5 ltac:(lia))).
  simpl. intros H. repeat (destruct H as [H|H]; [discriminate|]). exact H.
Qed.
