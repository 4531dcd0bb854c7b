(** * The remaining theorems at work on the chain of five

    Informal statement.  As [Instances.v], for the lemmas on bisimilarity, the halves of S1 to S3
    with a decided relation, S8, S9, the steps of S10, the programs, and the statements that rest
    on axioms.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List RelationClasses QArith Qabs Reals Lia Lra.
From Tellapart Require Import Systems NoCollapse Characterisation Data Symmetry Dropped.
From Tellapart Require Import Quantitative Tables Certificate Checker Decision Refinement Merging.
From Tellapart Require Import Feasibility Classical Instances.
From Tellapart Require QuantitativeReal.
Import ListNotations.
Local Open Scope nat_scope.

(** ** Bisimilarity: with a constant label all five are bisimilar *)

Definition flat (_ : five) : unit := tt.

Definition joined : bisimilar chain flat c0 c4 :=
  constant_label_promises_nothing chain flat tt (fun _ => eq_refl) c0 c4.

Example instance_greatest : bisimilar chain flat c0 c4 :=
  bisimilar_greatest chain flat (fun _ _ => True) (fun _ _ _ => conj eq_refl (fun _ => I)) c0 c4 I.

Example instance_step : bisimilar chain flat (chain c0 true) (chain c4 true) :=
  proj2 (bisimilar_is_bisimulation chain flat c0 c4 joined) true.

Example instance_symmetric : bisimilar chain flat c4 c0.
Proof. apply (bisimilar_equivalence chain flat). exact joined. Qed.

Example instance_down : k_bisimilar chain flat 1 c0 c4 :=
  k_bisimilar_down chain flat 1 c0 c4 (proj1 (bisimilar_k chain flat c0 c4) joined 2).

Example instance_below : bisimilar chain middle c2 c2 :=
  proj2 (admissible_below_bisimilar chain middle eq (identity_admissible chain middle)) c2 c2
    eq_refl.

Example instance_join_least : forall x y : five, join (fun R => R = eq) x y -> x = y.
Proof. apply join_least; [exact eq_equivalence|]. intros R -> x y H. exact H. Qed.

Example instance_word :
  exists w, length w <= 2 /\ middle (run chain w c0) <> middle (run chain w c4).
Proof.
  apply (distinguishing_word chain middle [false; true] ltac:(intros []; simpl; auto)
    Bool.bool_dec 2). intros [_ H]. destruct (H false) as [_ G]. discriminate (G false).
Qed.

(** ** S1 *)

Lemma identity_representatives : representatives (@eq five) (fun x => x).
Proof. split; auto. Qed.

Example instance_quotient : zero_loss chain middle (fun x => x) (fun z a => chain z a) middle :=
  quotient_zero_loss chain middle eq _ (identity_admissible chain middle) identity_representatives.

Example instance_realised : realised chain middle eq :=
  proj2 (characterisation chain middle eq _ identity_representatives)
    (identity_admissible chain middle).

Example instance_realised_admissible : admissible chain middle eq :=
  realised_admissible chain middle eq instance_realised.

Lemma same_five_listed : listed same_five [c0; c1; c2; c3; c4].
Proof. intros x y _. right. apply all_five. Qed.

Example instance_finite_representatives :
  representatives eq (first_member same_five [c0; c1; c2; c3; c4]) :=
  finite_representatives eq same_five _ eq_equivalence same_five_spec same_five_listed.

(** ** S1 to S3 on logged data: one step of the chain, up from the middle, labels known *)

Definition one_triple : list (five * bool * five) := [(c2, true, c3)].

Definition known (x : five) : option bool := Some (middle x).

Lemma identity_data_admissible : data_admissible (logged one_triple) known eq.
Proof.
  split; [exact eq_equivalence|split].
  - intros x y l l' -> Hx Hy. congruence.
  - intros x y a x' y' -> [Hx|[]] [Hy|[]]. congruence.
Qed.

Lemma known_listed (x : five) (l : bool) : known x = Some l -> In x [c0; c1; c2; c3; c4].
Proof. intros _. apply all_five. Qed.

Example instance_data_realised : data_realised (logged one_triple) known eq.
Proof.
  apply (data_realised_iff one_triple known true Bool.eqb Bool.eqb_true_iff _ known_listed eq
    same_five same_five_spec same_five_listed), identity_data_admissible.
Qed.

Example instance_data_kernel : data_admissible (logged one_triple) known (kernel (fun x => x)).
Proof.
  apply (data_kernel_admissible (logged one_triple) known (fun x => x) chain middle). split.
  - intros o a o' [H|[]]. injection H as <- <- <-. reflexivity.
  - intros o l H. injection H as <-. reflexivity.
Qed.

Lemma forced_is_identity : forall x y, forced (logged one_triple) x y -> x = y.
Proof. exact (forced_below _ known eq identity_data_admissible). Qed.

Lemma same_five_forced : decides same_five (forced (logged one_triple)).
Proof.
  intros x y. rewrite (same_five_spec x y).
  split; [intros <-; apply merged_equivalence|apply forced_is_identity].
Qed.

Example instance_feasible_iff :
  feasible (logged one_triple) known <-> respects_labels known (forced (logged one_triple)) :=
  feasible_iff one_triple known true Bool.eqb Bool.eqb_true_iff _ known_listed same_five
    same_five_forced same_five_listed.

Example instance_feasible_respects :
  feasible (logged one_triple) known -> respects_labels known (forced (logged one_triple)) :=
  feasible_respects (logged one_triple) known.

Example instance_intersection :
  data_admissible (logged one_triple) known (fun x y => x = y /\ x = y) :=
  intersection_admissible _ known eq eq identity_data_admissible identity_data_admissible.

Example instance_merged_least :
  forall x y, merged (logged one_triple) (fun _ _ => False) x y -> x = y.
Proof.
  apply merged_least; [exact eq_equivalence|apply identity_data_admissible|contradiction].
Qed.

(** Merging 1 and 2 joins two labels. *)
Lemma labels_clash : ~ respects_labels known (merged (logged one_triple) (only c1 c2)).
Proof.
  intro H. discriminate (H c1 c2 false true (merged_seed _ _ c1 c2 (conj eq_refl eq_refl))
    eq_refl eq_refl).
Qed.

Example instance_clash : told_apart (logged one_triple) known c1 c2 :=
  clash_told_apart _ known c1 c2 labels_clash.

(** Merging 0 and 4 joins nothing else. *)
Definition ends_or_same (x y : five) : bool :=
  match x, y with c0, c4 | c4, c0 => true | _, _ => same_five x y end.

Lemma ends_decided : decides ends_or_same (merged (logged one_triple) (only c0 c4)).
Proof.
  intros x y. split.
  - destruct x, y; try discriminate; intros _; first
      [ apply merged_refl
      | apply merged_seed; split; reflexivity
      | apply merged_sym, merged_seed; split; reflexivity ].
  - apply (merged_least (logged one_triple) (only c0 c4) (fun x y => ends_or_same x y = true)).
    + split; [intros []; reflexivity|intros [] []; simpl; congruence|].
      intros [] [] []; simpl; congruence.
    + intros u v a u' v' _ [Hu|[]] [Hv|[]]. injection Hu as <- <- <-. injection Hv as <- <-.
      reflexivity.
    + intros u v [-> ->]. reflexivity.
Qed.

Example instance_told_apart_iff : ~ told_apart (logged one_triple) known c0 c4.
Proof.
  intro H. apply (told_apart_iff one_triple known true Bool.eqb Bool.eqb_true_iff _ known_listed
    ends_or_same c0 c4 ends_decided) in H.
  - apply H. intros x y l l' Hxy Hx Hy. apply ends_decided in Hxy.
    unfold known in *. destruct x, y; simpl in *; congruence.
  - intros x y _. right. apply all_five.
Qed.

Example instance_total :
  data_admissible (fun o a o' => chain o a = o') (fun o => Some (middle o)) eq :=
  proj2 (total_data_admissible chain middle eq) (identity_admissible chain middle).

Example instance_total_forced : ~ forced (fun o a o' => chain o a = o') c0 c4.
Proof. intro H. apply total_forced_identity in H. discriminate. Qed.

Example instance_merged_closed :
  closed (logged one_triple) (merged (logged one_triple) (only c0 c4)) :=
  merged_closed (logged one_triple) (only c0 c4).

(** ** S8, S9 *)

Example instance_constant : zero_dynamics chain (fun _ => tt) (fun _ _ => tt) :=
  constant_dynamics chain.

Lemma one_block : representatives (fun _ _ : five => True) (fun _ => c0).
Proof. split; auto. Qed.

Example instance_dynamics_realised :
  exists (Z : Type) (E : five -> Z) (T : Z -> bool -> Z),
    zero_dynamics chain E T /\ forall x y, kernel E x y <-> True.
Proof. apply (dynamics_realised chain _ _ one_block). split; [split|]; auto. Qed.

Example instance_auxiliary_realised :
  exists (Z : Type) (E : five -> Z) (P : Z -> unit),
    zero_auxiliary flat E P /\ forall x y, kernel E x y <-> True.
Proof. apply (auxiliary_realised flat _ _ one_block). split; [split|]; auto. Qed.

Example instance_one_observation : bisimilar (fun (_ : unit) (a : bool) => tt) (fun _ => 0) tt tt.
Proof. apply one_observation_enough. intros [] []. reflexivity. Qed.

Example instance_two_observations : true <> false.
Proof.
  apply (two_observations_enough stay (fun x => x) true false (fun x => x) (fun x => x));
    [intros []; auto|intro; reflexivity|]. apply auxiliary_loss_needed.
Qed.

Example instance_obstruction :
  ~ suffices twice (fun x => middle (fst x)) (fun x y => snd x = snd y).
Proof.
  apply (symmetry_obstruction twice (fun x => middle (fst x)) swap _ (c1, true));
    [intros [x s]; reflexivity|intros [x s]; reflexivity|discriminate].
Qed.
