(** * The main statements that rest on axioms, spelled out

    The axioms are listed in the file [allowed_axioms]: those of classical choice for the first
    group, those of Coq's real numbers for the second.  For the latter the definitions are those of
    [Quantitative.v] with real numbers. *)

From Coq Require Import List RelationClasses Reals.
From Tellapart Require Import Systems Characterisation Data Kernels Classical.
From Tellapart Require QuantitativeReal.
From Tellapart Require ResolutionReal WordMarginReal.

(** ** S1 to S3 for arbitrary types *)

Check (@classical_representatives :
  forall (O : Type) (R : O -> O -> Prop), Equivalence R -> representatives R (chosen R)).

Check (@classical_characterisation :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop),
  realised f p R <-> admissible f p R).

Check (@classical_data_realised :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> forall R : O -> O -> Prop, data_realised D p R <-> data_admissible D p R).

Check (@classical_feasible :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> feasible D p <-> respects_labels p (forced D)).

Check (@classical_told_apart :
  forall (O A L : Type) (D : O -> A -> O -> Prop) (p : O -> option L),
  L -> forall x y : O, told_apart D p x y <-> ~ respects_labels p (merged D (only x y))).

Check (@classical_total_told_apart :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (x y : O),
  told_apart (total f) (fully_labelled p) x y <-> ~ bisimilar f p x y).

(** ** S10: margins, over the real numbers *)

Check (@QuantitativeReal.label_step :
  forall (O L Z : Type) (p : O -> L) (E : O -> Z) (P : Z -> L)
    (d : Z -> Z -> R) (e : L -> L -> R),
  QuantitativeReal.is_distance e ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall K : R,
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall x y : O, (e (p x) (p y) <= delta x + delta y + K * d (E x) (E y))%R).

Check (@QuantitativeReal.one_step :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall Lip : A -> R,
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall (x y : O) (a : A),
  (d (E (f x a)) (E (f y a)) <= eps x a + eps y a + Lip a * d (E x) (E y))%R).

Check (@QuantitativeReal.margin_sound :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall Lip : A -> R,
  (forall a : A, (0 < Lip a)%R) ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall K : R,
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (actions : list A) (i : nat) (x y : O),
  (QuantitativeReal.margin f p e eps delta Lip K actions i x y <= d (E x) (E y))%R).

Check (@QuantitativeReal.margin_grows :
  forall (O A L : Type) (f : O -> A -> O) (p : O -> L) (e : L -> L -> R)
    (eps : O -> A -> R) (delta : O -> R) (Lip : A -> R) (K : R)
    (actions : list A) (i : nat) (x y : O),
  (QuantitativeReal.margin f p e eps delta Lip K actions i x y <=
   QuantitativeReal.margin f p e eps delta Lip K actions (S i) x y)%R).

Check (@QuantitativeReal.margin_separates :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall Lip : A -> R,
  (forall a : A, (0 < Lip a)%R) ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip a * d (E x) (E y))%R) ->
  forall K : R,
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (actions : list A) (i : nat) (x y : O),
  (0 < QuantitativeReal.margin f p e eps delta Lip K actions i x y)%R -> E x <> E y).

Check (@QuantitativeReal.growth :
  forall (O A Z : Type) (f : O -> A -> O) (E : O -> Z) (T : Z -> A -> Z)
    (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall eps Lip : R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps)%R) ->
  (0 < Lip)%R ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y))%R) ->
  forall (w : list A) (x y : O),
  (d (E (run f w x)) (E (run f w y)) <=
   QuantitativeReal.power Lip (length w) * d (E x) (E y) +
   2 * eps * QuantitativeReal.geometric Lip (length w))%R).

Check (@QuantitativeReal.unrolled :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R),
  QuantitativeReal.is_distance d ->
  forall e : L -> L -> R,
  QuantitativeReal.is_distance e ->
  forall eps delta Lip K : R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps)%R) ->
  (forall o : O, (e (P (E o)) (p o) <= delta)%R) ->
  (0 < Lip)%R ->
  (forall (a : A) (x y : O), (d (T (E x) a) (T (E y) a) <= Lip * d (E x) (E y))%R) ->
  (0 < K)%R ->
  (forall x y : O, (e (P (E x)) (P (E y)) <= K * d (E x) (E y))%R) ->
  forall (w : list A) (x y : O),
  ((e (p (run f w x)) (p (run f w y)) - 2 * delta -
    2 * K * eps * QuantitativeReal.geometric Lip (length w)) /
   (K * QuantitativeReal.power Lip (length w)) <= d (E x) (E y))%R).

(** ** S10: margins by the constants of words, over the real numbers *)

Check (@WordMarginReal.word_read :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R) (e : L -> L -> R),
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall used : Z -> Prop,
  (forall o : O, used (E o)) ->
  (forall (o : O) (a : A), used (T (E o) a)) ->
  forall N : list A -> R,
  (forall w : list A, (0 <= N w)%R) ->
  (forall (w : list A) (u v : Z),
   used u -> used v ->
   (e (WordMarginReal.read_word T P w u) (WordMarginReal.read_word T P w v) <= N w * d u v)%R) ->
  forall (w : list A) (x : O),
  (e (WordMarginReal.read_word T P w (E x)) (p (run f w x)) <=
   WordMarginReal.word_error f eps delta N w x)%R).

