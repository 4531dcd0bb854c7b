(** * The smallest loss that given codes allow (S11)

    Informal statement.  Codes and labels are vectors of rationals.  Among all predictors the one
    that answers with the mean of the successor codes of each group of equal (code, action) has the
    smallest squared loss; that loss is the sum of squared deviations from the means.  Likewise for
    heads and groups of equal code.  The two sums add up to zero iff the kernel of the codes is
    admissible.

    A code may be of any type [Z]: it stands for its coordinates, and different codes differ in
    one.  A predictor may answer with any vector, the code of an observation or not.  Losses are
    sums over the data; dividing them by counts, as means do, changes no minimum and no zero.

    Main definitions: [faithful], [dynamics_loss], [auxiliary_loss], [mean_predictor], [mean_head].

    Main statements: [irreducible_dynamics], [irreducible_auxiliary], [irreducible_zero_iff]. *)

From Coq Require Import List RelationClasses QArith Lqa Lia.
From Tellapart Require Import Systems Data LeastSquares.
Local Open Scope Q_scope.

(** ** Predictors and heads for fixed codes *)

(** Values with equal coordinates are equal. *)
Definition faithful {X : Type} (dim : nat) (c : X -> nat -> Q) : Prop :=
  forall u v, (forall i, (i < dim)%nat -> c u i == c v i) -> u = v.

Definition same_vector {X : Type} (dim : nat) (c : X -> nat -> Q) (u v : X) : bool :=
  forallb (fun i => Qeq_bool (c u i) (c v i)) (seq 0 dim).

Lemma same_vector_spec {X : Type} dim (c : X -> nat -> Q) :
  faithful dim c -> forall u v, same_vector dim c u v = true <-> u = v.
Proof.
  intros Hc u v. unfold same_vector. rewrite forallb_forall. split.
  - intro H. apply Hc. intros i Hi. apply Qeq_bool_iff, H, in_seq. lia.
  - intros -> i _. apply Qeq_bool_iff. reflexivity.
Qed.

Section Codes.

Context {O A L Z : Type} (triples : list (O * A * O)) (p : O -> option L)
  (same_action : A -> A -> bool) (same_action_spec : forall a b, same_action a b = true <-> a = b)
  (labelled : list (O * L)) (labelled_spec : forall o l, In (o, l) labelled <-> p o = Some l)
  (E : O -> Z) (dim : nat) (code : Z -> nat -> Q) (code_faithful : faithful dim code)
  (width : nat) (coordinates : L -> nat -> Q) (label_faithful : faithful width coordinates).

Definition before (t : O * A * O) : Z * A := (E (fst (fst t)), snd (fst t)).

Definition after (t : O * A * O) : nat -> Q := code (E (snd t)).

(** The sum of squared distances between predictions and the codes of successors. *)
Definition dynamics_loss (T : Z * A -> nat -> Q) : Q := squared_loss triples before after dim T.

Definition auxiliary_loss (P : Z -> nat -> Q) : Q :=
  squared_loss labelled (fun t => E (fst t)) (fun t => coordinates (snd t)) width P.

Definition same_pair (s t : Z * A) : bool :=
  (same_vector dim code (fst s) (fst t) && same_action (snd s) (snd t))%bool.

Definition mean_predictor : Z * A -> nat -> Q := group_mean triples before after same_pair.

Definition mean_head : Z -> nat -> Q :=
  group_mean labelled (fun t => E (fst t)) (fun t => coordinates (snd t)) (same_vector dim code).

Lemma same_pair_spec s t : same_pair s t = true <-> s = t.
Proof.
  destruct s as [u a], t as [v b]. unfold same_pair. simpl.
  rewrite Bool.andb_true_iff, (same_vector_spec dim code code_faithful), same_action_spec.
  split; [intros []; congruence|]. intro H. injection H. auto.
Qed.

Theorem irreducible_dynamics (T : Z * A -> nat -> Q) :
  dynamics_loss mean_predictor <= dynamics_loss T.
Proof. apply mean_is_best, same_pair_spec. Qed.

Theorem irreducible_auxiliary (P : Z -> nat -> Q) : auxiliary_loss mean_head <= auxiliary_loss P.
Proof. apply mean_is_best, same_vector_spec, code_faithful. Qed.

Lemma loss_nonneg {X K : Type} (items : list X) (key : X -> K) value n g :
  0 <= squared_loss items key value n g.
Proof. apply total_nonneg. intros x _. apply total_nonneg. intros i _. apply square_nonneg. Qed.

Theorem irreducible_zero_iff :
  dynamics_loss mean_predictor + auxiliary_loss mean_head == 0 <->
  data_admissible (logged triples) p (kernel E).
Proof.
  assert (Hsum : dynamics_loss mean_predictor + auxiliary_loss mean_head == 0 <->
    dynamics_loss mean_predictor == 0 /\ auxiliary_loss mean_head == 0).
  { assert (Hd := loss_nonneg triples before after dim mean_predictor).
    assert (Ha := loss_nonneg labelled (fun t => E (fst t)) (fun t => coordinates (snd t)) width
      mean_head). unfold dynamics_loss, auxiliary_loss. split; [intro H; split|intros []]; lra. }
  rewrite Hsum. unfold dynamics_loss, auxiliary_loss, mean_predictor, mean_head.
  rewrite (mean_zero_iff triples before after dim same_pair same_pair_spec).
  rewrite (mean_zero_iff labelled _ _ width _ (same_vector_spec dim code code_faithful)).
  unfold data_admissible, respects_labels, closed, kernel, logged. split.
  - intros [Hdyn Haux]. split; [split; [intro|intros x y|intros x y z]; congruence|split].
    + intros x y l l' Hxy Hx Hy. apply label_faithful. intros i Hi.
      exact (Haux (x, l) (y, l') (proj2 (labelled_spec x l) Hx) (proj2 (labelled_spec y l') Hy)
        Hxy i Hi).
    + intros x y a x' y' Hxy Hx Hy. apply code_faithful. intros i Hi.
      apply (Hdyn (x, a, x') (y, a, y') Hx Hy); [|exact Hi]. unfold before. simpl. congruence.
  - intros [_ [Hlab Hclosed]]. split.
    + intros [[x a] x'] [[y b] y'] Hx Hy Hkey i _. unfold before in Hkey. simpl in Hkey.
      injection Hkey as Hxy <-. unfold after. simpl.
      rewrite (Hclosed x y a x' y' Hxy Hx Hy). reflexivity.
    + intros [x l] [y l'] Hx Hy Hxy i _. simpl in *.
      rewrite (Hlab x y l l' Hxy (proj1 (labelled_spec x l) Hx) (proj1 (labelled_spec y l') Hy)).
      reflexivity.
Qed.

End Codes.
