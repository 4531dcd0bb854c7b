(** * Covered words find fewer pairs than S3

    Informal statement.  A word is covered from two observations when the data hold its transitions
    from both.  A covered word that leads to two different labels shows that every zero-loss
    encoder tells the pair apart.  The converse is wrong, even without noise and with all labels
    known: merging a pair can force merges that no single covered word shows.

    The example is the counting chain of nine, label 1 on 4 only, without the step down from 7.
    Covered words leave (5, 7), (6, 7), (6, 8) and (7, 8); every zero-loss encoder tells all of
    them apart but (7, 8).

    Main definitions: [path], [word_separates], [nine_triples], [four_known].

    Main statements: [word_told_apart], [covered_words_miss]. *)

From Coq Require Import Arith Bool List Lia.
From Tellapart Require Import Systems Data Merging Feasibility.
Import ListNotations.

Section Words.

Context {O A L : Type} (D : O -> A -> O -> Prop) (p : O -> option L).

(** The word leads from one observation to the other along covered transitions. *)
Inductive path : list A -> O -> O -> Prop :=
  | path_nil x : path [] x x
  | path_cons a w x y z : D x a y -> path w y z -> path (a :: w) x z.

Definition word_separates (x y : O) : Prop :=
  exists w u v l l', path w x u /\ path w y v /\ p u = Some l /\ p v = Some l' /\ l <> l'.

Theorem word_told_apart x y : word_separates x y -> told_apart D p x y.
Proof.
  intros (w & u & v & l & l' & Hu & Hv & Hl & Hl' & Hne) Z E T P [Hdyn Haux] Hsame.
  apply Hne. rewrite <- (Haux u l Hl), <- (Haux v l' Hl'). f_equal.
  clear l l' Hl Hl' Hne. revert y v Hv Hsame.
  induction Hu as [x|a w x x' u Hx _ IH]; intros y v Hv Hsame; inversion Hv; subst; [exact Hsame|].
  eapply IH; [eassumption|].
  rewrite <- (Hdyn x a x' Hx), Hsame. apply Hdyn. assumption.
Qed.

End Words.

(** ** The counting chain of nine without the step down from 7; actions are 0: down, 1: up *)

Definition nine_triples : list triple :=
  [(0, 0, 0); (1, 0, 0); (2, 0, 1); (3, 0, 2); (4, 0, 3); (5, 0, 4); (6, 0, 5); (8, 0, 7);
   (0, 1, 1); (1, 1, 2); (2, 1, 3); (3, 1, 4); (4, 1, 5); (5, 1, 6); (6, 1, 7); (7, 1, 8);
   (8, 1, 8)].

Definition four_known (o : nat) : option nat :=
  if o <? 9 then Some (if o =? 4 then 1 else 0) else None.

(** The pairs that covered words leave, either way round, and the diagonal. *)
Definition left_by_words (x y : nat) : bool :=
  (x =? y) || existsb (fun t => (x =? fst t) && (y =? snd t) || (y =? fst t) && (x =? snd t))
    [(5, 7); (6, 7); (6, 8); (7, 8)].

Lemma nine_exist o a o' : In (o, a, o') nine_triples -> o < 9 /\ o' < 9.
Proof.
  unfold nine_triples. simpl.
  repeat (intros [H|H]; [injection H as <- <- <-; lia|revert H]). contradiction.
Qed.

Lemma four_known_exists x l : four_known x = Some l -> x < 9.
Proof. unfold four_known. destruct (Nat.ltb_spec x 9); [auto|discriminate]. Qed.

(** A test of all pairs, run inside Coq. *)
Lemma below_nine (test : nat -> nat -> bool) :
  forallb (fun x => forallb (test x) (seq 0 9)) (seq 0 9) = true ->
  forall x y, x < 9 -> y < 9 -> test x y = true.
Proof.
  intros Hall x y Hx Hy. rewrite forallb_forall in Hall.
  specialize (Hall x (proj2 (in_seq 9 0 x) (conj (Nat.le_0_l x) Hx))).
  rewrite forallb_forall in Hall.
  exact (Hall y (proj2 (in_seq 9 0 y) (conj (Nat.le_0_l y) Hy))).
Qed.

(** No covered step leads out of these pairs. *)
Lemma left_closed x y a x' y' :
  left_by_words x y = true -> logged nine_triples x a x' -> logged nine_triples y a y' ->
  left_by_words x' y' = true.
Proof.
  intros Hxy Hx Hy.
  assert (Hall : forallb (fun s => forallb (fun t =>
    let '(x, a, x') := s in let '(y, b, y') := t in
    negb (left_by_words x y && (a =? b)) || left_by_words x' y') nine_triples) nine_triples = true)
    by (vm_compute; reflexivity).
  rewrite forallb_forall in Hall. specialize (Hall _ Hx). rewrite forallb_forall in Hall.
  specialize (Hall _ Hy). simpl in Hall. rewrite Hxy, Nat.eqb_refl in Hall. exact Hall.
