(** * Everything that is true of logged data has a certificate

    Informal statement.  A pair that every zero-loss encoder tells apart has a replay that ends in
    a clash ([clash_complete]); every other pair has a model with zero loss that merges it
    ([model_complete]); the forced partition has a replay that ends in it ([forced_complete]).  So
    certificates of the two kinds decide every pair ([told_apart_certified],
    [not_apart_certified]), and feasibility ([infeasible_certified], [feasible_certified]).

    Main statements: [model_complete], [clash_complete], [forced_complete],
    [told_apart_certified], [not_apart_certified], [feasible_certified], [infeasible_certified]. *)

From Coq Require Import Arith Bool Lia List RelationClasses.
From Tellapart Require Import Systems Tables Characterisation Data Checker Refinement Merging.
From Tellapart Require Import Feasibility Replay DataCertificate DataChecker.
Import ListNotations.

Lemma below_fails n test : forall_below n test = false -> exists i, i < n /\ test i = false.
Proof.
  induction n as [|n IH]; simpl; [discriminate|]. destruct (test n) eqn:Hn.
  - intro H. destruct (IH H) as [i [Hi Ht]]. exists i. auto.
  - intros _. exists n. auto.
Qed.

Lemma joined_is_merge_blocks r r' b : joined r r' b = merge_blocks r r' b.
Proof. unfold joined, merge_blocks. destruct (b =? r), (b =? r'); reflexivity. Qed.

Section DataDecision.

Context (n rows : nat) (source taken successor label : nat -> nat).

Local Notation triples := (row_list rows source taken successor).
Local Notation D := (logged (row_list rows source taken successor)).
Local Notation p := (known n label).

Context (rows_in_range : within_rows n rows source successor).

Let triples_exist : forall o a o', In (o, a, o') triples -> o < n /\ o' < n :=
  rows_within n rows source taken successor rows_in_range.

Let labels_exist : forall x l, p x = Some l -> x < n := known_within n label.

Context (u v : nat) (u_exists : u < n) (v_exists : v < n).

Local Notation merges := (merge n triples [(u, v)]).

Lemma pair_exists x y : In (x, y) [(u, v)] -> x < n /\ y < n.
Proof. intros [H|[]]. injection H as <- <-. auto. Qed.

Lemma merges_only x y : read merges x = read merges y <-> merged D (only u v) x y.
Proof.
  rewrite (proj2 (merge_correct n triples triples_exist _ pair_exists) x y).
  apply merged_equivalent. intros s t. unfold seeded, only. simpl.
  split; [intros [H|[]]; injection H as <- <-; auto|intros [-> ->]; auto].
Qed.

Lemma merges_canonical : canonical n merges.
Proof. apply (merge_correct n triples triples_exist _ pair_exists). Qed.

(** ** Models *)

Theorem model_complete :
  ~ told_apart D p u v ->
  exists code lead head,
    accepts_model n rows source taken successor label code lead head = true /\ code u = code v.
Proof.
  intro Hapart. set (R := merged D (only u v)). set (b := in_one_block merges).
  assert (Hb : decides b R) by (intros x y; unfold b, in_one_block; rewrite Nat.eqb_eq;
    apply merges_only).
  assert (Hall : listed b (seq 0 n)) by apply in_one_block_listed, merges_canonical.
  assert (Hin : forall x l, p x = Some l -> In x (seq 0 n)).
  { intros x l H. apply labels_exist in H. apply in_seq. lia. }
  assert (HR : data_admissible D p R).
  { split; [apply merged_equivalence|split; [|apply merged_closed]].
    destruct (labels_agree n p merges) eqn:Hagree.
    - apply (labels_agree_spec n p labels_exist) in Hagree.
      intros x y l l' Hxy. apply Hagree, merges_only, Hxy.
    - exfalso. apply Hapart.
      apply (decide_told_apart_correct n triples triples_exist p labels_exist u v
        u_exists v_exists).
      unfold decide_told_apart. rewrite Hagree. reflexivity. }
  exists (first_member b (seq 0 n)), (first_target triples Nat.eqb (seq 0 n) b),
    (first_label p 0 (seq 0 n) b).
  split.
  - apply accepts_model_iff. split; [exact rows_in_range|].
    exact (data_quotient_zero_loss triples p 0 Nat.eqb Nat.eqb_eq (seq 0 n) Hin R b HR Hb Hall).
  - apply (finite_representatives R b (seq 0 n) (proj1 HR) Hb Hall).
    apply merged_seed. split; reflexivity.
Qed.

(** ** Replays: the steps of [Replay.v], as rows *)

Definition step_of (c : list nat) (st : nat * nat) : list nat :=
  merge_pair c (successor (fst st), successor (snd st)).

Definition after (c : list nat) (steps : list (nat * nat)) (i : nat) : list nat :=
  fold_left step_of (firstn i steps) c.

Definition allowed (c : list nat) (st : nat * nat) : Prop :=
  fst st < rows /\ snd st < rows /\ taken (fst st) = taken (snd st) /\
  read c (source (fst st)) = read c (source (snd st)).

