(** * The dimension that a linear model needs (S12)

    Informal statement.  The columns of H are the labels after a word, one function of the
    observation for each word and each coordinate of the label.  With linear predictor and head
    every column is a linear function of the codes, so more than [d] columns are dependent when the
    model has dimension [d].  Conversely [r] columns that are independent, with no more to add, are
    coordinates of a model of zero loss.  So zero loss is attainable in dimension [d] iff [d] is at
    least the rank of H.

    Codes, labels and models are rational.  The rank is [r] when some [r] columns are independent
    and no [r + 1] are.

    Main definitions: [linear_zero_loss], [column], [rank].

    Main statements: [linear_dependent], [rank_attained], [linear_capacity]. *)

From Coq Require Import Arith List QArith Lqa Lia.
From Tellapart Require Import Systems LeastSquares LinearAlgebra.
Import ListNotations.
Local Open Scope Q_scope.

Section Linear.

Context {O A : Type} (f : O -> A -> O) (width : nat) (p : O -> nat -> Q).

(** Codes of dimension [d], a matrix for each action, a matrix for the labels. *)
Definition linear_zero_loss (d : nat) (E : O -> nat -> Q) (T : A -> nat -> nat -> Q)
    (P : nat -> nat -> Q) : Prop :=
  (forall o a i, (i < d)%nat -> combination d (T a i) (E o) == E (f o a) i) /\
  (forall o l, (l < width)%nat -> combination d (P l) (E o) == p o l).

(** A column of H: a word and a coordinate of the label. *)
Definition column (wl : list A * nat) (o : O) : Q := p (run f (fst wl) o) (snd wl).

Definition in_width (n : nat) (ws : nat -> list A * nat) : Prop :=
  forall k, (k < n)%nat -> (snd (ws k) < width)%nat.

Definition rank (r : nat) : Prop :=
  (exists ws, in_width r ws /\ ~ dependent r (fun k => column (ws k))) /\
  (forall ws, in_width (S r) ws -> dependent (S r) (fun k => column (ws k))).

(** ** Needed *)

Section Needed.

Context (d : nat) (E : O -> nat -> Q) (T : A -> nat -> nat -> Q) (P : nat -> nat -> Q)
  (zero : linear_zero_loss d E T P).

(** How a column is read off the code: the product of the matrices along the word. *)
Fixpoint readout (w : list A) (l : nat) : nat -> Q :=
  match w with
  | [] => P l
  | a :: w => fun j => combination d (readout w l) (fun i => T a i j)
  end.

Lemma column_readout w l o :
  (l < width)%nat -> column (w, l) o == combination d (readout w l) (E o).
Proof.
  intro Hl. revert o. induction w as [|a w IH]; intro o.
  - symmetry. exact (proj2 zero o l Hl).
  - transitivity (combination d (readout w l) (E (f o a))); [exact (IH (f o a))|].
    unfold combination at 1.
    rewrite (total_ext _ _ (fun i => total_of (seq 0 d) (fun j =>
      E o j * (readout w l i * T a i j)))).
    + rewrite total_swap. apply total_ext. intros j _. simpl. rewrite total_scale. apply Qmult_comm.
    + intros i Hi. apply in_seq in Hi. rewrite <- (proj1 zero o a i (proj2 Hi)).
      unfold combination. rewrite <- total_scale. apply total_ext. intros j _. ring.
Qed.

Theorem linear_dependent n (ws : nat -> list A * nat) :
  (d < n)%nat -> in_width n ws -> dependent n (fun k => column (ws k)).
Proof.
  intros Hd Hws.
  apply (combinations_dependent d n _ (fun k => readout (fst (ws k)) (snd (ws k)))
    (fun j o => E o j) Hd).
  intros k o Hk. rewrite <- column_readout by exact (Hws k Hk). destruct (ws k). reflexivity.
Qed.

End Needed.

(** ** Enough *)