Check (@WordMarginReal.word_margin :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> R) (e : L -> L -> R),
  QuantitativeReal.is_distance e ->
  forall eps : O -> A -> R,
  (forall (o : O) (a : A), (d (T (E o) a) (E (f o a)) <= eps o a)%R) ->
  forall delta : O -> R,
  (forall o : O, (e (P (E o)) (p o) <= delta o)%R) ->
  forall used : Z -> Prop,
  (forall o : O, used (E o)) ->
  (forall (o : O) (a : A), used (T (E o) a)) ->
  forall N : list A -> R,
  (forall w : list A, (0 <= N w)%R) ->
  (forall (w : list A) (u v : Z),
   used u -> used v ->
   (e (WordMarginReal.read_word T P w u) (WordMarginReal.read_word T P w v) <= N w * d u v)%R) ->
  forall (w : list A) (x y : O),
  (0 < N w)%R ->
  ((e (p (run f w x)) (p (run f w y)) - WordMarginReal.word_error f eps delta N w x -
    WordMarginReal.word_error f eps delta N w y) / N w <= d (E x) (E y))%R).

Check (@WordMarginReal.word_margin_never_worse :
  forall (O A : Type) (f : O -> A -> O) (eps : O -> A -> R) (delta : O -> R)
    (N N' : list A -> R) (w : list A) (x y : O) (gap : R),
  (forall (o : O) (a : A), (0 <= eps o a)%R) ->
  (forall v : list A, (N v <= N' v)%R) ->
  (0 < N w)%R ->
  (0 <=
   gap - WordMarginReal.word_error f eps delta N' w x -
   WordMarginReal.word_error f eps delta N' w y)%R ->
  ((gap - WordMarginReal.word_error f eps delta N' w x -
    WordMarginReal.word_error f eps delta N' w y) / N' w <=
   (gap - WordMarginReal.word_error f eps delta N w x -
    WordMarginReal.word_error f eps delta N w y) / N w)%R).

(** ** S13: resolved models, over the real numbers *)

Check (@ResolutionReal.resolved_prediction :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  QuantitativeReal.is_distance d ->
  ResolutionReal.resolved d e D p must E T P ->
  forall (o : O) (a : A) (o' u : O),
  D o a o' -> ResolutionReal.nearest_code d E (T (E o) a) u -> ~ must o' u).

Check (@ResolutionReal.resolved_label :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  QuantitativeReal.is_distance e ->
  ResolutionReal.resolved d e D p must E T P ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  forall (o : O) (l l' : L),
  p o = Some l -> ResolutionReal.nearest_label e p (P (E o)) l' -> l' = l).

Check (@ResolutionReal.resolved_separates :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  QuantitativeReal.is_distance d ->
  ResolutionReal.resolved d e D p must E T P ->
  forall (o : O) (a : A) (o' x : O), D o a o' -> must o' x -> E o' <> E x).

Check (@ResolutionReal.resolved_rescaled :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  ResolutionReal.resolved d e D p must E T P ->
  forall (W : Type) (g : Z -> W) (h : W -> Z) (d' : W -> W -> R) (s : R),
  (forall z : Z, h (g z) = z) ->
  (0 < s)%R ->
  (forall u v : Z, d' (g u) (g v) = (s * d u v)%R) ->
  ResolutionReal.resolved d' e D p must (fun o : O => g (E o))
    (fun (w : W) (a : A) => g (T (h w) a)) (fun w : W => P (h w))).

Check (@ResolutionReal.resolved_quotient :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  QuantitativeReal.is_distance d ->
  QuantitativeReal.is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  ResolutionReal.resolved d e (total f) (fully_labelled p)
    (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, ResolutionReal.nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, ResolutionReal.nearest_label e (fully_labelled p) v (read_label v)) ->
  forall (x y : O) (a : A),
  bisimilar f p x y ->
  bisimilar f p (ResolutionReal.read_step E T decode x a) (f y a) /\
  ResolutionReal.read_off E P read_label x = p y).

Check (@ResolutionReal.resolved_run :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  QuantitativeReal.is_distance d ->
  QuantitativeReal.is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  ResolutionReal.resolved d e (total f) (fully_labelled p)
    (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, ResolutionReal.nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, ResolutionReal.nearest_label e (fully_labelled p) v (read_label v)) ->
  forall (w : list A) (o : O),
  bisimilar f p (run (ResolutionReal.read_step E T decode) w o) (run f w o) /\
  ResolutionReal.read_off E P read_label (run (ResolutionReal.read_step E T decode) w o) =
  p (run f w o)).

Check (@ResolutionReal.resolved_same_bisimilarity :
  forall (O A L Z : Type) (d : Z -> Z -> R) (e : L -> L -> R) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  QuantitativeReal.is_distance d ->
  QuantitativeReal.is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  ResolutionReal.resolved d e (total f) (fully_labelled p)
    (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, ResolutionReal.nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, ResolutionReal.nearest_label e (fully_labelled p) v (read_label v)) ->
  forall x y : O,
  bisimilar (ResolutionReal.read_step E T decode) (ResolutionReal.read_off E P read_label) x
    y <-> bisimilar f p x y).