Lemma replay_rows claim steps c :
  replay n triples steps claim c = true ->
  exists pairs,
    (forall i, i < length pairs -> allowed (after c pairs i) (nth i pairs (0, 0))) /\
    (forall x, x < n -> read claim x = read (after c pairs (length pairs)) x).
Proof.
  revert c. induction steps as [|[[[x a] x'] [[y b] y']] steps IH]; intros c H.
  - exists []. split; [simpl; lia|]. simpl in H. apply andb_true_iff in H. destruct H as [H _].
    rewrite forall_below_spec in H. intros x Hx. apply Nat.eqb_eq, H, Hx.
  - cbn [replay] in H. apply andb_true_iff in H. destruct H as [Hst H].
    apply (step_allowed_spec n triples [] c) in Hst. destruct Hst as (Hs & Ht & Hxy & Hab).
    assert (Hrow := logged_row rows source taken successor). apply Hrow in Hs. apply Hrow in Ht.
    destruct Hs as [s (Hs & <- & <- & <-)]. destruct Ht as [t (Ht & <- & <- & <-)].
    destruct (IH _ H) as [pairs [Hpairs Hend]]. exists ((s, t) :: pairs). split.
    + intros [|i] Hi; [unfold allowed; simpl; auto|]. apply Hpairs. simpl in Hi. lia.
    + intros o Ho. rewrite (Hend o Ho). reflexivity.
Qed.

Lemma after_next c pairs i :
  i < length pairs -> after c pairs (S i) = step_of (after c pairs i) (nth i pairs (0, 0)).
Proof.
  revert c i. induction pairs as [|st pairs IH]; intros c i Hi; [simpl in Hi; lia|].
  destruct i as [|i]; [reflexivity|]. simpl in Hi. apply (IH (step_of c st) i). lia.
Qed.

Lemma after_canonical c pairs i :
  canonical n c -> i <= length pairs ->
  (forall j, j < length pairs -> allowed (after c pairs j) (nth j pairs (0, 0))) ->
  canonical n (after c pairs i).
Proof.
  intros Hc Hi Hallowed. induction i as [|i IH]; [exact Hc|].
  rewrite after_next by lia. destruct (Hallowed i ltac:(lia)) as (Hs & Ht & _).
  apply merge_pair_canonical; [apply IH; lia|apply rows_in_range, Hs|apply rows_in_range, Ht].
Qed.

(** The forced partition has a replay that ends in it. *)
Lemma replay_exists :
  exists steps first second block,
    accepts_replay n rows source taken successor u v steps first second block = true /\
    forall o, o < n -> block steps o = read merges o.
Proof.
  destruct (replay_complete n triples triples_exist [(u, v)] pair_exists merges merges_canonical)
    as [steps Hsteps].
  { intros x y _ _. apply (merge_correct n triples triples_exist _ pair_exists). }
  destruct (replay_rows _ _ _ Hsteps) as [pairs [Hpairs Hend]].
  destruct (identity_canonical n) as [Hid Hread].
  set (c := fold_left merge_pair [(u, v)] (seq 0 n)) in *.
  assert (Hc : canonical n c) by (apply merge_pair_canonical; assumption).
  exists (length pairs), (fun i => fst (nth i pairs (0, 0))), (fun i => snd (nth i pairs (0, 0))),
    (fun i => read (after c pairs i)).
  split; [|intros o Ho; symmetry; apply Hend, Ho].
  apply accepts_replayed. constructor.
  - exact rows_in_range.
  - auto.
  - intros o Ho. change (after c pairs 0) with c. rewrite joined_is_merge_blocks. unfold c. simpl.
    rewrite (merge_pair_read n) by assumption. rewrite !Hread. reflexivity.
  - intros i Hi. exact (Hpairs i Hi).
  - intros i o Hi Ho. rewrite joined_is_merge_blocks, after_next by exact Hi.
    destruct (Hpairs i Hi) as (Hs & Ht & _). apply (merge_pair_read n).
    + apply after_canonical; [exact Hc|lia|exact Hpairs].
    + apply rows_in_range, Hs.
    + apply rows_in_range, Ht.
Qed.

Theorem clash_complete :
  told_apart D p u v ->
  exists steps first second block x y,
    accepts_clash n rows source taken successor label u v steps first second block x y = true.
