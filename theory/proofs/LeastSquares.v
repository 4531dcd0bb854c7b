(** * Sums, and the mean as the best answer for each group (for S11)

    Informal statement.  Items have a key and a vector of rationals.  Whoever answers to each key
    with one vector has at least the squared loss of the means of the groups of equal key.  The loss
    of the means is zero iff items with equal keys have equal vectors.

    Main definitions: [square], [total_of], [squared_loss], [members], [group_mean].

    Main statements: [mean_is_best], [mean_zero_iff]. *)

From Coq Require Import List QArith Lqa.
Import ListNotations.
Local Open Scope Q_scope.

Definition square (q : Q) : Q := q * q.

Lemma square_nonneg q : 0 <= square q.
Proof.
  unfold square. destruct (Qlt_le_dec q 0) as [H|H].
  - setoid_replace (q * q) with (- q * - q) by ring. apply Qmult_le_0_compat; lra.
  - apply Qmult_le_0_compat; exact H.
Qed.

Lemma square_zero q : square q == 0 <-> q == 0.
Proof.
  unfold square. split; [|intros ->; reflexivity].
  intro H. destruct (Qmult_integral q q H); assumption.
Qed.

(** ** Sums over lists *)

Definition total_of {X : Type} (items : list X) (F : X -> Q) : Q :=
  fold_right (fun x sum => F x + sum) 0 items.

Section Sums.

Context {X : Type}.

Lemma total_ext (items : list X) F G :
  (forall x, In x items -> F x == G x) -> total_of items F == total_of items G.
Proof.
  induction items as [|x rest IH]; intro H; simpl; [reflexivity|].
  rewrite (H x (or_introl eq_refl)), IH; [reflexivity|]. intros y Hy. apply H. right. exact Hy.
Qed.

Lemma total_le (items : list X) F G :
  (forall x, In x items -> F x <= G x) -> total_of items F <= total_of items G.
Proof.
  induction items as [|x rest IH]; intro H; simpl; [lra|].
  assert (Hx := H x (or_introl eq_refl)).
  assert (Hrest := IH (fun y Hy => H y (or_intror Hy))). lra.
Qed.

Lemma total_plus (items : list X) F G :
  total_of items (fun x => F x + G x) == total_of items F + total_of items G.
