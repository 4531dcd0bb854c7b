(** * The definitions behind the resolution ratio and nearest codes, spelled out (S13)

    As [Definitions.v]. *)

From Coq Require Import List QArith Qminmax Reals.
From Tellapart Require Import Ratio.
From Tellapart Require ResolutionReal.
Import ListNotations.
Local Open Scope Q_scope.

Check (eq_refl : least = fun qs =>
  match qs with [] => None | q :: rest => Some (fold_right Qmin q rest) end).
Check (eq_refl : ratio = fun error gap =>
  match gap with None => 0 | Some g => error / (g / 2) end).
Check (eq_refl : largest = fun qs => fold_right Qmax 0 qs).
Check (eq_refl : @code_gaps = fun O Z d all must E o =>
  map (fun x : O => d (E o : Z) (E x)) (filter (must o) all)).
Check (eq_refl : @label_gaps = fun O L e labelled same l =>
  map (e l) (filter (fun l' : L => negb (same l l')) (map snd (labelled : list (O * L))))).
Check (eq_refl : @resolution_ratio = fun O A L Z d e triples labelled all must same E T P =>
  Qmax
    (largest (map (fun t => match t with (o, a, o') =>
      ratio (d (T (E o) (a : A)) (E o' : Z)) (least (code_gaps d all must E o')) end) triples))
    (largest (map (fun t => match t with (o, l) =>
      ratio (e (P (E (o : O)) : L) l) (least (label_gaps e labelled same l)) end) labelled))).

(** ** Nearest codes *)

Check (fun (O Z : Type) d E z best x rest => (eq_refl, eq_refl) :
  (ResolutionReal.nearest_of d (E : O -> Z) z best [] = best) *
  (ResolutionReal.nearest_of d E z best (x :: rest) =
    ResolutionReal.nearest_of d E z
      (if Rle_dec (d z (E best)) (d z (E x)) then best else x) rest)).