Qed.

Lemma left_same_label x y l l' :
  left_by_words x y = true -> four_known x = Some l -> four_known y = Some l' -> l = l'.
Proof.
  intros Hxy Hx Hy. assert (Hx9 := four_known_exists x l Hx).
  assert (Hy9 := four_known_exists y l' Hy).
  assert (Hsame := below_nine (fun x y => implb (left_by_words x y)
    match four_known x, four_known y with Some l, Some l' => l =? l' | _, _ => true end)
    ltac:(vm_cast_no_check (eq_refl true)) x y Hx9 Hy9).
  cbv beta in Hsame. rewrite Hxy, Hx, Hy in Hsame. exact (proj1 (Nat.eqb_eq l l') Hsame).
Qed.

Lemma left_not_separated x y :
  left_by_words x y = true -> ~ word_separates (logged nine_triples) four_known x y.
Proof.
  intros Hxy (w & u & v & l & l' & Hu & Hv & Hl & Hl' & Hne). apply Hne.
  clear Hne. revert y v Hv Hl' Hxy.
  induction Hu as [x|a w x x' u Hx _ IH]; intros y v Hv Hl' Hxy; inversion Hv; subst.
  - exact (left_same_label x v l l' Hxy Hl Hl').
  - eapply IH; [assumption|eassumption|assumption|]. eapply left_closed; eassumption.
Qed.

(** ** All other pairs are separated by a word of downs or a word of ups *)

Fixpoint follow (triples : list triple) (w : list nat) (x : nat) : option nat :=
  match w with
  | [] => Some x
  | a :: w =>
    match find (fun t => (fst (fst t) =? x) && (snd (fst t) =? a)) triples with
    | Some t => follow triples w (snd t)
    | None => None
    end
  end.

Lemma follow_path triples w x z : follow triples w x = Some z -> path (logged triples) w x z.
Proof.
  revert x. induction w as [|a w IH]; intros x H; simpl in H.
  - injection H as <-. apply path_nil.
  - destruct (find _ _) as [[[o b] o']|] eqn:Hfind; [|discriminate].
    apply find_some in Hfind. destruct Hfind as [Hin Heq]. apply andb_true_iff in Heq.
    destruct Heq as [Ho Hb]. apply Nat.eqb_eq in Ho, Hb. simpl in *. subst.
    exact (path_cons _ a w x o' z Hin (IH o' H)).
Qed.

Definition shows (w : list nat) (x y : nat) : bool :=
  match follow nine_triples w x, follow nine_triples w y with
  | Some u, Some v =>
    match four_known u, four_known v with
    | Some l, Some l' => negb (l =? l')
    | _, _ => false
    end
  | _, _ => false
  end.

Lemma shows_separates w x y :
  shows w x y = true -> word_separates (logged nine_triples) four_known x y.
Proof.
  unfold shows. destruct (follow _ w x) as [u|] eqn:Hu; [|discriminate].
  destruct (follow _ w y) as [v|] eqn:Hv; [|discriminate].
  destruct (four_known u) as [l|] eqn:Hl; [|discriminate].
  destruct (four_known v) as [l'|] eqn:Hl'; [|discriminate]. intro H.
  exists w, u, v, l, l'. repeat split; auto using follow_path.
  intro Heq. subst. rewrite Nat.eqb_refl in H. discriminate.
Qed.

(** Words of up to four equal actions. *)
Definition some_words : list (list nat) :=
  flat_map (fun a => map (repeat a) [0; 1; 2; 3; 4]) [0; 1].

Lemma others_separated x y :
  x < 9 -> y < 9 -> left_by_words x y = false ->
  word_separates (logged nine_triples) four_known x y.
Proof.
  intros Hx Hy Hnot.
  assert (Hxy := below_nine (fun x y =>
    left_by_words x y || existsb (fun w => shows w x y) some_words)
    ltac:(vm_cast_no_check (eq_refl true)) x y Hx Hy).
  cbv beta in Hxy.
  rewrite Hnot in Hxy. apply existsb_exists in Hxy. destruct Hxy as (w & _ & Hw).
  exact (shows_separates w x y Hw).
Qed.

(** ** What is left by words, and what is left by S3 *)

Lemma nine_tested : forallb (fun x => forallb (fun y => implb (x <? y)
    (eqb (decide_told_apart 9 nine_triples four_known x y) (negb ((x =? 7) && (y =? 8)))))
    (seq 0 9)) (seq 0 9) = true.
Proof. vm_compute. reflexivity. Qed.

Lemma implb_apply b c : implb b c = true -> b = true -> c = true.
Proof. intros H ->. exact H. Qed.

Lemma nine_told_apart x y : x < y -> y < 9 ->
  decide_told_apart 9 nine_triples four_known x y = negb ((x =? 7) && (y =? 8)).
Proof.
  intros Hxy Hy. apply eqb_prop. apply (implb_apply (x <? y)); [|apply Nat.ltb_lt, Hxy].
  exact (below_nine _ nine_tested x y (Nat.lt_trans x y 9 Hxy Hy) Hy).
Qed.

Theorem covered_words_miss x y :
  x < y < 9 ->
  (word_separates (logged nine_triples) four_known x y <->
     ~ In (x, y) [(5, 7); (6, 7); (6, 8); (7, 8)]) /\
  (told_apart (logged nine_triples) four_known x y <-> (x, y) <> (7, 8)).
Proof.
  intros [Hxy Hy]. assert (Hx : x < 9) by lia. split.
  - assert (Hleft : left_by_words x y = true <-> In (x, y) [(5, 7); (6, 7); (6, 8); (7, 8)]).
    { unfold left_by_words. rewrite (proj2 (Nat.eqb_neq x y)), orb_false_l by lia.
      rewrite existsb_exists. split.
      - intros ([u v] & Hin & H). apply orb_true_iff in H.
        destruct H as [H|H]; apply andb_true_iff in H; destruct H as [Hu Hv];
          apply Nat.eqb_eq in Hu, Hv; simpl in Hu, Hv; subst; [exact Hin|].
        repeat (destruct Hin as [H|Hin]; [injection H as <- <-; lia|]). contradiction.
      - intro Hin. exists (x, y). split; [exact Hin|]. simpl. rewrite !Nat.eqb_refl. reflexivity. }
    rewrite <- Hleft. split; [intros H Hnot; exact (left_not_separated x y Hnot H)|].
    intro Hnot. apply (others_separated x y Hx Hy), not_true_is_false, Hnot.
  - rewrite <- (decide_told_apart_correct 9 nine_triples nine_exist four_known four_known_exists
      x y Hx Hy), (nine_told_apart x y Hxy Hy), negb_true_iff. split.
    + intros H Heq. injection Heq as -> ->. discriminate.
    + intro Hne. apply not_true_is_false. intro H. apply andb_true_iff in H. destruct H as [Hu Hv].
      apply Nat.eqb_eq in Hu, Hv. congruence.
Qed.
