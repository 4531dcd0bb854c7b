(** * The checkers of data certificates accept only what is true

    Informal statement.  An accepted model has zero loss ([accepts_model_iff]), so zero loss is
    attainable, and what shares a code in it need not be told apart ([model_feasible],
    [model_not_apart]).  After every step of an accepted replay, observations in one block share
    their code in all zero-loss encoders that merge the pair; so a clash of labels proves the pair
    told apart ([clash_sound]), or zero loss impossible when nothing was supposed
    ([clash_infeasible]); and a replay with nothing left to merge ends in the forced partition
    ([forced_sound], [forced_exactly]).  None of this depends on the hints.

    Main definitions: [row_list], [known], and acceptance in words of logic.

    Main statements: [accepts_model_iff], [model_feasible], [model_not_apart], [clash_sound],
    [clash_infeasible], [forced_sound], [forced_exactly]. *)

From Coq Require Import Arith Bool Lia List RelationClasses.
From Tellapart Require Import Systems Tables Data Checker DataCertificate.
Import ListNotations.

(** The rows as a list, for the definitions of [Data.v]. *)
Definition row_list (rows : nat) (source taken successor : nat -> nat) : list (nat * nat * nat) :=
  map (fun t => (source t, taken t, successor t)) (seq 0 rows).

(** Label 0 is "not known". *)
Definition known (n : nat) (label : nat -> nat) (o : nat) : option nat :=
  if o <? n then match label o with 0 => None | S l => Some l end else None.

