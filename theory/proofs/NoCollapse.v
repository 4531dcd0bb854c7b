(** * No unhealthy representation collapse (S4), the lattice (S5), words (S7)

    Informal statement.  In a deterministic MDP with a label on every observation, an encoder whose
    two losses are both zero gives different codes to observations that are not bisimilar (S4).
    The kernels that zero loss allows lie between the identity and bisimilarity, and are closed
    under intersection and under joins (S5).  Bisimilar means: equal labels after every word; a
    pair first separated by [k] steps has a shortest distinguishing word of length [k] (S7).

    Main definitions: [meet], [join].

    Main statements: [kernel_admissible], [no_unhealthy_collapse]; [identity_admissible],
    [bisimilar_admissible], [admissible_below_bisimilar], [meet_admissible], [join_admissible],
    [join_least]; [bisimilar_iff_words], [k_bisimilar_iff_words], [depth_zero],
    [first_separated]. *)

From Coq Require Import List RelationClasses Relation_Operators Lia.
From Tellapart Require Import Systems.
Import ListNotations.

Section NoCollapse.

Context {O A L Z : Type} (f : O -> A -> O) (p : O -> L).

(** ** S4 *)

Theorem kernel_admissible (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) :
  zero_loss f p E T P -> admissible f p (kernel E).
Proof.
  intros [Hdyn Haux]. split.
  - split; unfold kernel; [intro|intros x y|intros x y z]; congruence.
  - intros x y Hxy. unfold kernel in *. split.
    + rewrite <- (Haux x), <- (Haux y). congruence.
    + intro a. rewrite <- (Hdyn x a), <- (Hdyn y a). congruence.
Qed.

Theorem no_unhealthy_collapse (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) :
  zero_loss f p E T P -> forall x y, ~ bisimilar f p x y -> E x <> E y.
Proof.
  intros Hzero x y Hnot Hsame. apply Hnot.
  exact (bisimilar_greatest f p (kernel E) (proj2 (kernel_admissible E T P Hzero)) x y Hsame).
Qed.

(** ** S5: bottom, top, meets and joins *)

Theorem identity_admissible : admissible f p eq.
Proof. split; [exact eq_equivalence|]. intros x y []. auto. Qed.

Theorem bisimilar_admissible : admissible f p (bisimilar f p).
Proof. split; [apply bisimilar_equivalence|apply bisimilar_is_bisimulation]. Qed.

Theorem admissible_below_bisimilar R :
  admissible f p R -> (forall x, R x x) /\ (forall x y, R x y -> bisimilar f p x y).
Proof. intros [HR Hb]. split; [apply HR|exact (bisimilar_greatest f p R Hb)]. Qed.

(** Meet and join of a family of relations: in all of them; along a chain of members. *)
Definition meet (F : (O -> O -> Prop) -> Prop) (x y : O) : Prop := forall R, F R -> R x y.

Definition join (F : (O -> O -> Prop) -> Prop) : O -> O -> Prop :=
  clos_refl_trans O (fun x y => exists R, F R /\ R x y).

(** The empty family has the full relation as its meet, so at least one member is asked for. *)
Theorem meet_admissible (F : (O -> O -> Prop) -> Prop) :
  (exists R, F R) -> (forall R, F R -> admissible f p R) -> admissible f p (meet F).
Proof.
  intros [R0 HR0] HF. split; [split|].
  - intros x R HR. apply (HF R HR).
  - intros x y H R HR. apply (HF R HR), H, HR.
  - intros x y z H G R HR. destruct (HF R HR) as [Heq _].
    transitivity y; [apply H|apply G]; exact HR.
  - intros x y H. split.
    + apply (proj2 (HF R0 HR0) x y), H, HR0.
    + intros a R HR. apply (proj2 (HF R HR) x y), H, HR.
Qed.

Theorem join_admissible (F : (O -> O -> Prop) -> Prop) :
  (forall R, F R -> admissible f p R) -> admissible f p (join F).
Proof.
  intro HF. split; [split|].
  - intro x. apply rt_refl.
  - intros x y H. induction H as [x y [R [HR Hxy]]|x|x y z _ IH _ JH].
    + apply rt_step. exists R. split; [exact HR|]. apply (HF R HR), Hxy.
    + apply rt_refl.
    + exact (rt_trans _ _ _ _ _ JH IH).
  - intros x y z. apply rt_trans.
  - intros x y H. induction H as [x y [R [HR Hxy]]|x|x y z _ [Hp Hf] _ [Hq Hg]].
    + destruct (proj2 (HF R HR) x y Hxy) as [Hp Hf]. split; [exact Hp|].
      intro a. apply rt_step. exists R. auto.
    + split; [reflexivity|]. intro a. apply rt_refl.
    + split; [congruence|]. intro a. exact (rt_trans _ _ _ _ _ (Hf a) (Hg a)).
