(** * The refuted statements, spelled out

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List RelationClasses QArith Qabs.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision.
From Tellapart Require Import Refinement Merging Feasibility Replay Kernels Resolution.
From Tellapart Require Import Irreducible LinearCapacity Refuted.

(** ** Wrong neighbours of the theorems *)

Check (@refuted_no_dynamics :
  ~
  (forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z) (P : Z -> L),
   zero_auxiliary p E P -> forall x y : O, ~ bisimilar f p x y -> E x <> E y)).

Check (@refuted_no_auxiliary :
  ~
  (forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z) (T : Z -> A -> Z),
   zero_dynamics f E T -> forall x y : O, ~ bisimilar f p x y -> E x <> E y)).

Check (@refuted_minimal_encoder :
  ~
  (forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
     (T : Z -> A -> Z) (P : Z -> L),
   zero_loss f p E T P -> forall x y : O, bisimilar f p x y -> E x = E y)).

Check (@refuted_largest_for_gaps :
  ~
  (forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
   exists R : O -> O -> Prop,
     data_admissible D p R /\
     (forall S : O -> O -> Prop, data_admissible D p S -> forall x y : O, S x y -> R x y))).

Check (@refuted_transitive :
  ~
  (forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L) (x y z : O),
   ~ told_apart D p x y -> ~ told_apart D p y z -> ~ told_apart D p x z)).

Check (@refuted_always_feasible :
  ~ (forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L), feasible D p)).

Check (@refuted_shorter_word :
  ~
  (forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (k : nat) (x y : O),
   (forall w : list A, (length w <= k)%nat -> p (run f w x) = p (run f w y)) ->
   bisimilar f p x y)).

Check (@refuted_depth_bound :
  ~
  (forall (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat),
   table_closed n m f ->
   forall x y : nat,
   (x < n)%nat ->
   (y < n)%nat ->
   k_bisimilar (table m f) p (n - n_labels n p - 1) x y -> bisimilar (table m f) p x y)).

Check (@refuted_symmetry_of_actions :
  ~
  (forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (s : O -> O) (t : A -> A),
   (forall (x : O) (a : A), f (s x) (t a) = s (f x a)) ->
   (forall a : A, t (t a) = a) ->
   (forall x : O, p (s x) = p x) -> forall x : O, bisimilar f p x (s x))).

Check (@refuted_margin_without_errors :
  ~
  (forall (O : Type) (p E : O -> Q) (P : Q -> Q) (delta K : Q),
   0 < K ->
   (forall o : O, Qabs (P (E o) - p o) <= delta) ->
   (forall x y : O, Qabs (P (E x) - P (E y)) <= K * Qabs (E x - E y)) ->
   forall x y : O, Qabs (p x - p y) / K <= Qabs (E x - E y))).

Check (@refuted_whole_gap :
  ~
  (forall (O A Z : Type) (d : Z -> Z -> Q) (D : O -> A -> O -> Prop)
     (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z),
   is_distance d ->
   (forall (o : O) (a : A) (o' x : O),
    D o a o' -> must o' x -> d (T (E o) a) (E o') < d (E o') (E x)) ->
   forall (o : O) (a : A) (o' u : O),
   D o a o' -> nearest_code d E (T (E o) a) u -> ~ must o' u)).

Check (@refuted_without_decoding :
  ~
  (forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (d : Z -> Z -> Q)
     (e : L -> L -> Q) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
   is_distance d ->
   is_distance e ->
   resolved d e (total f) (fully_labelled p) (fun x y : O => ~ bisimilar f p x y) E T P ->
   forall (w : list A) (o u : O),
   nearest_code d E (fold_left T w (E o)) u -> bisimilar f p u (run f w o))).

Check (@refuted_one_dimension_per_block :
  ~
  (forall (O A : Type) (f : O -> A -> O) (p : O -> nat -> Q)
     (d : nat) (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q)
     (x : nat -> O),
   linear_zero_loss f 1 p d E T P ->
   (forall i j : nat,
    (i < j <= d)%nat -> ~ bisimilar f (fun o : O => p o 0%nat) (x i) (x j)) -> False)).

Check (@refuted_dynamics_variance :
  ~
  (forall (O A L Z : Type) (triples : list (O * A * O)) (p : O -> option L)
     (same_action : A -> A -> bool) (E : O -> Z) (dim : nat) (code : Z -> nat -> Q),
   (forall a b : A, same_action a b = true <-> a = b) ->
   faithful dim code ->
   dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) == 0 ->
   data_admissible (logged triples) p (kernel E))).
