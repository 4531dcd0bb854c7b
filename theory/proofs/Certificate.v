(** * Certificates of bisimilarity, and the checker that is executed

    Informal statement.  A certificate gives the block of every observation, the blocks in an
    order, and a number for each two neighbours in that order.  It is correct when the blocks are
    bisimilarity, and the smallest number between two blocks is the exact depth at which they are
    first separated ([correct]).

    The checker compares all pairs of blocks with Bellman's equation for the depth: 0 when the
    labels differ, otherwise one more than the least depth to which an action leads.  It is given
    three tables of hints that save it searches: the place of each block in the order, a member of
    each block, and the depths of all pairs.  [check] computes the hints by itself.

    Main definitions: [correct], [accepts], [honest], [check].  This file is extracted; that the
    checker accepts iff the certificate is correct is proved in [Checker.v] and [Decision.v]. *)

From Coq Require Import Arith.
From Tellapart Require Import Systems Tables.

Section Certificate.

(** The system: [n] observations, [m] actions, successors, labels. *)
Context (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat).

(** The certificate: [k] blocks, the block of an observation, the block at a position of the
    order, the number between position [i] and [i + 1]. *)
Context (k : nat) (block order separation : nat -> nat).

(** ** What a correct certificate is *)

Record correct : Prop := {
  successors_exist : table_closed n m successor;
  blocks_exist : forall o, o < n -> block o < k;
  blocks_used : forall b, b < k -> exists o, o < n /\ block o = b;
  order_exists : forall i, i < k -> order i < k;
  order_once : forall i j, i < k -> j < k -> order i = order j -> i = j;
  order_all : forall b, b < k -> exists i, i < k /\ order i = b;
  blocks_are_bisimilarity : forall x y, x < n -> y < n ->
    (block x = block y <-> bisimilar (table m successor) label x y);
  separations_are_depths : forall i j x y, j < i -> i < k -> x < n -> y < n ->
    block x = order i -> block y = order j ->
    forall t, k_bisimilar (table m successor) label t x y <->
      (forall s, j <= s < i -> t < separation s)
}.

(** ** The checker *)

(** The hints: position of a block, member of a block, depth at which two positions separate. *)
Context (place member : nat -> nat) (distance : nat -> nat -> nat).

Definition closed_tables : bool :=
  forall_below n (fun o => (block o <? k) &&& forall_below m (fun a => successor o a <? n)).

Definition order_is_permutation : bool :=
  forall_below k (fun i =>
    (order i <? k) &&& (place (order i) =? i) &&& (place i <? k) &&& (order (place i) =? i)).

Definition members_belong : bool :=
  forall_below k (fun b => (member b <? n) &&& (block (member b) =? b)).

(** Each observation does as the member of its block does. *)
Definition blocks_are_stable : bool :=
  forall_below n (fun o =>
    let r := member (block o) in
    (label o =? label r) &&&
    forall_below m (fun a => block (successor o a) =? block (successor r a))).

(** [distance i j] is the least separation between the positions [i] and [j]. *)
Definition distances_are_minima : bool :=
  forall_below k (fun i => forall_below i (fun j =>
    (distance j i =? distance i j) &&&
    (distance i j =?
      (if S j =? i then separation j else Nat.min (distance (pred i) j) (separation (pred i)))))).

(** Where an action leads from the block at a position. *)
Definition target (i a : nat) : nat := place (block (successor (member (order i)) a)).

(** The least depth to which an action leads two positions is [r]. *)
Definition least_target (r i j : nat) : bool :=
  forall_below m (fun a =>
    let u := target i a in let v := target j a in
    if u =? v then true else r <=? distance u v) &&&
  exists_below m (fun a =>
    let u := target i a in let v := target j a in
    if u =? v then false else distance u v =? r).

Definition depth_equation (i j : nat) : bool :=
  if label (member (order i)) =? label (member (order j))
  then match distance i j with 0 => false | S r => least_target r i j end
  else distance i j =? 0.

Definition depths_hold : bool :=
  forall_below k (fun i => forall_below i (fun j => depth_equation i j)).

Definition accepts : bool :=
  closed_tables &&& order_is_permutation &&& members_belong &&& blocks_are_stable
  &&& distances_are_minima &&& depths_hold.

(** Hints that describe the certificate truthfully. *)
Definition honest : Prop :=
  (forall i, i < k -> place (order i) = i) /\
  (forall b, b < k -> member b < n /\ block (member b) = b) /\
  (forall i j t, j < i -> i < k ->
    (t < distance i j <-> forall s, j <= s < i -> t < separation s)) /\
  (forall i j, j < i -> i < k -> distance j i = distance i j).

End Certificate.

Arguments successors_exist {n m successor label k block order separation}.
Arguments blocks_exist {n m successor label k block order separation}.
Arguments blocks_used {n m successor label k block order separation}.
Arguments order_exists {n m successor label k block order separation}.
Arguments order_once {n m successor label k block order separation}.
Arguments order_all {n m successor label k block order separation}.
Arguments blocks_are_bisimilarity {n m successor label k block order separation}.
Arguments separations_are_depths {n m successor label k block order separation}.

(** ** Hints computed from the certificate *)

Section Hints.

Context (n k : nat) (block order separation : nat -> nat).

Definition place_of (b : nat) : nat := first_below k (fun i => order i =? b).

Definition member_of (b : nat) : nat := first_below n (fun o => block o =? b).

(** The least of [length] separations from position [i] on. *)
Fixpoint least_separation (i length : nat) : nat :=
  match length with
  | 0 => 0
  | S l => if l =? 0 then separation i else Nat.min (least_separation i l) (separation (i + l))
  end.

Definition distance_of (i j : nat) : nat :=
  least_separation (Nat.min i j) (Nat.max i j - Nat.min i j).

End Hints.

(** Decides correctness with nothing but the system and the certificate. *)
Definition check (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation : nat -> nat) : bool :=
  accepts n m successor label k block order separation
    (place_of k order) (member_of n block) (distance_of separation).
