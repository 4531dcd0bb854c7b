(** * Losses that are not exactly zero: margins of pairs (S10), over the rationals

    Informal statement.  Let [eps o a] bound the error of the predictor, [delta o] the error of the
    head, [Lip a] and [K] be Lipschitz constants.  The margins computed by value iteration are
    lower bounds of the distances between codes, at every iteration.  Unrolled along a word of
    length [k] with label gap [gap] and constant [eps], [delta], [Lip]:
    distance >= (gap - 2 delta - 2 K eps (1 + Lip + .. + Lip^(k-1))) / (K Lip^k).

    Distances are any symmetric, non-negative functions with the triangle inequality and with
    rational values; no axiom is used.  [QuantitativeReal.v] has the same over the real numbers.

    Main definitions: [power], [geometric], [is_distance], [apart], [margin].

    Main statements: [label_step], [one_step], [margin_sound], [margin_separates], [growth],
    [unrolled]. *)

From Coq Require Import List QArith Qabs Qminmax Lqa.
From Tellapart Require Import Systems.
Import ListNotations.
Local Open Scope Q_scope.

(** [base ^ k], and [1 + base + .. + base ^ (k - 1)]. *)
Fixpoint power (base : Q) (k : nat) : Q :=
  match k with 0%nat => 1 | S k => base * power base k end.

Fixpoint geometric (base : Q) (k : nat) : Q :=
  match k with 0%nat => 0 | S k => geometric base k + power base k end.

Record is_distance {X : Type} (d : X -> X -> Q) : Prop := {
  distance_self : forall x, d x x == 0;
  distance_nonneg : forall x y, 0 <= d x y;
  distance_sym : forall x y, d x y == d y x;
  distance_triangle : forall x y z, d x z <= d x y + d y z
}.

(** Rational numbers on a line. *)
Definition apart (u v : Q) : Q := Qabs (u - v).

Lemma apart_distance : is_distance apart.
Proof.
  unfold apart. split.
  - intro x. assert (H : x - x == 0) by ring. rewrite H. reflexivity.
  - intros x y. apply Qabs_nonneg.
  - intros x y. rewrite Qabs_Qminus. reflexivity.
  - intros x y z. assert (H : x - z == (x - y) + (y - z)) by ring. rewrite H. apply Qabs_triangle.
Qed.

Section Quantitative.

Context {O A L Z : Type} (f : O -> A -> O) (p : O -> L)
  (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L)
  (d : Z -> Z -> Q) (d_distance : is_distance d)
  (e : L -> L -> Q) (e_distance : is_distance e)
  (eps : O -> A -> Q) (eps_bound : forall o a, d (T (E o) a) (E (f o a)) <= eps o a)
  (delta : O -> Q) (delta_bound : forall o, e (P (E o)) (p o) <= delta o)
  (Lip : A -> Q) (Lip_positive : forall a, 0 < Lip a)
  (Lip_bound : forall a x y, d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))
  (K : Q) (K_positive : 0 < K)
  (K_bound : forall x y, e (P (E x)) (P (E y)) <= K * d (E x) (E y)).

Lemma through {X : Type} (h : X -> X -> Q) (x x' y y' : X) :
  is_distance h -> h x y <= h x' x + h x' y' + h y' y.
Proof.
  intros [_ _ Hsym Htri].
  assert (H1 := Htri x x' y). assert (H2 := Htri x' y' y). assert (H3 := Hsym x x'). lra.
Qed.

(** ** One step *)

Theorem label_step x y : e (p x) (p y) <= delta x + delta y + K * d (E x) (E y).
Proof.
  assert (H := through e (p x) (P (E x)) (p y) (P (E y)) e_distance).
  assert (Hx := delta_bound x). assert (Hy := delta_bound y). assert (HK := K_bound x y). lra.
Qed.

Theorem one_step x y a :
  d (E (f x a)) (E (f y a)) <= eps x a + eps y a + Lip a * d (E x) (E y).
Proof.
  assert (H := through d (E (f x a)) (T (E x) a) (E (f y a)) (T (E y) a) d_distance).
  assert (Hx := eps_bound x a). assert (Hy := eps_bound y a). assert (HL := Lip_bound a x y). lra.
Qed.

(** ** Value iteration *)

Context (actions : list A).

