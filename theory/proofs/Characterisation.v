(** * The kernels of zero-loss models are the admissible equivalences (S1), total systems

    Informal statement.  The kernel of a zero-loss model is admissible; an admissible equivalence
    is the kernel of a zero-loss model, the quotient: a code for each block, the predictor and the
    head of the blocks.

    A quotient of an arbitrary type needs axioms.  Here a block is represented by one of its
    members, so what is asked for is a choice of members; for finitely many observations and a
    decidable equivalence there is one ([finite_representatives]).  [Classical.v] has the statement
    for arbitrary types.

    Main definitions: [realised], [representatives], [decides], [is_finite].

    Main statements: [quotient_zero_loss], [characterisation], [finite_characterisation]. *)

From Coq Require Import List RelationClasses.
From Tellapart Require Import Systems NoCollapse.

(** [R] is the kernel of some zero-loss model. *)
Definition realised {O A L : Type} (f : O -> A -> O) (p : O -> L) (R : O -> O -> Prop) : Prop :=
  exists (Z : Type) (E : O -> Z) (T : Z -> A -> Z) (P : Z -> L),
    zero_loss f p E T P /\ forall x y, kernel E x y <-> R x y.

(** [c] chooses one member of each class of [R]. *)
Definition representatives {O : Type} (R : O -> O -> Prop) (c : O -> O) : Prop :=
  (forall x, R x (c x)) /\ (forall x y, R x y -> c x = c y).

Definition decides {O : Type} (b : O -> O -> bool) (R : O -> O -> Prop) : Prop :=
  forall x y, b x y = true <-> R x y.

(** Outside the list every class has one member. *)
Definition listed {O : Type} (b : O -> O -> bool) (all : list O) : Prop :=
  forall x y, b x y = true -> x = y \/ In x all.

Definition is_finite (O : Type) (all : list O) : Prop := forall x, In x all.

Section Characterisation.

Context {O A L : Type} (f : O -> A -> O) (p : O -> L).

Lemma representatives_kernel (R : O -> O -> Prop) (c : O -> O) :
  Equivalence R -> representatives R c -> forall x y, kernel c x y <-> R x y.
Proof.
  intros HR [Hin Hsame] x y. unfold kernel. split; [|apply Hsame].
  intro H. transitivity (c x); [apply Hin|]. rewrite H. symmetry. apply Hin.
Qed.

(** The quotient by [R], with members as codes, has zero loss. *)
Theorem quotient_zero_loss (R : O -> O -> Prop) (c : O -> O) :
  admissible f p R -> representatives R c -> zero_loss f p c (fun z a => c (f z a)) p.
Proof.
  intros [HR Hb] [Hin Hsame]. split.
  - intros o a. symmetry. apply Hsame, (Hb o (c o) (Hin o)).
  - intro o. symmetry. apply (Hb o (c o) (Hin o)).
Qed.

Theorem realised_admissible (R : O -> O -> Prop) : realised f p R -> admissible f p R.
Proof.
  intros (Z & E & T & P & Hzero & Hker).
  destruct (kernel_admissible f p E T P Hzero) as [HR Hb]. split; [split|].
  - intro x. apply Hker. reflexivity.
  - intros x y H. apply Hker. symmetry. apply Hker, H.
  - intros x y z H G. apply Hker. transitivity (E y); apply Hker; assumption.
  - intros x y H. destruct (Hb x y (proj2 (Hker x y) H)) as [Hp Hf].
    split; [exact Hp|]. intro a. apply Hker, Hf.
Qed.

Theorem characterisation (R : O -> O -> Prop) (c : O -> O) :
  representatives R c -> (realised f p R <-> admissible f p R).
Proof.
  intro Hc. split; [apply realised_admissible|].
  intro HR. exists O, c, (fun z a => c (f z a)), p.
  split; [exact (quotient_zero_loss R c HR Hc)|].
  exact (representatives_kernel R c (proj1 HR) Hc).
Qed.

(** ** Finitely many observations *)

(** The first listed member of the class of [x]. *)
Definition first_member (b : O -> O -> bool) (all : list O) (x : O) : O :=
  match find (b x) all with Some y => y | None => x end.

Theorem finite_representatives (R : O -> O -> Prop) (b : O -> O -> bool) (all : list O) :
  Equivalence R -> decides b R -> listed b all -> representatives R (first_member b all).
Proof.
  intros HR Hb Hall. unfold first_member. split.
  - intro x. destruct (find (b x) all) as [y|] eqn:Hfind.
    + apply find_some in Hfind. apply Hb, Hfind.
    + reflexivity.
  - intros x y Hxy.
    assert (Hext : forall z, b x z = b y z).
    { intro z. apply Bool.eq_iff_eq_true. rewrite !(Hb _ z).
      split; intro H; [transitivity x; [symmetry|]|transitivity y]; assumption. }
    assert (Hfind : find (b x) all = find (b y) all).
    { clear Hall Hxy. induction all as [|z rest IH]; simpl; [reflexivity|].
      rewrite Hext. destruct (b y z); [reflexivity|exact IH]. }
    rewrite Hfind. destruct (find (b y) all) as [z|] eqn:Hz; [reflexivity|].
    destruct (Hall y x) as [Hyx|Hin]; [apply Hb; symmetry; exact Hxy|auto|].
    exfalso. assert (H := find_none _ _ Hz y Hin).
    assert (G : b y y = true) by (apply Hb; reflexivity). congruence.
Qed.

Theorem finite_characterisation (R : O -> O -> Prop) (b : O -> O -> bool) (all : list O) :
  is_finite O all -> decides b R -> (realised f p R <-> admissible f p R).
Proof.
  intros Hall Hb. split; [apply realised_admissible|]. intro HR.
  apply (characterisation R (first_member b all)); [|exact HR].
  apply (finite_representatives R b all (proj1 HR) Hb). intros x y _. right. apply Hall.
Qed.

End Characterisation.
