(** * Margins by the Lipschitz constants of whole words (S10)

    Informal statement.  Follow a word in the latent space and read the label: that is one function
    of the code, and it has a Lipschitz constant of its own, on the latents in use.  The label gap
    of two observations after the word, less the errors that are met on the way, divided by that
    constant, is a lower bound of the distance of their codes.  An error met on the way counts with
    the constant of the rest of the word.  Smaller constants give a bound that is never worse.

    For linear predictors and heads the constant of a word is the norm of the product of its
    matrices, which is at most the product of their norms.

    Distances are as in [Quantitative.v]; no axiom is used.  [WordMarginReal.v] has the same over
    the real numbers.

    Main definitions: [read_word], [word_error].

    Main statements: [word_read], [word_margin], [word_margin_never_worse]. *)

From Coq Require Import List QArith Lqa.
From Tellapart Require Import Systems Quantitative.
Import ListNotations.
Local Open Scope Q_scope.

Lemma scaled_le s x y : 0 <= s -> x <= y -> s * x <= s * y.
Proof. intros Hs H. rewrite !(Qmult_comm s). exact (Qmult_le_compat_r x y s H Hs). Qed.

Lemma below_quotient a b c : 0 < c -> a <= b * c -> a / c <= b.
Proof. intros Hc H. apply Qle_shift_div_r; assumption. Qed.

Section Words.

Context {O A L Z : Type} (f : O -> A -> O) (p : O -> L)
  (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L)
  (d : Z -> Z -> Q) (d_distance : is_distance d)
  (e : L -> L -> Q) (e_distance : is_distance e)
  (eps : O -> A -> Q) (eps_bound : forall o a, d (T (E o) a) (E (f o a)) <= eps o a)
  (delta : O -> Q) (delta_bound : forall o, e (P (E o)) (p o) <= delta o).

(** The label that is read after a word of predictions. *)
Definition read_word (w : list A) (z : Z) : L := P (fold_left T w z).

(** The errors met along a word, each times the constant of the rest of the word. *)
Fixpoint word_error (N : list A -> Q) (w : list A) (x : O) : Q :=
  match w with
  | [] => delta x
  | a :: w => N w * eps x a + word_error N w (f x a)
  end.

Section Bound.

(** The constants hold on a set with the codes and the latents predicted from codes; it may be all
    of [Z]. *)
Context (used : Z -> Prop) (used_code : forall o, used (E o))
  (used_prediction : forall o a, used (T (E o) a))
  (N : list A -> Q) (N_nonneg : forall w, 0 <= N w)
  (N_bound : forall w u v, used u -> used v -> e (read_word w u) (read_word w v) <= N w * d u v).

Theorem word_read w x : e (read_word w (E x)) (p (run f w x)) <= word_error N w x.
Proof.
  revert x. induction w as [|a w IH]; intro x; simpl; [apply delta_bound|].
  assert (Htri := distance_triangle e e_distance (read_word w (T (E x) a))
    (read_word w (E (f x a))) (p (run f w (f x a)))).
  assert (HN := N_bound w _ _ (used_prediction x a) (used_code (f x a))). specialize (IH (f x a)).
  assert (Heps := scaled_le (N w) _ _ (N_nonneg w) (eps_bound x a)).
  change (read_word (a :: w) (E x)) with (read_word w (T (E x) a)).
  change (run f (a :: w) x) with (run f w (f x a)). lra.
Qed.

Theorem word_margin w x y :
  0 < N w ->
  (e (p (run f w x)) (p (run f w y)) - word_error N w x - word_error N w y) / N w
    <= d (E x) (E y).
Proof.
  intro Hpos. apply below_quotient; [exact Hpos|].
  assert (Hx := word_read w x). assert (Hy := word_read w y).
  assert (HN := N_bound w _ _ (used_code x) (used_code y)).
  assert (H := through e (p (run f w x)) (read_word w (E x)) (p (run f w y)) (read_word w (E y))
    e_distance). lra.
Qed.

End Bound.

Lemma word_error_grows (N N' : list A -> Q) w x :
  (forall o a, 0 <= eps o a) -> (forall v, N v <= N' v) ->
  word_error N w x <= word_error N' w x.
Proof.
  intros Heps Hle. revert x. induction w as [|a w IH]; intro x; simpl; [lra|].
  specialize (IH (f x a)). assert (H := scaled_le (eps x a) _ _ (Heps x a) (Hle w)). lra.
Qed.

Theorem word_margin_never_worse (N N' : list A -> Q) w x y gap :
  (forall o a, 0 <= eps o a) -> (forall v, N v <= N' v) -> 0 < N w ->
  0 <= gap - word_error N' w x - word_error N' w y ->
  (gap - word_error N' w x - word_error N' w y) / N' w <=
  (gap - word_error N w x - word_error N w y) / N w.
Proof.
  intros Heps Hle Hpos Hgap.
  assert (Hx := word_error_grows N N' w x Heps Hle).
  assert (Hy := word_error_grows N N' w y Heps Hle). assert (HN := Hle w).
  set (b := gap - word_error N' w x - word_error N' w y) in *.
  assert (Hq : b / N w * N w == b) by (field; lra).
  assert (Hb : 0 <= b / N w).
  { apply Qle_shift_div_l; [exact Hpos|]. lra. }
  apply Qle_trans with (b / N w).
  - apply below_quotient; [lra|]. assert (H := scaled_le (b / N w) _ _ Hb HN). lra.
  - apply Qmult_le_compat_r; [unfold b; lra|]. apply Qlt_le_weak, Qinv_lt_0_compat, Hpos.
Qed.

End Words.
