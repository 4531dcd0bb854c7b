(** * Certificates for logged data, and the checkers that are executed

    Informal statement.  The data are rows (source, action taken, successor) and labels; label 0 is
    "not known", label [S l] is [l].  Two kinds of certificates decide what zero-loss encoders may
    do.  A model: codes of the observations, where an action leads from a code, and the label that
    is read off a code; it has zero loss ([accepts_model]).  A replay: a list of steps, each with
    two rows whose sources share a block and whose actions are equal, so that their successors share
    one; it starts with the pair [u], [v] in one block, and [u = v] supposes nothing.  If it ends
    with two different labels in one block, [u] and [v] are told apart by every zero-loss encoder
    ([accepts_clash]); if nothing is left to merge, its end is the forced partition
    ([accepts_forced]).

    The replay is given the blocks after every step as a table of hints; each column is compared
    with the one before.

    Main definitions: [accepts_model], [accepts_clash], [accepts_forced].  This file is extracted;
    that the checkers are sound and complete is proved in [DataChecker.v] and [DataDecision.v]. *)

From Coq Require Import Arith.
From Tellapart Require Import Tables.

Section DataCertificate.

(** The data: [n] observations; [rows] transitions; labels. *)
Context (n rows : nat) (source taken successor label : nat -> nat).

Definition rows_exist : bool :=
  forall_below rows (fun t => (source t <? n) &&& (successor t <? n)).

(** ** A model *)

Definition follows_rows (code : nat -> nat) (lead : nat -> nat -> nat) : bool :=
  forall_below rows (fun t => lead (code (source t)) (taken t) =? code (successor t)).

Definition reads_labels (code head : nat -> nat) : bool :=
  forall_below n (fun o => if label o =? 0 then true else label o =? S (head (code o))).

Definition accepts_model (code : nat -> nat) (lead : nat -> nat -> nat) (head : nat -> nat)
    : bool :=
  rows_exist &&& follows_rows code lead &&& reads_labels code head.

(** ** A replay *)

(** Blocks [r] and [r'] become one, named by the smaller one. *)
Definition joined (r r' b : nat) : nat :=
  if b =? r then Nat.min r r' else if b =? r' then Nat.min r r' else b.

(** The pair; the rows of each step; the block of each observation after so many steps. *)
Context (u v steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat).

Definition starts_with_pair : bool :=
  (u <? n) &&& (v <? n) &&& forall_below n (fun o => block 0 o =? joined u v o).

Definition joins (i r r' : nat) : bool :=
  forall_below n (fun o => block (S i) o =? joined r r' (block i o)).

Definition step_holds (i s t : nat) : bool :=
  (s <? rows) &&& (t <? rows) &&& (taken s =? taken t) &&&
  (block i (source s) =? block i (source t)) &&&
  joins i (block i (successor s)) (block i (successor t)).

Definition accepts_replay : bool :=
  rows_exist &&& starts_with_pair &&&
  forall_below steps (fun i => step_holds i (first i) (second i)).

Definition is_known (number : nat) : bool := pred number <? number.

(** Two observations in one block at the end have different labels. *)
Definition labels_clash (x y : nat) : bool :=
  (x <? n) &&& (y <? n) &&& (block steps x =? block steps y) &&&
  is_known (label x) &&& is_known (label y) &&&
  (if label x <? label y then true else label y <? label x).

Definition accepts_clash (x y : nat) : bool := accepts_replay &&& labels_clash x y.

(** The claimed codes and the blocks at the end are one partition: [least] names the block of a
    code. *)
Definition same_partition (code least : nat -> nat) : bool :=
  forall_below n (fun o =>
    (least (code o) =? block steps o) &&& (code (block steps o) =? code o)).

Definition accepts_forced (code least : nat -> nat) (lead : nat -> nat -> nat) : bool :=
  accepts_replay &&& same_partition code least &&& follows_rows code lead.

End DataCertificate.
