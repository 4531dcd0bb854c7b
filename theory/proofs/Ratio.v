(** * The resolution ratio (S13)

    Informal statement.  The gap of a successor is the least distance from its code to the code of
    an observation that must be told apart from it; the gap of a label, the least distance to
    another label of the data.  The resolution ratio is the largest quotient of an error and half
    of its gap, over the transitions and the labels.  For finite data without a gap of zero a model
    is resolved iff its ratio is below 1.  (With a gap of zero it is not resolved:
    [resolved_separates].)

    What has no observation to be told apart from, and a label that is the only one, has no gap and
    counts as the ratio 0.

    Main definitions: [least], [ratio], [largest], [resolution_ratio].

    Main statements: [resolution_ratio_below_one]. *)

From Coq Require Import List QArith Qminmax Lqa.
From Tellapart Require Import Systems Data Quantitative Resolution.
Import ListNotations.
Local Open Scope Q_scope.

(** The least of some numbers, and the quotient of an error by half of it. *)
Definition least (qs : list Q) : option Q :=
  match qs with [] => None | q :: rest => Some (fold_right Qmin q rest) end.

Definition ratio (error : Q) (gap : option Q) : Q :=
  match gap with None => 0 | Some g => error / (g / 2) end.

Definition largest (qs : list Q) : Q := fold_right Qmax 0 qs.

Lemma largest_below qs b : 0 < b -> (largest qs < b <-> forall q, In q qs -> q < b).
Proof.
  intro Hb. induction qs as [|q rest IH]; simpl; [split; [contradiction|auto]|].
  rewrite Q.max_lub_lt_iff, IH. split.
  - intros [Hq Hrest] r [<-|Hr]; auto.
  - intro H. split; auto.
Qed.

Lemma least_above q rest b :
  b < fold_right Qmin q rest <-> forall r, In r (q :: rest) -> b < r.
Proof.
  induction rest as [|r rest IH]; simpl.
  - split; [intros H r [<-|[]]; exact H|auto].
  - rewrite Q.min_glb_lt_iff, IH. simpl. split.
    + intros [Hr H] u [<-|[<-|Hu]]; auto.
    + intro H. split; auto. intros u [<-|Hu]; auto.
Qed.

Lemma ratio_below_one error qs :
  (forall q, In q qs -> 0 < q) ->
  (ratio error (least qs) < 1 <-> forall q, In q qs -> 2 * error < q).
Proof.
  intro Hpos. destruct qs as [|q rest]; simpl; [split; [contradiction|reflexivity]|].
  assert (Hg := proj2 (least_above q rest 0) Hpos). rewrite <- (least_above q rest (2 * error)).
  set (g := fold_right Qmin q rest) in *.
  assert (Hback : error / (g / 2) * g == 2 * error).
  { field. intro H. rewrite H in Hg. discriminate. }
  split; intro H.
  - apply (Qmult_lt_r _ _ g Hg) in H. rewrite Hback, Qmult_1_l in H. exact H.
  - apply (Qmult_lt_r _ _ g Hg). rewrite Hback, Qmult_1_l. exact H.
Qed.

Section Ratio.

Context {O A L Z : Type} (d : Z -> Z -> Q) (e : L -> L -> Q) (triples : list (O * A * O))
  (labelled : list (O * L)) (all : list O) (must : O -> O -> bool) (same : L -> L -> bool)
  (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L).

(** Distances to what must be told apart from the successor, and to the other labels. *)
Definition code_gaps (o : O) : list Q :=
  map (fun x => d (E o) (E x)) (filter (must o) all).

Definition label_gaps (l : L) : list Q :=
  map (e l) (filter (fun l' => negb (same l l')) (map snd labelled)).

