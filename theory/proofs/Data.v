(** * Logged data: admissible kernels (S1), forced merges (S2), pairs to tell apart (S3)

    Informal statement.  The data are a relation [D] of transitions, with gaps and with several
    successors where it happens, and a label on some observations.  The kernels of zero-loss models
    are the equivalences that respect the known labels and are closed under co-successors (S1).  The
    least equivalence closed under co-successors lies in all of them; zero loss is attainable iff
    it respects the labels (S2).  A pair is told apart by every zero-loss encoder iff merging it
    too makes labels clash (S3).

    The halves "attainable" need a model, hence a choice of members of blocks (see
    [Characterisation.v]); here for finitely many transitions and a decided relation, and with
    nothing decided but with axioms in [Classical.v].

    Main definitions: [data_zero_loss] (D1), [data_admissible] (D4), [merged], [forced], [feasible],
    [told_apart].

    Main statements: [data_kernel_admissible], [data_realised_iff], [merged_least],
    [forced_below], [feasible_respects], [feasible_iff], [clash_told_apart], [told_apart_iff],
    [intersection_admissible], [total_data_admissible]. *)

From Coq Require Import List RelationClasses.
From Tellapart Require Import Systems Characterisation.
Import ListNotations.

Section Data.

Context {O A L : Type} (D : O -> A -> O -> Prop) (p : O -> option L).

Definition data_zero_loss {Z : Type} (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) : Prop :=
  (forall o a o', D o a o' -> T (E o) a = E o') /\ (forall o l, p o = Some l -> P (E o) = l).

Definition respects_labels (R : O -> O -> Prop) : Prop :=
  forall x y l l', R x y -> p x = Some l -> p y = Some l' -> l = l'.

Definition closed (R : O -> O -> Prop) : Prop :=
  forall x y a x' y', R x y -> D x a x' -> D y a y' -> R x' y'.

Definition data_admissible (R : O -> O -> Prop) : Prop :=
  Equivalence R /\ respects_labels R /\ closed R.

Definition data_realised (R : O -> O -> Prop) : Prop :=
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    data_zero_loss E T P /\ forall x y, kernel E x y <-> R x y.

(** Some model has zero loss. *)
Definition feasible : Prop :=
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L), data_zero_loss E T P.

(** Every zero-loss encoder gives the two different codes. *)
Definition told_apart (x y : O) : Prop :=
  forall (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    data_zero_loss E T P -> E x <> E y.

(** ** S1, first half *)

Theorem data_kernel_admissible {Z : Type} (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) :
  data_zero_loss E T P -> data_admissible (kernel E).
Proof.
  intros [Hdyn Haux]. unfold kernel. split; [|split].
  - split; [intro|intros x y|intros x y z]; congruence.
  - intros x y l l' Hxy Hx Hy. apply Haux in Hx. apply Haux in Hy. congruence.
  - intros x y a x' y' Hxy Hx Hy. apply Hdyn in Hx. apply Hdyn in Hy. congruence.
Qed.

Lemma data_realised_admissible R : data_realised R -> data_admissible R.
Proof.
  intros (Z & E & T & P & Hzero & Hker).
  destruct (data_kernel_admissible E T P Hzero) as [_ [Hlab Hclosed]]. split; [split|split].
  - intro x. apply Hker. reflexivity.
  - intros x y H. apply Hker. symmetry. apply Hker, H.
  - intros x y z H G. apply Hker. transitivity (E y); apply Hker; assumption.
  - intros x y l l' H. apply Hlab, Hker, H.
  - intros x y a x' y' H Hx Hy. apply Hker. apply (Hclosed x y a); [apply Hker| |]; assumption.
Qed.

Theorem intersection_admissible R S :
  data_admissible R -> data_admissible S -> data_admissible (fun x y => R x y /\ S x y).
Proof.
  intros [HR [HRl HRc]] [HS [HSl HSc]]. split; [split|split].
  - intro x. split; reflexivity.
  - intros x y []. split; symmetry; assumption.
  - intros x y z [] []. split; transitivity y; assumption.
  - intros x y l l' [H _]. exact (HRl x y l l' H).
  - intros x y a x' y' [H G] Hx Hy. split; [exact (HRc x y a x' y' H Hx Hy)|].
    exact (HSc x y a x' y' G Hx Hy).
Qed.

