(** * The main statements on bounds of families, spelled out (S2, S5)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List RelationClasses.
From Tellapart Require Import Systems NoCollapse Data Lattice.

(** ** S5: least upper and greatest lower bounds *)

Check (@meet_lower :
  forall (O : Type) (F : (O -> O -> Prop) -> Prop) (R : O -> O -> Prop),
  F R -> forall x y : O, meet F x y -> R x y).

Check (@meet_greatest :
  forall (O : Type) (F : (O -> O -> Prop) -> Prop) (S : O -> O -> Prop),
  (forall R : O -> O -> Prop, F R -> forall x y : O, S x y -> R x y) ->
  forall x y : O, S x y -> meet F x y).

Check (@join_upper :
  forall (O : Type) (F : (O -> O -> Prop) -> Prop) (R : O -> O -> Prop),
  F R -> forall x y : O, R x y -> join F x y).

Check (@complete_lattice :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (F : (O -> O -> Prop) -> Prop),
  (forall R : O -> O -> Prop, F R -> admissible f p R) ->
  (exists J : O -> O -> Prop,
     admissible f p J /\
     (forall R : O -> O -> Prop, F R -> forall x y : O, R x y -> J x y) /\
     (forall S : O -> O -> Prop,
      admissible f p S ->
      (forall R : O -> O -> Prop, F R -> forall x y : O, R x y -> S x y) ->
      forall x y : O, J x y -> S x y)) /\
  (exists M : O -> O -> Prop,
     admissible f p M /\
     (forall R : O -> O -> Prop, F R -> forall x y : O, M x y -> R x y) /\
     (forall S : O -> O -> Prop,
      admissible f p S ->
      (forall R : O -> O -> Prop, F R -> forall x y : O, S x y -> R x y) ->
      forall x y : O, S x y -> M x y))).

(** ** S2: meets for logged data *)

Check (@data_meet_admissible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (F : (O -> O -> Prop) -> Prop),
  (exists R : O -> O -> Prop, F R) ->
  (forall R : O -> O -> Prop, F R -> data_admissible D p R) -> data_admissible D p (meet F)).

Check (@data_meet_of_none :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  data_admissible D p (meet (fun _ : O -> O -> Prop => False)) <->
  (forall (x y : O) (l l' : L), p x = Some l -> p y = Some l' -> l = l')).
