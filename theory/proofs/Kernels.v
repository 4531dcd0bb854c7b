(** * Facts about the definitions (D1, D2, D4), and S3 without gaps

    Informal statement.  On a total system the equations of D1 and the rules of D4 for logged data
    are those of the total case; there an admissible relation is a congruence that keeps labels.
    Codes can be renamed: zero loss and the kernel stay.  Less data never lose zero loss or an
    admissible relation.  A kernel is an equivalence, and a function of the code merges at least
    what the code merges.  Keeping all observations apart is admissible iff no pair of observation
    and action has two successors.

    Without gaps S3 is bisimilarity: merging a pair makes no labels clash iff the pair is
    bisimilar.  No axiom and no finiteness is used for it.  That some encoder merges the bisimilar
    pair needs a choice of members of blocks, as in S1.

    Main definitions: [total], [fully_labelled].

    Main statements: [total_zero_loss], [renaming_zero_loss], [less_data_zero_loss];
    [kernel_equivalence], [renaming_kernel], [function_of_code_merges]; [admissible_congruence],
    [less_data_admissible], [identity_admissible_iff]; [total_clash_bisimilar],
    [total_not_bisimilar_apart], [total_told_apart_iff], [told_apart_symmetric]. *)

From Coq Require Import List RelationClasses.
From Tellapart Require Import Systems NoCollapse Characterisation Data Dropped.

(** The data of a total system: one transition for each pair, and every label. *)
Definition total {O A : Type} (f : O -> A -> O) (o : O) (a : A) (o' : O) : Prop := f o a = o'.

Definition fully_labelled {O L : Type} (p : O -> L) (o : O) : option L := Some (p o).

Section Kernels.

Context {O A L Z : Type} (D : O -> A -> O -> Prop) (p : O -> option L).

(** ** D1: zero loss *)

(** [h] reads the old code off the new one. *)
Theorem renaming_zero_loss {W : Type} (g : Z -> W) (h : W -> Z) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L) :
  (forall z, h (g z) = z) ->
  (data_zero_loss D p E T P <->
   data_zero_loss D p (fun o => g (E o)) (fun w a => g (T (h w) a)) (fun w => P (h w))).
Proof.
  intro Hback. split; intros [Hdyn Haux]; split.
  - intros o a o' Ht. rewrite Hback, (Hdyn o a o' Ht). reflexivity.
  - intros o l Hl. rewrite Hback. exact (Haux o l Hl).
  - intros o a o' Ht. specialize (Hdyn o a o' Ht). rewrite Hback in Hdyn.
    rewrite <- (Hback (T (E o) a)), Hdyn. apply Hback.
  - intros o l Hl. specialize (Haux o l Hl). rewrite Hback in Haux. exact Haux.
Qed.

