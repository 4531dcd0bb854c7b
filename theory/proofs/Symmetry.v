(** * When a label is enough, and the obstruction of symmetry (S9)

    Informal statement.  A labelling suffices for a relation [Pi] (observations outside [Pi] must
    be told apart) iff bisimilarity lies in [Pi].  A symmetry of the dynamics that keeps every
    action and every label moves each observation to a bisimilar one, so no such labelling tells an
    observation from its image.

    A symmetry that also renames the actions is no obstruction: see [Refuted.v], the mirror of a
    chain.

    Main definitions: [suffices], [symmetry].

    Main statements: [suffices_iff], [symmetric_bisimilar], [symmetry_obstruction]. *)

From Coq Require Import RelationClasses.
From Tellapart Require Import Systems NoCollapse.

Section Symmetry.

Context {O A L : Type} (f : O -> A -> O).

(** With labels [p], every admissible kernel keeps apart what [Pi] does not join. *)
Definition suffices (p : O -> L) (Pi : O -> O -> Prop) : Prop :=
  forall R, admissible f p R -> forall x y, R x y -> Pi x y.

Theorem suffices_iff (p : O -> L) (Pi : O -> O -> Prop) :
  suffices p Pi <-> (forall x y, bisimilar f p x y -> Pi x y).
Proof.
  split.
  - intro H. apply (H (bisimilar f p)), bisimilar_admissible.
  - intros H R HR x y Hxy. exact (H x y (proj2 (admissible_below_bisimilar f p R HR) x y Hxy)).
Qed.

Definition symmetry (s : O -> O) : Prop := forall x a, f (s x) a = s (f x a).

Theorem symmetric_bisimilar (p : O -> L) (s : O -> O) :
  symmetry s -> (forall x, p (s x) = p x) -> forall x, bisimilar f p x (s x).
Proof.
  intros Hs Hp x. exists (fun u v => v = s u). split; [|reflexivity].
  intros u v ->. split; [symmetry; apply Hp|]. intro a. apply Hs.
Qed.

Theorem symmetry_obstruction (p : O -> L) (s : O -> O) (Pi : O -> O -> Prop) x :
  symmetry s -> (forall u, p (s u) = p u) -> ~ Pi x (s x) -> ~ suffices p Pi.
Proof.
  intros Hs Hp Hnot Hsuff. apply Hnot, (proj1 (suffices_iff p Pi) Hsuff).
  exact (symmetric_bisimilar p s Hs Hp x).
Qed.

End Symmetry.
