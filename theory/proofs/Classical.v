(** * Realisation and feasibility for arbitrary types, with classical axioms

    Informal statement.  With a choice of members of blocks, S1 to S3 hold for any types and any
    data, finite or not, decided or not.  This is the only file about systems that uses axioms:
    functional and propositional extensionality, and indefinite description.

    Main statements: [classical_representatives], [classical_characterisation],
    [classical_data_realised], [classical_feasible], [classical_told_apart],
    [classical_total_told_apart]. *)

From Coq Require Import RelationClasses FunctionalExtensionality PropExtensionality.
From Coq Require Import IndefiniteDescription Epsilon ClassicalEpsilon.
From Tellapart Require Import Systems Characterisation Data Kernels.

(** Some member of the class of [x], the same one for all of the class. *)
Definition chosen {O : Type} (R : O -> O -> Prop) (x : O) : O := epsilon (inhabits x) (R x).

Theorem classical_representatives {O : Type} (R : O -> O -> Prop) :
  Equivalence R -> representatives R (chosen R).
Proof.
  intro HR. split.
  - intro x. unfold chosen. apply epsilon_spec. exists x. reflexivity.
  - intros x y Hxy. unfold chosen.
    assert (HRxy : R x = R y).
    { apply functional_extensionality. intro z. apply propositional_extensionality.
      split; intro H; [transitivity x; [symmetry|]|transitivity y]; assumption. }
    rewrite HRxy. apply epsilon_inh_irrelevance. exists y. reflexivity.
Qed.

Theorem classical_characterisation {O A L : Type} (f : O -> A -> O) (p : O -> L)
    (R : O -> O -> Prop) :
  realised f p R <-> admissible f p R.
Proof.
  split; [apply realised_admissible|]. intro HR.
  exact (proj2 (characterisation f p R _ (classical_representatives R (proj1 HR))) HR).
Qed.

Section Data.

Context {O A L : Type} (D : O -> A -> O -> Prop) (p : O -> option L) (l0 : L).

Theorem classical_data_realised (R : O -> O -> Prop) :
  data_realised D p R <-> data_admissible D p R.
Proof.
  split; [apply data_realised_admissible|]. intros [HR [Hlab Hclosed]].
  destruct (classical_representatives R HR) as [Hin Hsame]. set (c := chosen R) in *.
  exists O, c,
    (fun z a => epsilon (inhabits z) (fun z' => exists o o', D o a o' /\ c o = z /\ c o' = z')),
    (fun z => epsilon (inhabits l0) (fun l => exists o, p o = Some l /\ c o = z)).
  assert (Hback : forall x y, c x = c y -> R x y).
  { intros x y H. transitivity (c x); [apply Hin|]. rewrite H. symmetry. apply Hin. }
  split; [split|].
  - intros o a o' Ht.
    assert (H : exists z', exists u u', D u a u' /\ c u = c o /\ c u' = z').
    { exists (c o'), o, o'. auto. }
    destruct (epsilon_spec (inhabits (c o)) _ H) as (u & u' & Hu & Huo & <-).
    apply Hsame. apply (Hclosed u o a); [apply Hback|..]; assumption.
  - intros o l Hl. assert (H : exists l', exists u, p u = Some l' /\ c u = c o) by eauto.
    destruct (epsilon_spec (inhabits l0) _ H) as (u & Hu & Huo).
    exact (Hlab u o _ _ (Hback u o Huo) Hu Hl).
  - intros x y. split; [apply Hback|apply Hsame].
Qed.

Theorem classical_feasible : feasible D p <-> respects_labels p (forced D).
Proof.
  split; [apply feasible_respects|]. intro Hlab.
  destruct (proj2 (classical_data_realised (forced D))) as (Z & E & T & P & Hzero & _).
  - split; [apply merged_equivalence|split; [exact Hlab|apply merged_closed]].
  - exists Z, E, T, P. exact Hzero.
Qed.

Theorem classical_told_apart x y :
  told_apart D p x y <-> ~ respects_labels p (merged D (only x y)).
Proof.
  split; [|apply clash_told_apart]. intros Hapart Hlab.
  destruct (proj2 (classical_data_realised (merged D (only x y))))
    as (Z & E & T & P & Hzero & Hker).
  - split; [apply merged_equivalence|split; [exact Hlab|apply merged_closed]].
  - apply (Hapart Z E T P Hzero), Hker, merged_seed. split; reflexivity.
Qed.

End Data.

(** Without gaps the pairs to tell apart are those that are not bisimilar (S3). *)
Theorem classical_total_told_apart {O A L : Type} (f : O -> A -> O) (p : O -> L) x y :
  told_apart (total f) (fully_labelled p) x y <-> ~ bisimilar f p x y.
Proof.
  exact (represented_told_apart f p _ x y
    (classical_representatives _ (bisimilar_equivalence f p))).
Qed.
