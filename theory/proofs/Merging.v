(** * Verified merging of logged data

    Informal statement.  Merge the seeds, then merge the successors of every two logged transitions
    that start in one block with one action, until nothing is left to merge.  The result is the
    least closed equivalence that holds the seeds; every merge lowers the number of blocks, so there
    are at most as many merges as observations, and the answer is a partition, never "unknown".

    Observations and actions are numbers; a partition is as in [Refinement.v].

    Main definitions: [merge_pair], [merge].

    Main statements: [merge_pair_least], [merge_pair_fewer], [merge_correct]. *)

From Coq Require Import Arith Bool Lia List RelationClasses.
From Tellapart Require Import Systems Tables Characterisation Data Refinement.
Import ListNotations.

Definition triple : Type := nat * nat * nat.

(** Blocks [r] and [r'] become one, named by its least member. *)
Definition merge_blocks (r r' : nat) (b : nat) : nat :=
  if (b =? r) || (b =? r') then Nat.min r r' else b.

Definition merge_pair (c : list nat) (xy : nat * nat) : list nat :=
  map (merge_blocks (read c (fst xy)) (read c (snd xy))) c.

(** Two transitions that start in one block with one action and end in different ones. *)
Definition open_pair (c : list nat) (st : triple * triple) : bool :=
  let '((x, a, x'), (y, b, y')) := st in
  (read c x =? read c y) && (a =? b) && negb (read c x' =? read c y').

Fixpoint merge_from (merges : nat) (triples : list triple) (c : list nat) : list nat :=
  match merges with
  | 0 => c
  | S merges =>
      match find (open_pair c) (list_prod triples triples) with
      | Some (s, t) => merge_from merges triples (merge_pair c (snd s, snd t))
      | None => c
      end
  end.

Definition merge (n : nat) (triples : list triple) (seeds : list (nat * nat)) : list nat :=
  merge_from n triples (fold_left merge_pair seeds (seq 0 n)).

(** ** One merge *)

Lemma canonical_outside n c x : canonical n c -> n <= x -> read c x = x.
Proof. intros [Hlen _] Hx. unfold read. apply nth_overflow. lia. Qed.

Lemma merge_pair_read n c u v x :
  canonical n c -> u < n -> v < n ->
  read (merge_pair c (u, v)) x = merge_blocks (read c u) (read c v) (read c x).
Proof.
  intros Hc Hu Hv. unfold merge_pair, read at 1. simpl.
  destruct (Nat.lt_ge_cases x n) as [Hx|Hx].
  - rewrite (nth_indep _ x (merge_blocks (read c u) (read c v) x))
      by (rewrite map_length, (proj1 Hc); exact Hx).
    apply map_nth.
  - rewrite nth_overflow by (rewrite map_length, (proj1 Hc); exact Hx).
    rewrite (canonical_outside n c x Hc Hx). destruct Hc as [_ Hc]. unfold merge_blocks.
    destruct (Hc u Hu), (Hc v Hv).
    destruct (Nat.eqb_spec x (read c u)); [lia|]. destruct (Nat.eqb_spec x (read c v)); [lia|].
    reflexivity.
Qed.

Lemma merge_blocks_cases r r' b :
  (merge_blocks r r' b = Nat.min r r' /\ (b = r \/ b = r')) \/
  (merge_blocks r r' b = b /\ b <> r /\ b <> r').
Proof.
  unfold merge_blocks. destruct (Nat.eqb_spec b r), (Nat.eqb_spec b r'); simpl; auto.
Qed.

Lemma merge_pair_canonical n c u v :
  canonical n c -> u < n -> v < n -> canonical n (merge_pair c (u, v)).
Proof.
  intros Hc Hu Hv. split; [unfold merge_pair; rewrite map_length; apply Hc|].
  intros x Hx. rewrite !(merge_pair_read n c u v) by assumption.
  destruct (proj2 Hc x Hx) as [Hle Hid]. destruct (proj2 Hc u Hu) as [_ Hidu].
  destruct (proj2 Hc v Hv) as [_ Hidv].
  set (r := read c u) in *. set (r' := read c v) in *.
  destruct (merge_blocks_cases r r' (read c x)) as [[-> H]|[-> H]].
  - split; [lia|].
    destruct (Nat.min_spec r r') as [[Hlt ->]|[Hlt ->]]; rewrite ?Hidu, ?Hidv;
      unfold merge_blocks; rewrite Nat.eqb_refl, ?orb_true_r; simpl; lia.
  - split; [exact Hle|]. rewrite Hid.
    destruct (merge_blocks_cases r r' (read c x)) as [[_ G]|[-> _]]; [tauto|reflexivity].
Qed.

(** The new blocks: the old ones, and the two in one. *)
Lemma merge_pair_joins n c u v :
  canonical n c -> u < n -> v < n ->
  read (merge_pair c (u, v)) u = read (merge_pair c (u, v)) v.
Proof.
  intros Hc Hu Hv. rewrite !(merge_pair_read n c u v) by assumption.
  unfold merge_blocks. rewrite !Nat.eqb_refl, orb_true_r. reflexivity.
Qed.

Lemma merge_pair_keeps n c u v x y :
  canonical n c -> u < n -> v < n -> read c x = read c y ->
  read (merge_pair c (u, v)) x = read (merge_pair c (u, v)) y.
Proof. intros Hc Hu Hv H. rewrite !(merge_pair_read n c u v) by assumption. congruence. Qed.

Lemma merge_pair_least n c u v (R : nat -> nat -> Prop) :
  canonical n c -> u < n -> v < n -> Equivalence R -> R u v ->
  (forall x y, read c x = read c y -> R x y) ->
  forall x y, read (merge_pair c (u, v)) x = read (merge_pair c (u, v)) y -> R x y.
Proof.
  intros Hc Hu Hv HR Huv Hbelow x y. rewrite !(merge_pair_read n c u v) by assumption.
  assert (Hvu : R v u) by (symmetry; exact Huv).
  assert (Hmin : Nat.min (read c u) (read c v) = read c u \/
    Nat.min (read c u) (read c v) = read c v) by lia.
  destruct (merge_blocks_cases (read c u) (read c v) (read c x)) as [[-> Hx]|[-> Hx]];
    destruct (merge_blocks_cases (read c u) (read c v) (read c y)) as [[-> Hy]|[-> Hy]]; intro H.
  - destruct Hx as [Hx|Hx], Hy as [Hy|Hy].
    + apply Hbelow. congruence.
    + transitivity u; [auto|transitivity v; [exact Huv|auto]].
    + transitivity v; [auto|transitivity u; [exact Hvu|auto]].
    + apply Hbelow. congruence.
  - destruct Hy, Hmin; congruence.
  - destruct Hx, Hmin; congruence.
  - auto.
Qed.

Lemma merge_pair_fewer n c u v :
  canonical n c -> u < n -> v < n -> read c u <> read c v ->
  n_blocks n (merge_pair c (u, v)) < n_blocks n c.
Proof.
  intros Hc Hu Hv Hne. assert (Hm := merge_pair_canonical n c u v Hc Hu Hv).
  assert (Hkeep : forall x y, x < n -> y < n -> read c x = read c y ->
    read (merge_pair c (u, v)) x = read (merge_pair c (u, v)) y).
  { intros x y _ _. apply (merge_pair_keeps n); assumption. }
  assert (Hread : forall x, x = u \/ x = v ->
    read (merge_pair c (u, v)) x = Nat.min (read c u) (read c v)).
  { intros x Hx. rewrite (merge_pair_read n c u v) by assumption. unfold merge_blocks.
    destruct Hx as [-> | ->]; rewrite Nat.eqb_refl, ?orb_true_r; reflexivity. }
  destruct (Nat.le_gt_cases (read c u) (read c v)).
  - apply (finer_more_blocks n _ _ v Hm Hc Hkeep Hv). rewrite Hread by auto. lia.
  - apply (finer_more_blocks n _ _ u Hm Hc Hkeep Hu). rewrite Hread by auto. lia.
Qed.

(** ** All merges *)

Section Merging.

Context (n : nat) (triples : list triple)
  (triples_exist : forall o a o', In (o, a, o') triples -> o < n /\ o' < n).

Let D : nat -> nat -> nat -> Prop := logged triples.

Definition seeded (seeds : list (nat * nat)) (x y : nat) : Prop := In (x, y) seeds.

Lemma identity_canonical : canonical n (seq 0 n) /\ forall x, read (seq 0 n) x = x.
Proof.
  assert (H : forall x, read (seq 0 n) x = x).
  { intro x. unfold read. destruct (Nat.lt_ge_cases x n) as [Hx|Hx].
    - apply seq_nth. exact Hx.
    - apply nth_overflow. rewrite seq_length. exact Hx. }
  split; [|exact H]. split; [apply seq_length|]. intros x _. rewrite !H. auto.
Qed.

Lemma seeds_spec seeds c :
  (forall x y, In (x, y) seeds -> x < n /\ y < n) -> canonical n c ->
  canonical n (fold_left merge_pair seeds c) /\
  (forall x y, read c x = read c y ->
    read (fold_left merge_pair seeds c) x = read (fold_left merge_pair seeds c) y) /\
  (forall x y, In (x, y) seeds ->
    read (fold_left merge_pair seeds c) x = read (fold_left merge_pair seeds c) y) /\
  (forall R : nat -> nat -> Prop, Equivalence R -> (forall x y, In (x, y) seeds -> R x y) ->
    (forall x y, read c x = read c y -> R x y) ->
    forall x y, read (fold_left merge_pair seeds c) x = read (fold_left merge_pair seeds c) y ->
      R x y).
Proof.
  revert c. induction seeds as [|[u v] rest IH]; intros c Hin Hc; simpl.
  - split; [exact Hc|split; [auto|split; [contradiction|auto]]].
  - destruct (Hin u v (or_introl eq_refl)) as [Hu Hv].
    destruct (IH (merge_pair c (u, v))) as (Hcan & Hkeep & Hjoin & Hleast).
    + intros x y H. apply Hin. right. exact H.
    + apply merge_pair_canonical; assumption.
    + split; [exact Hcan|split; [|split]].
      * intros x y H. apply Hkeep, (merge_pair_keeps n); assumption.
      * intros x y [H|H]; [|apply Hjoin, H]. injection H as -> ->.
        apply Hkeep, (merge_pair_joins n); assumption.
      * intros R HR Hseed Hbelow. apply Hleast; [exact HR|intros x y H; apply Hseed; auto|].
        apply (merge_pair_least n c u v R); auto.
Qed.

Lemma open_pair_none c :
  find (open_pair c) (list_prod triples triples) = None ->
  closed D (fun x y => read c x = read c y).
Proof.
  intros H x y a x' y' Hxy Hx Hy.
  assert (G := find_none _ _ H _ (proj2 (in_prod_iff _ _ _ _) (conj Hx Hy))). simpl in G.
  rewrite (proj2 (Nat.eqb_eq _ _) Hxy), Nat.eqb_refl in G. simpl in G.
  apply negb_false_iff, Nat.eqb_eq in G. exact G.
Qed.

Lemma open_pair_some c s t :
  find (open_pair c) (list_prod triples triples) = Some (s, t) ->
  snd s < n /\ snd t < n /\ read c (snd s) <> read c (snd t) /\
  forall R : nat -> nat -> Prop,
    (forall x y, read c x = read c y -> R x y) -> closed D R -> R (snd s) (snd t).
Proof.
  intro H. apply find_some in H. destruct H as [Hin Hopen]. apply in_prod_iff in Hin.
  destruct s as [[x a] x'], t as [[y b] y'], Hin as [Hs Ht]. simpl in *.
  apply andb_true_iff in Hopen. destruct Hopen as [Hopen Hne].
  apply andb_true_iff in Hopen. destruct Hopen as [Hxy Hab].
  apply Nat.eqb_eq in Hxy, Hab. apply negb_true_iff, Nat.eqb_neq in Hne. subst b.
  repeat split; [apply (triples_exist _ _ _ Hs)|apply (triples_exist _ _ _ Ht)|exact Hne|].
  intros R Hbelow Hclosed. exact (Hclosed x y a x' y' (Hbelow x y Hxy) Hs Ht).
Qed.

Lemma merge_from_spec merges c :
  canonical n c -> n_blocks n c <= merges ->
  canonical n (merge_from merges triples c) /\
  (forall x y, read c x = read c y ->
    read (merge_from merges triples c) x = read (merge_from merges triples c) y) /\
  closed D (fun x y => read (merge_from merges triples c) x = read (merge_from merges triples c) y)
  /\ (forall R : nat -> nat -> Prop, Equivalence R -> closed D R ->
    (forall x y, read c x = read c y -> R x y) ->
    forall x y, read (merge_from merges triples c) x = read (merge_from merges triples c) y ->
      R x y).
Proof.
  revert c. induction merges as [|merges IH]; intros c Hc Hfuel; cbn [merge_from].
  - split; [exact Hc|split; [auto|split; [|auto]]].
    destruct (find (open_pair c) (list_prod triples triples)) as [[s t]|] eqn:Hfind;
      [|apply open_pair_none, Hfind].
    destruct (open_pair_some c s t Hfind) as (Hs & Ht & Hne & _).
    assert (G := merge_pair_fewer n c _ _ Hc Hs Ht Hne). lia.
  - destruct (find (open_pair c) (list_prod triples triples)) as [[s t]|] eqn:Hfind.
    + destruct (open_pair_some c s t Hfind) as (Hs & Ht & Hne & Hforced).
      assert (G := merge_pair_fewer n c _ _ Hc Hs Ht Hne).
      destruct (IH (merge_pair c (snd s, snd t)) (merge_pair_canonical n c _ _ Hc Hs Ht)
        ltac:(lia)) as (Hcan & Hkeep & Hclosed & Hleast).
      split; [exact Hcan|split; [|split; [exact Hclosed|]]].
      * intros x y H. apply Hkeep, (merge_pair_keeps n); assumption.
      * intros R HR HRc Hbelow. apply Hleast; [exact HR|exact HRc|].
        exact (merge_pair_least n c _ _ R Hc Hs Ht HR (Hforced R Hbelow HRc) Hbelow).
    + split; [exact Hc|split; [auto|split; [apply open_pair_none, Hfind|auto]]].
Qed.

Theorem merge_correct seeds :
  (forall x y, In (x, y) seeds -> x < n /\ y < n) ->
  canonical n (merge n triples seeds) /\
  forall x y, read (merge n triples seeds) x = read (merge n triples seeds) y <->
    merged D (seeded seeds) x y.
Proof.
  intro Hin. destruct identity_canonical as [Hid Hread].
  destruct (seeds_spec seeds (seq 0 n) Hin Hid) as (Hcan & _ & Hseeds & Hseeds_least).
  destruct (merge_from_spec n _ Hcan (count_below_bound n _)) as (Hm & Hkeep & Hclosed & Hleast).
  fold (merge n triples seeds) in *. split; [exact Hm|]. intros x y. split.
  - apply Hleast; [apply merged_equivalence|apply merged_closed|].
    apply Hseeds_least; [apply merged_equivalence| |].
    { intros u v. exact (merged_seed D (seeded seeds) u v). }
    intros u v H. rewrite !Hread in H. subst v. apply merged_refl.
  - apply (merged_least D (seeded seeds)
      (fun x y => read (merge n triples seeds) x = read (merge n triples seeds) y));
      [|exact Hclosed|].
    + split; [intro u|intros u v|intros u v w]; congruence.
    + intros u v H. apply Hkeep, Hseeds, H.
Qed.

End Merging.
