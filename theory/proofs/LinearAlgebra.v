(** * More than d vectors of d coordinates are dependent (for S12)

    Informal statement.  Families of functions with rational values are dependent when some
    combination, not all of whose coefficients are zero, vanishes everywhere.  More than [d]
    combinations of [d] functions are dependent.  A function that becomes dependent with an
    independent family is a combination of it.

    Main definitions: [combination], [dependent].

    Main statements: [too_many], [combinations_dependent], [in_the_span]. *)

From Coq Require Import Arith List QArith Lqa Lia.
From Tellapart Require Import LeastSquares.
Import ListNotations.
Local Open Scope Q_scope.

(** [c 0 * v 0 + .. + c (n - 1) * v (n - 1)]. *)
Definition combination (n : nat) (c v : nat -> Q) : Q :=
  total_of (seq 0 n) (fun k => c k * v k).

Definition dependent {X : Type} (n : nat) (v : nat -> X -> Q) : Prop :=
  exists c : nat -> Q, (exists k, (k < n)%nat /\ ~ c k == 0) /\
    forall x, combination n c (fun k => v k x) == 0.

(** ** Sums over numbers *)

Lemma total_app {X : Type} (xs ys : list X) F :
  total_of (xs ++ ys) F == total_of xs F + total_of ys F.
