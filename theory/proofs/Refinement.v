(** * A verified partition refinement

    Informal statement.  Start with the blocks of equal labels; split them by the blocks of the
    successors until nothing changes.  The result is bisimilarity, and nothing changes after at
    most (observations - label values) rounds, which is therefore a bound of the depth.

    A partition is the list of the least members of the blocks: [read c x] is the least member of
    the block of [x].  The answer is a partition, never "unknown".

    Main definitions: [read], [least_members], [canonical], [n_blocks], [refine].

    Main statements: [refine_correct], [refine_canonical], [depth_bound], [n_labels_counts]. *)

From Coq Require Import Arith Bool Lia List Peano_dec.
From Tellapart Require Import Systems Tables.
Import ListNotations.

(** ** Partitions as lists of least members *)

Definition read (c : list nat) (x : nat) : nat := nth x c x.

(** The least member of each block, for a relation that is decided. *)
Definition least_members (n : nat) (same : nat -> nat -> bool) : list nat :=
  map (fun x => first_below n (same x)) (seq 0 n).

Definition canonical (n : nat) (c : list nat) : Prop :=
  length c = n /\ forall x, x < n -> read c x <= x /\ read c (read c x) = read c x.

Fixpoint count_below (n : nat) (test : nat -> bool) : nat :=
  match n with
  | 0 => 0
  | S i => (if test i then 1 else 0) + count_below i test
  end.

Definition n_blocks (n : nat) (c : list nat) : nat := count_below n (fun x => read c x =? x).