(** ** S2, S3: the least equivalence that holds the pairs of [S] and is closed *)

Inductive merged (S : O -> O -> Prop) : O -> O -> Prop :=
  | merged_seed x y : S x y -> merged S x y
  | merged_refl x : merged S x x
  | merged_sym x y : merged S x y -> merged S y x
  | merged_trans x y z : merged S x y -> merged S y z -> merged S x z
  | merged_step x y a x' y' : merged S x y -> D x a x' -> D y a y' -> merged S x' y'.

Definition forced : O -> O -> Prop := merged (fun _ _ => False).

(** The seed of S3: one pair. *)
Definition only (x y u v : O) : Prop := u = x /\ v = y.

Theorem merged_equivalence S : Equivalence (merged S).
Proof.
  split; [exact (merged_refl S)|exact (merged_sym S)|exact (merged_trans S)].
Qed.

Theorem merged_closed S : closed (merged S).
Proof. intros x y a x' y'. apply merged_step. Qed.

Theorem merged_least (S R : O -> O -> Prop) :
  Equivalence R -> closed R -> (forall x y, S x y -> R x y) -> forall x y, merged S x y -> R x y.
Proof.
  intros HR Hc HS x y H. induction H as [x y H|x|x y _ IH|x y z _ IH _ JH|x y a x' y' _ IH Hx Hy].
  - auto.
  - reflexivity.
  - symmetry. exact IH.
  - transitivity y; assumption.
  - exact (Hc x y a x' y' IH Hx Hy).
Qed.

Theorem forced_below R : data_admissible R -> forall x y, forced x y -> R x y.
Proof. intros [HR [_ Hc]]. apply merged_least; [exact HR|exact Hc|contradiction]. Qed.

(** Labels respected by a relation are respected by a smaller one. *)
Lemma respects_below (R S : O -> O -> Prop) :
  (forall x y, S x y -> R x y) -> respects_labels R -> respects_labels S.
Proof. intros H HR x y l l' Hxy. exact (HR x y l l' (H x y Hxy)). Qed.

Theorem feasible_respects : feasible -> respects_labels forced.
Proof.
  intros (Z & E & T & P & Hzero). assert (H := data_kernel_admissible E T P Hzero).
  exact (respects_below _ _ (forced_below _ H) (proj1 (proj2 H))).
Qed.

Theorem clash_told_apart x y : ~ respects_labels (merged (only x y)) -> told_apart x y.
Proof.
  intros Hclash Z E T P Hzero Hsame. apply Hclash.
  destruct (data_kernel_admissible E T P Hzero) as [HE [Hl Hc]].
  refine (respects_below _ _ (merged_least _ _ HE Hc _) Hl).
  intros u v [-> ->]. exact Hsame.
Qed.

End Data.

(** ** The other halves: finitely many transitions, a decided relation

    [all] lists the observations that have a label or share a block with another one. *)

Section Finite.

Context {O A L : Type} (triples : list (O * A * O)) (p : O -> option L) (l0 : L)
  (same_action : A -> A -> bool) (same_action_spec : forall a b, same_action a b = true <-> a = b)
  (all : list O) (labels_listed : forall x l, p x = Some l -> In x all).

Definition logged (o : O) (a : A) (o' : O) : Prop := In (o, a, o') triples.