Qed.

Theorem join_least (F : (O -> O -> Prop) -> Prop) (S : O -> O -> Prop) :
  Equivalence S -> (forall R, F R -> forall x y, R x y -> S x y) ->
  forall x y, join F x y -> S x y.
Proof.
  intros HS HF x y H. induction H as [x y [R [HR Hxy]]|x|x y z _ IH _ JH].
  - exact (HF R HR x y Hxy).
  - reflexivity.
  - transitivity y; assumption.
Qed.

(** ** S7: words *)

Theorem bisimilar_iff_words x y :
  bisimilar f p x y <-> forall w, p (run f w x) = p (run f w y).
Proof.
  split.
  - intros H w. revert x y H. induction w as [|a w IH]; intros x y H;
      destruct (bisimilar_is_bisimulation f p x y H) as [Hp Hf]; [exact Hp|].
    apply (IH (f x a) (f y a)), Hf.
  - intro H. exists (fun u v => forall w, p (run f w u) = p (run f w v)). split; [|exact H].
    intros u v Huv. split; [exact (Huv [])|]. intros a w. exact (Huv (a :: w)).
Qed.

Theorem k_bisimilar_iff_words k x y :
  k_bisimilar f p k x y <-> forall w, length w <= k -> p (run f w x) = p (run f w y).
Proof.
  revert x y. induction k as [|k IH]; intros x y; split.
  - intros H [|a w] Hw; [exact H|]. simpl in Hw. lia.
  - intro H. exact (H [] (le_n 0)).
  - intros [Hp Hf] [|a w] Hw; [exact Hp|]. simpl in Hw.
    apply (proj1 (IH (f x a) (f y a)) (Hf a) w). lia.
  - intro H. split; [apply (H []), le_0_n|].
    intro a. apply IH. intros w Hw. apply (H (a :: w)). simpl. lia.
Qed.

(** The case of depth 0: nothing is needed, and the empty word is the shortest. *)
Theorem depth_zero x y :
  (~ k_bisimilar f p 0 x y <-> p x <> p y) /\ (p x <> p y <-> p (run f [] x) <> p (run f [] y)).
Proof. split; reflexivity. Qed.

(** Finitely many actions and labels that can be compared: then a separated pair has a word. *)
Section Shortest.

Context (actions : list A) (all_actions : forall a, In a actions)
  (label_eq_dec : forall l l' : L, {l = l'} + {l <> l'}).

Lemma k_bisimilar_dec k x y : {k_bisimilar f p k x y} + {~ k_bisimilar f p k x y}.
Proof.
  revert x y. induction k as [|k IH]; intros x y; simpl; [apply label_eq_dec|].
  destruct (label_eq_dec (p x) (p y)) as [Hp|Hp]; [|right; tauto].
  destruct (Forall_dec (fun a => k_bisimilar f p k (f x a) (f y a))
    (fun a => IH (f x a) (f y a)) actions) as [H|H]; rewrite Forall_forall in H.
  - left. split; [exact Hp|]. auto.
  - right. intros [_ G]. apply H. auto.
Defined.

Theorem distinguishing_word k x y :
  ~ k_bisimilar f p k x y -> exists w, length w <= k /\ p (run f w x) <> p (run f w y).
Proof.
  revert x y. induction k as [|k IH]; intros x y H; [exists []; auto|].
  destruct (label_eq_dec (p x) (p y)) as [Hp|Hp]; [|exists []; simpl; auto with arith].
  destruct (Forall_Exists_dec (fun a => k_bisimilar f p k (f x a) (f y a))
    (fun a => k_bisimilar_dec k (f x a) (f y a)) actions) as [G|G].
  - exfalso. apply H. rewrite Forall_forall in G. split; [exact Hp|]. auto.
  - apply Exists_exists in G. destruct G as [a [_ Ha]].
    destruct (IH _ _ Ha) as [w [Hlen Hw]]. exists (a :: w). simpl. split; [lia|exact Hw].
Qed.

Theorem first_separated k x y :
  k_bisimilar f p k x y -> ~ k_bisimilar f p (S k) x y ->
  (exists w, length w = S k /\ p (run f w x) <> p (run f w y)) /\
  (forall v, p (run f v x) <> p (run f v y) -> S k <= length v).
Proof.
  intros Hk Hnot. rewrite k_bisimilar_iff_words in Hk.
  assert (Hlong : forall v, p (run f v x) <> p (run f v y) -> S k <= length v).
  { intros v Hv. destruct (Compare_dec.le_lt_dec (length v) k) as [H|H]; [|exact H].
    contradiction (Hv (Hk v H)). }
  split; [|exact Hlong].
  destruct (distinguishing_word (S k) x y Hnot) as [w [Hlen Hw]].
  exists w. split; [|exact Hw]. apply Hlong in Hw. lia.
Qed.

End Shortest.

End NoCollapse.
