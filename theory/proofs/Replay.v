(** * A verified checker of certificates for logged data: replay the merges

    Informal statement.  A certificate that a partition is the forced one (S2), or the one forced
    once some pairs are merged (S3), is a list of merges: each names two logged transitions that
    start in one block with one action.  The checker replays the list and compares; it accepts only
    the right partition ([replay_sound]), and for the right partition there is a list that it
    accepts ([replay_complete]).

    Main definitions: [step_allowed], [replay], [accepts_merges].

    Main statements: [replay_sound], [replay_complete]. *)

From Coq Require Import Arith Bool Lia List RelationClasses.
From Tellapart Require Import Systems Tables Characterisation Data Refinement Merging.
Import ListNotations.

Definition same_triple (s t : triple) : bool :=
  let '((x, a, x'), (y, b, y')) := (s, t) in (x =? y) && (a =? b) && (x' =? y').

(** Both transitions are logged, start in one block, and have one action. *)
Definition step_allowed (triples : list triple) (c : list nat) (st : triple * triple) : bool :=
  let '((x, a, _), (y, b, _)) := st in
  existsb (same_triple (fst st)) triples && existsb (same_triple (snd st)) triples &&
  (read c x =? read c y) && (a =? b).

Definition step (c : list nat) (st : triple * triple) : list nat :=
  merge_pair c (snd (fst st), snd (snd st)).

(** All steps are allowed where they are taken; the end is [claim], with nothing left to merge. *)
Fixpoint replay (n : nat) (triples : list triple) (steps : list (triple * triple))
    (claim c : list nat) : bool :=
  match steps with
  | [] => forall_below n (fun x => read claim x =? read c x) &&
      negb (existsb (open_pair c) (list_prod triples triples))
  | st :: rest => step_allowed triples c st && replay n triples rest claim (step c st)
  end.

Definition accepts_merges (n : nat) (triples : list triple) (seeds : list (nat * nat))
    (claim : list nat) (steps : list (triple * triple)) : bool :=
  replay n triples steps claim (fold_left merge_pair seeds (seq 0 n)).

Section Replay.

Context (n : nat) (triples : list triple)
  (triples_exist : forall o a o', In (o, a, o') triples -> o < n /\ o' < n)
  (seeds : list (nat * nat)) (seeds_exist : forall x y, In (x, y) seeds -> x < n /\ y < n).

Let forced_by_seeds : nat -> nat -> Prop := merged (logged triples) (seeded seeds).

Lemma listed_triple s : existsb (same_triple s) triples = true <-> In s triples.
Proof.
  rewrite existsb_exists. split.
  - intros [t [Ht H]]. destruct s as [[x a] x'], t as [[y b] y'].
    unfold same_triple in H. rewrite !andb_true_iff, !Nat.eqb_eq in H.
    destruct H as [[-> ->] ->]. exact Ht.
  - intro H. exists s. split; [exact H|]. destruct s as [[x a] x'].
    unfold same_triple. rewrite !Nat.eqb_refl. reflexivity.
Qed.

Lemma step_allowed_spec c x a x' y b y' :
  step_allowed triples c ((x, a, x'), (y, b, y')) = true <->
  In (x, a, x') triples /\ In (y, b, y') triples /\ read c x = read c y /\ a = b.
Proof.
  unfold step_allowed. cbv beta iota.
  rewrite !andb_true_iff, !listed_triple, !Nat.eqb_eq. cbn [fst snd]. tauto.
Qed.

(** The invariant: blocks so far are forced, and hold the seeds. *)
Definition on_the_way (c : list nat) : Prop :=
  canonical n c /\ (forall x y, read c x = read c y -> forced_by_seeds x y) /\
  (forall x y, In (x, y) seeds -> read c x = read c y).

Lemma start_on_the_way : on_the_way (fold_left merge_pair seeds (seq 0 n)).
Proof.
  destruct (identity_canonical n) as [Hid Hread].
  destruct (seeds_spec n seeds (seq 0 n) seeds_exist Hid) as (Hcan & _ & Hseeds & Hleast).
  split; [exact Hcan|split; [|exact Hseeds]].
  apply Hleast; [apply merged_equivalence|exact (merged_seed (logged triples) (seeded seeds))|].
  intros x y H. rewrite !Hread in H. subst y. apply merged_refl.
Qed.

Lemma step_on_the_way c st :
  on_the_way c -> step_allowed triples c st = true -> on_the_way (step c st).
Proof.
  intros (Hc & Hforced & Hseeds) Hst. destruct st as [[[x a] x'] [[y b] y']].
  apply step_allowed_spec in Hst. destruct Hst as (Hx & Hy & Hxy & <-).
  destruct (triples_exist _ _ _ Hx) as [_ Hx']. destruct (triples_exist _ _ _ Hy) as [_ Hy'].
  unfold step. simpl. split; [apply merge_pair_canonical; assumption|split].
  - apply (merge_pair_least n); try assumption; [apply merged_equivalence|].
    exact (merged_step _ _ x y a x' y' (Hforced x y Hxy) Hx Hy).
  - intros u v H. apply (merge_pair_keeps n); auto.
Qed.

Lemma end_of_the_way c :
  on_the_way c -> closed (logged triples) (fun x y => read c x = read c y) ->
  forall x y, read c x = read c y <-> forced_by_seeds x y.
Proof.
  intros (Hc & Hforced & Hseeds) Hclosed x y. split; [apply Hforced|].
  apply (merged_least (logged triples) (seeded seeds) (fun x y => read c x = read c y));
    [|exact Hclosed|exact Hseeds].
  split; [intro u|intros u v|intros u v w]; congruence.
Qed.

Theorem replay_sound claim steps :
  accepts_merges n triples seeds claim steps = true ->
  forall x y, x < n -> y < n ->
    (read claim x = read claim y <-> merged (logged triples) (seeded seeds) x y).
Proof.
  unfold accepts_merges. assert (Hway := start_on_the_way). revert Hway.
  generalize (fold_left merge_pair seeds (seq 0 n)) as c.
  induction steps as [|st rest IH]; intros c Hway H x y Hx Hy; simpl in H;
    apply andb_true_iff in H; destruct H as [Hhead Htail].
  - rewrite forall_below_spec in Hhead.
    rewrite (proj1 (Nat.eqb_eq _ _) (Hhead x Hx)), (proj1 (Nat.eqb_eq _ _) (Hhead y Hy)).
    apply end_of_the_way; [exact Hway|]. apply open_pair_none.
    destruct (find (open_pair c) (list_prod triples triples)) as [st|] eqn:Hfind; [|reflexivity].
    apply find_some in Hfind. apply negb_true_iff, not_true_iff_false in Htail.
    exfalso. apply Htail, existsb_exists. exists st. exact Hfind.
  - exact (IH (step c st) (step_on_the_way c st Hway Hhead) Htail x y Hx Hy).
Qed.

(** The merges that [merge] makes are such a list. *)
Lemma merge_replays merges c claim :
  canonical n c -> n_blocks n c <= merges ->
  (forall x, x < n -> read claim x = read (merge_from merges triples c) x) ->
  exists steps, replay n triples steps claim c = true.
Proof.
  revert c. induction merges as [|merges IH]; intros c Hc Hfuel Hclaim;
    cbn [merge_from] in Hclaim.
  - exists []. simpl. apply andb_true_iff. split.
    + apply forall_below_spec. intros x Hx. apply Nat.eqb_eq, Hclaim, Hx.
    + apply negb_true_iff, not_true_iff_false. intro H. apply existsb_exists in H.
      destruct H as [[s t] [Hin Hopen]].
      destruct (find (open_pair c) (list_prod triples triples)) as [[s' t']|] eqn:Hfind.
      * destruct (open_pair_some n triples triples_exist c s' t' Hfind) as (Hs & Ht & Hne & _).
        assert (G := merge_pair_fewer n c _ _ Hc Hs Ht Hne). lia.
      * rewrite (find_none _ _ Hfind _ Hin) in Hopen. discriminate.
  - destruct (find (open_pair c) (list_prod triples triples)) as [[s t]|] eqn:Hfind.
    + destruct (open_pair_some n triples triples_exist c s t Hfind) as (Hs & Ht & Hne & _).
      assert (G := merge_pair_fewer n c _ _ Hc Hs Ht Hne).
      destruct (IH (merge_pair c (snd s, snd t)) (merge_pair_canonical n c _ _ Hc Hs Ht)
        ltac:(lia) Hclaim) as [steps Hsteps].
      exists ((s, t) :: steps). simpl. apply andb_true_iff. split; [|exact Hsteps].
      apply find_some in Hfind. destruct Hfind as [Hin Hopen]. apply in_prod_iff in Hin.
      destruct s as [[x a] x'], t as [[y b] y']. simpl in Hopen.
      apply andb_true_iff in Hopen. destruct Hopen as [Hopen _].
      apply andb_true_iff in Hopen. destruct Hopen as [Hxy Hab].
      apply Nat.eqb_eq in Hxy, Hab. apply step_allowed_spec. tauto.
    + exists []. simpl. apply andb_true_iff. split.
      * apply forall_below_spec. intros x Hx. apply Nat.eqb_eq, Hclaim, Hx.
      * apply negb_true_iff, not_true_iff_false. intro H. apply existsb_exists in H.
        destruct H as [st [Hin Hopen]]. rewrite (find_none _ _ Hfind _ Hin) in Hopen. discriminate.
Qed.

Theorem replay_complete claim :
  canonical n claim ->
  (forall x y, x < n -> y < n ->
    (read claim x = read claim y <-> merged (logged triples) (seeded seeds) x y)) ->
  exists steps, accepts_merges n triples seeds claim steps = true.
Proof.
  intros [_ Hleast] Hclaim.
  destruct (merge_correct n triples triples_exist seeds seeds_exist) as [[_ Hcan] Hmerge].
  apply (merge_replays n); [apply start_on_the_way|apply count_below_bound|].
  fold (merge n triples seeds). intros x Hx.
  set (r := read claim x). set (r' := read (merge n triples seeds) x).
  destruct (Hleast x Hx) as [Hr Hrr]. destruct (Hcan x Hx) as [Hr' Hrr'].
  assert (Hsame : forall u v, u < n -> v < n ->
    (read claim u = read claim v <->
     read (merge n triples seeds) u = read (merge n triples seeds) v)).
  { intros u v Hu Hv. rewrite Hclaim, Hmerge by assumption. reflexivity. }
  (* both are the least member of the same block *)
  assert (H1 : read (merge n triples seeds) r = r')
    by (apply Hsame; unfold r; [lia|exact Hx|exact Hrr]).
  assert (H2 : read claim r' = r) by (apply Hsame; unfold r'; [lia|exact Hx|exact Hrr']).
  destruct (Hcan r ltac:(unfold r; lia)) as [G1 _].
  destruct (Hleast r' ltac:(unfold r'; lia)) as [G2 _].
  lia.
Qed.

End Replay.