Theorem less_data_zero_loss (D' : O -> A -> O -> Prop) (p' : O -> option L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) :
  (forall o a o', D' o a o' -> D o a o') -> (forall o l, p' o = Some l -> p o = Some l) ->
  data_zero_loss D p E T P -> data_zero_loss D' p' E T P.
Proof. intros HD Hp [Hdyn Haux]. split; auto. Qed.

(** ** D2: the kernel *)

Theorem kernel_equivalence (E : O -> Z) : Equivalence (kernel E).
Proof. unfold kernel. split; [intro|intros x y|intros x y z]; congruence. Qed.

Theorem renaming_kernel {W : Type} (g : Z -> W) (E : O -> Z) :
  (forall u v, g u = g v -> u = v) ->
  forall x y, kernel (fun o => g (E o)) x y <-> kernel E x y.
Proof. intros Hg x y. unfold kernel. split; [apply Hg|intros ->; reflexivity]. Qed.

Theorem function_of_code_merges {W : Type} (g : Z -> W) (E : O -> Z) x y :
  kernel E x y -> kernel (fun o => g (E o)) x y.
Proof. unfold kernel. intros ->. reflexivity. Qed.

(** ** D4: admissible *)

Theorem less_data_admissible (D' : O -> A -> O -> Prop) (p' : O -> option L) R :
  (forall o a o', D' o a o' -> D o a o') -> (forall o l, p' o = Some l -> p o = Some l) ->
  data_admissible D p R -> data_admissible D' p' R.
Proof.
  intros HD Hp [HR [Hlab Hclosed]]. split; [exact HR|split].
  - intros x y l l' Hxy Hx Hy. exact (Hlab x y l l' Hxy (Hp x l Hx) (Hp y l' Hy)).
  - intros x y a x' y' Hxy Hx Hy. exact (Hclosed x y a x' y' Hxy (HD _ _ _ Hx) (HD _ _ _ Hy)).
Qed.

Theorem identity_admissible_iff :
  data_admissible D p eq <-> (forall o a u v, D o a u -> D o a v -> u = v).
Proof.
  split.
  - intros [_ [_ Hclosed]] o a u v Hu Hv. exact (Hclosed o o a u v eq_refl Hu Hv).
  - intro Hone. split; [exact eq_equivalence|split].
    + intros x y l l' -> Hx Hy. congruence.
    + intros x y a x' y' <- Hx Hy. exact (Hone x a x' y' Hx Hy).
Qed.

(** ** S3: "told apart" is symmetric *)

Theorem told_apart_symmetric x y : told_apart D p x y -> told_apart D p y x.
Proof. intros H W E T P Hzero Hsame. exact (H W E T P Hzero (eq_sym Hsame)). Qed.

End Kernels.

(** ** Total, fully labelled systems *)

Section Total.

Context {O A L : Type} (f : O -> A -> O) (p : O -> L).

Theorem total_zero_loss {Z : Type} (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) :
  data_zero_loss (total f) (fully_labelled p) E T P <-> zero_loss f p E T P.
Proof.
  split; intros [Hdyn Haux]; split.
  - intros o a. exact (Hdyn o a _ eq_refl).
  - intro o. exact (Haux o _ eq_refl).
  - intros o a o' <-. apply Hdyn.
  - intros o l H. injection H as <-. apply Haux.
Qed.

Theorem admissible_congruence R :
  admissible f p R <-> congruence f R /\ forall x y, R x y -> p x = p y.
Proof.
  split.
  - intros [HR Hb]. split; [split; [exact HR|]|]; intros x y; [intros a|]; intro Hxy;
      apply (Hb x y Hxy).
  - intros [[HR Hf] Hp]. split; [exact HR|]. intros x y Hxy. auto.
Qed.

(** ** S3 without gaps *)

Theorem total_clash_bisimilar x y :
  respects_labels (fully_labelled p) (merged (total f) (only x y)) <-> bisimilar f p x y.
Proof.
  split.
  - intro Hlab. exists (merged (total f) (only x y)). split.
    + intros u v Huv. split; [exact (Hlab u v _ _ Huv eq_refl eq_refl)|].
      intro a. exact (merged_step _ _ u v a _ _ Huv eq_refl eq_refl).
    + apply merged_seed. split; reflexivity.
  - intros Hxy u v l l' Huv Hu Hv. injection Hu as <-. injection Hv as <-.
    assert (H : bisimilar f p u v); [|apply (bisimilar_is_bisimulation f p u v H)].
    apply (merged_least (total f) (only x y)); [apply bisimilar_equivalence| | |exact Huv].
    + intros s t a s' t' Hst <- <-. apply (bisimilar_is_bisimulation f p s t Hst).
    + intros s t [-> ->]. exact Hxy.
Qed.

Theorem total_not_bisimilar_apart x y :
  ~ bisimilar f p x y -> told_apart (total f) (fully_labelled p) x y.
Proof.
  intros Hnot Z E T P Hzero. apply total_zero_loss in Hzero.
  exact (no_unhealthy_collapse f p E T P Hzero x y Hnot).
Qed.

(** With members of blocks at hand some encoder merges what is bisimilar. *)
Lemma represented_told_apart (c : O -> O) x y :
  representatives (bisimilar f p) c ->
  (told_apart (total f) (fully_labelled p) x y <-> ~ bisimilar f p x y).
Proof.
  intro Hc. split; [|apply total_not_bisimilar_apart]. intros Hapart Hxy.
  apply (Hapart O c (fun z a => c (f z a)) p); [|apply Hc, Hxy].
  apply total_zero_loss. exact (quotient_zero_loss f p _ c (bisimilar_admissible f p) Hc).
Qed.

Theorem total_told_apart_iff (b : O -> O -> bool) (all : list O) x y :
  is_finite O all -> decides b (bisimilar f p) ->
  (told_apart (total f) (fully_labelled p) x y <-> ~ bisimilar f p x y).
Proof.
  intros Hall Hb. apply (represented_told_apart (first_member b all)).
  apply (finite_representatives _ b all (bisimilar_equivalence f p) Hb).
  intros u v _. right. apply Hall.
Qed.

End Total.