Proof. induction xs as [|x rest IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma total_map {X Y : Type} (g : X -> Y) xs F :
  total_of (map g xs) F == total_of xs (fun x => F (g x)).
Proof. induction xs as [|x rest IH]; simpl; [reflexivity|]. rewrite IH. reflexivity. Qed.

Lemma total_none {X : Type} (xs : list X) F :
  (forall x, In x xs -> F x == 0) -> total_of xs F == 0.
Proof.
  intro H. rewrite (total_ext xs F (fun _ => 0 * 0) H), total_scale. ring.
Qed.

Lemma combination_ext n c c' v v' :
  (forall k, (k < n)%nat -> c k * v k == c' k * v' k) -> combination n c v == combination n c' v'.
Proof. intro H. apply total_ext. intros k Hk. apply in_seq in Hk. apply H, Hk. Qed.

Lemma combination_last n c v : combination (S n) c v == combination n c v + c n * v n.
Proof. unfold combination. rewrite seq_S, total_app. simpl. ring. Qed.

(** Terms beyond [r] that are zero do not count. *)
Lemma combination_cut r d c v :
  (r <= d)%nat -> (forall k, (r <= k)%nat -> c k * v k == 0) ->
  combination d c v == combination r c v.
Proof.
  intros Hrd Hzero. unfold combination. replace d with (r + (d - r))%nat by lia.
  rewrite seq_app, total_app, (total_none (seq (0 + r) (d - r))); [ring|].
  intros k Hk. apply in_seq in Hk. apply Hzero. lia.
Qed.

(** The numbers but [j]. *)
Definition skip (j k : nat) : nat := if k <? j then k else S k.

Lemma total_skip j n F :
  (j <= n)%nat ->
  total_of (seq 0 (S n)) F == F j + total_of (seq 0 n) (fun k => F (skip j k)).
Proof.
  intro Hj. replace (S n) with (j + S (n - j))%nat by lia.
  replace (seq 0 n) with (seq 0 (j + (n - j))) by (f_equal; lia).
  rewrite !seq_app, !total_app, Nat.add_0_l. simpl. rewrite <- seq_shift, total_map.
  rewrite (total_ext (seq 0 j) (fun k => F (skip j k)) F).
  - rewrite (total_ext (seq j (n - j)) (fun k => F (skip j k)) (fun k => F (S k))); [ring|].
    intros k Hk. apply in_seq in Hk. unfold skip. destruct (Nat.ltb_spec k j); [lia|reflexivity].
  - intros k Hk. apply in_seq in Hk. unfold skip. destruct (Nat.ltb_spec k j); [reflexivity|lia].
Qed.

Definition unskip (j k : nat) : nat := if k <? j then k else pred k.

Lemma unskip_skip j k : unskip j (skip j k) = k.
Proof.
  unfold skip, unskip. destruct (Nat.ltb_spec k j).
  - destruct (Nat.ltb_spec k j); lia.
  - destruct (Nat.ltb_spec (S k) j); simpl; lia.
Qed.

Lemma skip_other j k : skip j k <> j.
Proof. unfold skip. destruct (Nat.ltb_spec k j); lia. Qed.

(** ** Elimination *)

Lemma some_nonzero n (v : nat -> Q) :
  {j | (j < n)%nat /\ ~ v j == 0} + {forall j, (j < n)%nat -> v j == 0}.
Proof.
  induction n as [|n [[j [Hj Hv]]|IH]].
  - right. lia.
  - left. exists j. split; [lia|exact Hv].
  - destruct (Qeq_dec (v n) 0) as [H|H].
    + right. intros j Hj. destruct (Nat.eq_dec j n) as [->|]; [exact H|]. apply IH. lia.
    + left. exists n. split; [lia|exact H].
Qed.

Theorem too_many d n (v : nat -> nat -> Q) :
  (d < n)%nat ->
  exists c : nat -> Q, (exists k, (k < n)%nat /\ ~ c k == 0) /\
    forall i, (i < d)%nat -> combination n c (fun k => v k i) == 0.
Proof.
  revert n v. induction d as [|d IH]; intros n v Hn.
  - exists (fun _ => 1). split; [|lia]. exists 0%nat. split; [exact Hn|]. discriminate.
  - destruct (some_nonzero n (fun k => v k d)) as [[j [Hj Hpivot]]|Hnone].
    + destruct n as [|n]; [lia|].
      set (s := fun k => v (skip j k) d / v j d).
      destruct (IH n (fun k i => v (skip j k) i - s k * v j i)) as (c & (k & Hk & Hck) & Hzero);
        [lia|].
      exists (fun m => if m =? j then - combination n c s else c (unskip j m)). split.
      * exists (skip j k). split; [unfold skip; destruct (k <? j); lia|].
        rewrite (proj2 (Nat.eqb_neq _ _) (skip_other j k)), unskip_skip. exact Hck.
      * intros i Hi. unfold combination. rewrite (total_skip j n) by lia. rewrite Nat.eqb_refl.
        transitivity (combination n c (fun k => v (skip j k) i - s k * v j i)).
        -- unfold combination.
           setoid_replace (- total_of (seq 0 n) (fun k0 => c k0 * s k0) * v j i) with
             ((- v j i) * total_of (seq 0 n) (fun k0 => c k0 * s k0)) by ring.
           rewrite <- total_scale, <- total_plus. apply total_ext. intros m _.
           rewrite (proj2 (Nat.eqb_neq _ _) (skip_other j m)), unskip_skip. ring.
        -- destruct (Nat.eq_dec i d) as [->|Hne]; [|apply Hzero; lia].
           apply total_none. intros m _. unfold s. field. exact Hpivot.
    + destruct (IH n v ltac:(lia)) as (c & Hc & Hzero). exists c. split; [exact Hc|].
      intros i Hi. destruct (Nat.eq_dec i d) as [->|Hne]; [|apply Hzero; lia].
      apply total_none. intros k Hk. apply in_seq in Hk. rewrite (Hnone k) by lia. ring.
Qed.

(** More than [d] combinations of [d] functions. *)
Theorem combinations_dependent {X : Type} d n (h : nat -> X -> Q) (q : nat -> nat -> Q)
    (u : nat -> X -> Q) :
  (d < n)%nat ->
  (forall k x, (k < n)%nat -> h k x == combination d (q k) (fun j => u j x)) -> dependent n h.
Proof.
  intros Hd Hh. destruct (too_many d n q Hd) as (c & Hc & Hzero). exists c. split; [exact Hc|].
  intro x. unfold combination.
  rewrite (total_ext _ _ (fun k => total_of (seq 0 d) (fun j => u j x * (c k * q k j)))).
  - rewrite total_swap. apply total_none. intros j Hj. apply in_seq in Hj. rewrite total_scale.
    assert (H := Hzero j (proj2 Hj)). unfold combination in H. rewrite H. ring.
  - intros k Hk. apply in_seq in Hk. rewrite (Hh k x (proj2 Hk)). unfold combination.
    rewrite <- total_scale. apply total_ext. intros j _. ring.
Qed.

(** Independent functions, and one more that is not independent of them. *)
Theorem in_the_span {X : Type} r (h : nat -> X -> Q) :
  ~ dependent r h -> dependent (S r) h ->
  exists c : nat -> Q, forall x, h r x == combination r c (fun k => h k x).
Proof.
  intros Hind (c & (k & Hk & Hck) & Hzero).
  assert (Hlast : ~ c r == 0).
  { intro H. apply Hind. exists c. split.
    - exists k. split; [|exact Hck]. destruct (Nat.eq_dec k r) as [->|]; [contradiction|lia].
    - intro x. rewrite <- (Hzero x), combination_last, H. ring. }
  exists (fun k => - c k / c r). intro x. specialize (Hzero x). rewrite combination_last in Hzero.
  assert (H : c r * combination r (fun k => - c k / c r) (fun k => h k x) ==
    - (1) * combination r c (fun k => h k x)).
  { unfold combination. rewrite <- !total_scale. apply total_ext. intros m _. field. exact Hlast. }
  apply (Qmult_inj_l _ _ (c r) Hlast). rewrite H. lra.
Qed.
