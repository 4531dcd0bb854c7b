(** * The main statements on scale, blocks and the ratio, spelled out (S11, S12, S13)

    Each theorem is checked against its full statement, so it cannot be weakened without breaking
    this file.  The definitions are pinned in [DefinitionsLosses.v] and [DefinitionsRatio.v]. *)

From Coq Require Import List QArith Reals.
From Tellapart Require Import Systems Characterisation Data Kernels Quantitative Resolution.
From Tellapart Require Import LeastSquares Irreducible LinearCapacity AffineCapacity.
From Tellapart Require Import Scaling BlockRank Ratio.
From Tellapart Require ResolutionReal ScalingReal.
Local Open Scope Q_scope.

(** ** S11: codes multiplied by a number *)

Check (@mean_loss_rescaled :
  forall (X K : Type) (items : list X) (key : X -> K) (value : X -> nat -> Q)
    (dim : nat) (same same' : K -> K -> bool) (s : Q),
  (forall k k' : K, same' k k' = same k k') ->
  squared_loss items key (fun (x : X) (i : nat) => s * value x i) dim
    (group_mean items key (fun (x : X) (i : nat) => s * value x i) same') ==
  s * s * squared_loss items key value dim (group_mean items key value same)).

Check (@irreducible_rescaled :
  forall (O A L Z : Type) (triples : list (O * A * O)) (same_action : A -> A -> bool)
    (labelled : list (O * L)) (E : O -> Z) (dim : nat) (code : Z -> nat -> Q)
    (width : nat) (coordinates : L -> nat -> Q) (s : Q),
  ~ s == 0 ->
  dynamics_loss triples E dim (fun (z : Z) (i : nat) => s * code z i)
    (mean_predictor triples same_action E dim (fun (z : Z) (i : nat) => s * code z i)) ==
  s * s * dynamics_loss triples E dim code (mean_predictor triples same_action E dim code) /\
  auxiliary_loss labelled E width coordinates
    (mean_head labelled E dim (fun (z : Z) (i : nat) => s * code z i) coordinates) ==
  auxiliary_loss labelled E width coordinates (mean_head labelled E dim code coordinates)).

(** ** S12: the rank and the number of blocks *)

Check (@rank_at_most_blocks :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (n : nat)
    (block : O -> nat) (member : nat -> O) (r : nat),
  (forall o : O, (block o < n)%nat) ->
  (forall (o : O) (w : list A) (l : nat),
   (l < width)%nat -> p (run f w o) l == p (run f w (member (block o))) l) ->
  rank f width p r -> (r <= n)%nat).

Check (@affine_at_most_blocks :
  forall (O A : Type) (f : O -> A -> O) (width : nat) (p : O -> nat -> Q) (n : nat)
    (block : O -> nat) (member : nat -> O) (r : nat),
  (forall o : O, (block o < n)%nat) ->
  (forall (o : O) (w : list A) (l : nat),
   (l < width)%nat -> p (run f w o) l == p (run f w (member (block o))) l) ->
  rank f (S width) (with_one width p) r -> (r <= n)%nat).

(** ** S13: errors of scaled models, the resolution ratio, nearest codes *)

Check (@rescaled_errors :
  forall (O A L Z W : Type) (d : Z -> Z -> Q) (d' : W -> W -> Q) (e : L -> L -> Q)
    (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (g : Z -> W) (h : W -> Z) (s : Q),
  (forall z : Z, h (g z) = z) ->
  (forall u v : Z, d' (g u) (g v) == s * d u v) ->
  (forall (o : O) (a : A) (o' : O),
   square (d' (g (T (h (g (E o))) a)) (g (E o'))) == s * s * square (d (T (E o) a) (E o'))) /\
  (forall (o : O) (l : L), e (P (h (g (E o)))) l = e (P (E o)) l)).

Check (@resolution_ratio_below_one :
  forall (O A L Z : Type) (d : Z -> Z -> Q) (e : L -> L -> Q) (triples : list (O * A * O))
    (labelled : list (O * L)) (all : list O) (must : O -> O -> bool)
    (same : L -> L -> bool) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (p : O -> option L),
  (forall (o : O) (l : L), In (o, l) labelled <-> p o = Some l) ->
  (forall o : O, In o all) ->
  (forall l l' : L, same l l' = true <-> l = l') ->
  (forall (o : O) (a : A) (o' x : O),
   In (o, a, o') triples -> must o' x = true -> 0 < d (E o') (E x)) ->
  (forall (o : O) (l : L) (x : O) (l' : L),
   p o = Some l -> p x = Some l' -> l <> l' -> 0 < e l l') ->
  resolution_ratio d e triples labelled all must same E T P < 1 <->
  resolved d e (logged triples) p (fun x y : O => must x y = true) E T P).

Check (@nearest_label_exists :
  forall (O L : Type) (e : L -> L -> Q) (p : O -> L),
  O ->
  forall all : list O,
  is_finite O all ->
  exists read_label : L -> L,
    forall v : L, nearest_label e (fully_labelled p) v (read_label v)).

Local Open Scope R_scope.

Check (@ResolutionReal.nearest_of_correct :
  forall (O Z : Type) (d : Z -> Z -> R) (E : O -> Z) (z : Z) (first : O) (all : list O),
  is_finite O all ->
  ResolutionReal.nearest_code d E z (ResolutionReal.nearest_of d E z first all)).

Check (@ResolutionReal.nearest_label_exists :
  forall (O L : Type) (e : L -> L -> R) (p : O -> L),
  O ->
  forall all : list O,
  is_finite O all ->
  exists read_label : L -> L,
    forall v : L, ResolutionReal.nearest_label e (fully_labelled p) v (read_label v)).

Check (@ScalingReal.rescaled_errors :
  forall (O A L Z W : Type) (d : Z -> Z -> R) (d' : W -> W -> R) (e : L -> L -> R)
    (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L) (g : Z -> W) (h : W -> Z) (s : R),
  (forall z : Z, h (g z) = z) ->
  (forall u v : Z, d' (g u) (g v) = s * d u v) ->
  (forall (o : O) (a : A) (o' : O),
   Rsqr (d' (g (T (h (g (E o))) a)) (g (E o'))) = s * s * Rsqr (d (T (E o) a) (E o'))) /\
  (forall (o : O) (l : L), e (P (h (g (E o)))) l = e (P (E o)) l)).
