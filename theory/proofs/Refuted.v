(** * Statements that look right and are wrong

    Informal statement.  Each theorem of this folder has neighbours that are false: with a
    hypothesis dropped, with "iff" for "implies", with a smaller bound.  Their negations are proved
    here, so that a theorem cannot be strengthened into one of them by a slip.

    Main statements: [refuted_no_dynamics], [refuted_no_auxiliary], [refuted_minimal_encoder],
    [refuted_largest_for_gaps], [refuted_transitive], [refuted_shorter_word],
    [refuted_depth_bound], [refuted_symmetry_of_actions], [refuted_always_feasible],
    [refuted_margin_without_errors], [refuted_whole_gap], [refuted_without_decoding],
    [refuted_one_dimension_per_block], [refuted_dynamics_variance]. *)

From Coq Require Import List RelationClasses QArith Qabs Lqa Lia.
From Tellapart Require Import Systems NoCollapse Data Tables Refinement Symmetry Dropped.
From Tellapart Require Import Quantitative Kernels Resolution LeastSquares Irreducible.
From Tellapart Require Import LinearAlgebra LinearCapacity.
Import ListNotations.

(** S4 without the dynamics loss. *)
Theorem refuted_no_dynamics :
  ~ forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z) (P : Z -> L),
      zero_auxiliary p E P -> forall x y, ~ bisimilar f p x y -> E x <> E y.
Proof.
  intro H. destruct dynamics_loss_needed as [Hne (E & P & Haux & Hsame)].
  exact (H _ _ _ _ _ _ E P Haux _ _ Hne Hsame).
Qed.

(** S4 without the auxiliary loss. *)
Theorem refuted_no_auxiliary :
  ~ forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z) (T : Z -> A -> Z),
      zero_dynamics f E T -> forall x y, ~ bisimilar f p x y -> E x <> E y.
Proof.
  intro H. destruct auxiliary_loss_needed as [Hne (E & T & Hdyn & Hsame)].
  exact (H _ _ _ _ _ _ E T Hdyn _ _ Hne Hsame).
Qed.

(** "Zero loss merges bisimilar observations": it need not. *)
Theorem refuted_minimal_encoder :
  ~ forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z) (T : Z -> A -> Z)
      (P : Z -> L), zero_loss f p E T P -> forall x y, bisimilar f p x y -> E x = E y.
Proof.
  intro H.
  assert (G := H bool unit unit bool stay (fun _ => tt) (fun x => x) stay (fun _ => tt)
    (conj (fun _ _ => eq_refl) (fun _ => eq_refl)) true false
    (constant_label_promises_nothing stay _ tt (fun _ => eq_refl) true false)).
  discriminate.
Qed.

(** ** Data with gaps (S3, S6) *)

(** Labels are known on two observations, and no transition is: [one] may go with either. *)
Definition no_transition (_ : three) (_ : unit) (_ : three) : Prop := False.

Definition ends_labelled (x : three) : option bool :=
  match x with zero => Some false | one => None | two => Some true end.

Lemma by_class_admissible (c : three -> bool) :
  c zero <> c two -> data_admissible no_transition ends_labelled (kernel c).
Proof.
  unfold kernel. intro Hc. split; [|split].
  - split; [intro x|intros x y|intros x y z]; congruence.
  - intros [] [] l l' H Hx Hy; simpl in *; congruence.
  - intros x y a x' y' _ [].
Qed.

(** A largest admissible relation need not exist. *)
Theorem refuted_largest_for_gaps :
  ~ forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
      exists R, data_admissible D p R /\
        forall S, data_admissible D p S -> forall x y, S x y -> R x y.
Proof.
  intro H. destruct (H _ _ _ no_transition ends_labelled) as (R & [HR [Hlab _]] & Hbig).
  set (low := fun x => match x with two => true | _ => false end).
  set (high := fun x => match x with zero => true | _ => false end).
  assert (H01 : R zero one) by
    (apply (Hbig (kernel low)); [apply by_class_admissible; discriminate|reflexivity]).
  assert (H12 : R one two) by
    (apply (Hbig (kernel high)); [apply by_class_admissible; discriminate|reflexivity]).
  assert (H02 : R zero two) by (transitivity one; assumption).
  discriminate (Hlab zero two false true H02 eq_refl eq_refl).
Qed.

(** "Need not be told apart" is not transitive. *)
Theorem refuted_transitive :
  ~ forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L) x y z,
      ~ told_apart D p x y -> ~ told_apart D p y z -> ~ told_apart D p x z.
