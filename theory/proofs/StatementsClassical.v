(** * The main statements that rest on axioms, spelled out

    The axioms are listed in the file [allowed_axioms]: those of classical choice for the first
    group, those of Coq's real numbers for the second.  For the latter the definitions are those of
    [Quantitative.v] with real numbers. *)

From Coq Require Import List RelationClasses Reals.
From Tellapart Require Import Systems Characterisation Data Classical.
From Tellapart Require QuantitativeReal.

(** ** S1 to S3 for arbitrary types *)

Check (@classical_representatives :
  forall (O : Type) (R : O -> O -> Prop), Equivalence R -> representatives R (chosen R)).

Check (@classical_characterisation :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  realised f p R <-> admissible f p R).

Check (@classical_data_realised :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> forall R : O -> O -> Prop, data_realised D p R <-> data_admissible D p R).

Check (@classical_feasible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> feasible D p <-> respects_labels p (forced D)).

Check (@classical_told_apart :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> forall x y : O, told_apart D p x y <-> ~ respects_labels p (merged D (only x y))).

(** ** S10: margins, over the real numbers *)

Check (@QuantitativeReal.label_step :
  forall (O L Z : Type) (p : O -> L) (E : O -> Z) (P : Z -> L)
    (d : Z -> Z -> R) (e : L -> L -> R),
  QuantitativeReal.is_distance e ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall K : R,
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall x y : O, (e (p x) (p y) <= delta x + delta y + K * d (E x) (E y))%R).

Check (@QuantitativeReal.one_step :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall Lip : A -> R,
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall (x y : O) (a : A),
  (d (E (f x a)) (E (f y a)) <= eps x a + eps y a + Lip a * d (E x) (E y))%R).

Check (@QuantitativeReal.margin_sound :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall Lip : A -> R,
  (forall a : A, (0 < Lip a)%R) ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall K : R,
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (actions : list A) (i : nat) (x y : O),
  (QuantitativeReal.margin f p e eps delta Lip K actions i x y <= d (E x) (E y))%R).

Check (@QuantitativeReal.margin_grows :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (e : L -> L -> R)
    (eps : O -> A -> R) (delta : O -> R) (Lip : A -> R) (K : R)
    (actions : list A) (i : nat) (x y : O),
  (QuantitativeReal.margin f p e eps delta Lip K actions i x y <=
   QuantitativeReal.margin f p e eps delta Lip K actions (S i) x y)%R).

Check (@QuantitativeReal.margin_separates :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall Lip : A -> R,
  (forall a : A, (0 < Lip a)%R) ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall K : R,
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (actions : list A) (i : nat) (x y : O),
  (0 < QuantitativeReal.margin f p e eps delta Lip K actions i x y)%R -> E x <> E y).

Check (@QuantitativeReal.growth :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall eps Lip : R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps)%R) ->
  (0 < Lip)%R ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y))%R) ->
  forall (w : list A) (x y : O),
  (d (E (run f w x)) (E (run f w y)) <=
   QuantitativeReal.power Lip (length w) * d (E x) (E y) +
   2 * eps * QuantitativeReal.geometric Lip (length w))%R).

Check (@QuantitativeReal.unrolled :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps delta Lip K : R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps)%R) ->
  (forall o : O, (e (P (E o)) (p o) <= delta)%R) ->
  (0 < Lip)%R ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y))%R) ->
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (w : list A) (x y : O),
  ((e (p (run f w x)) (p (run f w y)) - 2 * delta -
    2 * K * eps * QuantitativeReal.geometric Lip (length w)) /
   (K * QuantitativeReal.power Lip (length w)) <= d (E x) (E y))%R).
