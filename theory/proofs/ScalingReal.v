(** * Errors of scaled models over the real numbers (S13)

    Informal statement.  A model whose latents are multiplied by [s], with the predictor and the
    head that belong to them, has [s * s] times each squared error of a transition, and the same
    labels.

    The same statement as in [Scaling.v], with the axioms of Coq's real numbers.

    Main statements: [rescaled_errors]. *)

From Coq Require Import Reals Lra.
Local Open Scope R_scope.

(** [g] and [h] scale there and back. *)
Theorem rescaled_errors {O A L Z W : Type} (d : Z -> Z -> R) (d' : W -> W -> R) (e : L -> L -> R)
    (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (g : Z -> W) (h : W -> Z) (s : R) :
  (forall z, h (g z) = z) -> (forall u v, d' (g u) (g v) = s * d u v) ->
  (forall o a o', Rsqr (d' (g (T (h (g (E o))) a)) (g (E o'))) =
    s * s * Rsqr (d (T (E o) a) (E o'))) /\
  (forall o l, e (P (h (g (E o)))) l = e (P (E o)) l).
Proof.
  intros Hback Hd. split.
  - intros o a o'. rewrite Hback, Hd. unfold Rsqr. ring.
  - intros o l. rewrite Hback. reflexivity.
Qed.