Proof.
  intro H. assert (Hmodel : forall (c : three -> bool) x y, c zero = false -> c two = true ->
    c x = c y -> ~ told_apart no_transition ends_labelled x y).
  { intros c x y H0 H2 Hxy Hapart.
    apply (Hapart bool c (fun z _ => z) (fun z => z)); [|exact Hxy].
    split; [intros o a o' []|]. intros [] l Hl; simpl in Hl; congruence. }
  apply (H _ _ _ no_transition ends_labelled zero one two).
  - apply (Hmodel (fun x => match x with two => true | _ => false end)); reflexivity.
  - apply (Hmodel (fun x => match x with zero => false | _ => true end)); reflexivity.
  - intros Z E T P [_ Haux] Hsame.
    assert (H0 := Haux zero false eq_refl). assert (H2 := Haux two true eq_refl). congruence.
Qed.

(** "The identity is always admissible": two successors of one pair may force a clash. *)
Theorem refuted_always_feasible :
  ~ forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L), feasible D p.
Proof. intro H. exact (determinism_needed (H _ _ _ _ _)). Qed.

(** ** Words and depth (S7) *)

(** "A pair separated in [k + 1] steps has a word of length [k]." *)
Theorem refuted_shorter_word :
  ~ forall (O A L : Type) (f : O -> A -> O) (p : O -> L) k x y,
      (forall w, (length w <= k)%nat -> p (run f w x) = p (run f w y)) -> bisimilar f p x y.
Proof.
  intro H. apply zero_one_separated. apply (H _ _ _ walk at_end 0%nat).
  intros [|a w] Hw; [reflexivity|simpl in Hw; lia].
Qed.

(** "One round less than (observations - label values) is enough": the chain of three needs it. *)
Theorem refuted_depth_bound :
  ~ forall n m f p, table_closed n m f -> forall x y, (x < n)%nat -> (y < n)%nat ->
      k_bisimilar (table m f) p (n - n_labels n p - 1) x y -> bisimilar (table m f) p x y.
Proof.
  intro H.
  assert (G := H 3%nat 1%nat (fun o _ => match o with 0%nat => 0%nat | _ => 2%nat end)
    (fun o => match o with 2%nat => 1%nat | _ => 0%nat end)).
  specialize (G ltac:(intros [|[|[|o]]] a Ho Ha; simpl; lia) 0%nat 1%nat ltac:(lia) ltac:(lia)).
  assert (F := G eq_refl). apply bisimilar_k with (k := 1%nat) in F.
  destruct F as [_ F]. specialize (F (exist _ 0%nat (le_n 1%nat))). discriminate.
Qed.

(** ** Symmetry (S9) *)

(** The mirror of a chain of three: it swaps the two actions, keeps the labels, and obstructs
    nothing. *)
Definition both_ways (x : three) (right : bool) : three :=
  match x, right with
  | zero, true => one | one, true => two | two, true => two
  | zero, false => zero | one, false => zero | two, false => one
  end.

Definition mirror (x : three) : three := match x with zero => two | one => one | two => zero end.

Definition in_the_middle (x : three) : bool := match x with one => true | _ => false end.

Theorem refuted_symmetry_of_actions :
  ~ forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (s : O -> O) (t : A -> A),
      (forall x a, f (s x) (t a) = s (f x a)) -> (forall a, t (t a) = a) ->
      (forall x, p (s x) = p x) -> forall x, bisimilar f p x (s x).
Proof.
  intro H. assert (G := H _ _ _ both_ways in_the_middle mirror negb).
  specialize (G ltac:(intros [] []; reflexivity) ltac:(intros []; reflexivity)
    ltac:(intros []; reflexivity) zero).
  apply bisimilar_iff_words with (w := [true]) in G. discriminate.
Qed.

(** ** Margins (S10) *)

(** The label gap divided by [K] alone, without the error of the head, is no lower bound. *)
Theorem refuted_margin_without_errors :
  ~ forall (O : Type) (p : O -> Q) (E : O -> Q) (P : Q -> Q) (delta K : Q),
      0 < K -> (forall o, Qabs (P (E o) - p o) <= delta) ->
      (forall x y, Qabs (P (E x) - P (E y)) <= K * Qabs (E x - E y)) ->
      forall x y, Qabs (p x - p y) / K <= Qabs (E x - E y).
Proof.
  intro H.
  assert (G := H bool (fun b : bool => if b then 1 else 0) (fun _ => 0) (fun z => z) 1 1).
  specialize (G ltac:(lra) ltac:(intros []; apply Qabs_Qle_condition; split; lra)
    ltac:(intros x y; discriminate) true false).
  apply G. reflexivity.
Qed.

(** ** Resolution (S13) *)

Local Open Scope Q_scope.

Definition on_ends (b : bool) : Q := if b then 1 else 0.

(** "Below the gap is enough": half of it is. *)
Theorem refuted_whole_gap :
  ~ forall (O A Z : Type) (d : Z -> Z -> Q) (D : O -> A -> O -> Prop) (must : O -> O -> Prop)
      (E : O -> Z) (T : Z -> A -> Z), is_distance d ->
      (forall o a o' x, D o a o' -> must o' x -> d (T (E o) a) (E o') < d (E o') (E x)) ->
      forall o a o' u, D o a o' -> nearest_code d E (T (E o) a) u -> ~ must o' u.
Proof.
  intro H.
  apply (H bool unit Q apart (total stay) (fun x y => x <> y) on_ends (fun _ _ => 3 # 4)
    apart_distance) with (o := false) (a := tt) (o' := false) (u := true).
  - intros [] [] o' [] <- Hne; first [contradiction|reflexivity].
  - reflexivity.
  - intros []; vm_compute; discriminate.
  - discriminate.
Qed.

(** "Without decoding too": errors add up when latents are not replaced by codes. *)
Theorem refuted_without_decoding :
  ~ forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (d : Z -> Z -> Q) (e : L -> L -> Q)
      (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L), is_distance d -> is_distance e ->
      resolved d e (total f) (fully_labelled p) (fun x y => ~ bisimilar f p x y) E T P ->
      forall w o u, nearest_code d E (fold_left T w (E o)) u -> bisimilar f p u (run f w o).
Proof.
  intro H.
  assert (G := H bool unit bool Q stay (fun b => b) apart (fun b c => apart (on_ends b) (on_ends c))
    on_ends (fun z _ => z + (3 # 10)) (fun z => Qle_bool (1 # 2) z) apart_distance).
  specialize (G ltac:(destruct apart_distance; split; auto)).
  assert (Hsame : bisimilar stay (fun b : bool => b) true false);
    [|contradiction (proj1 auxiliary_loss_needed Hsame)].
  apply (G) with (w := [tt; tt]) (o := false).
  - split.
    + intros o [] o' x <- Hnot. destruct o, x; first
        [reflexivity|contradiction Hnot; apply bisimilar_equivalence].
    + intros o l x l' Hl Hx Hne. injection Hl as <-. injection Hx as <-.
      destruct o, x; first [reflexivity|contradiction].
  - intros []; vm_compute; discriminate.
Qed.

(** ** Linear capacity and irreducible loss (S12, S11) *)

(** "Linear models need a dimension for each block": any number of blocks can lie on a line. *)
Theorem refuted_one_dimension_per_block :
  ~ forall (O A : Type) (f : O -> A -> O) (p : O -> nat -> Q) d E T P (x : nat -> O),
      linear_zero_loss f 1 p d E T P ->
      (forall i j, (i < j <= d)%nat -> ~ bisimilar f (fun o => p o 0%nat) (x i) (x j)) -> False.
Proof.
  intro H.
  apply (H nat unit (fun o _ => o) (fun o _ => inject_Z (Z.of_nat o)) 1%nat
    (fun o _ => inject_Z (Z.of_nat o)) (fun _ _ _ => 1) (fun _ _ => 1) (fun i => i)).
  - split; intros; unfold combination; simpl; ring.
  - intros i j Hij Hsame. destruct (bisimilar_is_bisimulation _ _ _ _ Hsame) as [Hp _].
    injection Hp. lia.
Qed.

(** "The dynamics part alone": one code for everything has none, and need not be admissible. *)
Theorem refuted_dynamics_variance :
  ~ forall (O A L Z : Type) (triples : list (O * A * O)) (p : O -> option L)
      (same_action : A -> A -> bool) (E : O -> Z) dim (code : Z -> nat -> Q),
      (forall a b, same_action a b = true <-> a = b) -> faithful dim code ->
      dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) == 0 ->
      data_admissible (logged triples) p (kernel E).
Proof.
  intro H. assert (G := H bool unit bool unit [(true, tt, true); (false, tt, false)] Some
    (fun _ _ => true) (fun _ => tt) 1%nat (fun _ _ => 0)).
  destruct G as [_ [Hlab _]].
  - intros [] []. split; reflexivity.
  - intros [] [] _. reflexivity.
  - vm_compute. reflexivity.
  - discriminate (Hlab true false true false eq_refl eq_refl eq_refl).
Qed.