Lemma known_some n label o l : known n label o = Some l <-> o < n /\ label o = S l.
Proof.
  unfold known. destruct (Nat.ltb_spec o n) as [Ho|Ho].
  - destruct (label o) as [|l']; split; [discriminate|intros [_ H]; discriminate| |].
    + intro H. injection H as ->. auto.
    + intros [_ H]. injection H as ->. reflexivity.
  - split; [discriminate|lia].
Qed.

Lemma known_within n label o l : known n label o = Some l -> o < n.
Proof. intro H. apply known_some in H. apply H. Qed.

Section Rows.

Context (n rows : nat) (source taken successor : nat -> nat).

Local Notation D := (logged (row_list rows source taken successor)).

Lemma logged_row o a o' :
  D o a o' <-> exists t, t < rows /\ source t = o /\ taken t = a /\ successor t = o'.
Proof.
  unfold logged, row_list. rewrite in_map_iff. split.
  - intros [t [H Ht]]. apply in_seq in Ht. injection H as <- <- <-. exists t. repeat split. lia.
  - intros [t (Ht & <- & <- & <-)]. exists t. split; [reflexivity|]. apply in_seq. lia.
Qed.

(** All rows are between observations that there are. *)
Definition within_rows : Prop := forall t, t < rows -> source t < n /\ successor t < n.

Lemma rows_exist_spec : rows_exist n rows source successor = true <-> within_rows.
Proof.
  unfold rows_exist, within_rows. rewrite forall_below_spec.
  split; intros H t Ht; specialize (H t Ht); rewrite both, !Nat.ltb_lt in *; exact H.
Qed.

Lemma rows_within : within_rows -> forall o a o',
  In (o, a, o') (row_list rows source taken successor) -> o < n /\ o' < n.
Proof.
  intros H o a o' Hin. apply logged_row in Hin. destruct Hin as [t (Ht & <- & _ & <-)]. auto.
Qed.

Lemma follows_rows_spec code lead :
  follows_rows rows source taken successor code lead = true <->
  forall o a o', D o a o' -> lead (code o) a = code o'.
Proof.
  unfold follows_rows. rewrite forall_below_spec. split.
  - intros H o a o' Ho. apply logged_row in Ho. destruct Ho as [t (Ht & <- & <- & <-)].
    apply Nat.eqb_eq, H, Ht.
  - intros H t Ht. apply Nat.eqb_eq, H, logged_row. exists t. auto.
Qed.

End Rows.

(** ** Models *)

Section Models.

Context (n rows : nat) (source taken successor label : nat -> nat)
  (code : nat -> nat) (lead : nat -> nat -> nat) (head : nat -> nat).

Local Notation D := (logged (row_list rows source taken successor)).
Local Notation p := (known n label).

Lemma reads_labels_spec :
  reads_labels n label code head = true <-> forall o l, p o = Some l -> head (code o) = l.
Proof.
  unfold reads_labels. rewrite forall_below_spec. split.
  - intros H o l Hl. apply known_some in Hl. destruct Hl as [Ho Hl]. specialize (H o Ho).
    rewrite Hl in H. apply Nat.eqb_eq in H. injection H as H. auto.
  - intros H o Ho. destruct (label o) as [|l] eqn:Hl; [reflexivity|].
    apply Nat.eqb_eq. f_equal. symmetry. apply H, known_some. auto.
Qed.

Theorem accepts_model_iff :
  accepts_model n rows source taken successor label code lead head = true <->
  within_rows n rows source successor /\ data_zero_loss D p code lead head.
Proof.
  unfold accepts_model. rewrite !both, rows_exist_spec, follows_rows_spec, reads_labels_spec.
  unfold data_zero_loss. tauto.
Qed.

Theorem model_feasible :
  accepts_model n rows source taken successor label code lead head = true -> feasible D p.
Proof. intro H. apply accepts_model_iff in H. exists nat, code, lead, head. apply H. Qed.

Theorem model_not_apart x y :
  accepts_model n rows source taken successor label code lead head = true -> code x = code y ->
  ~ told_apart D p x y.
Proof.
  intros H Hxy Hapart. apply accepts_model_iff in H. exact (Hapart _ _ _ _ (proj2 H) Hxy).
Qed.

End Models.

(** ** Replays *)

Lemma joined_cases r r' b :
  (joined r r' b = Nat.min r r' /\ (b = r \/ b = r')) \/ (joined r r' b = b /\ b <> r /\ b <> r').
Proof. unfold joined. destruct (Nat.eqb_spec b r), (Nat.eqb_spec b r'); auto. Qed.

(** What is joined was equal before, or the two that are joined. *)
Lemma joined_equal r r' b b' :
  joined r r' b = joined r r' b' -> b = b' \/ ((b = r \/ b = r') /\ (b' = r \/ b' = r')).
Proof.
  destruct (joined_cases r r' b) as [[-> H]|[-> [H G]]];
    destruct (joined_cases r r' b') as [[-> H']|[-> [H' G']]]; intro E; auto;
    destruct (Nat.min_spec r r'); lia.
Qed.

Section Replays.

Context (n rows : nat) (source taken successor : nat -> nat)
  (u v steps : nat) (first second : nat -> nat) (block : nat -> nat -> nat).

Local Notation D := (logged (row_list rows source taken successor)).
Local Notation together := (merged D (only u v)).

Record replayed : Prop := {
  replayed_rows : within_rows n rows source successor;
  replayed_pair : u < n /\ v < n;
  replayed_start : forall o, o < n -> block 0 o = joined u v o;
  replayed_step : forall i, i < steps -> first i < rows /\ second i < rows /\
    taken (first i) = taken (second i) /\ block i (source (first i)) = block i (source (second i));
  replayed_next : forall i o, i < steps -> o < n ->
    block (S i) o =
    joined (block i (successor (first i))) (block i (successor (second i))) (block i o)
}.

Lemma accepts_replayed :
  accepts_replay n rows source taken successor u v steps first second block = true <-> replayed.
Proof.
  unfold accepts_replay, starts_with_pair, step_holds, joins.
  rewrite !both, rows_exist_spec, !forall_below_spec, !Nat.ltb_lt. split.
  - intros [[Hrows [Hpair Hstart]] Hsteps].
    assert (Hstep : forall i, i < steps ->
      (first i < rows /\ second i < rows /\ taken (first i) = taken (second i) /\
       block i (source (first i)) = block i (source (second i))) /\
      forall o, o < n -> block (S i) o =
        joined (block i (successor (first i))) (block i (successor (second i))) (block i o)).
    { intros i Hi. specialize (Hsteps i Hi).
      rewrite !both, forall_below_spec, !Nat.ltb_lt, !Nat.eqb_eq in Hsteps.
      destruct Hsteps as [H G]. split; [tauto|]. intros o Ho. apply Nat.eqb_eq, G, Ho. }
    constructor; [exact Hrows|exact Hpair| | |].
    + intros o Ho. apply Nat.eqb_eq, Hstart, Ho.
    + intros i Hi. apply Hstep, Hi.
    + intros i o Hi. apply Hstep, Hi.
  - intros [Hrows Hpair Hstart Hstep Hnext]. split; [split; [exact Hrows|split; [exact Hpair|]]|].
    + intros o Ho. apply Nat.eqb_eq. auto.
    + intros i Hi. rewrite !both, forall_below_spec, !Nat.ltb_lt, !Nat.eqb_eq.
      split; [specialize (Hstep i Hi); tauto|]. intros o Ho. apply Nat.eqb_eq. auto.
Qed.

(** ** The invariant: blocks are forced, and hold the pair *)

Lemma replayed_together i x y :
  replayed -> i <= steps -> x < n -> y < n -> block i x = block i y -> together x y.
Proof.
  intro R. assert (HE := merged_equivalence D (only u v)). revert x y.
  assert (Huv : together u v) by (apply merged_seed; split; reflexivity).
  induction i as [|i IH]; intros x y Hi Hx Hy H.
  - rewrite !(replayed_start R) in H by assumption.
    destruct (joined_equal _ _ _ _ H) as [->|[[->| ->] [->| ->]]];
      try reflexivity; [exact Huv|symmetry; exact Huv].
  - rewrite !(replayed_next R) in H by lia.
    destruct (replayed_step R i Hi) as (Hs & Ht & Ha & Hst).
    destruct (replayed_rows R _ Hs) as [Hs1 Hs2]. destruct (replayed_rows R _ Ht) as [Ht1 Ht2].
    assert (Hends : together (successor (first i)) (successor (second i))).
    { apply (merged_step _ _ (source (first i)) (source (second i)) (taken (first i))).
      - apply IH; [lia|assumption|assumption|exact Hst].
      - apply logged_row. exists (first i). auto.
      - apply logged_row. exists (second i). auto. }
    assert (IH' : forall x y, x < n -> y < n -> block i x = block i y -> together x y)
      by (intros; apply IH; [lia|assumption..]).
    destruct (joined_equal _ _ _ _ H) as [G|[[G|G] [G'|G']]].
    + apply IH'; assumption.
    + apply IH'; [assumption..|congruence].
    + transitivity (successor (first i)); [apply IH'; assumption|].
      transitivity (successor (second i)); [exact Hends|].
      symmetry. apply IH'; assumption.
    + transitivity (successor (second i)); [apply IH'; assumption|].
      transitivity (successor (first i)); [symmetry; exact Hends|].
      symmetry. apply IH'; assumption.
    + apply IH'; [assumption..|congruence].
Qed.

Lemma replayed_holds_pair i : replayed -> i <= steps -> block i u = block i v.
Proof.
  intros R. destruct (replayed_pair R) as [Hu Hv]. induction i as [|i IH]; intro Hi.
  - rewrite !(replayed_start R) by assumption. unfold joined.
    rewrite !Nat.eqb_refl. destruct (Nat.eqb_spec v u); reflexivity.
  - rewrite !(replayed_next R) by lia. rewrite IH by lia. reflexivity.
Qed.

Theorem clash_sound label x y :
  accepts_clash n rows source taken successor label u v steps first second block x y = true ->
  told_apart D (known n label) u v.
Proof.
  unfold accepts_clash, labels_clash, is_known.
  rewrite !both, accepts_replayed, !Nat.ltb_lt, Nat.eqb_eq.
  intros [R [[[[[Hx Hy] Hxy] Hlx] Hly] Hne]]. apply clash_told_apart. intro Hrespects.
  destruct (label x) as [|l] eqn:Hl; [lia|]. destruct (label y) as [|l'] eqn:Hl'; [lia|].
  assert (l = l') as <-.
  { apply (Hrespects x y); [|apply known_some; auto..].
    exact (replayed_together steps x y R (le_n _) Hx Hy Hxy). }
  rewrite Nat.ltb_irrefl in Hne. discriminate.
Qed.

(** Nothing was supposed: no model has zero loss. *)
Theorem clash_infeasible label x y :
  accepts_clash n rows source taken successor label u v steps first second block x y = true ->
  u = v -> ~ feasible D (known n label).
Proof.
  intros H Huv (Z & E & T & P & Hzero).
  apply (clash_sound label x y H Z E T P Hzero). rewrite Huv. reflexivity.
Qed.

Lemma same_partition_spec (code least : nat -> nat) :
  same_partition n steps block code least = true ->
  forall x y, x < n -> y < n -> (code x = code y <-> block steps x = block steps y).
Proof.
  unfold same_partition. rewrite forall_below_spec. intros H x y Hx Hy.
  assert (Gx := H x Hx). assert (Gy := H y Hy). rewrite both, !Nat.eqb_eq in Gx, Gy.
  destruct Gx as [Gx Gx'], Gy as [Gy Gy']. split; congruence.
Qed.

Theorem forced_sound code least lead :
  accepts_forced n rows source taken successor u v steps first second block code least lead
    = true ->
  forall x y, x < n -> y < n -> (code x = code y <-> merged D (only u v) x y).
Proof.
  unfold accepts_forced. rewrite !both, accepts_replayed, follows_rows_spec.
  intros [[R Hsame] Hfollows]. assert (Hcode := same_partition_spec code least Hsame).
  intros x y Hx Hy. split.
  - intro H. apply Hcode in H; [|assumption..].
    exact (replayed_together steps x y R (le_n _) Hx Hy H).
  - intro H. cut (x = y \/ (x < n /\ y < n /\ code x = code y)); [intros [->|H']; tauto|].
    revert x y H Hx Hy.
    assert (Hleast : forall x y, merged D (only u v) x y ->
      x = y \/ (x < n /\ y < n /\ code x = code y)); [|intros x y H _ _; auto].
    apply merged_least.
    + split; [intro x|intros x y|intros x y z]; [auto|intuition|].
      intros [->|(H & G & E)] [->|(H' & G' & E')]; auto. right. repeat split; [lia..|congruence].
    + intros x y a x' y' H Hx Hy. right.
      assert (Hin := rows_within n rows source taken successor (replayed_rows R)).
      destruct (Hin _ _ _ Hx), (Hin _ _ _ Hy).
      repeat split; [assumption..|]. rewrite <- (Hfollows _ _ _ Hx), <- (Hfollows _ _ _ Hy).
      destruct H as [->|(_ & _ & ->)]; reflexivity.
    + intros x y [-> ->]. right. destruct (replayed_pair R) as [Hu Hv].
      repeat split; [assumption..|]. apply Hcode; [assumption..|].
      exact (replayed_holds_pair steps R (le_n _)).
Qed.

End Replays.

(** With nothing supposed: the forced merges. *)
Theorem forced_exactly (n rows : nat) (source taken successor : nat -> nat) (u steps : nat)
    (first second : nat -> nat) (block : nat -> nat -> nat) (code least : nat -> nat)
    (lead : nat -> nat -> nat) :
  accepts_forced n rows source taken successor u u steps first second block code least lead
    = true ->
  forall x y, x < n -> y < n ->
  (code x = code y <-> forced (logged (row_list rows source taken successor)) x y).
Proof.
  intros H x y Hx Hy. rewrite (forced_sound _ _ _ _ _ _ _ _ _ _ _ _ _ _ H x y Hx Hy).
  split; apply merged_least; try apply merged_equivalence; try apply merged_closed.
  - intros s t [-> ->]. apply merged_refl.
  - contradiction.
Qed.