Proof. induction items as [|x rest IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.

Lemma total_scale (items : list X) c F :
  total_of items (fun x => c * F x) == c * total_of items F.
Proof. induction items as [|x rest IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma total_nonneg (items : list X) F : (forall x, In x items -> 0 <= F x) -> 0 <= total_of items F.
Proof.
  intro H. induction items as [|x rest IH]; simpl; [lra|].
  assert (Hx := H x (or_introl eq_refl)).
  assert (Hrest := IH (fun y Hy => H y (or_intror Hy))). lra.
Qed.

(** A sum of terms that are not negative is zero iff each of them is. *)
Lemma total_zero (items : list X) F :
  (forall x, In x items -> 0 <= F x) ->
  (total_of items F == 0 <-> forall x, In x items -> F x == 0).
Proof.
  intro H. induction items as [|x rest IH]; simpl; [split; [contradiction|reflexivity]|].
  assert (Hx := H x (or_introl eq_refl)).
  assert (Hrest := total_nonneg rest F (fun y Hy => H y (or_intror Hy))).
  specialize (IH (fun y Hy => H y (or_intror Hy))). split.
  - intros Hsum y [<-|Hy]; [lra|]. apply IH; [lra|exact Hy].
  - intro Hall. rewrite (Hall x (or_introl eq_refl)), (proj2 IH); [reflexivity|].
    intros y Hy. apply Hall. right. exact Hy.
Qed.

End Sums.

Lemma total_swap {X Y : Type} (xs : list X) (ys : list Y) (F : X -> Y -> Q) :
  total_of xs (fun x => total_of ys (F x)) == total_of ys (fun y => total_of xs (fun x => F x y)).
Proof.
  induction xs as [|x rest IH]; simpl.
  - induction ys as [|y ys IH]; simpl; [reflexivity|]. rewrite <- IH. reflexivity.
  - rewrite IH. symmetry. exact (total_plus ys (F x) _).
Qed.

(** ** Squared loss by groups *)

Section Groups.

Context {X K : Type} (items : list X) (key : X -> K) (value : X -> nat -> Q) (dim : nat)
  (same : K -> K -> bool) (same_spec : forall k k', same k k' = true <-> k = k').

(** The loss of answering [g k] to everything with key [k]. *)
Definition squared_loss (g : K -> nat -> Q) : Q :=
  total_of items (fun x => total_of (seq 0 dim) (fun i => square (g (key x) i - value x i))).

(** How many items have the key, and the mean of their values. *)
Definition members (k : K) : Q := total_of items (fun x => if same k (key x) then 1 else 0).

Definition group_mean (k : K) (i : nat) : Q :=
  total_of items (fun x => if same k (key x) then value x i else 0) / members k.

Lemma same_refl k : same k k = true.
Proof. apply same_spec. reflexivity. Qed.

Lemma members_positive x : In x items -> 0 < members (key x).
Proof.
  intro Hx. unfold members.
  assert (Hpos : forall rest : list X,
    0 <= total_of rest (fun y => if same (key x) (key y) then 1 else 0)).
  { intro rest. apply total_nonneg. intros y _. destruct (same _ _); lra. }
  induction items as [|y rest IH]; [contradiction|]. simpl. destruct Hx as [->|Hx].
  - rewrite same_refl. specialize (Hpos rest). lra.
  - specialize (IH Hx). destruct (same _ _); lra.
Qed.

(** A sum over all items, group by group: each group is met once for each of its members. *)
Lemma by_group (F : X -> Q) :
  total_of items F ==
  total_of items (fun x =>
    total_of items (fun y => if same (key x) (key y) then F y else 0) / members (key x)).
Proof.
  symmetry.
  transitivity (total_of items (fun x => total_of items (fun y =>
    F y / members (key y) * (if same (key y) (key x) then 1 else 0)))).
  - apply total_ext. intros x Hx. unfold Qdiv at 1. rewrite Qmult_comm, <- total_scale.
    apply total_ext. intros y Hy. destruct (same (key x) (key y)) eqn:H.
    + apply same_spec in H. rewrite H, same_refl. unfold Qdiv. ring.
    + destruct (same (key y) (key x)) eqn:G; [|ring].
      apply same_spec in G. rewrite G, same_refl in H. discriminate.
  - rewrite total_swap. apply total_ext. intros y Hy. rewrite total_scale. fold (members (key y)).
    assert (H := members_positive y Hy). field. lra.
Qed.

(** In one group no number does better than the mean. *)
Lemma mean_best_in_group x (c : Q) i :
  In x items ->
  total_of items (fun y => if same (key x) (key y)
    then square (group_mean (key x) i - value y i) else 0) <=
  total_of items (fun y => if same (key x) (key y) then square (c - value y i) else 0).
Proof.
  intro Hx. set (k := key x). set (m := group_mean k i).
  assert (Hn := members_positive x Hx). fold k in Hn.
  assert (Hm : total_of items (fun y => if same k (key y) then value y i else 0) == members k * m).
  { unfold m, group_mean. field. lra. }
  assert (Heq : total_of items (fun y => if same k (key y) then square (c - value y i) else 0) ==
    total_of items (fun y => if same k (key y) then square (m - value y i) else 0) +
    ((square c - square m) * members k +
     (- (2) * (c - m)) * total_of items (fun y => if same k (key y) then value y i else 0))).
  { unfold members. rewrite <- !total_scale, <- !total_plus. apply total_ext. intros y _.
    unfold square. destruct (same k (key y)); ring. }
  rewrite Heq, Hm. assert (Hsq : 0 <= members k * square (c - m)).
  { apply Qmult_le_0_compat; [lra|apply square_nonneg]. }
  unfold square in *. lra.
Qed.

Theorem mean_is_best (g : K -> nat -> Q) : squared_loss group_mean <= squared_loss g.
Proof.
  unfold squared_loss.
  rewrite (total_swap items _ (fun x i => square (group_mean (key x) i - value x i))),
    (total_swap items _ (fun x i => square (g (key x) i - value x i))). apply total_le. intros i _.
  rewrite (by_group (fun x => square (group_mean (key x) i - value x i))),
    (by_group (fun x => square (g (key x) i - value x i))).
  apply total_le. intros x Hx. unfold Qdiv.
  apply Qmult_le_compat_r; [|apply Qinv_le_0_compat, Qlt_le_weak, members_positive, Hx].
  assert (Hkey : forall h : K -> nat -> Q,
    total_of items (fun y => if same (key x) (key y) then square (h (key y) i - value y i) else 0)
    == total_of items (fun y =>
      if same (key x) (key y) then square (h (key x) i - value y i) else 0)).
  { intro h. apply total_ext. intros y _. destruct (same (key x) (key y)) eqn:H; [|reflexivity].
    apply same_spec in H. rewrite H. reflexivity. }
  rewrite (Hkey group_mean), (Hkey g). apply mean_best_in_group, Hx.
Qed.

(** It is zero iff items with equal keys have equal values. *)
Theorem mean_zero_iff :
  squared_loss group_mean == 0 <->
  forall x y, In x items -> In y items -> key x = key y ->
    forall i, (i < dim)%nat -> value x i == value y i.
Proof.
  assert (Hzero : squared_loss group_mean == 0 <->
    forall x, In x items -> forall i, (i < dim)%nat -> group_mean (key x) i == value x i).
  { unfold squared_loss. rewrite total_zero.
    - split; intros H x Hx.
      + intros i Hi. specialize (H x Hx).
        rewrite total_zero in H by (intros; apply square_nonneg).
        assert (G := proj1 (square_zero _) (H i (proj2 (in_seq dim 0 i) (conj (Nat.le_0_l i) Hi)))).
        lra.
      + apply total_zero; [intros; apply square_nonneg|]. intros i Hi. apply in_seq in Hi.
        apply square_zero. rewrite (H x Hx i) by apply Hi. ring.
    - intros x _. apply total_nonneg. intros i _. apply square_nonneg. }
  rewrite Hzero. split.
  - intros H x y Hx Hy Hkey i Hi. rewrite <- (H x Hx i Hi), <- (H y Hy i Hi), Hkey. reflexivity.
  - intros H x Hx i Hi. assert (Hn := members_positive x Hx). unfold group_mean.
    rewrite (total_ext items _ (fun y => value x i * (if same (key x) (key y) then 1 else 0))).
    + rewrite total_scale. fold (members (key x)). field. lra.
    + intros y Hy. destruct (same (key x) (key y)) eqn:Hsame; [|ring].
      apply same_spec in Hsame. rewrite <- (H x y Hx Hy Hsame i Hi). ring.
Qed.

End Groups.
