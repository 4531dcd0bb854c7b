(** * The definitions, spelled out

    Each definition that a main statement rests on is checked against its meaning, so a statement
    cannot be emptied through a definition without breaking this file. *)

From Coq Require Import List RelationClasses QArith Qabs.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision.
From Tellapart Require Import Refinement Merging Feasibility Replay DataChecker Refuted.

Check (eq_refl : @run = fun O A f w x => fold_left f w x).
Check (eq_refl : @is_bisimulation = fun O A L f p R =>
  forall x y, R x y -> p x = p y /\ forall a, R (f x a) (f y a)).
Check (eq_refl : @bisimilar = fun O A L f p x y =>
  exists R : O -> O -> Prop,
    (forall u v, R u v -> p u = p v /\ forall a : A, R (f u a) (f v a)) /\ R x y).
Check (fun (O A L : Type) (f : O -> A -> O) (p : O -> L) k x y =>
  (eq_refl, eq_refl) :
    (k_bisimilar f p 0 x y = (p x = p y)) *
    (k_bisimilar f p (S k) x y = (p x = p y /\ forall a, k_bisimilar f p k (f x a) (f y a)))).
Check (eq_refl : @zero_dynamics = fun O A Z f E T => forall o a, T (E o : Z) a = E (f o a)).
Check (eq_refl : @zero_auxiliary = fun O L Z p E P => forall o, P (E o : Z) = p o).
Check (eq_refl : @zero_loss = fun O A L Z f p E T P =>
  (forall o a, T (E o) a = E (f o a)) /\ (forall o, P (E o) = p o)).
Check (eq_refl : @kernel = fun O Z E x y => E x = E y).
Check (eq_refl : @admissible = fun O A L f p R => Equivalence R /\ is_bisimulation f p R).
Check (eq_refl : @realised = fun O A L f p R =>
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    zero_loss f p E T P /\ forall x y, E x = E y <-> R x y).
Check (eq_refl : @representatives = fun O R c =>
  (forall x, R x (c x)) /\ (forall x y, R x y -> c x = c y)).
