(** * The definitions behind the statements on pairs and on losses, spelled out

    As [Definitions.v], for the data of a total system, covered words (S3), margins along words
    (S10), irreducible loss (S11), linear capacity (S12) and resolution (S13). *)

From Coq Require Import Arith List QArith Qabs Reals.
From Tellapart Require Import Systems Data Kernels CoveredWords Quantitative Resolution.
From Tellapart Require Import LeastSquares Irreducible LinearAlgebra LinearCapacity AffineCapacity.
From Tellapart Require Import WordMargin.
From Tellapart Require QuantitativeReal ResolutionReal WordMarginReal.
Import ListNotations.
Local Open Scope Q_scope.

(** ** S3 *)

Check (eq_refl : @total = fun O A f o a o' => f o a = o').
Check (eq_refl : @fully_labelled = fun O L p o => Some (p o)).
Check (@path_ind :
  forall (O A : Type) (D : O -> A -> O -> Prop) (P : list A -> O -> O -> Prop),
  (forall x : O, P [] x x) ->
  (forall (a : A) (w : list A) (x y z : O),
   D x a y -> path D w y z -> P w y z -> P (a :: w) x z) ->
  forall (l : list A) (o o0 : O), path D l o o0 -> P l o o0).
Check (eq_refl : @word_separates = fun O A L D p x y =>
  exists w u v l l', path D w x u /\ path D w y v /\ p u = Some l /\ p v = Some l' /\ l <> l').
Check (eq_refl : nine_triples =
  [(0, 0, 0); (1, 0, 0); (2, 0, 1); (3, 0, 2); (4, 0, 3); (5, 0, 4); (6, 0, 5); (8, 0, 7);
   (0, 1, 1); (1, 1, 2); (2, 1, 3); (3, 1, 4); (4, 1, 5); (5, 1, 6); (6, 1, 7); (7, 1, 8);
   (8, 1, 8)]%nat).
Check (eq_refl : four_known = fun o =>
  if (o <? 9)%nat then Some (if (o =? 4)%nat then 1%nat else 0%nat) else None).

(** ** S10 along words *)

Check (eq_refl : @read_word = fun A L Z T P w z =>
  P (fold_left T (w : list A) (z : Z) : Z) : L).
Check (fun (O A : Type) (f : O -> A -> O) eps delta N a w x => (eq_refl, eq_refl) :
  (word_error f eps delta N [] x = delta x) *
  (word_error f eps delta N (a :: w) x =
    N w * eps x a + word_error f eps delta N w (f x a))).

(** ** S11 *)

Check (eq_refl : square = fun q => q * q).
Check (eq_refl : @total_of = fun X items F => fold_right (fun x sum => F x + sum) 0 items).
Check (eq_refl : @squared_loss = fun X K items key value dim g =>
  total_of items (fun x => total_of (seq 0 dim) (fun i => square (g (key x) i - value x i)))).
Check (eq_refl : @members = fun X K items key same k =>
  total_of items (fun x : X => if same k (key x : K) then 1 else 0)).
Check (eq_refl : @group_mean = fun X K items key value same k i =>
  total_of items (fun x : X => if same k (key x : K) then value x i else 0) /
  members items key same k).
Check (eq_refl : @faithful = fun X dim c =>
  forall u v : X, (forall i, (i < dim)%nat -> c u i == c v i) -> u = v).
Check (eq_refl : @dynamics_loss = fun O A Z triples E dim code T =>
  squared_loss triples (fun t => (E (fst (fst t)), snd (fst t))) (fun t => code (E (snd t))) dim T).
Check (eq_refl : @auxiliary_loss = fun O L Z labelled E width coordinates P =>
  squared_loss labelled (fun t => E (fst t)) (fun t => coordinates (snd t)) width P).
Check (eq_refl : @same_vector = fun X dim c u v =>
  forallb (fun i => Qeq_bool (c u i) (c v i)) (seq 0 dim)).
Check (eq_refl : @mean_predictor = fun O A Z triples same_action E dim code =>
  group_mean triples (fun t => (E (fst (fst t)), snd (fst t))) (fun t => code (E (snd t)))
    (fun s t => (same_vector dim code (fst s) (fst t) && same_action (snd s) (snd t))%bool)).
Check (eq_refl : @mean_head = fun O L Z labelled E dim code coordinates =>
  group_mean labelled (fun t => E (fst t)) (fun t => coordinates (snd t)) (same_vector dim code)).

(** ** S12 *)

Check (eq_refl : combination = fun n c v => total_of (seq 0 n) (fun k => c k * v k)).
Check (eq_refl : @dependent = fun X n v =>
  exists c : nat -> Q, (exists k, (k < n)%nat /\ ~ c k == 0) /\
    forall x, combination n c (fun k => v k x) == 0).
Check (eq_refl : @linear_zero_loss = fun O A f width p d E T P =>
  (forall o a i, (i < d)%nat -> combination d (T a i) (E o) == E (f o a) i) /\
  (forall o l, (l < width)%nat -> combination d (P l) (E o) == p o l)).
Check (eq_refl : @affine_zero_loss = fun O A f width p d E T t P s =>
  (forall o a i, (i < d)%nat -> combination d (T a i) (E o) + t a i == E (f o a) i) /\
  (forall o l, (l < width)%nat -> combination d (P l) (E o) + s l == p o l)).
Check (eq_refl : @column = fun O A f p wl o => p (run f (fst wl) o) (snd wl)).
Check (eq_refl : @in_width = fun A width n ws =>
  forall k, (k < n)%nat -> (snd (ws k) < width)%nat).
Check (eq_refl : @rank = fun O A f width p r =>
  (exists ws, in_width width r ws /\ ~ dependent r (fun k => column f p (ws k))) /\
  (forall ws, in_width width (S r) ws -> dependent (S r) (fun k => column f p (ws k)))).
Check (eq_refl : @with_one = fun O width p o l => if (l <? width)%nat then p o l else 1).

(** ** S13 *)

Check (eq_refl : apart = fun u v => Qabs (u - v)).
Check (eq_refl : @resolved = fun O A L Z d e D p must E T P =>
  (forall o a o' x, D o a o' -> must o' x -> 2 * d (T (E o) a) (E o') < d (E o') (E x)) /\
  (forall o l x l', p o = Some l -> p x = Some l' -> l <> l' -> 2 * e (P (E o)) l < e l l')).
Check (eq_refl : @nearest_code = fun O Z d E z u => forall x : O, d z (E u : Z) <= d z (E x)).
Check (eq_refl : @nearest_label = fun O L e p v l =>
  (exists x : O, p x = Some l) /\ forall x l', p x = Some l' -> e v l <= e v l').
Check (eq_refl : @read_step = fun O A Z E T decode o a => decode (T (E o) a)).
Check (eq_refl : @read_off = fun O L Z E P read_label o => read_label (P (E o))).

(** The same over the real numbers. *)

Local Open Scope R_scope.

Check (@QuantitativeReal.Build_is_distance :
  forall (X : Type) (d : X -> X -> R),
  (forall x : X, d x x = 0) ->
  (forall x y : X, 0 <= d x y) ->
  (forall x y : X, d x y = d y x) ->
  (forall x y z : X, d x z <= d x y + d y z) -> QuantitativeReal.is_distance d).
Check (eq_refl : @ResolutionReal.resolved = fun O A L Z d e D p must E T P =>
  (forall o a o' x, D o a o' -> must o' x -> 2 * d (T (E o) a) (E o') < d (E o') (E x)) /\
  (forall o l x l', p o = Some l -> p x = Some l' -> l <> l' -> 2 * e (P (E o)) l < e l l')).
Check (eq_refl : @ResolutionReal.nearest_code = fun O Z d E z u =>
  forall x : O, d z (E u : Z) <= d z (E x)).
Check (eq_refl : @ResolutionReal.nearest_label = fun O L e p v l =>
  (exists x : O, p x = Some l) /\ forall x l', p x = Some l' -> e v l <= e v l').
Check (eq_refl : @ResolutionReal.read_step = fun O A Z E T decode o a => decode (T (E o) a)).
Check (eq_refl : @ResolutionReal.read_off = fun O L Z E P read_label o => read_label (P (E o))).
Check (eq_refl : @WordMarginReal.read_word = fun A L Z T P w z =>
  P (fold_left T (w : list A) (z : Z) : Z) : L).
Check (fun (O A : Type) (f : O -> A -> O) eps delta N a w x => (eq_refl, eq_refl) :
  (WordMarginReal.word_error f eps delta N [] x = delta x) *
  (WordMarginReal.word_error f eps delta N (a :: w) x =
    N w * eps x a + WordMarginReal.word_error f eps delta N w (f x a))).
Check (fun base k => (eq_refl, eq_refl, eq_refl, eq_refl) :
  (QuantitativeReal.power base 0 = 1) *
  (QuantitativeReal.power base (S k) = base * QuantitativeReal.power base k) *
  (QuantitativeReal.geometric base 0 = 0) *
  (QuantitativeReal.geometric base (S k) =
    QuantitativeReal.geometric base k + QuantitativeReal.power base k)).
Check (fun (O A L : Type) (f : O -> A -> O) (p : O -> L) e eps delta Lip K actions i x y =>
  (eq_refl, eq_refl) :
    (QuantitativeReal.margin f p e eps delta Lip K actions 0 x y =
      Rmax 0 ((e (p x) (p y) - delta x - delta y) / K)) *
    (QuantitativeReal.margin f p e eps delta Lip K actions (S i) x y =
      fold_right (fun a best => Rmax best
        ((QuantitativeReal.margin f p e eps delta Lip K actions i (f x a) (f y a)
          - eps x a - eps y a) / Lip a))
        (QuantitativeReal.margin f p e eps delta Lip K actions i x y) actions)).
