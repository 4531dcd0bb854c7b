(** * Systems given by tables, and loops over them

    Informal statement.  Observations are [0 .. n-1], actions [0 .. m-1], labels are numbers.  The
    tables come in as functions; what they say outside their range does not matter, because the
    actions of the system are the numbers below [m] and the successors of observations below [n]
    stay below [n] ([table_closed]).

    Main definitions: [forall_below], [exists_below], [first_below] (the loops that are
    executed), [action], [table], [within].

    Main statements: [forall_below_spec], [exists_below_spec], [first_below_spec],
    [k_bisimilar_table], [bisimilar_table]. *)

From Coq Require Import Arith Lia List Peano_dec.
From Tellapart Require Import Systems.
Import ListNotations.

(** [b &&& c] looks at [c] only when [b] is true, also after extraction to a strict language. *)
Notation "b &&& c" := (if b then c else false) (at level 40, left associativity).

(** ** Loops *)

Fixpoint forall_below (n : nat) (test : nat -> bool) : bool :=
  match n with
  | 0 => true
  | S i => if test i then forall_below i test else false
  end.

Fixpoint exists_below (n : nat) (test : nat -> bool) : bool :=
  match n with
  | 0 => false
  | S i => if test i then true else exists_below i test
  end.

(** The least number below [n] that passes; [n] when there is none. *)
Fixpoint first_below (n : nat) (test : nat -> bool) : nat :=
  match n with
  | 0 => 0
  | S i => let j := first_below i test in if j <? i then j else if test i then i else n
  end.

Theorem forall_below_spec n test :
  forall_below n test = true <-> forall i, i < n -> test i = true.
Proof.
  induction n as [|n IH]; simpl; [split; [lia|reflexivity]|].
  destruct (test n) eqn:Hn; [rewrite IH|].
  - split; intros H i Hi; [destruct (Nat.eq_dec i n) as [->|]; [exact Hn|]|]; apply H; lia.
  - split; [discriminate|]. intro H. rewrite H in Hn by lia. discriminate.
Qed.

Theorem exists_below_spec n test :
  exists_below n test = true <-> exists i, i < n /\ test i = true.
Proof.
  induction n as [|n IH]; simpl.
  - split; [discriminate|]. intros [i [Hi _]]. lia.
  - destruct (test n) eqn:Hn; [split; [exists n; auto|auto]|rewrite IH].
    split; intros [i [Hi Ht]]; [exists i; auto|].
    exists i. split; [|exact Ht]. destruct (Nat.eq_dec i n) as [->|]; [congruence|lia].
Qed.

Theorem first_below_spec n test :
  (forall i, i < first_below n test -> test i = false) /\
  (first_below n test < n -> test (first_below n test) = true) /\
  first_below n test <= n.
Proof.
  induction n as [|n [Hbefore [Hat Hle]]]; [simpl; repeat split; lia|].
  cbn [first_below]. set (j := first_below n test) in *.
  destruct (Nat.ltb_spec j n) as [Hj|Hj].
  - split; [exact Hbefore|split; [auto|lia]].
  - assert (j = n) as Hjn by lia.
    destruct (test n) eqn:Hn.
    + split; [intros i Hi; apply Hbefore; lia|split; [auto|lia]].
    + split; [|split; lia]. intros i Hi.
      destruct (Nat.eq_dec i n) as [->|]; [exact Hn|apply Hbefore; lia].
Qed.

Lemma first_below_found n test i :
  i < n -> test i = true -> first_below n test <= i /\ test (first_below n test) = true.
Proof.
  intros Hi Ht. destruct (first_below_spec n test) as [Hbefore [Hat _]].
  destruct (Nat.le_gt_cases (first_below n test) i) as [H|H].
  - split; [exact H|]. apply Hat. lia.
  - rewrite (Hbefore i H) in Ht. discriminate.
Qed.

(** The first number depends on the answers only. *)
Lemma first_below_ext n test test' :
  (forall i, i < n -> test i = test' i) -> first_below n test = first_below n test'.
Proof.
  induction n as [|n IH]; intro H; [reflexivity|]. cbn [first_below].
  rewrite (IH (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))), (H n (Nat.lt_succ_diag_r n)).
  reflexivity.
Qed.

(** ** Tables as systems *)

Definition action (m : nat) : Type := {a : nat | a < m}.

Definition table (m : nat) (f : nat -> nat -> nat) (o : nat) (a : action m) : nat :=
  f o (proj1_sig a).

Definition table_closed (n m : nat) (f : nat -> nat -> nat) : Prop :=
  forall o a, o < n -> a < m -> f o a < n.

(** All actions, as a list. *)
Definition table_actions (m : nat) : list (action m) :=
  flat_map (fun a => match lt_dec a m with left H => [exist _ a H] | right _ => [] end) (seq 0 m).

Theorem table_actions_all m (a : action m) : In a (table_actions m).
Proof.
  destruct a as [a Ha]. apply in_flat_map. exists a. split; [apply in_seq; lia|].
  destruct (lt_dec a m) as [H|]; [|contradiction]. left. f_equal. apply le_unique.
Qed.

(** Observations that the table has. *)
Definition within (n : nat) (R : nat -> nat -> Prop) (x y : nat) : Prop := x < n /\ y < n /\ R x y.

Section Tables.

Context (n m : nat) (f : nat -> nat -> nat) (p : nat -> nat).

Lemma forall_actions (Q : nat -> Prop) :
  (forall a : action m, Q (proj1_sig a)) <-> (forall a, a < m -> Q a).
Proof.
  split; [intros H a Ha; exact (H (exist _ a Ha))|]. intros H [a Ha]. exact (H a Ha).
Qed.

Theorem k_bisimilar_table k x y :
  k_bisimilar (table m f) p (S k) x y <->
  p x = p y /\ forall a, a < m -> k_bisimilar (table m f) p k (f x a) (f y a).
Proof.
  simpl. unfold table at 2 3.
  rewrite (forall_actions (fun a => k_bisimilar (table m f) p k (f x a) (f y a))). reflexivity.
Qed.

(** A relation between observations of the table needs to be looked at there only. *)
Theorem bisimilar_table (R : nat -> nat -> Prop) :
  table_closed n m f ->
  (forall x y, x < n -> y < n -> R x y ->
    p x = p y /\ forall a, a < m -> R (f x a) (f y a)) ->
  forall x y, x < n -> y < n -> R x y -> bisimilar (table m f) p x y.
Proof.
  intros Hclosed HR x y Hx Hy Hxy. exists (within n R). split; [|repeat split; assumption].
  intros u v (Hu & Hv & Huv). destruct (HR u v Hu Hv Huv) as [Hp Hf]. split; [exact Hp|].
  intros [a Ha]. unfold table. simpl. repeat split; auto.
Qed.

End Tables.