Check (eq_refl : @data_zero_loss = fun O A L D p Z E T P =>
  (forall o a o', D o a o' -> T (E o) a = E o') /\ (forall o l, p o = Some l -> P (E o) = l)).
Check (eq_refl : @data_realised = fun O A L D p R =>
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    data_zero_loss D p E T P /\ forall x y, E x = E y <-> R x y).
Check (eq_refl : @data_admissible = fun O A L D p R =>
  Equivalence R /\
  (forall x y l l', R x y -> p x = Some l -> p y = Some l' -> l = l') /\
  (forall x y a x' y', R x y -> D x a x' -> D y a y' -> R x' y')).
Check (eq_refl : @respects_labels = fun O L p R =>
  forall (x y : O) (l l' : L), R x y -> p x = Some l -> p y = Some l' -> l = l').
Check (eq_refl : @closed = fun O A D R =>
  forall (x y : O) (a : A) x' y', R x y -> D x a x' -> D y a y' -> R x' y').
Check (eq_refl : @forced = fun O A D => @merged O A D (fun _ _ => False)).
Check (eq_refl : @only = fun O x y u v => u = x /\ v = y).
Check (eq_refl : @logged = fun O A triples o a o' => In (o, a, o') triples).
Check (eq_refl : @decides = fun O b R => forall x y : O, b x y = true <-> R x y).
Check (eq_refl : @listed = fun O b all => forall x y : O, b x y = true -> x = y \/ In x all).
Check (eq_refl : @is_finite = fun O all => forall x : O, In x all).
Check (eq_refl : @feasible = fun O A L D p =>
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L), data_zero_loss D p E T P).
Check (eq_refl : @told_apart = fun O A L D p x y =>
  forall (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    data_zero_loss D p E T P -> E x <> E y).
Check (eq_refl : @meet = fun O F x y => forall R : O -> O -> Prop, F R -> R x y).
Check (eq_refl : @join = fun O F =>
  Relation_Operators.clos_refl_trans O (fun x y => exists R, F R /\ R x y)).
Check (eq_refl : @congruence = fun O A f R =>
  Equivalence R /\ forall x y (a : A), R x y -> R (f x a) (f y a)).
Check (eq_refl : @suffices = fun O A L f p Pi =>
  forall R, admissible f p R -> forall x y : O, R x y -> Pi x y).
Check (eq_refl : @symmetry = fun O A f s => forall x a, f (s x) a = s (f x a)).
Check (eq_refl : stay = fun x _ => x).
Check (@three_ind :
  forall P : three -> Prop, P zero -> P one -> P two -> forall x : three, P x).
Check (eq_refl : walk = fun x _ => match x with zero => zero | one => two | two => two end).
Check (eq_refl : at_end = fun x => match x with two => true | _ => false end).
Check (eq_refl : action = fun m => {a : nat | (a < m)%nat}).
Check (eq_refl : triple = (nat * nat * nat)%type).
Check (eq_refl : table_closed = fun n m f =>
  forall o a, (o < n)%nat -> (a < m)%nat -> (f o a < n)%nat).
Check (eq_refl : table = fun m f o a => f o (proj1_sig a)).
Check (@merged_ind :
  forall (O A : Type) (D : O -> A -> O -> Prop) (S P : O -> O -> Prop),
  (forall x y : O, S x y -> P x y) ->
  (forall x : O, P x x) ->
  (forall x y : O, merged D S x y -> P x y -> P y x) ->
  (forall x y z : O, merged D S x y -> P x y -> merged D S y z -> P y z -> P x z) ->
  (forall (x y : O) (a : A) (x' y' : O),
   merged D S x y -> P x y -> D x a x' -> D y a y' -> P x' y') ->
  forall o o0 : O, merged D S o o0 -> P o o0).
Check (@Build_correct :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation : nat -> nat),
  table_closed n m successor ->
  (forall o : nat, (o < n)%nat -> (block o < k)%nat) ->
  (forall b : nat, (b < k)%nat -> exists o : nat, (o < n)%nat /\ block o = b) ->
  (forall i : nat, (i < k)%nat -> (order i < k)%nat) ->
  (forall i j : nat, (i < k)%nat -> (j < k)%nat -> order i = order j -> i = j) ->
  (forall b : nat, (b < k)%nat -> exists i : nat, (i < k)%nat /\ order i = b) ->
  (forall x y : nat,
   (x < n)%nat ->
   (y < n)%nat -> block x = block y <-> bisimilar (table m successor) label x y) ->
  (forall i j x y : nat,
   (j < i)%nat ->
   (i < k)%nat ->
   (x < n)%nat ->
   (y < n)%nat ->
   block x = order i ->
   block y = order j ->
   forall t : nat,
   k_bisimilar (table m successor) label t x y <->
   (forall s : nat, (j <= s < i)%nat -> (t < separation s)%nat)) ->
  correct n m successor label k block order separation).
Check (@Build_is_distance :
  forall (X : Type) (d : X -> X -> Q),
  (forall x : X, d x x == 0) ->
  (forall x y : X, 0 <= d x y) ->
  (forall x y : X, d x y == d y x) ->
  (forall x y z : X, d x z <= d x y + d y z) -> is_distance d).
Check (eq_refl : honest = fun n k block order separation place member distance =>
  (forall i, (i < k)%nat -> place (order i) = i) /\
  (forall b, (b < k)%nat -> (member b < n)%nat /\ block (member b) = b) /\
  (forall i j t, (j < i)%nat -> (i < k)%nat ->
    ((t < distance i j)%nat <-> forall s, (j <= s < i)%nat -> (t < separation s)%nat)) /\
  (forall i j, (j < i)%nat -> (i < k)%nat -> distance j i = distance i j)).
Check (eq_refl : read = fun c x => nth x c x).
Check (eq_refl : canonical = fun n c =>
  length c = n /\ forall x, (x < n)%nat -> (read c x <= x)%nat /\ read c (read c x) = read c x).
Check (eq_refl : seeded = fun seeds x y => In (x, y) seeds).
Check (eq_refl : row_list = fun rows source taken successor =>
  map (fun t => (source t, taken t, successor t)) (seq 0 rows)).
Check (eq_refl : known = fun n label o =>
  if (o <? n)%nat then match label o with 0%nat => None | S l => Some l end else None).
Check (eq_refl : within_rows = fun n rows source successor =>
  forall t, (t < rows)%nat -> (source t < n)%nat /\ (successor t < n)%nat).
Check (fun base k => (eq_refl, eq_refl, eq_refl, eq_refl) :
  (power base 0 = 1) * (power base (S k) = base * power base k) *
  (geometric base 0 = 0) * (geometric base (S k) = geometric base k + power base k)).
Check (fun (O A L : Type) (f : O -> A -> O) (p : O -> L) e eps delta Lip K actions i x y =>
  (eq_refl, eq_refl) :
    (margin f p e eps delta Lip K actions 0 x y =
      Qminmax.Qmax 0 ((e (p x) (p y) - delta x - delta y) / K)) *
    (margin f p e eps delta Lip K actions (S i) x y =
      fold_right (fun a best => Qminmax.Qmax best
        ((margin f p e eps delta Lip K actions i (f x a) (f y a) - eps x a - eps y a) / Lip a))
        (margin f p e eps delta Lip K actions i x y) actions)).
Check (fun separation i l => (eq_refl, eq_refl) :
  (least_separation separation i 0 = 0%nat) *
  (least_separation separation i (S l) =
    if (l =? 0)%nat then separation i
    else Nat.min (least_separation separation i l) (separation (i + l)%nat))).