Lemma finite_choice {X Y : Type} (same : forall x x' : X, {x = x'} + {x <> x'}) (y0 : Y)
    (R : X -> Y -> Prop) (xs : list X) :
  (forall x, In x xs -> exists y, R x y) -> exists g, forall x, In x xs -> R x (g x).
Proof.
  induction xs as [|x rest IH]; intro H; [exists (fun _ => y0); contradiction|].
  destruct (IH (fun x' Hx' => H x' (or_intror Hx'))) as [g Hg].
  destruct (H x (or_introl eq_refl)) as [y Hy].
  exists (fun x' => if same x x' then y else g x'). intros x' [<-|Hx'].
  - destruct (same x x); [exact Hy|contradiction].
  - destruct (same x x') as [<-|]; [exact Hy|exact (Hg x' Hx')].
Qed.

Lemma column_spanned r ws wl :
  in_width r ws -> ~ dependent r (fun k => column (ws k)) -> (snd wl < width)%nat ->
  (forall ws, in_width (S r) ws -> dependent (S r) (fun k => column (ws k))) ->
  exists c, forall o, column wl o == combination r c (fun k => column (ws k) o).
Proof.
  intros Hws Hind Hwl Hmax.
  set (more := fun k => if k <? r then ws k else wl).
  assert (Hsame : forall c o, combination r c (fun k => column (more k) o) ==
    combination r c (fun k => column (ws k) o)).
  { intros c o. apply combination_ext. intros k Hk. unfold more.
    rewrite (proj2 (Nat.ltb_lt k r) Hk). reflexivity. }
  assert (Hlast : more r = wl) by (unfold more; rewrite Nat.ltb_irrefl; reflexivity).
  destruct (in_the_span r (fun k => column (more k))) as [c Hc].
  - intros (c & Hc & Hzero). apply Hind. exists c. split; [exact Hc|]. intro o.
    rewrite <- (Hzero o). symmetry. apply Hsame.
  - apply Hmax. intros k _. unfold more. destruct (Nat.ltb_spec k r) as [Hk|]; [|exact Hwl].
    exact (Hws k Hk).
  - exists c. intro o. specialize (Hc o). rewrite Hlast, Hsame in Hc. exact Hc.
Qed.

Context (actions : list A) (all_actions : forall a, In a actions)
  (action_eq_dec : forall a b : A, {a = b} + {a <> b}).

(** Independent columns are coordinates of a model; further coordinates are zero. *)
Theorem rank_attained r d :
  rank r -> (r <= d)%nat -> exists E T P, linear_zero_loss d E T P.
Proof.
  intros [(ws & Hws & Hind) Hmax] Hrd.
  destruct (finite_choice Nat.eq_dec (fun _ => 0)
    (fun l c => forall o, column ([], l) o == combination r c (fun k => column (ws k) o))
    (seq 0 width)) as [P HP].
  { intros l Hl. apply in_seq in Hl. apply (column_spanned r ws); auto. apply Hl. }
  assert (pair_eq_dec : forall s t : A * nat, {s = t} + {s <> t})
    by (decide equality; apply Nat.eq_dec).
  destruct (finite_choice pair_eq_dec (fun _ => 0)
    (fun ai c => forall o, column (fst ai :: fst (ws (snd ai)), snd (ws (snd ai))) o ==
      combination r c (fun k => column (ws k) o))
    (list_prod actions (seq 0 r))) as [T HT].
  { intros [a i] Hai. apply in_prod_iff in Hai. destruct Hai as [_ Hi]. apply in_seq in Hi.
    apply (column_spanned r ws); auto. exact (Hws i (proj2 Hi)). }
  exists (fun o i => if i <? r then column (ws i) o else 0),
    (fun a i j => if i <? r then T (a, i) j else 0), P.
  assert (Hcut : forall c o,
    combination d c (fun i => if i <? r then column (ws i) o else 0) ==
    combination r c (fun k => column (ws k) o)).
  { intros c o. rewrite (combination_cut r d _ _ Hrd).
    - apply combination_ext. intros k Hk. rewrite (proj2 (Nat.ltb_lt k r) Hk). reflexivity.
    - intros k Hk. rewrite (proj2 (Nat.ltb_ge k r) Hk). ring. }
  split.
  - intros o a i Hi. destruct (Nat.ltb_spec i r) as [Hir|Hir].
    + rewrite Hcut, <- (HT (a, i)); [reflexivity|]. apply in_prod; [apply all_actions|].
      apply in_seq. lia.
    + apply total_none. intros k _. ring.
  - intros o l Hl. rewrite Hcut, <- (HP l); [reflexivity|]. apply in_seq. lia.
Qed.

Theorem linear_capacity r d :
  rank r -> ((exists E T P, linear_zero_loss d E T P) <-> (r <= d)%nat).
Proof.
  intro Hr. split; [|exact (rank_attained r d Hr)]. intros (E & T & P & Hzero).
  destruct (le_lt_dec r d) as [H|H]; [exact H|]. destruct Hr as [(ws & Hws & Hind) _].
  contradiction (Hind (linear_dependent d E T P Hzero r ws H Hws)).
Qed.

End Linear.
