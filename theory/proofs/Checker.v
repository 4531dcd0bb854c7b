(** * The checker accepts only correct certificates

    Informal statement.  Bellman's equation for the depth has one solution: where it holds for all
    pairs of blocks, the stated depth of a pair is the exact one.  So the checker accepts only
    correct certificates, whatever hints it is given.

    Main definitions: [checked], acceptance in words of logic.

    Main statements: [accepts_checked], [depth_equation_spec], [depths_exact], [accepts_sound]. *)

From Coq Require Import Arith Bool Lia List.
From Tellapart Require Import Systems NoCollapse Tables Certificate.

(** ** Bellman's equation, in words of logic *)

Lemma both (b c : bool) : (b &&& c) = true <-> b = true /\ c = true.
Proof. destruct b; intuition discriminate. Qed.

Section Equation.

Context (m : nat) (successor : nat -> nat -> nat) (label block order place member : nat -> nat)
  (distance : nat -> nat -> nat).

Local Notation target := (target successor block order place member).
Local Notation depth_equation :=
  (depth_equation m successor label block order place member distance).

Lemma depth_equation_spec i j :
  depth_equation i j = true <->
  (label (member (order i)) <> label (member (order j)) /\ distance i j = 0) \/
  (label (member (order i)) = label (member (order j)) /\ exists r, distance i j = S r /\
    (forall a, a < m -> target i a = target j a \/ r <= distance (target i a) (target j a)) /\
    (exists a, a < m /\ target i a <> target j a /\ distance (target i a) (target j a) = r)).
Proof.
  unfold depth_equation, least_target.
  destruct (Nat.eqb_spec (label (member (order i))) (label (member (order j)))) as [Hl|Hl];
    [|rewrite Nat.eqb_eq; tauto].
  assert (Hall : forall r, forall_below m (fun a => if target i a =? target j a then true
      else r <=? distance (target i a) (target j a)) = true <->
      forall a, a < m -> target i a = target j a \/ r <= distance (target i a) (target j a)).
  { intro r. rewrite forall_below_spec. split; intros H a Ha; specialize (H a Ha);
      destruct (Nat.eqb_spec (target i a) (target j a)); auto;
      [right; apply Nat.leb_le, H|apply Nat.leb_le; tauto]. }
  assert (Hex : forall r, exists_below m (fun a => if target i a =? target j a then false
      else distance (target i a) (target j a) =? r) = true <->
      exists a, a < m /\ target i a <> target j a /\ distance (target i a) (target j a) = r).
  { intro r. rewrite exists_below_spec. split; intros [a [Ha H]]; exists a; (split; [exact Ha|]);
      destruct (Nat.eqb_spec (target i a) (target j a)); try discriminate; try tauto;
      [split; [assumption|apply Nat.eqb_eq, H]|apply Nat.eqb_eq; tauto]. }
  cbv zeta. destruct (distance i j) as [|r].
  - split; [discriminate|]. intros [[G _]|[_ [r [G _]]]]; [contradiction|discriminate].
  - rewrite both, Hall, Hex. split.
    + intro G. right. split; [exact Hl|]. exists r. tauto.
    + intros [[G _]|[_ [r' [G H]]]]; [contradiction|]. injection G as ->. exact H.
Qed.

End Equation.

Section Checker.

Context (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
  (k : nat) (block order separation : nat -> nat)
  (place member : nat -> nat) (distance : nat -> nat -> nat).

Let same_after (t x y : nat) : Prop := k_bisimilar (table m successor) label t x y.

Local Notation correct := (correct n m successor label k block order separation).
Local Notation distances_are_minima := (distances_are_minima k separation distance).
Local Notation target := (target successor block order place member).
Local Notation depth_equation :=
  (depth_equation m successor label block order place member distance).
Local Notation accepts :=
  (accepts n m successor label k block order separation place member distance).
Local Notation honest := (honest n k block order separation place member distance).

(** ** Running minima *)

Lemma minima_spec :
  distances_are_minima = true ->
  (forall i j, j < i -> i < k -> distance j i = distance i j) /\
  (forall i j t, j < i -> i < k ->
    (t < distance i j <-> forall s, j <= s < i -> t < separation s)).
Proof.
  unfold distances_are_minima. rewrite forall_below_spec. intro H.
  assert (Hij : forall i j, j < i -> i < k -> distance j i = distance i j /\ distance i j =
    (if S j =? i then separation j else Nat.min (distance (pred i) j) (separation (pred i)))).
  { intros i j Hj Hi. specialize (H i Hi). rewrite forall_below_spec in H. specialize (H j Hj).
    destruct (distance j i =? distance i j) eqn:Hs; [|discriminate].
    apply Nat.eqb_eq in H, Hs. auto. }
  split; [intros i j Hj Hi; apply Hij; assumption|].
  induction i as [|i IH]; intros j t Hj Hi; [lia|].
  rewrite (proj2 (Hij (S i) j Hj Hi)). destruct (Nat.eqb_spec (S j) (S i)) as [Heq|Hne].
  - injection Heq as ->. split; intros G; [intros s Hs; replace s with i by lia; exact G|].
    apply G. lia.
  - cbn [pred]. rewrite Nat.min_glb_lt_iff, (IH j t) by lia. split.
    + intros [G Gi] s Hs. destruct (Nat.eq_dec s i) as [->|]; [exact Gi|apply G; lia].
    + intro G. split; [intros s Hs|]; apply G; lia.
Qed.

(** ** What acceptance says, in words of logic *)

Let rank (x : nat) : nat := place (block x).

Record checked : Prop := {
  checked_closed : table_closed n m successor;
  checked_block : forall o, o < n -> block o < k;
  checked_order : forall i, i < k -> order i < k /\ place (order i) = i;
  checked_place : forall b, b < k -> place b < k /\ order (place b) = b;
  checked_member : forall b, b < k -> member b < n /\ block (member b) = b;
  checked_label : forall o, o < n -> label o = label (member (block o));
  checked_successor : forall o a, o < n -> a < m ->
    block (successor o a) = block (successor (member (block o)) a);
  checked_minima : distances_are_minima = true;
  checked_depths : forall i j, j < i -> i < k -> depth_equation i j = true
}.

Lemma accepts_checked : accepts = true <-> checked.
Proof.
  unfold accepts. rewrite !both. unfold closed_tables, order_is_permutation, members_belong,
    blocks_are_stable, depths_hold. rewrite !forall_below_spec. split.
  - intros [[[[[Hclosed Horder] Hmember] Hstable] Hmin] Hdepths]. constructor.
    + intros o a Ho Ha. specialize (Hclosed o Ho). rewrite both, forall_below_spec in Hclosed.
      apply Nat.ltb_lt, Hclosed, Ha.
    + intros o Ho. specialize (Hclosed o Ho). rewrite both in Hclosed. apply Nat.ltb_lt, Hclosed.
    + intros i Hi. specialize (Horder i Hi).
      rewrite !both, !Nat.ltb_lt, !Nat.eqb_eq in Horder. tauto.
    + intros b Hb. specialize (Horder b Hb).
      rewrite !both, !Nat.ltb_lt, !Nat.eqb_eq in Horder. tauto.
    + intros b Hb. specialize (Hmember b Hb).
      rewrite both, Nat.ltb_lt, Nat.eqb_eq in Hmember. exact Hmember.
    + intros o Ho. specialize (Hstable o Ho). cbv zeta in Hstable.
      rewrite both, Nat.eqb_eq in Hstable. apply Hstable.
    + intros o a Ho Ha. specialize (Hstable o Ho). cbv zeta in Hstable.
      rewrite both, forall_below_spec in Hstable. apply Nat.eqb_eq, Hstable, Ha.
    + exact Hmin.
    + intros i j Hj Hi. specialize (Hdepths i Hi). rewrite forall_below_spec in Hdepths.
      exact (Hdepths j Hj).
  - intros []. repeat split; try assumption.
    + intros o Ho. rewrite both, forall_below_spec. split; [apply Nat.ltb_lt; auto|].
      intros a Ha. apply Nat.ltb_lt; auto.
    + intros i Hi. rewrite !both, !Nat.ltb_lt, !Nat.eqb_eq.
      destruct (checked_order0 i Hi). destruct (checked_place0 i Hi). tauto.
    + intros b Hb. rewrite both, Nat.ltb_lt, Nat.eqb_eq. auto.
    + intros o Ho. cbv zeta. rewrite both, Nat.eqb_eq, forall_below_spec. split; [auto|].
      intros a Ha. apply Nat.eqb_eq. auto.
    + intros i Hi. rewrite forall_below_spec. auto.
Qed.

(** ** Soundness *)

Lemma rank_facts x :
  checked -> x < n -> rank x < k /\ order (rank x) = block x /\ label (member (order (rank x))) =
    label x /\ forall a, a < m -> target (rank x) a = rank (successor x a).
Proof.
  intros C Hx. unfold rank.
  destruct (checked_place C _ (checked_block C x Hx)) as [Hlt Horder].
  repeat split; [exact Hlt|exact Horder| |].
  - rewrite Horder. symmetry. exact (checked_label C x Hx).
  - intros a Ha. unfold target. rewrite Horder, (checked_successor C x a Hx Ha). reflexivity.
Qed.

Lemma depths_exact t x y :
  checked -> x < n -> y < n ->
  (same_after t x y <-> rank x = rank y \/ t < distance (rank x) (rank y)).
Proof.
  intro C. revert x y. induction t as [|t IH]; intros x y Hx Hy;
    destruct (rank_facts x C Hx) as (Hi & Hxo & Hxl & Hxt);
    destruct (rank_facts y C Hy) as (Hj & Hyo & Hyl & Hyt);
    destruct (minima_spec (checked_minima C)) as [Hsym _].
  (* the equation holds for any two different positions *)
  1, 2: assert (Hbellman : rank x <> rank y -> depth_equation (rank x) (rank y) = true) by
    (intro Hne; destruct (Nat.lt_total (rank x) (rank y)) as [H|[H|H]];
      [|contradiction|exact (checked_depths C _ _ H Hi)];
      assert (G := checked_depths C _ _ H Hj); apply depth_equation_spec in G;
      apply depth_equation_spec; rewrite <- (Hsym _ _ H Hj) in G;
      destruct G as [[G1 G2]|(G1 & r & G2 & G3 & a & Ha & G4 & G5)]; [left; auto|right];
      split; [auto|]; exists r;
      assert (Hflip : forall b, b < m -> distance (target (rank x) b) (target (rank y) b) =
        distance (target (rank y) b) (target (rank x) b)) by
        (intros b Hb; rewrite (Hxt b Hb), (Hyt b Hb);
         assert (Hu := proj1 (rank_facts _ C (checked_closed C _ _ Hx Hb)));
         assert (Hv := proj1 (rank_facts _ C (checked_closed C _ _ Hy Hb)));
         destruct (Nat.lt_total (rank (successor x b)) (rank (successor y b))) as [F|[F|F]];
         [apply Hsym|rewrite F|symmetry; apply Hsym]; auto);
      repeat split; [exact G2| |exists a; rewrite Hflip by exact Ha; auto];
      intros b Hb; destruct (G3 b Hb); [auto|rewrite Hflip by exact Hb; auto]).
  - unfold same_after. simpl. split.
    + intro Hp. destruct (Nat.eq_dec (rank x) (rank y)) as [H|H]; [auto|right].
      apply Hbellman, depth_equation_spec in H. rewrite Hxl, Hyl in H.
      destruct H as [[H _]|[_ [r [H _]]]]; [contradiction|lia].
    + intros [H|H].
      * rewrite <- Hxl, <- Hyl, H. reflexivity.
      * destruct (Nat.eq_dec (rank x) (rank y)) as [G|G]; [rewrite <- Hxl, <- Hyl, G; reflexivity|].
        apply Hbellman, depth_equation_spec in G. rewrite Hxl, Hyl in G.
        destruct G as [[_ G]|[G _]]; [lia|exact G].
  - unfold same_after. rewrite k_bisimilar_table.
    assert (IHa : forall a, a < m -> same_after t (successor x a) (successor y a) <->
      target (rank x) a = target (rank y) a \/
      t < distance (target (rank x) a) (target (rank y) a)).
    { intros a Ha. rewrite (Hxt a Ha), (Hyt a Ha).
      apply IH; apply (checked_closed C); assumption. }
    split.
    + intros [Hp Hf]. destruct (Nat.eq_dec (rank x) (rank y)) as [H|H]; [auto|right].
      apply Hbellman, depth_equation_spec in H. rewrite Hxl, Hyl in H.
      destruct H as [[H _]|(_ & r & Hr & _ & a & Ha & Hne & Heq)]; [contradiction|].
      destruct (proj1 (IHa a Ha) (Hf a Ha)); [contradiction|lia].
    + intros [H|H].
      * split; [rewrite <- Hxl, <- Hyl, H; reflexivity|].
        intros a Ha. apply IHa; [exact Ha|]. left. rewrite H. reflexivity.
      * destruct (Nat.eq_dec (rank x) (rank y)) as [G|G].
        -- split; [rewrite <- Hxl, <- Hyl, G; reflexivity|].
           intros a Ha. apply IHa; [exact Ha|]. left. rewrite G. reflexivity.
        -- apply Hbellman, depth_equation_spec in G. rewrite Hxl, Hyl in G.
           destruct G as [[_ G]|(G & r & Hr & Hall & _)]; [lia|]. split; [exact G|].
           intros a Ha. apply IHa; [exact Ha|]. destruct (Hall a Ha); [auto|right; lia].
Qed.

Theorem accepts_sound : accepts = true -> correct.
Proof.
  rewrite accepts_checked. intro C.
  assert (Hrank : forall x y, x < n -> y < n -> (rank x = rank y <-> block x = block y)).
  { intros x y Hx Hy. unfold rank. split; [|congruence]. intro H.
    rewrite <- (proj2 (checked_place C _ (checked_block C x Hx))),
      <- (proj2 (checked_place C _ (checked_block C y Hy))), H. reflexivity. }
  constructor.
  - exact (checked_closed C).
  - exact (checked_block C).
  - intros b Hb. exists (member b). apply (checked_member C b Hb).
  - intros i Hi. apply (checked_order C i Hi).
  - intros i j Hi Hj H. rewrite <- (proj2 (checked_order C i Hi)), H. apply (checked_order C j Hj).
  - intros b Hb. exists (place b). apply (checked_place C b Hb).
  - intros x y Hx Hy. rewrite <- Hrank by assumption. rewrite bisimilar_k. split.
    + intros H t. apply (depths_exact t x y C Hx Hy). auto.
    + intro H. destruct (proj1 (depths_exact _ x y C Hx Hy) (H (distance (rank x) (rank y))));
        [assumption|lia].
  - intros i j x y Hj Hi Hx Hy Hbx Hby t.
    assert (Hrx : rank x = i) by (unfold rank; rewrite Hbx; apply (checked_order C i Hi)).
    assert (Hry : rank y = j) by
      (unfold rank; rewrite Hby; apply (checked_order C j); exact (Nat.lt_trans _ _ _ Hj Hi)).
    assert (H := depths_exact t x y C Hx Hy). unfold same_after in H. rewrite H, Hrx, Hry.
    rewrite <- (proj2 (minima_spec (checked_minima C)) i j t Hj Hi). lia.
Qed.

End Checker.
