(** * The main statements on losses, spelled out (S10 along words, S11 to S13)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [DefinitionsLosses.v]. *)

From Coq Require Import List RelationClasses QArith.
From Tellapart Require Import Systems Characterisation Data Kernels Quantitative Resolution.
From Tellapart Require Import WordMargin LeastSquares Irreducible LinearAlgebra.
From Tellapart Require Import LinearCapacity AffineCapacity.

(** ** S10: margins by the constants of words *)

Check (@word_read :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> Q) (e : L -> L -> Q),
  is_distance e ->
  forall eps : O -> A -> Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps o a) ->
  forall delta : O -> Q,
  (forall o : O, e (P (E o)) (p o) <= delta o) ->
  forall used : Z -> Prop,
  (forall o : O, used (E o)) ->
  (forall (o : O) (a : A), used (T (E o) a)) ->
  forall N : list A -> Q,
  (forall w : list A, 0 <= N w) ->
  (forall (w : list A) (u v : Z),
   used u -> used v -> e (read_word T P w u) (read_word T P w v) <= N w * d u v) ->
  forall (w : list A) (x : O),
  e (read_word T P w (E x)) (p (run f w x)) <= word_error f eps delta N w x).

Check (@word_margin :
  forall (O A L Z : Type) (f : O -> A -> O) (p : O -> L) (E : O -> Z)
    (T : Z -> A -> Z) (P : Z -> L) (d : Z -> Z -> Q) (e : L -> L -> Q),
  is_distance e ->
  forall eps : O -> A -> Q,
  (forall (o : O) (a : A), d (T (E o) a) (E (f o a)) <= eps o a) ->
  forall delta : O -> Q,
  (forall o : O, e (P (E o)) (p o) <= delta o) ->
  forall used : Z -> Prop,
  (forall o : O, used (E o)) ->
  (forall (o : O) (a : A), used (T (E o) a)) ->
  forall N : list A -> Q,
  (forall w : list A, 0 <= N w) ->
  (forall (w : list A) (u v : Z),
   used u -> used v -> e (read_word T P w u) (read_word T P w v) <= N w * d u v) ->
  forall (w : list A) (x y : O),
  0 < N w ->
  (e (p (run f w x)) (p (run f w y)) - word_error f eps delta N w x -
   word_error f eps delta N w y) / N w <= d (E x) (E y)).

