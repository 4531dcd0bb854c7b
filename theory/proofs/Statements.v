(** * The main statements on exact losses, spelled out (D3, S1 to S9)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List RelationClasses QArith Qabs.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision.
From Tellapart Require Import Refinement Merging Feasibility Replay Refuted.

(** ** D3: bisimilarity *)

Check (@bisimilar_is_bisimulation :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L),
  is_bisimulation f p (bisimilar f p)).

Check (@bisimilar_greatest :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  is_bisimulation f p R -> forall x y : O, R x y -> bisimilar f p x y).

Check (@bisimilar_equivalence :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L), Equivalence (bisimilar f p)).

Check (@bisimilar_k :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  bisimilar f p x y <-> (forall k : nat, k_bisimilar f p k x y)).

Check (@k_bisimilar_down :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (k : nat) (x y : O),
  k_bisimilar f p (S k) x y -> k_bisimilar f p k x y).

(** ** S1: the kernels of zero-loss models are the admissible equivalences *)

Check (@realised_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  realised f p R -> admissible f p R).

Check (@quotient_zero_loss :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop) (c : O -> O),
  admissible f p R ->
  representatives R c -> zero_loss f p c (fun (z : O) (a : A) => c (f z a)) p).

Check (@characterisation :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop) (c : O -> O),
  representatives R c -> realised f p R <-> admissible f p R).

Check (@finite_representatives :
  forall (O : Type) (R : O -> O -> Prop) (b : O -> O -> bool) (all : list O),
  Equivalence R -> decides b R -> listed b all -> representatives R (first_member b all)).

Check (@finite_characterisation :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop)
    (b : O -> O -> bool) (all : list O),
  is_finite O all -> decides b R -> realised f p R <-> admissible f p R).

Check (@data_kernel_admissible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  data_zero_loss D p E T P -> data_admissible D p (kernel E)).

Check (@data_realised_iff :
  forall (O A L : Type) (triples : list (O * A * O)) (p : O -> option L),
  L ->
  forall same_action : A -> A -> bool,
  (forall a b : A, same_action a b = true <-> a = b) ->
  forall all : list O,
  (forall (x : O) (l : L), p x = Some l -> In x all) ->
  forall (R : O -> O -> Prop) (b : O -> O -> bool),
  decides b R ->
  listed b all ->
  data_realised (logged triples) p R <-> data_admissible (logged triples) p R).

Check (@total_data_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  data_admissible (fun (o : O) (a : A) (o' : O) => f o a = o')
    (fun o : O => Some (p o)) R <-> admissible f p R).

(** ** S2: forced merges and feasibility *)

Check (@merged_equivalence :
  forall (O A : Type) (D : O -> A -> O -> Prop) (S : O -> O -> Prop),
  Equivalence (merged D S)).

Check (@merged_closed :
  forall (O A : Type) (D : O -> A -> O -> Prop) (S : O -> O -> Prop),
  closed D (merged D S)).

Check (@merged_least :
  forall (O A : Type) (D : O -> A -> O -> Prop) (S R : O -> O -> Prop),
  Equivalence R ->
  closed D R ->
  (forall x y : O, S x y -> R x y) -> forall x y : O, merged D S x y -> R x y).

Check (@forced_below :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (R : O -> O -> Prop), data_admissible D p R -> forall x y : O, forced D x y -> R x y).

Check (@intersection_admissible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (R S : O -> O -> Prop),
  data_admissible D p R ->
  data_admissible D p S -> data_admissible D p (fun x y : O => R x y /\ S x y)).

Check (@feasible_respects :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  feasible D p -> respects_labels p (forced D)).

Check (@feasible_iff :
  forall (O A L : Type) (triples : list (O * A * O)) (p : O -> option L),
  L ->
  forall same_action : A -> A -> bool,
  (forall a b : A, same_action a b = true <-> a = b) ->
  forall all : list O,
  (forall (x : O) (l : L), p x = Some l -> In x all) ->
  forall b : O -> O -> bool,
  decides b (forced (logged triples)) ->
  listed b all ->
  feasible (logged triples) p <-> respects_labels p (forced (logged triples))).

Check (@total_forced_identity :
  forall (O A : Type) (f : O -> A -> O) (x y : O),
  forced (fun (o : O) (a : A) (o' : O) => f o a = o') x y <-> x = y).

(** ** S3: pairs that every zero-loss encoder tells apart *)

Check (@clash_told_apart :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L) (x y : O),
  ~ respects_labels p (merged D (only x y)) -> told_apart D p x y).

Check (@told_apart_iff :
  forall (O A L : Type) (triples : list (O * A * O)) (p : O -> option L),
  L ->
  forall same_action : A -> A -> bool,
  (forall a b : A, same_action a b = true <-> a = b) ->
  forall all : list O,
  (forall (x : O) (l : L), p x = Some l -> In x all) ->
  forall (b : O -> O -> bool) (x y : O),
  decides b (merged (logged triples) (only x y)) ->
  listed b all ->
  told_apart (logged triples) p x y <->
  ~ respects_labels p (merged (logged triples) (only x y))).

(** ** S4: no unhealthy representation collapse *)

Check (@kernel_admissible :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L), zero_loss f p E T P -> admissible f p (kernel E)).

Check (@no_unhealthy_collapse :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L),
  zero_loss f p E T P -> forall x y : O, ~ bisimilar f p x y -> E x <> E y).

(** ** S5: the lattice *)

Check (@identity_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L), admissible f p eq).

Check (@bisimilar_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L), admissible f p (bisimilar f p)).

Check (@admissible_below_bisimilar :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  admissible f p R ->
  (forall x : O, R x x) /\ (forall x y : O, R x y -> bisimilar f p x y)).

