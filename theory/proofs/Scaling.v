(** * What has no scale, and what has (S11, S13)

    Informal statement.  Codes multiplied by [s] multiply the smallest dynamics loss by [s * s] and
    leave the smallest auxiliary loss as it is: shrinking codes shrinks their irreducible loss
    (S11).  A model whose latents are multiplied by [s], with the predictor and the head that
    belong to them, has [s] times the error in each transition, so [s * s] times each squared
    error, and the same labels (S13).

    Main statements: [mean_loss_rescaled], [irreducible_rescaled]; [rescaled_errors]. *)

From Coq Require Import List QArith Lqa.
From Tellapart Require Import Systems Data LeastSquares Irreducible.
Local Open Scope Q_scope.

Lemma total_ext_all {X : Type} (items : list X) (F G : X -> Q) :
  (forall x, F x == G x) -> total_of items F == total_of items G.
Proof. intro H. apply total_ext. auto. Qed.

(** ** S11 *)

(** [same] and [same'] both tell which keys are equal. *)
Theorem mean_loss_rescaled {X K : Type} (items : list X) (key : X -> K) (value : X -> nat -> Q)
    (dim : nat) (same same' : K -> K -> bool) (s : Q) :
  (forall k k', same' k k' = same k k') ->
  squared_loss items key (fun x i => s * value x i) dim
    (group_mean items key (fun x i => s * value x i) same') ==
  s * s * squared_loss items key value dim (group_mean items key value same).
Proof.
  intro Hsame.
  assert (Hmean : forall k i, group_mean items key (fun x j => s * value x j) same' k i ==
    s * group_mean items key value same k i).
  { intros k i. unfold group_mean, members, Qdiv.
    rewrite (total_ext_all items _ (fun x => s * (if same k (key x) then value x i else 0)))
      by (intro x; rewrite Hsame; destruct (same k (key x)); ring).
    rewrite total_scale.
    rewrite (total_ext_all items (fun x => if same' k (key x) then 1 else 0)
      (fun x => if same k (key x) then 1 else 0)) by (intro x; rewrite Hsame; reflexivity).
    ring. }
  unfold squared_loss. rewrite <- total_scale. apply total_ext_all. intro x.
  rewrite <- total_scale. apply total_ext_all. intro i. unfold square. rewrite Hmean. ring.
Qed.

Section Codes.

Context {O A L Z : Type} (triples : list (O * A * O)) (same_action : A -> A -> bool)
  (labelled : list (O * L)) (E : O -> Z) (dim : nat) (code : Z -> nat -> Q)
  (width : nat) (coordinates : L -> nat -> Q) (s : Q) (s_nonzero : ~ s == 0).

Lemma same_vector_rescaled u v :
  same_vector dim (fun z i => s * code z i) u v = same_vector dim code u v.
Proof.
  apply Bool.eq_true_iff_eq. unfold same_vector. rewrite !forallb_forall.
  split; intros H i Hi; specialize (H i Hi); apply Qeq_bool_iff; apply Qeq_bool_iff in H.
  - exact (proj1 (Qmult_inj_l _ _ s s_nonzero) H).
  - rewrite H. reflexivity.
Qed.

(** The keys of the scaled codes are equal when those of the codes are. *)
Theorem irreducible_rescaled :
  dynamics_loss triples E dim (fun z i => s * code z i)
    (mean_predictor triples same_action E dim (fun z i => s * code z i)) ==
  s * s * dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) /\
  auxiliary_loss labelled E width coordinates
    (mean_head labelled E dim (fun z i => s * code z i) coordinates) ==
  auxiliary_loss labelled E width coordinates (mean_head labelled E dim code coordinates).
Proof.
  split.
  - apply (mean_loss_rescaled triples (before E) (after E code) dim
      (same_pair same_action dim code) (same_pair same_action dim (fun z i => s * code z i)) s).
    intros k k'. unfold same_pair. rewrite same_vector_rescaled. reflexivity.
  - unfold auxiliary_loss, squared_loss, mean_head.
    apply total_ext_all. intro x. apply total_ext_all. intro i. unfold square, group_mean, members.
    rewrite (total_ext_all labelled
      (fun x0 => if same_vector dim (fun z j => s * code z j) (E (fst x)) (E (fst x0))
        then coordinates (snd x0) i else 0)
      (fun x0 => if same_vector dim code (E (fst x)) (E (fst x0))
        then coordinates (snd x0) i else 0))
      by (intro y; rewrite same_vector_rescaled; reflexivity).
    rewrite (total_ext_all labelled
      (fun x0 => if same_vector dim (fun z j => s * code z j) (E (fst x)) (E (fst x0))
        then 1 else 0)
      (fun x0 => if same_vector dim code (E (fst x)) (E (fst x0)) then 1 else 0))
      by (intro y; rewrite same_vector_rescaled; reflexivity).
    reflexivity.
Qed.

End Codes.

(** ** S13 *)

(** [g] and [h] scale there and back. *)
Theorem rescaled_errors {O A L Z W : Type} (d : Z -> Z -> Q) (d' : W -> W -> Q) (e : L -> L -> Q)
    (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (g : Z -> W) (h : W -> Z) (s : Q) :
  (forall z, h (g z) = z) -> (forall u v, d' (g u) (g v) == s * d u v) ->
  (forall o a o', square (d' (g (T (h (g (E o))) a)) (g (E o'))) ==
    s * s * square (d (T (E o) a) (E o'))) /\
  (forall o l, e (P (h (g (E o)))) l = e (P (E o)) l).
Proof.
  intros Hback Hd. split.
  - intros o a o'. rewrite Hback. unfold square. rewrite Hd. ring.
  - intros o l. rewrite Hback. reflexivity.
Qed.
