(** * Feasibility (S2) and pairs to tell apart (S3), decided for logged data

    Informal statement.  Zero loss is attainable iff the known labels agree inside the blocks of
    forced merges ([decide_feasible]); a pair is told apart by every zero-loss encoder iff they do
    not agree once the pair is merged too ([decide_told_apart]).  Both decisions are exact.

    Main definitions: [labels_agree], [decide_feasible], [decide_told_apart].

    Main statements: [decide_feasible_correct], [decide_told_apart_correct]. *)

From Coq Require Import Arith Bool Lia List RelationClasses.
From Tellapart Require Import Systems Tables Characterisation Data Refinement Merging.
Import ListNotations.

(** Known labels agree inside blocks. *)
Definition labels_agree (n : nat) (p : nat -> option nat) (c : list nat) : bool :=
  forall_below n (fun x => forall_below n (fun y =>
    negb (read c x =? read c y) ||
    match p x, p y with Some l, Some l' => l =? l' | _, _ => true end)).

Definition decide_feasible (n : nat) (triples : list triple) (p : nat -> option nat) : bool :=
  labels_agree n p (merge n triples []).

Definition decide_told_apart (n : nat) (triples : list triple) (p : nat -> option nat)
    (x y : nat) : bool :=
  negb (labels_agree n p (merge n triples [(x, y)])).

Section Feasibility.

Context (n : nat) (triples : list triple)
  (triples_exist : forall o a o', In (o, a, o') triples -> o < n /\ o' < n).

Let D : nat -> nat -> nat -> Prop := logged triples.

Context (p : nat -> option nat) (labels_exist : forall x l, p x = Some l -> x < n).

Lemma labels_agree_spec c :
  labels_agree n p c = true <-> respects_labels p (fun x y => read c x = read c y).
Proof.
  unfold labels_agree. rewrite forall_below_spec. split.
  - intros H x y l l' Hxy Hx Hy.
    specialize (H x (labels_exist x l Hx)). rewrite forall_below_spec in H.
    specialize (H y (labels_exist y l' Hy)).
    rewrite (proj2 (Nat.eqb_eq _ _) Hxy), Hx, Hy in H. simpl in H. apply Nat.eqb_eq, H.
  - intros H x _. rewrite forall_below_spec. intros y _.
    destruct (Nat.eqb_spec (read c x) (read c y)) as [Hxy|]; [simpl|reflexivity].
    destruct (p x) as [l|] eqn:Hx; [|reflexivity]. destruct (p y) as [l'|] eqn:Hy; [|reflexivity].
    apply Nat.eqb_eq. exact (H x y l l' Hxy Hx Hy).
Qed.

Definition in_one_block (c : list nat) (x y : nat) : bool := read c x =? read c y.

Lemma in_one_block_listed c : canonical n c -> listed (in_one_block c) (seq 0 n).
Proof.
  intros Hc x y H. apply Nat.eqb_eq in H.
  destruct (Nat.lt_ge_cases x n) as [Hx|Hx]; [right; apply in_seq; lia|left].
  rewrite (canonical_outside n c x Hc Hx) in H.
  destruct (Nat.lt_ge_cases y n) as [Hy|Hy].
  - destruct (proj2 Hc y Hy). lia.
  - rewrite (canonical_outside n c y Hc Hy) in H. exact H.
Qed.

Lemma labels_in_range x l : p x = Some l -> In x (seq 0 n).
Proof. intro H. apply in_seq. assert (G := labels_exist x l H). lia. Qed.

Lemma merge_decides seeds R :
  (forall x y, In (x, y) seeds -> x < n /\ y < n) ->
  (forall x y, merged D (seeded seeds) x y <-> R x y) ->
  decides (in_one_block (merge n triples seeds)) R.
Proof.
  intros Hin HR x y. unfold in_one_block. rewrite Nat.eqb_eq, <- HR.
  apply (merge_correct n triples triples_exist seeds Hin).
Qed.

Lemma respects_equivalent (R S : nat -> nat -> Prop) :
  (forall x y, R x y <-> S x y) -> (respects_labels p R <-> respects_labels p S).
Proof. intro H. split; apply respects_below; intros x y; apply H. Qed.

Lemma merged_equivalent (S S' : nat -> nat -> Prop) x y :
  (forall u v, S u v <-> S' u v) -> (merged D S x y <-> merged D S' x y).
Proof.
  intro H. split; apply merged_least;
    auto using merged_equivalence, merged_closed; intros u v G; apply merged_seed, H, G.
Qed.

Theorem decide_feasible_correct : decide_feasible n triples p = true <-> feasible D p.
Proof.
  assert (Hin : forall x y, In (x, y) (@nil (nat * nat)) -> x < n /\ y < n) by contradiction.
  assert (Hdec : decides (in_one_block (merge n triples [])) (forced D)).
  { apply merge_decides; [exact Hin|]. intros x y. apply merged_equivalent. reflexivity. }
  unfold decide_feasible. rewrite labels_agree_spec.
  change (feasible D p) with (feasible (logged triples) p).
  rewrite (feasible_iff triples p 0 Nat.eqb Nat.eqb_eq (seq 0 n) labels_in_range _ Hdec).
  - apply respects_equivalent. intros x y. exact (iff_trans (iff_sym (Nat.eqb_eq _ _)) (Hdec x y)).
  - apply in_one_block_listed, (merge_correct n triples triples_exist [] Hin).
Qed.

Theorem decide_told_apart_correct x y :
  x < n -> y < n -> (decide_told_apart n triples p x y = true <-> told_apart D p x y).
Proof.
  intros Hx Hy.
  assert (Hin : forall u v, In (u, v) [(x, y)] -> u < n /\ v < n).
  { intros u v [H|[]]. injection H as <- <-. auto. }
  assert (Hdec : decides (in_one_block (merge n triples [(x, y)])) (merged D (only x y))).
  { apply merge_decides; [exact Hin|]. intros u v. apply merged_equivalent. clear u v.
    intros u v. unfold seeded, only. simpl. split; [intros [H|[]]|intros [-> ->]; auto].
    injection H as <- <-. auto. }
  unfold decide_told_apart. rewrite negb_true_iff, <- not_true_iff_false, labels_agree_spec.
  change (told_apart D p x y) with (told_apart (logged triples) p x y).
  rewrite (told_apart_iff triples p 0 Nat.eqb Nat.eqb_eq (seq 0 n) labels_in_range _ x y Hdec).
  - rewrite (respects_equivalent _ (merged D (only x y))); [reflexivity|].
    intros u v. exact (iff_trans (iff_sym (Nat.eqb_eq _ _)) (Hdec u v)).
  - apply in_one_block_listed, (merge_correct n triples triples_exist [(x, y)] Hin).
Qed.

End Feasibility.