Check (@meet_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (F : (O -> O -> Prop) -> Prop),
  (exists R : O -> O -> Prop, F R) ->
  (forall R : O -> O -> Prop, F R -> admissible f p R) -> admissible f p (meet F)).

Check (@join_admissible :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (F : (O -> O -> Prop) -> Prop),
  (forall R : O -> O -> Prop, F R -> admissible f p R) -> admissible f p (join F)).

Check (@join_least :
  forall (O : Type) (F : (O -> O -> Prop) -> Prop) (S : O -> O -> Prop),
  Equivalence S ->
  (forall R : O -> O -> Prop, F R -> forall x y : O, R x y -> S x y) ->
  forall x y : O, join F x y -> S x y).

(** ** S7: words and depth *)

Check (@bisimilar_iff_words :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  bisimilar f p x y <-> (forall w : list A, p (run f w x) = p (run f w y))).

Check (@k_bisimilar_iff_words :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (k : nat) (x y : O),
  k_bisimilar f p k x y <->
  (forall w : list A, (length w <= k)%nat -> p (run f w x) = p (run f w y))).

Check (@depth_zero :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  (~ k_bisimilar f p 0 x y <-> p x <> p y) /\
  (p x <> p y <-> p (run f nil x) <> p (run f nil y))).

Check (@distinguishing_word :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (actions : list A),
  (forall a : A, In a actions) ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  forall (k : nat) (x y : O),
  ~ k_bisimilar f p k x y ->
  exists w : list A, (length w <= k)%nat /\ p (run f w x) <> p (run f w y)).

Check (@first_separated :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (actions : list A),
  (forall a : A, In a actions) ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  forall (k : nat) (x y : O),
  k_bisimilar f p k x y ->
  ~ k_bisimilar f p (S k) x y ->
  (exists w : list A, length w = S k /\ p (run f w x) <> p (run f w y)) /\
  (forall v : list A, p (run f v x) <> p (run f v y) -> (S k <= length v)%nat)).

(** ** S8: what each hypothesis is for *)

Check (@constant_dynamics :
  forall (O A : Type) (f : O -> A -> O),
  zero_dynamics f (fun _ : O => tt) (fun (_ : unit) (_ : A) => tt)).

Check (@dynamics_realised :
  forall (O A : Type) (f : O -> A -> O) (R : O -> O -> Prop) (c : O -> O),
  representatives R c ->
  (exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z),
     zero_dynamics f E T /\ (forall x y : O, kernel E x y <-> R x y)) <->
  congruence f R).

Check (@auxiliary_realised :
  forall (O L : Type) (p : O -> L) (R : O -> O -> Prop) (c : O -> O),
  representatives R c ->
  (exists (Z : Type) (E : O -> Z) (P : Z -> L),
     zero_auxiliary p E P /\ (forall x y : O, kernel E x y <-> R x y)) <->
  Equivalence R /\ (forall x y : O, R x y -> p x = p y)).

Check (@one_observation_enough :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L),
  (forall x y : O, x = y) -> forall x y : O, bisimilar f p x y).

Check (@two_observations_enough :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (Z : Type)
    (u v : O) (E : O -> Z) (P : Z -> L),
  (forall x : O, x = u \/ x = v) ->
  zero_auxiliary p E P -> forall x y : O, ~ bisimilar f p x y -> E x <> E y).

Check (@auxiliary_loss_needed :
  ~ bisimilar stay (fun x : bool => x) true false /\
  (exists (E : bool -> unit) (T : unit -> unit -> unit),
     zero_dynamics stay E T /\ E true = E false)).

Check (@dynamics_loss_needed :
  ~ bisimilar walk at_end zero one /\
  (exists (E : three -> bool) (P : bool -> bool),
     zero_auxiliary at_end E P /\ E zero = E one)).

Check (@coverage_needed :
  ~ bisimilar walk at_end zero one /\
  (exists (E : three -> bool) (T : bool -> unit -> bool) (P : bool -> bool),
     data_zero_loss
       (fun (o : three) (_ : unit) (o' : three) => o <> one /\ walk o tt = o')
       (fun o : three => Some (at_end o)) E T P /\ E zero = E one)).

Check (@determinism_needed :
  ~ feasible (fun (_ : bool) (_ : unit) (_ : bool) => True) (fun o : bool => Some o)).

Check (@action_needed :
  ~
  (exists (Z : Type) (E : bool -> Z) (T : Z -> Z) (P : Z -> bool),
     zero_loss (fun _ a : bool => a) (fun o : bool => o) E
       (fun (z : Z) (_ : bool) => T z) P)).

Check (@constant_label_promises_nothing :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (l : L),
  (forall x : O, p x = l) -> forall x y : O, bisimilar f p x y).

Check (@exact_zero_needed :
  forall s : Q,
  0 < s ->
  exists (E : three -> Q) (T : Q -> unit -> Q) (P : Q -> bool),
    zero_auxiliary at_end E P /\
    (forall (o : three) (a : unit), Qabs (T (E o) a - E (walk o a)) <= s) /\
    E zero = E one).

(** ** S9: labels that suffice, and symmetry *)

Check (@suffices_iff :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (Pi : O -> O -> Prop),
  suffices f p Pi <-> (forall x y : O, bisimilar f p x y -> Pi x y)).

Check (@symmetric_bisimilar :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (s : O -> O),
  symmetry f s -> (forall x : O, p (s x) = p x) -> forall x : O, bisimilar f p x (s x)).

Check (@symmetry_obstruction :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (s : O -> O)
    (Pi : O -> O -> Prop) (x : O),
  symmetry f s -> (forall u : O, p (s u) = p u) -> ~ Pi x (s x) -> ~ suffices f p Pi).