Fixpoint margin (i : nat) (x y : O) : Q :=
  match i with
  | 0%nat => Qmax 0 ((e (p x) (p y) - delta x - delta y) / K)
  | S i => fold_right
      (fun a best => Qmax best ((margin i (f x a) (f y a) - eps x a - eps y a) / Lip a))
      (margin i x y) actions
  end.

Theorem margin_sound i x y : margin i x y <= d (E x) (E y).
Proof.
  revert x y. induction i as [|i IH]; intros x y; simpl.
  - apply Q.max_lub; [apply d_distance|]. apply Qle_shift_div_r; [exact K_positive|].
    assert (H := label_step x y). lra.
  - assert (Hstep : forall a,
      (margin i (f x a) (f y a) - eps x a - eps y a) / Lip a <= d (E x) (E y)).
    { intro a. apply Qle_shift_div_r; [apply Lip_positive|].
      assert (H := one_step x y a). assert (G := IH (f x a) (f y a)). lra. }
    induction actions as [|a rest JH]; simpl; [apply IH|]. apply Q.max_lub; [exact JH|apply Hstep].
Qed.

(** More rounds never lose. *)
Theorem margin_grows i x y : margin i x y <= margin (S i) x y.
Proof.
  simpl. induction actions as [|a rest JH]; simpl; [apply Qle_refl|].
  eapply Qle_trans; [exact JH|apply Q.le_max_l].
Qed.

Theorem margin_separates i x y : 0 < margin i x y -> E x <> E y.
Proof.
  intros H Hsame. assert (G := margin_sound i x y). rewrite Hsame in G.
  assert (S := distance_self d d_distance (E y)). lra.
Qed.

End Quantitative.

(** ** Unrolled along a word, constants for all actions and observations *)

Section Unrolled.

Context {O A L Z : Type} (f : O -> A -> O) (p : O -> L)
  (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L)
  (d : Z -> Z -> Q) (d_distance : is_distance d)
  (e : L -> L -> Q) (e_distance : is_distance e)
  (eps delta Lip K : Q)
  (eps_bound : forall o a, d (T (E o) a) (E (f o a)) <= eps)
  (delta_bound : forall o, e (P (E o)) (p o) <= delta)
  (Lip_positive : 0 < Lip)
  (Lip_bound : forall a x y, d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y))
  (K_positive : 0 < K)
  (K_bound : forall x y, e (P (E x)) (P (E y)) <= K * d (E x) (E y)).

Lemma power_positive k : 0 < power Lip k.
Proof. induction k as [|k IH]; simpl; [lra|]. exact (Qmult_lt_0_compat _ _ Lip_positive IH). Qed.

Theorem growth w x y :
  d (E (run f w x)) (E (run f w y))
    <= power Lip (length w) * d (E x) (E y) + 2 * eps * geometric Lip (length w).
Proof.
  revert x y. induction w as [|a w IH]; intros x y; simpl; [lra|].
  assert (H := IH (f x a) (f y a)). unfold run in H.
  assert (G := one_step f E T d d_distance (fun _ _ => eps) eps_bound (fun _ => Lip) Lip_bound
    x y a).
  assert (Hpos := power_positive (length w)).
  set (q := power Lip (length w)) in *. set (s := geometric Lip (length w)) in *.
  assert (Hmul : q * d (E (f x a)) (E (f y a)) <= q * (eps + eps + Lip * d (E x) (E y))).
  { rewrite !(Qmult_comm q). apply Qmult_le_compat_r; [exact G|lra]. }
  eapply Qle_trans; [exact H|]. lra.
Qed.

Theorem unrolled w x y :
  (e (p (run f w x)) (p (run f w y)) - 2 * delta - 2 * K * eps * geometric Lip (length w))
    / (K * power Lip (length w)) <= d (E x) (E y).
Proof.
  assert (Hpos := power_positive (length w)). apply Qle_shift_div_r.
  - exact (Qmult_lt_0_compat _ _ K_positive Hpos).
  - assert (H := label_step p E P d e e_distance (fun _ => delta) delta_bound K K_bound
      (run f w x) (run f w y)). simpl in H.
    assert (G := growth w x y).
    set (q := power Lip (length w)) in *. set (s := geometric Lip (length w)) in *.
    assert (Hmul : K * d (E (run f w x)) (E (run f w y)) <= K * (q * d (E x) (E y) + 2 * eps * s)).
    { rewrite !(Qmult_comm K). apply Qmult_le_compat_r; [exact G|lra]. }
    lra.
Qed.

End Unrolled.