Proof.
  intro Hapart.
  apply (decide_told_apart_correct n triples triples_exist p labels_exist u v u_exists v_exists)
    in Hapart.
  unfold decide_told_apart in Hapart. apply negb_true_iff in Hapart.
  apply below_fails in Hapart. destruct Hapart as [x [Hx Hapart]].
  apply below_fails in Hapart. destruct Hapart as [y [Hy Hapart]].
  apply orb_false_iff in Hapart. destruct Hapart as [Hsame Hlabels].
  apply negb_false_iff, Nat.eqb_eq in Hsame.
  destruct replay_exists as (steps & first & second & block & Hreplay & Hend).
  exists steps, first, second, block, x, y.
  destruct (p x) as [l|] eqn:Hpx; [|discriminate]. destruct (p y) as [l'|] eqn:Hpy; [|discriminate].
  apply known_some in Hpx. destruct Hpx as [_ Hpx]. apply known_some in Hpy.
  destruct Hpy as [_ Hpy]. apply Nat.eqb_neq in Hlabels.
  unfold accepts_clash, labels_clash, is_known. rewrite !both, !Nat.ltb_lt, Nat.eqb_eq.
  rewrite Hpx, Hpy, !Hend by assumption.
  repeat split; [exact Hreplay|exact Hx|exact Hy|exact Hsame|simpl; lia|simpl; lia|].
  destruct (Nat.ltb_spec (S l) (S l')) as [|H]; [reflexivity|apply Nat.ltb_lt; lia].
Qed.

Theorem forced_complete code :
  (forall x y, x < n -> y < n -> (code x = code y <-> merged D (only u v) x y)) ->
  exists steps first second block least lead,
    accepts_forced n rows source taken successor u v steps first second block code least lead
      = true.
Proof.
  intro Hcode. destruct replay_exists as (steps & first & second & block & Hreplay & Hend).
  exists steps, first, second, block,
    (fun z => read merges (first_below n (fun o => code o =? z))),
    (fun z a => code (successor
      (first_below rows (fun t => (code (source t) =? z) && (taken t =? a))))).
  assert (Hblock : forall x y, x < n -> y < n ->
    (code x = code y <-> read merges x = read merges y)).
  { intros x y Hx Hy. rewrite merges_only. auto. }
  unfold accepts_forced. rewrite !both. split; [split; [exact Hreplay|]|].
  - unfold same_partition. rewrite forall_below_spec. intros o Ho.
    rewrite both, !Nat.eqb_eq, (Hend o Ho). split.
    + destruct (first_below_found n (fun x => code x =? code o) o Ho (Nat.eqb_refl _))
        as [Hle Heq].
      apply Nat.eqb_eq in Heq. apply Hblock; [lia|exact Ho|exact Heq].
    + destruct (proj2 merges_canonical o Ho) as [Hle Hid]. apply Hblock; [lia|exact Ho|exact Hid].
  - unfold follows_rows. rewrite forall_below_spec. intros t Ht. apply Nat.eqb_eq.
    destruct (first_below_found rows
      (fun s => (code (source s) =? code (source t)) && (taken s =? taken t)) t Ht)
      as [Hle Heq]; [rewrite !Nat.eqb_refl; reflexivity|].
    set (s := first_below rows _) in *. apply andb_true_iff in Heq. rewrite !Nat.eqb_eq in Heq.
    assert (Hs : s < rows) by lia.
    destruct (rows_in_range s Hs), (rows_in_range t Ht).
    apply Hcode; [assumption..|].
    apply (merged_step _ _ (source s) (source t) (taken t)).
    + apply Hcode; tauto.
    + apply logged_row. exists s. tauto.
    + apply logged_row. exists t. auto.
Qed.

(** ** Certificates decide *)

Theorem told_apart_certified :
  told_apart D p u v <->
  exists steps first second block x y,
    accepts_clash n rows source taken successor label u v steps first second block x y = true.
Proof.
  split; [apply clash_complete|].
  intros (steps & first & second & block & x & y & H).
  exact (clash_sound _ _ _ _ _ _ _ _ _ _ _ _ _ _ H).
Qed.

Theorem not_apart_certified :
  ~ told_apart D p u v <->
  exists code lead head,
    accepts_model n rows source taken successor label code lead head = true /\ code u = code v.
Proof.
  split; [apply model_complete|]. intros (code & lead & head & H & Huv).
  exact (model_not_apart _ _ _ _ _ _ _ _ _ _ _ H Huv).
Qed.

End DataDecision.

Section Feasible.

Context (n rows : nat) (source taken successor label : nat -> nat)
  (rows_in_range : within_rows n rows source successor) (o : nat) (o_exists : o < n).

Local Notation D := (logged (row_list rows source taken successor)).
Local Notation p := (known n label).

(** To suppose that an observation shares a code with itself is to suppose nothing. *)
Lemma told_apart_itself : told_apart D p o o <-> ~ feasible D p.
Proof.
  split.
  - intros H (Z & E & T & P & Hzero). exact (H Z E T P Hzero eq_refl).
  - intros H Z E T P Hzero _. apply H. exists Z, E, T, P. exact Hzero.
Qed.

Theorem infeasible_certified :
  ~ feasible D p <->
  exists steps first second block x y,
    accepts_clash n rows source taken successor label o o steps first second block x y = true.
Proof. rewrite <- told_apart_itself. apply told_apart_certified; assumption. Qed.

Theorem feasible_certified :
  feasible D p <->
  exists code lead head, accepts_model n rows source taken successor label code lead head = true.
Proof.
  split.
  - intro H. destruct (model_complete n rows source taken successor label rows_in_range o o
      o_exists o_exists) as (code & lead & head & Haccepts & _).
    + intro Hapart. apply told_apart_itself in Hapart. contradiction.
    + exists code, lead, head. exact Haccepts.
  - intros (code & lead & head & H). exact (model_feasible _ _ _ _ _ _ _ _ _ H).
Qed.

End Feasible.
