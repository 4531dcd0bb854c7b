(** * The main statements on definitions and on pairs to tell apart, spelled out (D1, D2, D4, S3)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [Definitions.v] and [DefinitionsLosses.v]. *)

From Coq Require Import List RelationClasses.
From Tellapart Require Import Systems Characterisation Data Dropped Kernels CoveredWords.
Import ListNotations.

(** ** D1: zero loss *)

Check (@total_zero_loss :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (Z : Type)
    (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  data_zero_loss (total f) (fully_labelled p) E T P <-> zero_loss f p E T P).

Check (@renaming_zero_loss :
  forall (O A L Z : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (W : Type) (g : Z -> W) (h : W -> Z) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  (forall z : Z, h (g z) = z) ->
  data_zero_loss D p E T P <->
  data_zero_loss D p (fun o : O => g (E o)) (fun (w : W) (a : A) => g (T (h w) a))
    (fun w : W => P (h w))).

Check (@less_data_zero_loss :
  forall (O A L Z : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (D' : O -> A -> O -> Prop) (p' : O -> option L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L),
  (forall (o : O) (a : A) (o' : O), D' o a o' -> D o a o') ->
  (forall (o : O) (l : L), p' o = Some l -> p o = Some l) ->
  data_zero_loss D p E T P -> data_zero_loss D' p' E T P).

(** ** D2: the kernel *)

Check (@kernel_equivalence :
  forall (O Z : Type) (E : O -> Z), Equivalence (kernel E)).

Check (@renaming_kernel :
  forall (O Z W : Type) (g : Z -> W) (E : O -> Z),
  (forall u v : Z, g u = g v -> u = v) ->
  forall x y : O, kernel (fun o : O => g (E o)) x y <-> kernel E x y).

Check (@function_of_code_merges :
  forall (O Z W : Type) (g : Z -> W) (E : O -> Z) (x y : O),
  kernel E x y -> kernel (fun o : O => g (E o)) x y).

(** ** D4: admissible *)

Check (@admissible_congruence :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  admissible f p R <-> congruence f R /\ (forall x y : O, R x y -> p x = p y)).

Check (@less_data_admissible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L)
    (D' : O -> A -> O -> Prop) (p' : O -> option L) (R : O -> O -> Prop),
  (forall (o : O) (a : A) (o' : O), D' o a o' -> D o a o') ->
  (forall (o : O) (l : L), p' o = Some l -> p o = Some l) ->
  data_admissible D p R -> data_admissible D' p' R).

Check (@identity_admissible_iff :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  data_admissible D p eq <-> (forall (o : O) (a : A) (u v : O), D o a u -> D o a v -> u = v)).

(** ** S3 without gaps is bisimilarity; with gaps covered words find less *)

Check (@told_apart_symmetric :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L) (x y : O),
  told_apart D p x y -> told_apart D p y x).

Check (@total_clash_bisimilar :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  respects_labels (fully_labelled p) (merged (total f) (only x y)) <-> bisimilar f p x y).

Check (@total_not_bisimilar_apart :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  ~ bisimilar f p x y -> told_apart (total f) (fully_labelled p) x y).

Check (@total_told_apart_iff :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (b : O -> O -> bool)
    (all : list O) (x y : O),
  is_finite O all ->
  decides b (bisimilar f p) ->
  told_apart (total f) (fully_labelled p) x y <-> ~ bisimilar f p x y).

Check (@word_told_apart :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L) (x y : O),
  word_separates D p x y -> told_apart D p x y).

Check (@covered_words_miss :
  forall x y : nat,
  x < y < 9 ->
  (word_separates (logged nine_triples) four_known x y <->
   ~ In (x, y) [(5, 7); (6, 7); (6, 8); (7, 8)]) /\
  (told_apart (logged nine_triples) four_known x y <-> (x, y) <> (7, 8))).
