(** * The main statements on certificates for logged data, spelled out

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v]. *)

From Coq Require Import List Arith.
From Tellapart Require Import Systems Data DataCertificate DataChecker DataDecision.

(** ** What is accepted is true *)

Check (@accepts_model_iff :
  forall (n rows : nat) (source taken successor label code : nat -> nat)
    (lead : nat -> nat -> nat) (head : nat -> nat),
  accepts_model n rows source taken successor label code lead head = true <->
  within_rows n rows source successor /\
  data_zero_loss (logged (row_list rows source taken successor)) (known n label) code lead head).

Check (@model_feasible :
  forall (n rows : nat) (source taken successor label code : nat -> nat)
    (lead : nat -> nat -> nat) (head : nat -> nat),
  accepts_model n rows source taken successor label code lead head = true ->
  feasible (logged (row_list rows source taken successor)) (known n label)).

Check (@model_not_apart :
  forall (n rows : nat) (source taken successor label code : nat -> nat)
    (lead : nat -> nat -> nat) (head : nat -> nat) (x y : nat),
  accepts_model n rows source taken successor label code lead head = true ->
  code x = code y ->
  ~ told_apart (logged (row_list rows source taken successor)) (known n label) x y).

Check (@clash_sound :
  forall (n rows : nat) (source taken successor : nat -> nat) (u v steps : nat)
    (first second : nat -> nat) (block : nat -> nat -> nat) (label : nat -> nat) (x y : nat),
  accepts_clash n rows source taken successor label u v steps first second block x y = true ->
  told_apart (logged (row_list rows source taken successor)) (known n label) u v).

Check (@clash_infeasible :
  forall (n rows : nat) (source taken successor : nat -> nat) (u v steps : nat)
    (first second : nat -> nat) (block : nat -> nat -> nat) (label : nat -> nat) (x y : nat),
  accepts_clash n rows source taken successor label u v steps first second block x y = true ->
  u = v -> ~ feasible (logged (row_list rows source taken successor)) (known n label)).

Check (@forced_sound :
  forall (n rows : nat) (source taken successor : nat -> nat) (u v steps : nat)
    (first second : nat -> nat) (block : nat -> nat -> nat) (code least : nat -> nat)
    (lead : nat -> nat -> nat),
  accepts_forced n rows source taken successor u v steps first second block code least lead
    = true ->
  forall x y : nat, x < n -> y < n ->
  (code x = code y <-> merged (logged (row_list rows source taken successor)) (only u v) x y)).

Check (@forced_exactly :
  forall (n rows : nat) (source taken successor : nat -> nat) (u steps : nat)
    (first second : nat -> nat) (block : nat -> nat -> nat) (code least : nat -> nat)
    (lead : nat -> nat -> nat),
  accepts_forced n rows source taken successor u u steps first second block code least lead
    = true ->
  forall x y : nat, x < n -> y < n ->
  (code x = code y <-> forced (logged (row_list rows source taken successor)) x y)).

(** ** What is true has a certificate that is accepted *)

Check (@model_complete :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall u v : nat, u < n -> v < n ->
  ~ told_apart (logged (row_list rows source taken successor)) (known n label) u v ->
  exists (code : nat -> nat) (lead : nat -> nat -> nat) (head : nat -> nat),
    accepts_model n rows source taken successor label code lead head = true /\ code u = code v).

Check (@clash_complete :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall u v : nat, u < n -> v < n ->
  told_apart (logged (row_list rows source taken successor)) (known n label) u v ->
  exists (steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat) (x y : nat),
    accepts_clash n rows source taken successor label u v steps first second block x y = true).

Check (@forced_complete :
  forall (n rows : nat) (source taken successor : nat -> nat),
  within_rows n rows source successor ->
  forall u v : nat, u < n -> v < n ->
  forall code : nat -> nat,
  (forall x y : nat, x < n -> y < n ->
   (code x = code y <-> merged (logged (row_list rows source taken successor)) (only u v) x y)) ->
  exists (steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat)
    (least : nat -> nat) (lead : nat -> nat -> nat),
    accepts_forced n rows source taken successor u v steps first second block code least lead
      = true).

Check (@told_apart_certified :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall u v : nat, u < n -> v < n ->
  told_apart (logged (row_list rows source taken successor)) (known n label) u v <->
  exists (steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat) (x y : nat),
    accepts_clash n rows source taken successor label u v steps first second block x y = true).

Check (@not_apart_certified :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall u v : nat, u < n -> v < n ->
  ~ told_apart (logged (row_list rows source taken successor)) (known n label) u v <->
  exists (code : nat -> nat) (lead : nat -> nat -> nat) (head : nat -> nat),
    accepts_model n rows source taken successor label code lead head = true /\ code u = code v).

Check (@feasible_certified :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall o : nat, o < n ->
  feasible (logged (row_list rows source taken successor)) (known n label) <->
  exists (code : nat -> nat) (lead : nat -> nat -> nat) (head : nat -> nat),
    accepts_model n rows source taken successor label code lead head = true).

Check (@infeasible_certified :
  forall (n rows : nat) (source taken successor label : nat -> nat),
  within_rows n rows source successor ->
  forall o : nat, o < n ->
  ~ feasible (logged (row_list rows source taken successor)) (known n label) <->
  exists (steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat) (x y : nat),
    accepts_clash n rows source taken successor label o o steps first second block x y = true).
