(** * What each hypothesis is for (S8): the smallest systems that collapse without it

    Informal statement.  With the dynamics loss alone one code serves everything; with the auxiliary
    loss alone every equivalence inside the labels is a kernel.  Two observations are enough for the
    first, three for the second, and no fewer will do.  Without full coverage a pair may be merged
    that the complete system separates; with several successors, or with a predictor that does not
    see the action, zero loss may be unattainable; with a constant label nothing is promised; with
    a loss that is small but not zero a pair may be merged, since codes can shrink.

    Main statements: [constant_dynamics], [dynamics_realised]; [auxiliary_loss_needed],
    [one_observation_enough]; [auxiliary_realised], [dynamics_loss_needed],
    [two_observations_enough]; [coverage_needed], [determinism_needed], [action_needed],
    [constant_label_promises_nothing], [exact_zero_needed]. *)

From Coq Require Import List RelationClasses QArith Qabs Lqa.
From Tellapart Require Import Systems NoCollapse Characterisation Data.
Import ListNotations.

Section Each_loss_alone.

Context {O A L : Type} (f : O -> A -> O) (p : O -> L).

(** ** Dynamics loss only: any congruence *)

Definition congruence (R : O -> O -> Prop) : Prop :=
  Equivalence R /\ forall x y a, R x y -> R (f x a) (f y a).

Theorem constant_dynamics : zero_dynamics f (fun _ => tt) (fun _ _ => tt).
Proof. intros o a. reflexivity. Qed.

Theorem dynamics_realised (R : O -> O -> Prop) (c : O -> O) :
  representatives R c ->
  ((exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z),
      zero_dynamics f E T /\ forall x y, kernel E x y <-> R x y) <-> congruence R).
Proof.
  intro Hc. split.
  - intros (Z & E & T & Hdyn & Hker). split; [split|].
    + intro x. apply Hker. reflexivity.
    + intros x y H. apply Hker. symmetry. apply Hker, H.
    + intros x y z H G. apply Hker. transitivity (E y); apply Hker; assumption.
    + intros x y a H. apply Hker. apply Hker in H. unfold kernel in *.
      rewrite <- (Hdyn x a), <- (Hdyn y a), H. reflexivity.
  - intros [HR Hf]. exists O, c, (fun z a => c (f z a)).
    split; [|exact (representatives_kernel R c HR Hc)].
    intros o a. symmetry. apply Hc, Hf, Hc.
Qed.

(** ** Auxiliary loss only: any equivalence inside the labels *)

Theorem auxiliary_realised (R : O -> O -> Prop) (c : O -> O) :
  representatives R c ->
  ((exists (Z : Type) (E : O -> Z) (P : Z -> L),
      zero_auxiliary p E P /\ forall x y, kernel E x y <-> R x y) <->
   Equivalence R /\ forall x y, R x y -> p x = p y).
Proof.
  intro Hc. split.
  - intros (Z & E & P & Haux & Hker). split; [split|].
    + intro x. apply Hker. reflexivity.
    + intros x y H. apply Hker. symmetry. apply Hker, H.
    + intros x y z H G. apply Hker. transitivity (E y); apply Hker; assumption.
    + intros x y H. apply Hker in H. unfold kernel in H. rewrite <- (Haux x), <- (Haux y), H.
      reflexivity.
  - intros [HR Hp]. exists O, c, p. split; [|exact (representatives_kernel R c HR Hc)].
    intro o. symmetry. apply Hp, Hc.
Qed.

(** ** Fewer observations do not collapse *)

Theorem one_observation_enough (one : forall x y : O, x = y) x y : bisimilar f p x y.
Proof. rewrite (one x y). apply bisimilar_equivalence. Qed.

Theorem two_observations_enough {Z : Type} (u v : O) (E : O -> Z) (P : Z -> L) :
  (forall x, x = u \/ x = v) -> zero_auxiliary p E P ->
  forall x y, ~ bisimilar f p x y -> E x <> E y.
Proof.
  intros Htwo Haux x y Hnot Hsame. apply Hnot.
  assert (Hp : p x = p y) by (rewrite <- (Haux x), <- (Haux y), Hsame; reflexivity).
  assert (Hall : x = y \/ forall a b, p a = p b).
  { destruct (Htwo x) as [-> | ->], (Htwo y) as [-> | ->]; auto; right; intros a b;
      destruct (Htwo a) as [-> | ->], (Htwo b) as [-> | ->]; congruence. }
  destruct Hall as [-> | Hall]; [apply bisimilar_equivalence|].
  exists (fun _ _ => True). split; [|exact I]. intros a b _. auto.