Definition resolution_ratio : Q :=
  Qmax
    (largest (map (fun '(o, a, o') => ratio (d (T (E o) a) (E o')) (least (code_gaps o'))) triples))
    (largest (map (fun '(o, l) => ratio (e (P (E o)) l) (least (label_gaps l))) labelled)).

Theorem resolution_ratio_below_one (p : O -> option L) :
  (forall o l, In (o, l) labelled <-> p o = Some l) -> (forall o, In o all) ->
  (forall l l', same l l' = true <-> l = l') ->
  (forall o a o' x, In (o, a, o') triples -> must o' x = true -> 0 < d (E o') (E x)) ->
  (forall o l x l', p o = Some l -> p x = Some l' -> l <> l' -> 0 < e l l') ->
  (resolution_ratio < 1 <->
   resolved d e (logged triples) p (fun x y => must x y = true) E T P).
Proof.
  intros Hlabelled Hall Hsame Hcodes Hlabels.
  assert (Hone : 0 < 1) by reflexivity.
  assert (Hcode : forall o q,
    In q (code_gaps o) <-> exists x, must o x = true /\ d (E o) (E x) = q).
  { intros o q. unfold code_gaps. rewrite in_map_iff. split.
    - intros (x & Hq & Hx). apply filter_In in Hx. exists x. tauto.
    - intros (x & Hx & Hq). exists x. split; [exact Hq|]. apply filter_In. auto. }
  assert (Hlabel : forall l q, In q (label_gaps l) <->
    exists x l', p x = Some l' /\ l <> l' /\ e l l' = q).
  { intros l q. unfold label_gaps. rewrite in_map_iff. split.
    - intros (l' & Hq & Hl). apply filter_In in Hl. destruct Hl as [Hl Hne].
      apply in_map_iff in Hl. destruct Hl as ([x m] & Hm & Hx). simpl in Hm. subst m.
      exists x, l'. split; [apply Hlabelled, Hx|split; [|exact Hq]].
      intro H. apply Hsame in H. rewrite H in Hne. discriminate.
    - intros (x & l' & Hx & Hne & Hq). exists l'. split; [exact Hq|]. apply filter_In. split.
      + apply in_map_iff. exists (x, l'). split; [reflexivity|apply Hlabelled, Hx].
      + destruct (same l l') eqn:H; [|reflexivity]. apply Hsame in H. contradiction. }
  unfold resolution_ratio. rewrite Q.max_lub_lt_iff, !largest_below by exact Hone.
  split.
  - intros [Hdyn Haux]. split.
    + intros o a o' x Ht Hx. refine (proj1 (ratio_below_one _ (code_gaps o') _) _ _ _).
      * intros q Hq. apply Hcode in Hq. destruct Hq as (u & Hu & <-).
        exact (Hcodes o a o' u Ht Hu).
      * apply Hdyn, in_map_iff. exists (o, a, o'). split; [reflexivity|exact Ht].
      * apply Hcode. exists x. split; [exact Hx|reflexivity].
    + intros o l x l' Hl Hx Hne. refine (proj1 (ratio_below_one _ (label_gaps l) _) _ _ _).
      * intros q Hq. apply Hlabel in Hq. destruct Hq as (u & m & Hu & Hm & <-).
        exact (Hlabels o l u m Hl Hu Hm).
      * apply Haux, in_map_iff. exists (o, l). split; [reflexivity|apply Hlabelled, Hl].
      * apply Hlabel. exists x, l'. auto.
  - intros [Hdyn Haux]. split; intros q Hq; apply in_map_iff in Hq.
    + destruct Hq as ([[o a] o'] & <- & Ht). apply ratio_below_one.
      * intros q Hq. apply Hcode in Hq. destruct Hq as (u & Hu & <-).
        exact (Hcodes o a o' u Ht Hu).
      * intros q Hq. apply Hcode in Hq. destruct Hq as (u & Hu & <-). exact (Hdyn o a o' u Ht Hu).
    + destruct Hq as ([o l] & <- & Ht). apply Hlabelled in Ht. apply ratio_below_one.
      * intros q Hq. apply Hlabel in Hq. destruct Hq as (u & m & Hu & Hm & <-).
        exact (Hlabels o l u m Ht Hu Hm).
      * intros q Hq. apply Hlabel in Hq. destruct Hq as (u & m & Hu & Hm & <-).
        exact (Haux o l u m Ht Hu Hm).
Qed.

End Ratio.
