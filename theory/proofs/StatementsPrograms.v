(** * The main statements on programs, spelled out: checker, refinement, merging

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List RelationClasses QArith Qabs.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision.
From Tellapart Require Import Refinement Merging Feasibility Replay Refuted.

(** ** The certificate checker *)

Check (@accepts_sound :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation place member : nat -> nat)
    (distance : nat -> nat -> nat),
  accepts n m successor label k block order separation place member distance = true ->
  correct n m successor label k block order separation).

Check (@accepts_complete :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation place member : nat -> nat)
    (distance : nat -> nat -> nat),
  honest n k block order separation place member distance ->
  correct n m successor label k block order separation ->
  accepts n m successor label k block order separation place member distance = true).

Check (@check_decides :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation : nat -> nat),
  check n m successor label k block order separation = true <->
  correct n m successor label k block order separation).

Check (@accepts_word :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation place member : nat -> nat)
    (distance : nat -> nat -> nat),
  accepts n m successor label k block order separation place member distance = true ->
  forall i j x y : nat,
  (j < i)%nat ->
  (i < k)%nat ->
  (x < n)%nat ->
  (y < n)%nat ->
  block x = order i ->
  block y = order j ->
  exists w : list (action m),
    length w = least_separation separation j (i - j) /\
    label (run (table m successor) w x) <> label (run (table m successor) w y) /\
    (forall v : list (action m),
     label (run (table m successor) v x) <> label (run (table m successor) v y) ->
     (length w <= length v)%nat)).

Check (@accepts_no_collapse :
  forall (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
    (k : nat) (block order separation place member : nat -> nat)
    (distance : nat -> nat -> nat),
  accepts n m successor label k block order separation place member distance = true ->
  forall (Z : Type) (E : nat -> Z) (T : Z -> action m -> Z) (P : Z -> nat),
  zero_loss (table m successor) label E T P ->
  forall x y : nat, (x < n)%nat -> (y < n)%nat -> block x <> block y -> E x <> E y).

(** ** The partition refinement, and the merging of partial data *)

Check (@refine_correct :
  forall (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat),
  table_closed n m f ->
  forall x y : nat,
  (x < n)%nat ->
  (y < n)%nat ->
  read (refine n m f p) x = read (refine n m f p) y <-> bisimilar (table m f) p x y).

Check (@refine_canonical :
  forall (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat),
  table_closed n m f -> canonical n (refine n m f p)).

Check (@depth_bound :
  forall (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat),
  table_closed n m f ->
  forall x y : nat,
  (x < n)%nat ->
  (y < n)%nat ->
  bisimilar (table m f) p x y <-> k_bisimilar (table m f) p (n - n_labels n p) x y).

Check (@n_labels_counts :
  forall (n : nat) (p : nat -> nat),
  n_labels n p = length (nodup Nat.eq_dec (map p (seq 0 n)))).

Check (@merge_correct :
  forall (n : nat) (triples : list triple),
  (forall o a o' : nat, In (o, a, o') triples -> (o < n)%nat /\ (o' < n)%nat) ->
  forall seeds : list (nat * nat),
  (forall x y : nat, In (x, y) seeds -> (x < n)%nat /\ (y < n)%nat) ->
  canonical n (merge n triples seeds) /\
  (forall x y : nat,
   read (merge n triples seeds) x = read (merge n triples seeds) y <->
   merged (logged triples) (seeded seeds) x y)).

Check (@decide_feasible_correct :
  forall (n : nat) (triples : list triple),
  (forall o a o' : nat, In (o, a, o') triples -> (o < n)%nat /\ (o' < n)%nat) ->
  forall p : nat -> option nat,
  (forall x l : nat, p x = Some l -> (x < n)%nat) ->
  decide_feasible n triples p = true <-> feasible (logged triples) p).

Check (@decide_told_apart_correct :
  forall (n : nat) (triples : list triple),
  (forall o a o' : nat, In (o, a, o') triples -> (o < n)%nat /\ (o' < n)%nat) ->
  forall p : nat -> option nat,
  (forall x l : nat, p x = Some l -> (x < n)%nat) ->
  forall x y : nat,
  (x < n)%nat ->
  (y < n)%nat ->
  decide_told_apart n triples p x y = true <-> told_apart (logged triples) p x y).

Check (@replay_sound :
  forall (n : nat) (triples : list triple),
  (forall o a o' : nat, In (o, a, o') triples -> (o < n)%nat /\ (o' < n)%nat) ->
  forall seeds : list (nat * nat),
  (forall x y : nat, In (x, y) seeds -> (x < n)%nat /\ (y < n)%nat) ->
  forall (claim : list nat) (steps : list (triple * triple)),
  accepts_merges n triples seeds claim steps = true ->
  forall x y : nat,
  (x < n)%nat ->
  (y < n)%nat ->
  read claim x = read claim y <-> merged (logged triples) (seeded seeds) x y).

Check (@replay_complete :
  forall (n : nat) (triples : list triple),
  (forall o a o' : nat, In (o, a, o') triples -> (o < n)%nat /\ (o' < n)%nat) ->
  forall seeds : list (nat * nat),
  (forall x y : nat, In (x, y) seeds -> (x < n)%nat /\ (y < n)%nat) ->
  forall claim : list nat,
  canonical n claim ->
  (forall x y : nat,
   (x < n)%nat ->
   (y < n)%nat ->
   read claim x = read claim y <-> merged (logged triples) (seeded seeds) x y) ->
  exists steps : list (triple * triple),
    accepts_merges n triples seeds claim steps = true).
