(** * The complete lattice (S5), and meets for logged data (S2)

    Informal statement.  In a total system any family of admissible relations has a least upper
    bound and a greatest lower bound among the admissible relations; for the empty family they are
    the identity and bisimilarity.  The least upper bound is the join, and the greatest lower bound
    of a family with a member is the meet.

    For logged data the meet of any family with a member is admissible too.  The meet of no member
    is the total relation, and that is admissible iff all known labels are equal.

    Main statements: [meet_lower], [meet_greatest], [join_upper], [complete_lattice];
    [data_meet_admissible], [data_meet_of_none]. *)

From Coq Require Import List RelationClasses Relation_Operators.
From Tellapart Require Import Systems NoCollapse Data.

(** ** Bounds, for relations of any kind *)

Theorem meet_lower {O : Type} (F : (O -> O -> Prop) -> Prop) R :
  F R -> forall x y, meet F x y -> R x y.
Proof. intros HR x y H. exact (H R HR). Qed.

Theorem meet_greatest {O : Type} (F : (O -> O -> Prop) -> Prop) (S : O -> O -> Prop) :
  (forall R, F R -> forall x y, S x y -> R x y) -> forall x y, S x y -> meet F x y.
Proof. intros HF x y H R HR. exact (HF R HR x y H). Qed.

Theorem join_upper {O : Type} (F : (O -> O -> Prop) -> Prop) R :
  F R -> forall x y, R x y -> join F x y.
Proof. intros HR x y H. apply rt_step. exists R. split; assumption. Qed.

(** ** Total systems *)

Theorem complete_lattice {O A L : Type} (f : O -> A -> O) (p : O -> L)
    (F : (O -> O -> Prop) -> Prop) :
  (forall R, F R -> admissible f p R) ->
  (exists J, admissible f p J /\
    (forall R, F R -> forall x y, R x y -> J x y) /\
    (forall S, admissible f p S -> (forall R, F R -> forall x y, R x y -> S x y) ->
      forall x y, J x y -> S x y)) /\
  (exists M, admissible f p M /\
    (forall R, F R -> forall x y, M x y -> R x y) /\
    (forall S, admissible f p S -> (forall R, F R -> forall x y, S x y -> R x y) ->
      forall x y, S x y -> M x y)).
Proof.
  intro HF. split.
  - exists (join F). split; [exact (join_admissible f p F HF)|split].
    + exact (join_upper F).
    + intros S [HS _]. exact (join_least F S HS).
  - exists (meet (fun R => R = bisimilar f p \/ F R)). split; [|split].
    + apply meet_admissible; [exists (bisimilar f p); left; reflexivity|].
      intros R [->|HR]; [apply bisimilar_admissible|exact (HF R HR)].
    + intros R HR. apply meet_lower. right. exact HR.
    + intros S HS Hlow. apply meet_greatest. intros R [->|HR]; [|exact (Hlow R HR)].
      apply (admissible_below_bisimilar f p S HS).
Qed.

(** ** Logged data *)

Section LoggedData.

Context {O A L : Type} (D : O -> A -> O -> Prop) (p : O -> option L).

Theorem data_meet_admissible (F : (O -> O -> Prop) -> Prop) :
  (exists R, F R) -> (forall R, F R -> data_admissible D p R) -> data_admissible D p (meet F).
Proof.
  intros [R0 HR0] HF. split; [split|split].
  - intros x R HR. apply (HF R HR).
  - intros x y H R HR. apply (HF R HR), H, HR.
  - intros x y z H G R HR. destruct (HF R HR) as [Heq _].
    transitivity y; [apply H|apply G]; exact HR.
  - intros x y l l' H. apply (proj1 (proj2 (HF R0 HR0))), H, HR0.
  - intros x y a x' y' H Hx Hy R HR.
    exact (proj2 (proj2 (HF R HR)) x y a x' y' (H R HR) Hx Hy).
Qed.

Theorem data_meet_of_none :
  data_admissible D p (meet (fun _ => False)) <->
  forall x y l l', p x = Some l -> p y = Some l' -> l = l'.
Proof.
  assert (Hall : forall x y : O, meet (fun _ => False) x y) by (intros x y R []).
  split.
  - intros [_ [Hlab _]] x y l l'. exact (Hlab x y l l' (Hall x y)).
  - intro H. split; [split|split].
    + intro x. apply Hall.
    + intros x y _. apply Hall.
    + intros x y z _ _. apply Hall.
    + intros x y l l' _. apply H.
    + intros x y a x' y' _ _ _. apply Hall.
Qed.

End LoggedData.
