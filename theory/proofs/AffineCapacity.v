(** * The dimension that an affine model needs (S12)

    Informal statement.  An affine model of dimension [d] is a linear one of dimension [d + 1] whose
    labels have one more coordinate, the constant 1.  So zero loss is attainable by affine predictor
    and head in dimension [d] iff [d + 1] is at least the rank of H with a constant column.

    Main definitions: [affine_zero_loss], [with_one].

    Main statements: [affine_iff_linear], [affine_capacity]. *)

From Coq Require Import Arith List QArith Lqa Lia.
From Tellapart Require Import Systems LeastSquares LinearAlgebra LinearCapacity.
Import ListNotations.
Local Open Scope Q_scope.

Section Affine.

Context {O A : Type} (f : O -> A -> O) (width : nat) (p : O -> nat -> Q).

(** [t] and [s] are the constants of predictor and head. *)
Definition affine_zero_loss (d : nat) (E : O -> nat -> Q) (T : A -> nat -> nat -> Q)
    (t : A -> nat -> Q) (P : nat -> nat -> Q) (s : nat -> Q) : Prop :=
  (forall o a i, (i < d)%nat -> combination d (T a i) (E o) + t a i == E (f o a) i) /\
  (forall o l, (l < width)%nat -> combination d (P l) (E o) + s l == p o l).

(** The labels with a last coordinate that is always 1; [column] of these are those of H and 1. *)
Definition with_one (o : O) (l : nat) : Q := if l <? width then p o l else 1.

(** A vector of one more coordinate. *)
Definition longer (d : nat) (v : nat -> Q) (last : Q) (i : nat) : Q := if i <? d then v i else last.

Lemma combination_longer d c last v one :
  combination (S d) (longer d c last) (longer d v one) == combination d c v + last * one.
Proof.
  rewrite combination_last. unfold longer at 3 4. rewrite Nat.ltb_irrefl.
  rewrite (combination_ext d (longer d c last) c (longer d v one) v); [reflexivity|].
  intros k Hk. unfold longer. rewrite (proj2 (Nat.ltb_lt k d) Hk). reflexivity.
Qed.

Lemma affine_linear d E T t P s :
  affine_zero_loss d E T t P s ->
  linear_zero_loss f (S width) with_one (S d) (fun o => longer d (E o) 1)
    (fun a i => if i <? d then longer d (T a i) (t a i) else longer d (fun _ => 0) 1)
    (fun l => if l <? width then longer d (P l) (s l) else longer d (fun _ => 0) 1).
Proof.
  assert (Hnone : forall v, combination d (fun _ => 0) v == 0)
    by (intro v; apply total_none; intros k _; ring).
  intros [Hdyn Haux]. split.
  - intros o a i Hi.
    replace (longer d (E (f o a)) 1 i) with (if i <? d then E (f o a) i else 1) by reflexivity.
    destruct (Nat.ltb_spec i d) as [H|H].
    + rewrite combination_longer, <- (Hdyn o a i H). ring.
    + rewrite combination_longer, Hnone. ring.
  - intros o l Hl. unfold with_one. destruct (Nat.ltb_spec l width) as [H|H].
    + rewrite combination_longer, <- (Haux o l H). ring.
    + rewrite combination_longer, Hnone. ring.
Qed.

(** Where a combination of coordinates is always 1, one coordinate can be left out. *)
Lemma left_out d (c q v : nat -> Q) j :
  (j <= d)%nat -> ~ q j == 0 -> combination (S d) q v == 1 ->
  combination (S d) c v ==
    combination d (fun k => c (skip j k) - c j / q j * q (skip j k)) (fun k => v (skip j k)) +
    c j / q j.
Proof.
  intros Hj Hq Hone. unfold combination in *.
  rewrite (total_skip j d (fun k => q k * v k) Hj) in Hone. rewrite (total_skip j d _ Hj).
  set (Sq := total_of (seq 0 d) (fun k => q (skip j k) * v (skip j k))) in *.
  set (Sc := total_of (seq 0 d) (fun k => c (skip j k) * v (skip j k))).
  assert (Hsum : total_of (seq 0 d)
      (fun k => (c (skip j k) - c j / q j * q (skip j k)) * v (skip j k)) ==
    Sc + (- (c j / q j)) * Sq).
  { unfold Sc, Sq. rewrite <- total_scale, <- total_plus. apply total_ext. intros k _. ring. }
  rewrite Hsum. assert (HSq : Sq == 1 - q j * v j) by lra. rewrite HSq. field. exact Hq.
Qed.

Lemma linear_affine d E T P :
  linear_zero_loss f (S width) with_one (S d) E T P ->
  exists E T t P s, affine_zero_loss d E T t P s.
Proof.
  intros [Hdyn Haux]. set (q := P width).
  assert (Hone : forall o, combination (S d) q (E o) == 1).
  { intro o. unfold q. rewrite (Haux o width (Nat.lt_succ_diag_r width)). unfold with_one.
    rewrite Nat.ltb_irrefl. reflexivity. }
  destruct (some_nonzero (S d) q) as [[j [Hj Hq]]|Hnone].
  - exists (fun o k => E o (skip j k)),
      (fun a i k => T a (skip j i) (skip j k) - T a (skip j i) j / q j * q (skip j k)),
      (fun a i => T a (skip j i) j / q j),
      (fun l k => P l (skip j k) - P l j / q j * q (skip j k)), (fun l => P l j / q j).
    split.
    + intros o a i Hi.
      rewrite <- (left_out d (T a (skip j i)) q (E o) j); [|lia|exact Hq|apply Hone].
      apply Hdyn. unfold skip. destruct (i <? j); lia.
    + intros o l Hl.
      rewrite <- (left_out d (P l) q (E o) j); [|lia|exact Hq|apply Hone].
      rewrite (Haux o l (Nat.lt_lt_succ_r l width Hl)). unfold with_one.
      rewrite (proj2 (Nat.ltb_lt l width) Hl). reflexivity.
  - exists (fun _ _ => 0), (fun _ _ _ => 0), (fun _ _ => 0), (fun _ _ => 0), (fun _ => 0).
    assert (Hempty : O -> False).
    { intro o. specialize (Hone o). unfold combination in Hone.
      rewrite total_none in Hone; [discriminate|].
      intros k Hk. apply in_seq in Hk. rewrite (Hnone k) by apply Hk. ring. }
    split; intro o; contradiction (Hempty o).
Qed.

Theorem affine_iff_linear d :
  (exists E T t P s, affine_zero_loss d E T t P s) <->
  (exists E T P, linear_zero_loss f (S width) with_one (S d) E T P).
Proof.
  split.
  - intros (E & T & t & P & s & H). eexists _, _, _. exact (affine_linear d E T t P s H).
  - intros (E & T & P & H). exact (linear_affine d E T P H).
Qed.

Theorem affine_capacity (actions : list A) (all_actions : forall a, In a actions)
    (action_eq_dec : forall a b : A, {a = b} + {a <> b}) r d :
  rank f (S width) with_one r ->
  ((exists E T t P s, affine_zero_loss d E T t P s) <-> (r <= S d)%nat).
Proof.
  intro Hr. rewrite affine_iff_linear.
  exact (linear_capacity f (S width) with_one actions all_actions action_eq_dec r (S d) Hr).
Qed.

End Affine.
