(** * Resolved models are the quotient (S13) over the real numbers

    Informal statement.  A model is resolved when the error of each prediction is less than half of
    the distance from the code of the true successor to every code that must be told apart from it,
    and the error of each label is less than half of the distance to every other label.  Then the
    code nearest to a predicted latent never belongs to an observation that must be told apart from
    the true successor, and the nearest label is the true one.

    In a total system: predict, take an observation with the nearest code, and go on from its code.
    Along every word that stays bisimilar to the true observation, and every label is right.  The
    system that is read off has the same bisimilarity, and on its blocks the same steps and the same
    labels: it is the quotient.  Ties may be broken in any way.

    The same statements as in [Resolution.v], word for word, with the axioms of Coq's real numbers:
    Euclidean norms have real values.

    Main definitions: [resolved], [nearest_code], [nearest_label], [nearest_of].

    Main statements: [resolved_prediction], [resolved_label], [resolved_separates],
    [resolved_rescaled]; [resolved_quotient], [resolved_run], [resolved_same_bisimilarity];
    [nearest_of_correct], [nearest_label_exists]. *)

From Coq Require Import List RelationClasses Reals Lra.
From Tellapart Require Import Systems NoCollapse Characterisation Data Kernels QuantitativeReal.
Import ListNotations.
Local Open Scope R_scope.