Qed.

Theorem constant_label_promises_nothing (l : L) :
  (forall x, p x = l) -> forall x y, bisimilar f p x y.
Proof.
  intros Hp x y. exists (fun _ _ => True). split; [|exact I].
  intros u v _. rewrite !Hp. auto.
Qed.

End Each_loss_alone.

(** ** The smallest examples *)

(** Two observations that stay where they are, with two labels. *)
Definition stay (x : bool) (_ : unit) : bool := x.

Theorem auxiliary_loss_needed :
  ~ bisimilar stay (fun x => x) true false /\
  exists (E : bool -> unit) (T : unit -> unit -> unit), zero_dynamics stay E T /\ E true = E false.
Proof.
  split; [|exists (fun _ => tt), (fun _ _ => tt); auto using constant_dynamics].
  intro H. destruct (bisimilar_is_bisimulation _ _ _ _ H). discriminate.
Qed.

(** A chain of three: 0 stays, 1 goes to 2, and only 2 has the other label. *)
Inductive three := zero | one | two.

Definition walk (x : three) (_ : unit) : three :=
  match x with zero => zero | one => two | two => two end.

Definition at_end (x : three) : bool := match x with two => true | _ => false end.

Lemma zero_one_separated : ~ bisimilar walk at_end zero one.
Proof. intro H. apply bisimilar_iff_words with (w := [tt]) in H. discriminate. Qed.

Theorem dynamics_loss_needed :
  ~ bisimilar walk at_end zero one /\
  exists (E : three -> bool) (P : bool -> bool), zero_auxiliary at_end E P /\ E zero = E one.
Proof.
  split; [exact zero_one_separated|]. exists at_end, (fun z => z). split; [intro; reflexivity|].
  reflexivity.
Qed.

(** The same system with the step of 1 never seen. *)
Theorem coverage_needed :
  ~ bisimilar walk at_end zero one /\
  exists (E : three -> bool) (T : bool -> unit -> bool) (P : bool -> bool),
    data_zero_loss (fun o _ o' => o <> one /\ walk o tt = o') (fun o => Some (at_end o)) E T P /\
    E zero = E one.
Proof.
  split; [exact zero_one_separated|]. exists at_end, (fun z _ => z), (fun z => z). split; [split|].
  - intros o a o' [Hne <-]. destruct o; [reflexivity|contradiction|reflexivity].
  - intros o l H. injection H as <-. reflexivity.
  - reflexivity.
Qed.

(** One observation with two successors of different labels: no model has zero loss. *)
Theorem determinism_needed :
  ~ feasible (fun (_ : bool) (_ : unit) (_ : bool) => True) (fun o => Some o).
Proof.
  intro H. apply feasible_respects in H.
  discriminate (H true false true false); [|reflexivity..].
  apply (merged_step _ _ true true tt); [apply merged_refl|exact I..].
Qed.

(** Two actions of different effect, and a predictor that does not see which one was taken. *)
Theorem action_needed :
  ~ exists (Z : Type) (E : bool -> Z) (T : Z -> Z) (P : Z -> bool),
      zero_loss (fun _ a => a) (fun o : bool => o) E (fun z (_ : bool) => T z) P.
Proof.
  intros (Z & E & T & P & Hdyn & Haux).
  assert (H : E true = E false) by (rewrite <- (Hdyn true true), <- (Hdyn true false); reflexivity).
  assert (G := Haux true). rewrite H, Haux in G. discriminate.
Qed.

(** However small the dynamics loss may be, if it is not zero a pair may be merged: codes shrink. *)
Theorem exact_zero_needed (s : Q) :
  0 < s -> exists (E : three -> Q) (T : Q -> unit -> Q) (P : Q -> bool),
    zero_auxiliary at_end E P /\
    (forall o a, Qabs (T (E o) a - E (walk o a)) <= s) /\ E zero = E one.
Proof.
  intro Hs. exists (fun o => if at_end o then s else 0), (fun z _ => z),
    (fun z => if Qlt_le_dec 0 z then true else false).
  split; [|split; [|reflexivity]].
  - intros []; simpl; [reflexivity..|]. destruct (Qlt_le_dec 0 s); [reflexivity|lra].
  - intros o a. apply Qabs_Qle_condition. destruct o; unfold walk, at_end; split; lra.
Qed.
