(** * The main statements on margins, spelled out (S10)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List RelationClasses QArith Qabs.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision.
From Tellapart Require Import Refinement Merging Feasibility Replay Refuted.

(** ** S10: margins, over the rationals *)

Check (@label_step :
  forall (O L Z : Type) (p : O -> L) (E : O -> Z) (P : Z -> L)
    (d : Z -> Z -> Q) (e : L -> L -> Q),
  is_distance e ->
  forall delta : O -> Q,
  (forall o : O, e (P (E o)) (p o) <= delta o) ->
  forall K : Q,
  (forall x y : O, e (P (E x)) (P (E y)) <= K * d (E x) (E y)) ->
  forall x y : O, e (p x) (p y) <= delta x + delta y + K * d (E x) (E y)).

Check (@one_step :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> Q),
  is_distance d ->
  forall eps : O -> A -> Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps o a) ->
  forall Lip : A -> Q,
  (forall (a : A) (x y : O), d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y)) ->
  forall (x y : O) (a : A),
  d (E (f x a)) (E (f y a)) <= eps x a + eps y a + Lip a * d (E x) (E y)).

Check (@margin_sound :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> Q),
  is_distance d ->
  forall e : L -> L -> Q,
  is_distance e ->
  forall eps : O -> A -> Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps o a) ->
  forall delta : O -> Q,
  (forall o : O, e (P (E o)) (p o) <= delta o) ->
  forall Lip : A -> Q,
  (forall a : A, 0 < Lip a) ->
  (forall (a : A) (x y : O), d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y)) ->
  forall K : Q,
  0 < K ->
  (forall x y : O, e (P (E x)) (P (E y)) <= K * d (E x) (E y)) ->
  forall (actions : list A) (i : nat) (x y : O),
  margin f p e eps delta Lip K actions i x y <= d (E x) (E y)).

Check (@margin_grows :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (e : L -> L -> Q)
    (eps : O -> A -> Q) (delta : O -> Q) (Lip : A -> Q) (K : Q)
    (actions : list A) (i : nat) (x y : O),
  margin f p e eps delta Lip K actions i x y <=
  margin f p e eps delta Lip K actions (S i) x y).

Check (@margin_separates :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> Q),
  is_distance d ->
  forall e : L -> L -> Q,
  is_distance e ->
  forall eps : O -> A -> Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps o a) ->
  forall delta : O -> Q,
  (forall o : O, e (P (E o)) (p o) <= delta o) ->
  forall Lip : A -> Q,
  (forall a : A, 0 < Lip a) ->
  (forall (a : A) (x y : O), d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y)) ->
  forall K : Q,
  0 < K ->
  (forall x y : O, e (P (E x)) (P (E y)) <= K * d (E x) (E y)) ->
  forall (actions : list A) (i : nat) (x y : O),
  0 < margin f p e eps delta Lip K actions i x y -> E x <> E y).

Check (@growth :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> Q),
  is_distance d ->
  forall eps Lip : Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps) ->
  0 < Lip ->
  (forall (a : A) (x y : O), d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y)) ->
  forall (w : list A) (x y : O),
  d (E (run f w x)) (E (run f w y)) <=
  power Lip (length w) * d (E x) (E y) + 2 * eps * geometric Lip (length w)).

Check (@unrolled :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> Q),
  is_distance d ->
  forall e : L -> L -> Q,
  is_distance e ->
  forall eps delta Lip K : Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps) ->
  (forall o : O, e (P (E o)) (p o) <= delta) ->
  0 < Lip ->
  (forall (a : A) (x y : O), d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y)) ->
  0 < K ->
  (forall x y : O, e (P (E x)) (P (E y)) <= K * d (E x) (E y)) ->
  forall (w : list A) (x y : O),
  (e (p (run f w x)) (p (run f w y)) - 2 * delta -
   2 * K * eps * geometric Lip (length w)) / (K * power Lip (length w)) <=
  d (E x) (E y)).
