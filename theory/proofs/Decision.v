(** * The checker decides whether a certificate is correct

    Informal statement.  With truthful hints the checker accepts every correct certificate
    ([accepts_complete]); the hints that [check] computes are truthful, so with the soundness of
    [Checker.v] it decides correctness ([check_decides]).  Blocks of an accepted certificate are
    told apart by a word of exactly the stated length ([accepts_word]), and by every zero-loss
    encoder ([accepts_no_collapse]).

    Main statements: [accepts_complete], [check_decides], [accepts_word], [accepts_no_collapse]. *)

From Coq Require Import Arith Bool Lia List.
From Tellapart Require Import Systems NoCollapse Tables Certificate Checker.

Section Completeness.

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

(** ** Completeness *)

Lemma minima_complete : honest -> distances_are_minima = true.
Proof.
  intros (_ & _ & Hmin & Hsym). unfold distances_are_minima. rewrite forall_below_spec.
  intros i Hi. rewrite forall_below_spec. intros j Hj. rewrite (Hsym i j Hj Hi), Nat.eqb_refl.
  apply Nat.eqb_eq. assert (H := fun t => Hmin i j t Hj Hi).
  destruct i as [|i]; [lia|]. cbn [pred]. destruct (Nat.eqb_spec (S j) (S i)) as [Heq|Hne].
  - injection Heq as ->.
    assert (G : forall t, t < distance (S i) i <-> t < separation i).
    { intro t. rewrite H. split; [intro G; apply G; lia|].
      intros G s Hs. replace s with i by lia. exact G. }
    assert (G1 := G (distance (S i) i)). assert (G2 := G (separation i)). lia.
  - assert (Hi' := fun t => Hmin i j t ltac:(lia) ltac:(lia)).
    assert (G : forall t, t < distance (S i) j <-> t < Nat.min (distance i j) (separation i)).
    { intro t. rewrite H, Nat.min_glb_lt_iff, Hi'. split.
      - intro G. split; [intros s Hs|]; apply G; lia.
      - intros [G Gi] s Hs. destruct (Nat.eq_dec s i) as [->|]; [exact Gi|apply G; lia]. }
    assert (G1 := G (distance (S i) j)). assert (G2 := G (Nat.min (distance i j) (separation i))).
    lia.
Qed.

Lemma correct_depths_hold i j :
  honest -> correct -> j < i -> i < k -> depth_equation i j = true.
Proof.
  intros (Hplace & Hmember & Hmin & Hsym) C Hj Hi. apply depth_equation_spec.
  assert (Hplaced : forall b, b < k -> place b < k /\ order (place b) = b).
  { intros b Hb. destruct (order_all C b Hb) as [q [Hq <-]]. rewrite Hplace by exact Hq. auto. }
  assert (Hjk : j < k) by lia.
  destruct (Hmember (order i) (order_exists C i Hi)) as [Hx Hbx].
  destruct (Hmember (order j) (order_exists C j Hjk)) as [Hy Hby].
  set (x := member (order i)) in *. set (y := member (order j)) in *.
  assert (Hdepth : forall t, same_after t x y <-> t < distance i j).
  { intro t. rewrite (Hmin i j t Hj Hi).
    exact (separations_are_depths C i j x y Hj Hi Hx Hy Hbx Hby t). }
  (* the same for the targets, in either order *)
  assert (Htarget : forall a t, a < m -> same_after t (successor x a) (successor y a) <->
    target i a = target j a \/ t < distance (target i a) (target j a)).
  { intros a t Ha. unfold target. fold x y.
    assert (Hu := successors_exist C x a Hx Ha). assert (Hv := successors_exist C y a Hy Ha).
    set (u := successor x a) in *. set (v := successor y a) in *.
    destruct (Hplaced _ (blocks_exist C u Hu)) as [Hru Hou].
    destruct (Hplaced _ (blocks_exist C v Hv)) as [Hrv Hov].
    destruct (Nat.lt_total (place (block u)) (place (block v))) as [H|[H|H]].
    - rewrite (Hsym _ _ H Hrv), (Hmin _ _ t H Hrv).
      rewrite <- (separations_are_depths C _ _ v u H Hrv Hv Hu (eq_sym Hov) (eq_sym Hou) t).
      unfold same_after. rewrite !k_bisimilar_iff_words. split.
      + intro G. right. intros w Hw. symmetry. apply G, Hw.
      + intros [G|G]; [lia|]. intros w Hw. symmetry. apply G, Hw.
    - split; [auto|]. intros _. apply bisimilar_k, (blocks_are_bisimilarity C u v Hu Hv).
      rewrite <- Hou, <- Hov, H. reflexivity.
    - rewrite (Hmin _ _ t H Hru).
      rewrite <- (separations_are_depths C _ _ u v H Hru Hu Hv (eq_sym Hou) (eq_sym Hov) t).
      split; [auto|]. intros [G|G]; [lia|exact G]. }
  destruct (Nat.eq_dec (label x) (label y)) as [Hl|Hl].
  2: { left. split; [exact Hl|]. assert (H := proj2 (Hdepth 0)). unfold same_after in H.
       simpl in H. destruct (distance i j); [reflexivity|]. exfalso. apply Hl, H. lia. }
  right. split; [exact Hl|].
  destruct (distance i j) as [|r] eqn:Hr; [assert (H := proj1 (Hdepth 0) Hl); lia|].
  exists r. split; [reflexivity|].
  assert (Hall : forall a, a < m ->
    target i a = target j a \/ r <= distance (target i a) (target j a)).
  { intros a Ha. destruct r as [|r]; [right; lia|].
    assert (H := proj2 (Hdepth (S r)) ltac:(lia)). unfold same_after in H.
    rewrite k_bisimilar_table in H. destruct H as [_ H].
    destruct (proj1 (Htarget a r Ha) (H a Ha)); [auto|right; lia]. }
  split; [exact Hall|].
  assert (Hex := exists_below_spec m (fun a =>
    negb (target i a =? target j a) && (distance (target i a) (target j a) =? r))).
  destruct (exists_below m _) eqn:Hfound.
  - destruct (proj1 Hex eq_refl) as [a [Ha H]]. exists a.
    apply andb_true_iff in H. destruct H as [H G]. apply Nat.eqb_eq in G.
    apply negb_true_iff, Nat.eqb_neq in H. auto.
  - exfalso. assert (H : same_after (S r) x y); [|apply Hdepth in H; lia].
    unfold same_after. rewrite k_bisimilar_table. split; [exact Hl|].
    intros a Ha. apply Htarget; [exact Ha|].
    destruct (Nat.eq_dec (target i a) (target j a)) as [H|H]; [auto|right].
    destruct (Hall a Ha) as [G|G]; [contradiction|].
    destruct (Nat.eq_dec (distance (target i a) (target j a)) r) as [F|F]; [|lia].
    assert (false = true) as F'; [|discriminate]. apply Hex. exists a. split; [exact Ha|].
    apply andb_true_iff. split; [apply negb_true_iff, Nat.eqb_neq, H|apply Nat.eqb_eq, F].
Qed.

Theorem accepts_complete : honest -> correct -> accepts = true.
Proof.
  intros Hh C. apply accepts_checked. destruct Hh as (Hplace & Hmember & Hmin & Hsym) eqn:Hhe.
  assert (Hsame : forall o, o < n -> bisimilar (table m successor) label o (member (block o))).
  { intros o Ho. destruct (Hmember _ (blocks_exist C o Ho)) as [Hr Hb].
    apply (blocks_are_bisimilarity C o _ Ho Hr). auto. }
  constructor.
  - exact (successors_exist C).
  - exact (blocks_exist C).
  - intros i Hi. split; [exact (order_exists C i Hi)|exact (Hplace i Hi)].
  - intros b Hb. destruct (order_all C b Hb) as [i [Hi <-]]. rewrite Hplace by exact Hi. auto.
  - exact Hmember.
  - intros o Ho. apply (bisimilar_is_bisimulation _ _ _ _ (Hsame o Ho)).
  - intros o a Ho Ha. destruct (Hmember _ (blocks_exist C o Ho)) as [Hr _].
    apply (blocks_are_bisimilarity C); [apply (successors_exist C); auto..|].
    exact (proj2 (bisimilar_is_bisimulation _ _ _ _ (Hsame o Ho)) (exist _ a Ha)).
  - exact (minima_complete Hh).
  - intros i j Hj Hi. exact (correct_depths_hold i j Hh C Hj Hi).
Qed.

End Completeness.

(** ** The hints that [check] computes are truthful *)

Section Decision.

Context (n m : nat) (successor : nat -> nat -> nat) (label : nat -> nat)
  (k : nat) (block order separation : nat -> nat).

Lemma least_separation_spec i l t :
  0 < l ->
  (t < least_separation separation i l <-> forall s, i <= s < i + l -> t < separation s).
Proof.
  intro Hl. induction l as [|l IH]; [lia|]. simpl. destruct (Nat.eqb_spec l 0) as [->|Hne].
  - split; intro H; [intros s Hs; replace s with i by lia; exact H|apply H; lia].
  - rewrite Nat.min_glb_lt_iff, IH by lia. split.
    + intros [H G] s Hs. destruct (Nat.eq_dec s (i + l)) as [->|]; [exact G|apply H; lia].
    + intro H. split; [intros s Hs|]; apply H; lia.
Qed.

Lemma computed_honest :
  correct n m successor label k block order separation ->
  honest n k block order separation (place_of k order) (member_of n block)
    (distance_of separation).
Proof.
  intro C. split; [|split; [|split]].
  - intros i Hi. unfold place_of.
    destruct (first_below_found k (fun j => order j =? order i) i Hi (Nat.eqb_refl _)) as [Hle Heq].
    apply Nat.eqb_eq in Heq. apply (order_once C); [lia|exact Hi|exact Heq].
  - intros b Hb. destruct (blocks_used C b Hb) as [o [Ho Hob]]. unfold member_of.
    destruct (first_below_found n (fun o => block o =? b) o Ho (proj2 (Nat.eqb_eq _ _) Hob))
      as [Hle Heq].
    split; [lia|apply Nat.eqb_eq, Heq].
  - intros i j t Hj Hi. unfold distance_of. rewrite Nat.min_r, Nat.max_l by lia.
    rewrite least_separation_spec by lia. replace (j + (i - j)) with i by lia. reflexivity.
  - intros i j _ _. unfold distance_of. rewrite Nat.min_comm, Nat.max_comm. reflexivity.
Qed.

Theorem check_decides :
  check n m successor label k block order separation = true <->
  correct n m successor label k block order separation.
Proof.
  split; [apply accepts_sound|]. intro C.
  exact (accepts_complete _ _ _ _ _ _ _ _ _ _ _ (computed_honest C) C).
Qed.

(** ** What an accepted certificate is good for *)

Context (place member : nat -> nat) (distance : nat -> nat -> nat)
  (accepted : accepts n m successor label k block order separation place member distance = true).

(** A word of the stated length tells two blocks apart, and no shorter one does (S7). *)
Theorem accepts_word i j x y :
  j < i -> i < k -> x < n -> y < n -> block x = order i -> block y = order j ->
  exists w, length w = least_separation separation j (i - j) /\
    label (run (table m successor) w x) <> label (run (table m successor) w y) /\
    (forall v, label (run (table m successor) v x) <> label (run (table m successor) v y) ->
      length w <= length v).
Proof.
  intros Hj Hi Hx Hy Hbx Hby. assert (C := accepts_sound _ _ _ _ _ _ _ _ _ _ _ accepted).
  assert (H := separations_are_depths C i j x y Hj Hi Hx Hy Hbx Hby).
  assert (Hd : forall t, t < least_separation separation j (i - j) <->
    forall s, j <= s < i -> t < separation s).
  { intro t. rewrite least_separation_spec by lia.
    replace (j + (i - j)) with i by lia. reflexivity. }
  set (d := least_separation separation j (i - j)) in *.
  destruct (NoCollapse.distinguishing_word (table m successor) label
    (table_actions m) (table_actions_all m) Nat.eq_dec d x y) as [w [Hlen Hw]].
  { rewrite H, <- Hd. lia. }
  assert (Hshort : forall v,
    label (run (table m successor) v x) <> label (run (table m successor) v y) -> d <= length v).
  { intros v Hv. destruct (Nat.le_gt_cases d (length v)) as [G|G]; [exact G|]. exfalso. apply Hv.
    assert (F := proj2 (H (length v)) (proj1 (Hd _) G)). rewrite k_bisimilar_iff_words in F.
    exact (F v (le_n _)). }
  specialize (Hshort w Hw) as Hlong.
  exists w. split; [lia|split; [exact Hw|]]. intros v Hv. specialize (Hshort v Hv). lia.
Qed.

Theorem accepts_no_collapse (Z : Type) (E : nat -> Z) (T : Z -> action m -> Z) (P : Z -> nat) :
  zero_loss (table m successor) label E T P ->
  forall x y, x < n -> y < n -> block x <> block y -> E x <> E y.
Proof.
  intros Hzero x y Hx Hy Hne. apply (no_unhealthy_collapse _ _ E T P Hzero).
  intro H. apply Hne.
  apply (blocks_are_bisimilarity (accepts_sound _ _ _ _ _ _ _ _ _ _ _ accepted));
    assumption.
Qed.

End Decision.