Lemma count_below_le n test test' :
  (forall i, i < n -> test i = true -> test' i = true) -> count_below n test <= count_below n test'.
Proof.
  induction n as [|n IH]; intro H; simpl; [lia|].
  assert (G := IH (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))).
  specialize (H n (Nat.lt_succ_diag_r n)).
  destruct (test n); [rewrite H by reflexivity|destruct (test' n)]; lia.
Qed.

Lemma count_below_lt n test test' j :
  (forall i, i < n -> test i = true -> test' i = true) ->
  j < n -> test j = false -> test' j = true -> count_below n test < count_below n test'.
Proof.
  intros H Hj Hno Hyes. induction n as [|n IH]; [lia|]. simpl.
  assert (Hlow : forall i, i < n -> test i = true -> test' i = true) by (intros i Hi; apply H; lia).
  destruct (Nat.eq_dec j n) as [->|Hne].
  - rewrite Hno, Hyes. assert (G := count_below_le n test test' Hlow). lia.
  - specialize (IH Hlow ltac:(lia)). specialize (H n (Nat.lt_succ_diag_r n)).
    destruct (test n); [rewrite H by reflexivity|destruct (test' n)]; lia.
Qed.

Lemma count_below_bound n test : count_below n test <= n.
Proof. induction n as [|n IH]; simpl; [lia|]. destruct (test n); lia. Qed.

Lemma read_map n g x : x < n -> read (map g (seq 0 n)) x = g x.
Proof.
  intro Hx. unfold read.
  rewrite (nth_indep _ x (g 0)) by (rewrite map_length, seq_length; exact Hx).
  rewrite map_nth, seq_nth by exact Hx. reflexivity.
Qed.

(** An equivalence on the numbers below [n], decided. *)
Record decided_equivalence (n : nat) (same : nat -> nat -> bool) : Prop := {
  same_refl : forall x, x < n -> same x x = true;
  same_sym : forall x y, x < n -> y < n -> same x y = true -> same y x = true;
  same_trans : forall x y z, x < n -> y < n -> z < n ->
    same x y = true -> same y z = true -> same x z = true
}.

Lemma least_members_spec n same :
  decided_equivalence n same ->
  canonical n (least_members n same) /\
  forall x y, x < n -> y < n ->
    (read (least_members n same) x = read (least_members n same) y <-> same x y = true).
Proof.
  intros [Hrefl Hsym Htrans]. unfold least_members.
  assert (Hown : forall x, x < n ->
    first_below n (same x) <= x /\ same x (first_below n (same x)) = true).
  { intros x Hx. apply first_below_found; auto. }
  assert (Hext : forall x y, x < n -> y < n -> same x y = true ->
    first_below n (same x) = first_below n (same y)).
  { intros x y Hx Hy Hxy. apply first_below_ext. intros i Hi. apply eq_iff_eq_true.
    split; intro H; [apply (Htrans y x i)|apply (Htrans x y i)]; auto. }
  split.
  - split; [rewrite map_length, seq_length; reflexivity|].
    intros x Hx. destruct (Hown x Hx) as [Hle Hsame]. rewrite !read_map by (rewrite ?read_map; lia).
    split; [exact Hle|]. symmetry. apply Hext; [exact Hx|lia|exact Hsame].
  - intros x y Hx Hy. rewrite !read_map by assumption. split; [|apply Hext; assumption].
    intro H. destruct (Hown x Hx) as [Hlx Hsx]. destruct (Hown y Hy) as [Hly Hsy].
    apply (Htrans x (first_below n (same x)) y); [auto|lia|auto|auto|].
    apply Hsym; [exact Hy|lia|]. rewrite H. exact Hsy.
Qed.

(** A finer partition that differs has more blocks. *)
Lemma finer_more_blocks n c c' x :
  canonical n c -> canonical n c' ->
  (forall u v, u < n -> v < n -> read c' u = read c' v -> read c u = read c v) ->
  x < n -> read c x <> read c' x -> n_blocks n c < n_blocks n c'.
Proof.
  intros [_ Hc] [_ Hc'] Hfine Hx Hne.
  apply (count_below_lt n _ _ (read c' x)).
  - intros i Hi H. apply Nat.eqb_eq in H. apply Nat.eqb_eq.
    destruct (Hc' i Hi) as [Hle Hidem]. assert (Hz : read c' i < n) by lia.
    assert (G := Hfine _ _ Hz Hi Hidem). destruct (Hc _ Hz) as [Hle' _]. lia.
  - destruct (Hc' x Hx). lia.
  - apply Nat.eqb_neq. intro H. apply Hne. destruct (Hc' x Hx) as [Hle Hidem].
    assert (Hz : read c' x < n) by lia. rewrite (Hfine _ _ Hx Hz (eq_sym Hidem)). exact H.
  - apply Nat.eqb_eq. apply (Hc' x Hx).
Qed.

(** ** The refinement *)

Section Refinement.

Context (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat).

Let same_after (t x y : nat) : Prop := k_bisimilar (table m f) p t x y.

(** Observations that show their label for the first time, one for each label value. *)
Definition n_labels : nat := n_blocks n (least_members n (fun x y => p x =? p y)).

Definition refine_once (c : list nat) : list nat :=
  least_members n (fun x y =>
    (p x =? p y) &&& forall_below m (fun a => read c (f x a) =? read c (f y a))).

Fixpoint refine_from (rounds : nat) (c : list nat) : list nat :=
  match rounds with
  | 0 => c
  | S rounds =>
      let c' := refine_once c in
      if exists_below n (fun x => negb (read c x =? read c' x)) then refine_from rounds c' else c
  end.

Definition refine : list nat :=
  refine_from (n - n_labels) (least_members n (fun x y => p x =? p y)).

Context (f_closed : table_closed n m f).

(** The invariant: after [t] rounds the blocks are those of [t] steps. *)
Definition at_depth (t : nat) (c : list nat) : Prop :=
  canonical n c /\ forall x y, x < n -> y < n -> (read c x = read c y <-> same_after t x y).

Lemma start_at_depth : at_depth 0 (least_members n (fun x y => p x =? p y)).
Proof.
  destruct (least_members_spec n (fun x y => p x =? p y)) as [Hcan Hsame].
  - constructor; intros; rewrite ?Nat.eqb_eq in *; congruence.
  - split; [exact Hcan|]. intros x y Hx Hy. rewrite Hsame by assumption. apply Nat.eqb_eq.
Qed.

Lemma once_at_depth t c : at_depth t c -> at_depth (S t) (refine_once c).
Proof.
  intros [_ Hc].
  assert (Hb : forall x y,
    (p x =? p y) &&& forall_below m (fun a => read c (f x a) =? read c (f y a))
    = true <-> p x = p y /\ forall a, a < m -> read c (f x a) = read c (f y a)).
  { intros x y. destruct (Nat.eqb_spec (p x) (p y)) as [Hp|Hp]; [|intuition discriminate].
    rewrite forall_below_spec. split; [intro H; split; [exact Hp|]|intros [_ H]];
      intros a Ha; apply Nat.eqb_eq, H, Ha. }
  destruct (least_members_spec n (fun x y =>
    (p x =? p y) &&& forall_below m (fun a => read c (f x a) =? read c (f y a)))) as [Hcan Hsame].
  - constructor.
    + intros x _. apply Hb. auto.
    + intros x y _ _ H. apply Hb in H. apply Hb. destruct H as [Hp Hf].
      split; [auto|]. intros a Ha. symmetry. auto.
    + intros x y z _ _ _ H G. apply Hb in H, G. apply Hb. destruct H as [Hp Hf], G as [Gp Gf].
      split; [congruence|]. intros a Ha. rewrite (Hf a Ha). auto.
  - split; [exact Hcan|]. intros x y Hx Hy. unfold refine_once. rewrite Hsame, Hb by assumption.
    unfold same_after. rewrite k_bisimilar_table. split; intros [Hp H]; (split; [exact Hp|]);
      intros a Ha; apply (Hc _ _ (f_closed x a Hx Ha) (f_closed y a Hy Ha)), H, Ha.
Qed.

(** Blocks that one more step leaves alone are bisimilarity. *)
Lemma unchanged_bisimilar t c :
  at_depth t c -> (forall x, x < n -> read c x = read (refine_once c) x) ->
  forall x y, x < n -> y < n -> (read c x = read c y <-> bisimilar (table m f) p x y).
Proof.
  intros Hc Hsame x y Hx Hy. rewrite (proj2 Hc) by assumption. split.
  - apply (bisimilar_table n m f p (same_after t)); [exact f_closed| |exact Hx|exact Hy].
    intros u v Hu Hv Huv. apply (proj2 Hc) in Huv; [|assumption..].
    rewrite (Hsame u Hu), (Hsame v Hv) in Huv.
    apply (proj2 (once_at_depth t c Hc)) in Huv; [|assumption..].
    unfold same_after in Huv. rewrite k_bisimilar_table in Huv. exact Huv.
  - intro H. exact (proj1 (bisimilar_k _ _ _ _) H t).
Qed.

Lemma refine_from_spec rounds t c :
  at_depth t c -> n - n_blocks n c <= rounds ->
  exists t', t <= t' <= t + rounds /\ at_depth t' (refine_from rounds c) /\
    forall x y, x < n -> y < n ->
      (read (refine_from rounds c) x = read (refine_from rounds c) y <->
       bisimilar (table m f) p x y).
Proof.
  assert (Hmore : forall t c x, at_depth t c -> x < n -> read c x <> read (refine_once c) x ->
    n_blocks n c < n_blocks n (refine_once c)).
  { intros t0 c0 x Hc Hx Hne. assert (Hc' := once_at_depth t0 c0 Hc).
    apply (finer_more_blocks n c0 _ x); [apply Hc|apply Hc'| |exact Hx|exact Hne].
    intros u v Hu Hv H. apply (proj2 Hc); [assumption..|]. apply k_bisimilar_down.
    apply (proj2 Hc'); assumption. }
  revert t c. induction rounds as [|rounds IH]; intros t c Hc Hfuel; simpl.
  - exists t. split; [lia|]. split; [exact Hc|]. apply (unchanged_bisimilar t c Hc).
    intros x Hx. destruct (Nat.eq_dec (read c x) (read (refine_once c) x)) as [H|H]; [exact H|].
    assert (G := Hmore t c x Hc Hx H).
    assert (F := count_below_bound n (fun x => read (refine_once c) x =? x)).
    unfold n_blocks in *. lia.
  - assert (Hex := exists_below_spec n (fun x => negb (read c x =? read (refine_once c) x))).
    destruct (exists_below n _).
    + destruct (proj1 Hex eq_refl) as [x [Hx H]]. apply negb_true_iff, Nat.eqb_neq in H.
      assert (G := Hmore t c x Hc Hx H).
      destruct (IH (S t) (refine_once c) (once_at_depth t c Hc) ltac:(lia)) as [t' [Ht' Hrest]].
      exists t'. split; [lia|exact Hrest].
    + exists t. split; [lia|]. split; [exact Hc|]. apply (unchanged_bisimilar t c Hc).
      intros x Hx. destruct (Nat.eq_dec (read c x) (read (refine_once c) x)) as [H|H]; [exact H|].
      assert (false = true) as G; [|discriminate]. apply Hex. exists x. split; [exact Hx|].
      apply negb_true_iff, Nat.eqb_neq, H.
Qed.

Theorem refine_correct x y :
  x < n -> y < n -> (read refine x = read refine y <-> bisimilar (table m f) p x y).
Proof.
  destruct (refine_from_spec (n - n_labels) 0 _ start_at_depth (le_n _)) as [t (_ & _ & H)].
  exact (H x y).
Qed.

Theorem refine_canonical : canonical n refine.
Proof.
  destruct (refine_from_spec (n - n_labels) 0 _ start_at_depth (le_n _)) as [t (_ & [H _] & _)].
  exact H.
Qed.

(** Bisimilarity is reached after (observations - label values) steps (D3). *)
Theorem depth_bound x y :
  x < n -> y < n ->
  (bisimilar (table m f) p x y <-> k_bisimilar (table m f) p (n - n_labels) x y).
Proof.
  intros Hx Hy. split; [intro H; apply bisimilar_k, H|]. intro H.
  destruct (refine_from_spec (n - n_labels) 0 _ start_at_depth (le_n _)) as [t (Ht & Hat & Hbis)].
  apply (Hbis x y Hx Hy), (proj2 Hat x y Hx Hy). unfold same_after.
  assert (Hdown : forall u, k_bisimilar (table m f) p (u + t) x y ->
    k_bisimilar (table m f) p t x y).
  { induction u as [|u IH]; [auto|]. intro G. apply IH, k_bisimilar_down, G. }
  apply (Hdown (n - n_labels - t)). replace (n - n_labels - t + t) with (n - n_labels) by lia.
  exact H.
Qed.

End Refinement.

(** ** What the bound counts: the different label values *)

Lemma count_below_filter n test : count_below n test = length (filter test (seq 0 n)).
Proof.
  induction n as [|n IH]; [reflexivity|].
  rewrite seq_S, filter_app, app_length, <- IH. simpl. destruct (test n); simpl; lia.
Qed.

Theorem n_labels_counts n p : n_labels n p = length (nodup Nat.eq_dec (map p (seq 0 n))).
Proof.
  unfold n_labels, n_blocks. rewrite count_below_filter.
  set (first := fun l => first_below n (fun y => l =? p y)).
  assert (Hread : forall x, x < n ->
    read (least_members n (fun x y => p x =? p y)) x = first (p x)).
  { intros x Hx. unfold least_members. rewrite read_map by exact Hx. reflexivity. }
  apply Nat.le_antisymm.
  - rewrite <- (map_length first (nodup _ _)). apply NoDup_incl_length.
    + apply NoDup_filter, seq_NoDup.
    + intros x Hx. apply filter_In in Hx. destruct Hx as [Hx Hown]. apply in_seq in Hx.
      rewrite Hread in Hown by lia. apply Nat.eqb_eq in Hown. apply in_map_iff.
      exists (p x). split; [exact Hown|]. apply nodup_In, in_map, in_seq. lia.
  - rewrite <- (map_length p (filter _ _)). apply NoDup_incl_length; [apply NoDup_nodup|].
    intros l Hl. apply nodup_In, in_map_iff in Hl. destruct Hl as [x [<- Hx]]. apply in_seq in Hx.
    destruct (first_below_found n (fun y => p x =? p y) x ltac:(lia) (Nat.eqb_refl _)) as [Hle Heq].
    apply Nat.eqb_eq in Heq. fold (first (p x)) in Hle, Heq.
    apply in_map_iff. exists (first (p x)). split; [auto|]. apply filter_In.
    split; [apply in_seq; lia|]. rewrite Hread by lia. apply Nat.eqb_eq.
    rewrite <- Heq. reflexivity.
Qed.