(** [must u v]: these two must be told apart.  With no such observation nothing is asked for. *)
Definition resolved {O A L Z : Type} (d : Z -> Z -> R) (e : L -> L -> R) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L)
    : Prop :=
  (forall o a o' x, D o a o' -> must o' x -> 2 * d (T (E o) a) (E o') < d (E o') (E x)) /\
  (forall o l x l', p o = Some l -> p x = Some l' -> l <> l' -> 2 * e (P (E o)) l < e l l').

Lemma scaled_below s x y : 0 < s -> x < y -> s * x < s * y.
Proof. intros Hs Hxy. exact (Rmult_lt_compat_l s x y Hs Hxy). Qed.

Section Resolution.

Context {O A L Z : Type} (d : Z -> Z -> R) (e : L -> L -> R).

(** No code is nearer to [z] than that of [u]; no label of the data is nearer to [v] than [l]. *)
Definition nearest_code (E : O -> Z) (z : Z) (u : O) : Prop :=
  forall x, d z (E u) <= d z (E x).

Definition nearest_label (p : O -> option L) (v l : L) : Prop :=
  (exists x, p x = Some l) /\ forall x l', p x = Some l' -> e v l <= e v l'.

(** ** One prediction and one label, for any data *)

Section Data.

Context (D : O -> A -> O -> Prop) (p : O -> option L) (must : O -> O -> Prop)
  (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (d_distance : is_distance d)
  (e_distance : is_distance e) (Hresolved : resolved d e D p must E T P).

Theorem resolved_prediction o a o' u :
  D o a o' -> nearest_code E (T (E o) a) u -> ~ must o' u.
Proof.
  intros Ht Hnear Hmust. assert (H := proj1 Hresolved o a o' u Ht Hmust). specialize (Hnear o').
  assert (S := distance_sym d d_distance (E o') (T (E o) a)).
  assert (G := distance_triangle d d_distance (E o') (T (E o) a) (E u)). lra.
Qed.

Theorem resolved_label (label_eq_dec : forall l l' : L, {l = l'} + {l <> l'}) o l l' :
  p o = Some l -> nearest_label p (P (E o)) l' -> l' = l.
Proof.
  intros Hl [[x Hx] Hnear]. destruct (label_eq_dec l l') as [|Hne]; [congruence|].
  assert (H := proj2 Hresolved o l x l' Hl Hx Hne). specialize (Hnear o l Hl).
  assert (S := distance_sym e e_distance l (P (E o))).
  assert (G := distance_triangle e e_distance l (P (E o)) l'). lra.
Qed.

(** A merged pair is not resolved: its gap is zero, and no error is below that. *)
Theorem resolved_separates o a o' x : D o a o' -> must o' x -> E o' <> E x.
Proof.
  intros Ht Hmust Hsame. assert (H := proj1 Hresolved o a o' x Ht Hmust). rewrite <- Hsame in H.
  assert (G := distance_nonneg d d_distance (T (E o) a) (E o')).
  assert (S := distance_self d d_distance (E o')). lra.
Qed.

(** Scaling latents and head changes nothing: [g] and [h] scale there and back. *)
Theorem resolved_rescaled {W : Type} (g : Z -> W) (h : W -> Z) (d' : W -> W -> R) (s : R) :
  (forall z, h (g z) = z) -> 0 < s -> (forall u v, d' (g u) (g v) = s * d u v) ->
  resolved d' e D p must (fun o => g (E o)) (fun w a => g (T (h w) a)) (fun w => P (h w)).
Proof.
  intros Hback Hs Hd. destruct Hresolved as [Hdyn Haux]. split.
  - intros o a o' x Ht Hmust. rewrite Hback, !Hd. specialize (Hdyn o a o' x Ht Hmust).
    apply (scaled_below s _ _ Hs) in Hdyn. lra.
  - intros o l x l' Hl Hx Hne. rewrite Hback. exact (Haux o l x l' Hl Hx Hne).
Qed.

End Data.

(** ** Total systems: the whole quotient *)

Section Total.

Context (f : O -> A -> O) (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L)
  (d_distance : is_distance d) (e_distance : is_distance e)
  (label_eq_dec : forall l l' : L, {l = l'} + {l <> l'})
  (Hresolved : resolved d e (total f) (fully_labelled p) (fun x y => ~ bisimilar f p x y) E T P)
  (decode : Z -> O) (decode_nearest : forall z, nearest_code E z (decode z))
  (read_label : L -> L)
  (read_nearest : forall v, nearest_label (fully_labelled p) v (read_label v)).

(** The system that is read off the model. *)
Definition read_step (o : O) (a : A) : O := decode (T (E o) a).

Definition read_off (o : O) : L := read_label (P (E o)).

Lemma read_step_bisimilar o a : bisimilar f p (read_step o a) (f o a).
Proof.
  apply bisimilar_iff_words. intro w. symmetry.
  destruct (label_eq_dec (p (run f w (f o a))) (p (run f w (read_step o a)))) as [H|H]; [exact H|].
  exfalso. apply (resolved_prediction _ _ _ E T P d_distance Hresolved o a (f o a)
    (read_step o a) eq_refl (decode_nearest _)).
  intro Hsame. exact (H (proj1 (bisimilar_iff_words f p _ _) Hsame w)).
Qed.

Lemma read_off_right o : read_off o = p o.
Proof.
  exact (resolved_label _ _ _ E T P e_distance Hresolved label_eq_dec o (p o) _ eq_refl
    (read_nearest _)).
Qed.

(** Steps and labels of blocks are the true ones. *)
Theorem resolved_quotient x y a :
  bisimilar f p x y -> bisimilar f p (read_step x a) (f y a) /\ read_off x = p y.
Proof.
  intro Hxy. destruct (bisimilar_is_bisimulation f p x y Hxy) as [Hp Hf].
  destruct (bisimilar_equivalence f p) as [_ _ Htrans]. split.
  - exact (Htrans _ _ _ (read_step_bisimilar x a) (Hf a)).
  - rewrite read_off_right. exact Hp.
Qed.

(** Predict, decode, encode again, along a word. *)
Theorem resolved_run w o :
  bisimilar f p (run read_step w o) (run f w o) /\ read_off (run read_step w o) = p (run f w o).
Proof.
  assert (H : forall x y, bisimilar f p x y -> bisimilar f p (run read_step w x) (run f w y)).
  { induction w as [|a w IH]; intros x y Hxy; [exact Hxy|].
    apply IH. exact (proj1 (resolved_quotient x y a Hxy)). }
  specialize (H o o (@reflexivity _ _ (@Equivalence_Reflexive _ _ (bisimilar_equivalence f p)) o)).
  split; [exact H|]. rewrite read_off_right. exact (proj1 (bisimilar_is_bisimulation f p _ _ H)).
Qed.

Theorem resolved_same_bisimilarity x y :
  bisimilar read_step read_off x y <-> bisimilar f p x y.
Proof.
  rewrite !bisimilar_iff_words.
  assert (H : forall w u, read_off (run read_step w u) = p (run f w u))
    by (intros w u; apply resolved_run).
  split; intros G w; specialize (G w); rewrite ?H in *; exact G.
Qed.

End Total.

End Resolution.

(** ** With finitely many observations there is a nearest one, found without a choice *)

Fixpoint nearest_of {O Z : Type} (d : Z -> Z -> R) (E : O -> Z) (z : Z) (best : O) (all : list O)
    : O :=
  match all with
  | [] => best
  | x :: rest => nearest_of d E z (if Rle_dec (d z (E best)) (d z (E x)) then best else x) rest
  end.

Lemma nearest_of_least {O Z : Type} (d : Z -> Z -> R) (E : O -> Z) z best all :
  d z (E (nearest_of d E z best all)) <= d z (E best) /\
  forall x, In x all -> d z (E (nearest_of d E z best all)) <= d z (E x).
Proof.
  revert best. induction all as [|y rest IH]; intro best; simpl; [split; [lra|contradiction]|].
  destruct (Rle_dec (d z (E best)) (d z (E y))) as [Hle|Hlt].
  - destruct (IH best) as [Hbest Hrest]. split; [exact Hbest|]. intros x [->|Hx]; [lra|auto].
  - destruct (IH y) as [Hbest Hrest]. split; [lra|]. intros x [->|Hx]; auto.
Qed.

Theorem nearest_of_correct {O Z : Type} (d : Z -> Z -> R) (E : O -> Z) (z : Z) (first : O)
    (all : list O) :
  is_finite O all -> nearest_code d E z (nearest_of d E z first all).
Proof. intros Hall x. apply nearest_of_least, Hall. Qed.

(** The label of an observation whose label is nearest. *)
Theorem nearest_label_exists {O L : Type} (e : L -> L -> R) (p : O -> L) (first : O)
    (all : list O) :
  is_finite O all ->
  exists read_label : L -> L, forall v, nearest_label e (fully_labelled p) v (read_label v).
Proof.
  intro Hall. exists (fun v => p (nearest_of e p v first all)). intro v. split.
  - exists (nearest_of e p v first all). reflexivity.
  - intros x l' Hx. injection Hx as <-. apply (nearest_of_least e), Hall.
Qed.