Check (@word_margin_never_worse :
  forall (O A : Type) (f : O -> A -> O) (eps : O -> A -> Q) (delta : O -> Q)
    (N N' : list A -> Q) (w : list A) (x y : O) (gap : Q),
  (forall (o : O) (a : A), 0 <= eps o a) ->
  (forall v : list A, N v <= N' v) ->
  0 < N w ->
  0 <= gap - word_error f eps delta N' w x - word_error f eps delta N' w y ->
  (gap - word_error f eps delta N' w x - word_error f eps delta N' w y) / N' w <=
  (gap - word_error f eps delta N w x - word_error f eps delta N w y) / N w).

(** ** S11: the smallest loss of given codes *)

Check (@mean_is_best :
  forall (X K : Type) (items : list X) (key : X -> K) (value : X -> nat -> Q)
    (dim : nat) (same : K -> K -> bool),
  (forall k k' : K, same k k' = true <-> k = k') ->
  forall g : K -> nat -> Q,
  squared_loss items key value dim (group_mean items key value same) <=
  squared_loss items key value dim g).

Check (@mean_zero_iff :
  forall (X K : Type) (items : list X) (key : X -> K) (value : X -> nat -> Q)
    (dim : nat) (same : K -> K -> bool),
  (forall k k' : K, same k k' = true <-> k = k') ->
  squared_loss items key value dim (group_mean items key value same) == 0 <->
  (forall x y : X,
   In x items ->
   In y items -> key x = key y -> forall i : nat, (i < dim)%nat -> value x i == value y i)).

Check (@irreducible_dynamics :
  forall (O A Z : Type) (triples : list (O * A * O)) (same_action : A -> A -> bool),
  (forall a b : A, same_action a b = true <-> a = b) ->
  forall (E : O -> Z) (dim : nat) (code : Z -> nat -> Q),
  faithful dim code ->
  forall T : Z * A -> nat -> Q,
  dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) <=
  dynamics_loss triples E dim code T).

Check (@irreducible_auxiliary :
  forall (O L Z : Type) (labelled : list (O * L)) (E : O -> Z) (dim : nat)
    (code : Z -> nat -> Q),
  faithful dim code ->
  forall (width : nat) (coordinates : L -> nat -> Q) (P : Z -> nat -> Q),
  auxiliary_loss labelled E width coordinates (mean_head labelled E dim code coordinates) <=
  auxiliary_loss labelled E width coordinates P).

Check (@irreducible_zero_iff :
  forall (O A L Z : Type) (triples : list (O * A * O)) (p : O -> option L)
    (same_action : A -> A -> bool),
  (forall a b : A, same_action a b = true <-> a = b) ->
  forall labelled : list (O * L),
  (forall (o : O) (l : L), In (o, l) labelled <-> p o = Some l) ->
  forall (E : O -> Z) (dim : nat) (code : Z -> nat -> Q),
  faithful dim code ->
  forall (width : nat) (coordinates : L -> nat -> Q),
  faithful width coordinates ->
  dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) +
  auxiliary_loss labelled E width coordinates (mean_head labelled E dim code coordinates) ==
  0 <-> data_admissible (logged triples) p (kernel E)).

(** ** S12: the dimension of linear and affine models *)

Check (@linear_dependent :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q)
    (d : nat) (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q),
  linear_zero_loss f width p d E T P ->
  forall (n : nat) (ws : nat -> list A * nat),
  (d < n)%nat -> in_width width n ws -> dependent n (fun k : nat => column f p (ws k))).

Check (@rank_attained :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (actions : list A),
  (forall a : A, In a actions) ->
  (forall a b : A, {a = b} + {a <> b}) ->
  forall r d : nat,
  rank f width p r ->
  (r <= d)%nat ->
  exists (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q),
    linear_zero_loss f width p d E T P).

Check (@linear_capacity :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (actions : list A),
  (forall a : A, In a actions) ->
  (forall a b : A, {a = b} + {a <> b}) ->
  forall r d : nat,
  rank f width p r ->
  (exists (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q),
     linear_zero_loss f width p d E T P) <-> (r <= d)%nat).

Check (@affine_iff_linear :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (d : nat),
  (exists
     (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (t : A -> nat -> Q)
   (P : nat -> nat -> Q) (s : nat -> Q), affine_zero_loss f width p d E T t P s) <->
  (exists (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q),
     linear_zero_loss f (S width) (with_one width p) (S d) E T P)).

Check (@affine_capacity :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (actions : list A),
  (forall a : A, In a actions) ->
  (forall a b : A, {a = b} + {a <> b}) ->
  forall r d : nat,
  rank f (S width) (with_one width p) r ->
  (exists
     (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (t : A -> nat -> Q)
   (P : nat -> nat -> Q) (s : nat -> Q), affine_zero_loss f width p d E T t P s) <->
  (r <= S d)%nat).

(** ** S13: resolved models *)

Check (@resolved_prediction :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  is_distance d ->
  resolved d e D p must E T P ->
  forall (o : O) (a : A) (o' u : O),
  D o a o' -> nearest_code d E (T (E o) a) u -> ~ must o' u).

Check (@resolved_label :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  is_distance e ->
  resolved d e D p must E T P ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  forall (o : O) (l l' : L), p o = Some l -> nearest_label e p (P (E o)) l' -> l' = l).

Check (@resolved_separates :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  is_distance d ->
  resolved d e D p must E T P ->
  forall (o : O) (a : A) (o' x : O), D o a o' -> must o' x -> E o' <> E x).

Check (@resolved_rescaled :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (D : O -> A -> O -> Prop)
    (p : O -> option L) (must : O -> O -> Prop) (E : O -> Z) (T : Z -> A -> Z)
    (P : Z -> L),
  resolved d e D p must E T P ->
  forall (W : Type) (g : Z -> W) (h : W -> Z) (d' : W -> W -> Q) (s : Q),
  (forall z : Z, h (g z) = z) ->
  0 < s ->
  (forall u v : Z, d' (g u) (g v) == s * d u v) ->
  resolved d' e D p must (fun o : O => g (E o)) (fun (w : W) (a : A) => g (T (h w) a))
    (fun w : W => P (h w))).

Check (@resolved_quotient :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  is_distance d ->
  is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  resolved d e (total f) (fully_labelled p) (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, nearest_label e (fully_labelled p) v (read_label v)) ->
  forall (x y : O) (a : A),
  bisimilar f p x y ->
  bisimilar f p (read_step E T decode x a) (f y a) /\ read_off E P read_label x = p y).

Check (@resolved_run :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  is_distance d ->
  is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  resolved d e (total f) (fully_labelled p) (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, nearest_label e (fully_labelled p) v (read_label v)) ->
  forall (w : list A) (o : O),
  bisimilar f p (run (read_step E T decode) w o) (run f w o) /\
  read_off E P read_label (run (read_step E T decode) w o) = p (run f w o)).

Check (@resolved_same_bisimilarity :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (f : O -> A -> O)
    (p : O -> L) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
  is_distance d ->
  is_distance e ->
  (forall l l' : L, {l = l'} + {l <> l'}) ->
  resolved d e (total f) (fully_labelled p) (fun x y : O => ~ bisimilar f p x y) E T P ->
  forall decode : Z -> O,
  (forall z : Z, nearest_code d E z (decode z)) ->
  forall read_label : L -> L,
  (forall v : L, nearest_label e (fully_labelled p) v (read_label v)) ->
  forall x y : O,
  bisimilar (read_step E T decode) (read_off E P read_label) x y <-> bisimilar f p x y).

Check (@nearest_of_correct :
  forall (O Z : Type) (d : Z -> Z -> Q) (E : O -> Z) (z : Z) (first : O) (all : list O),
  is_finite O all -> nearest_code d E z (nearest_of d E z first all)).