(** The predictor of the quotient: the first logged transition of the block decides. *)
Definition first_target (b : O -> O -> bool) (z : O) (a : A) : O :=
  match find (fun t => let '(o, a', _) := t in if b z o then same_action a a' else false) triples
  with Some (_, _, o') => first_member b all o' | None => z end.

Definition has_label (x : O) : bool := if p x then true else false.

Definition first_label (b : O -> O -> bool) (z : O) : L :=
  match find (fun x => if b z x then has_label x else false) all with
  | Some x => match p x with Some l => l | None => l0 end
  | None => l0
  end.

Theorem data_quotient_zero_loss R b :
  data_admissible logged p R -> decides b R -> listed b all ->
  data_zero_loss logged p (first_member b all) (first_target b) (first_label b).
Proof.
  intros [HR [Hlab Hclosed]] Hb Hall.
  destruct (finite_representatives R b all HR Hb Hall) as [Hin Hsame].
  split.
  - intros o a o' Ht. unfold first_target.
    destruct (find _ _) as [[[u a'] u']|] eqn:Hfind.
    + apply find_some in Hfind. destruct Hfind as [Hu Hcond].
      destruct (b _ u) eqn:Hbu; [|discriminate]. apply Hb in Hbu.
      apply same_action_spec in Hcond. subst a'. apply Hsame.
      apply (Hclosed u o a); [|exact Hu|exact Ht].
      transitivity (first_member b all o); [symmetry; exact Hbu|symmetry; apply Hin].
    + exfalso. assert (H := find_none _ _ Hfind _ Ht). simpl in H.
      rewrite (proj2 (Hb _ o)) in H; [|symmetry; apply Hin].
      rewrite (proj2 (same_action_spec a a) eq_refl) in H. discriminate.
  - intros o l Hl. unfold first_label, has_label.
    destruct (find _ all) as [x|] eqn:Hfind.
    + apply find_some in Hfind. destruct Hfind as [_ Hcond].
      destruct (b _ x) eqn:Hbx; [|discriminate]. apply Hb in Hbx.
      destruct (p x) as [l'|] eqn:Hx; [|discriminate].
      apply (Hlab x o l' l); [|exact Hx|exact Hl].
      transitivity (first_member b all o); symmetry; [exact Hbx|apply Hin].
    + exfalso. assert (H := find_none _ _ Hfind o (labels_listed o l Hl)). simpl in H.
      rewrite (proj2 (Hb _ o)) in H; [|symmetry; apply Hin]. rewrite Hl in H. discriminate.
Qed.

Theorem data_realised_iff R b :
  decides b R -> listed b all -> (data_realised logged p R <-> data_admissible logged p R).
Proof.
  intros Hb Hall. split; [apply data_realised_admissible|]. intro HR.
  exists O, (first_member b all), (first_target b), (first_label b).
  split; [exact (data_quotient_zero_loss R b HR Hb Hall)|].
  apply representatives_kernel; [apply HR|].
  exact (finite_representatives R b all (proj1 HR) Hb Hall).
Qed.

Theorem feasible_iff b :
  decides b (forced logged) -> listed b all ->
  (feasible logged p <-> respects_labels p (forced logged)).
Proof.
  intros Hb Hall. split; [apply feasible_respects|]. intro Hlab.
  exists O, (first_member b all), (first_target b), (first_label b).
  apply (data_quotient_zero_loss (forced logged)); [|exact Hb|exact Hall].
  split; [apply merged_equivalence|split; [exact Hlab|apply merged_closed]].
Qed.

Theorem told_apart_iff b x y :
  decides b (merged logged (only x y)) -> listed b all ->
  (told_apart logged p x y <-> ~ respects_labels p (merged logged (only x y))).
Proof.
  intros Hb Hall. split; [|apply clash_told_apart]. intros Hapart Hlab.
  destruct (proj2 (data_realised_iff (merged logged (only x y)) b Hb Hall))
    as (Z & E & T & P & Hzero & Hker).
  - split; [apply merged_equivalence|split; [exact Hlab|apply merged_closed]].
  - apply (Hapart Z E T P Hzero), Hker, merged_seed. split; reflexivity.
Qed.

End Finite.

(** ** A total, fully labelled system is the special case *)

Theorem total_data_admissible {O A L : Type} (f : O -> A -> O) (p : O -> L) R :
  data_admissible (fun o a o' => f o a = o') (fun o => Some (p o)) R <-> admissible f p R.
Proof.
  split.
  - intros [HR [Hl Hc]]. split; [exact HR|]. intros x y Hxy. split.
    + exact (Hl x y _ _ Hxy eq_refl eq_refl).
    + intro a. exact (Hc x y a _ _ Hxy eq_refl eq_refl).
  - intros [HR Hb]. split; [exact HR|split].
    + intros x y l l' Hxy Hx Hy. destruct (Hb x y Hxy) as [Hp _]. congruence.
    + intros x y a x' y' Hxy <- <-. apply (Hb x y Hxy).
Qed.

Theorem total_forced_identity {O A : Type} (f : O -> A -> O) x y :
  forced (fun o a o' => f o a = o') x y <-> x = y.
Proof.
  split; [|intros []; apply merged_refl].
  apply merged_least; [apply eq_equivalence| |contradiction].
  intros u v a u' v' -> <- <-. reflexivity.
Qed.
