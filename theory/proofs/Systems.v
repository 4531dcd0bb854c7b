(** * Deterministic MDPs, words and bisimilarity

    Informal statement.  A deterministic MDP is a step [f] and a labelling [p].  Two observations
    are bisimilar when some relation that respects labels and steps joins them; bisimilarity is the
    largest such relation, an equivalence, and the limit of its [k]-step approximations.

    Nothing is finite here: observations, actions, labels and latents are arbitrary types.

    Main definitions: [run], [is_bisimulation], [bisimilar] (D3), [k_bisimilar] (D3), [zero_loss]
    (D1), [kernel] (D2), [admissible] (D4 for a total system).

    Main statements: [bisimilar_is_bisimulation], [bisimilar_greatest], [bisimilar_equivalence],
    [k_bisimilar_down], [bisimilar_k]. *)

From Coq Require Import List RelationClasses.
Import ListNotations.

Section Systems.

Context {O A L Z : Type} (f : O -> A -> O) (p : O -> L).

(** The observation after a word of actions. *)
Definition run (w : list A) (x : O) : O := fold_left f w x.

(** ** Bisimulations *)

Definition is_bisimulation (R : O -> O -> Prop) : Prop :=
  forall x y, R x y -> p x = p y /\ forall a, R (f x a) (f y a).

Definition bisimilar (x y : O) : Prop :=
  exists R, is_bisimulation R /\ R x y.

Fixpoint k_bisimilar (k : nat) (x y : O) : Prop :=
  match k with
  | 0 => p x = p y
  | S k => p x = p y /\ forall a, k_bisimilar k (f x a) (f y a)
  end.

(** ** Models *)

(** The dynamics loss is zero: the predictor maps each code to the code of the successor. *)
Definition zero_dynamics (E : O -> Z) (T : Z -> A -> Z) : Prop :=
  forall o a, T (E o) a = E (f o a).

(** The auxiliary loss is zero: the head reads each label off the code. *)
Definition zero_auxiliary (E : O -> Z) (P : Z -> L) : Prop :=
  forall o, P (E o) = p o.

Definition zero_loss (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) : Prop :=
  zero_dynamics E T /\ zero_auxiliary E P.

Definition kernel (E : O -> Z) (x y : O) : Prop := E x = E y.

(** In a total, fully labelled system D4 says: an equivalence that is a bisimulation. *)
Definition admissible (R : O -> O -> Prop) : Prop :=
  Equivalence R /\ is_bisimulation R.

(** ** Bisimilarity is the largest bisimulation, and an equivalence *)

Theorem bisimilar_is_bisimulation : is_bisimulation bisimilar.
Proof.
  intros x y [R [HR Hxy]]. destruct (HR x y Hxy) as [Hp Hf]. split; [exact Hp|].
  intro a. exists R. auto.
Qed.

Theorem bisimilar_greatest R : is_bisimulation R -> forall x y, R x y -> bisimilar x y.
Proof. intros HR x y Hxy. exists R. auto. Qed.

Theorem bisimilar_equivalence : Equivalence bisimilar.
Proof.
  split.
  - intro x. exists eq. split; [|reflexivity]. intros u v []. auto.
  - intros x y H. exists (fun u v => bisimilar v u). split; [|exact H].
    intros u v Huv. destruct (bisimilar_is_bisimulation v u Huv) as [Hp Hf]. auto.
  - intros x y z Hxy Hyz.
    exists (fun u w => exists v, bisimilar u v /\ bisimilar v w). split; [|eauto].
    intros u w [v [Huv Hvw]].
    destruct (bisimilar_is_bisimulation u v Huv) as [Hp Hf].
    destruct (bisimilar_is_bisimulation v w Hvw) as [Hq Hg].
    split; [congruence|eauto].
Qed.

(** ** The approximations *)

(** More steps see more. *)
Theorem k_bisimilar_down k x y : k_bisimilar (S k) x y -> k_bisimilar k x y.
Proof.
  revert x y. induction k as [|k IH]; intros x y [Hp Hf]; [exact Hp|].
  split; [exact Hp|]. intro a. apply IH, Hf.
Qed.

Theorem bisimilar_k x y : bisimilar x y <-> forall k, k_bisimilar k x y.
Proof.
  split.
  - intros H k. revert x y H.
    induction k as [|k IH]; intros x y H;
      destruct (bisimilar_is_bisimulation x y H) as [Hp Hf]; [exact Hp|].
    split; [exact Hp|]. auto.
  - intro H. exists (fun u v => forall k, k_bisimilar k u v). split; [|exact H].
    intros u v Huv. split; [exact (Huv 0)|]. intros a k. apply (Huv (S k)).
Qed.

(** Bisimilarity is reached at the first approximation that is a bisimulation. *)
Theorem k_bisimilar_stable k :
  (forall x y, k_bisimilar k x y -> k_bisimilar (S k) x y) ->
  forall x y, bisimilar x y <-> k_bisimilar k x y.
Proof.
  intros Hstable x y. split; [intro H; apply bisimilar_k, H|].
  apply bisimilar_greatest. intros u v Huv. exact (Hstable u v Huv).
Qed.

End Systems.
