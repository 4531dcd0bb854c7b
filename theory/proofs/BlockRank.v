(** * The rank is at most the number of blocks (S12)

    Informal statement.  Columns of H are constant on blocks of observations that agree after all
    words.  With [n] blocks every column is a combination of [n] functions, so the rank is at most
    [n].  So is the rank of H and a constant column, which is one more than the dimension that an
    affine model needs.

    Main statements: [rank_at_most_blocks], [affine_at_most_blocks]. *)

From Coq Require Import Arith List QArith Lqa Lia.
From Tellapart Require Import Systems LeastSquares LinearAlgebra LinearCapacity AffineCapacity.
Import ListNotations.
Local Open Scope Q_scope.

(** All terms but one are zero. *)
Lemma combination_single n c m :
  (m < n)%nat -> combination n c (fun j => if (m =? j)%nat then 1 else 0) == c m.
Proof.
  intro Hm. induction n as [|n IH]; [lia|]. rewrite combination_last.
  destruct (Nat.eq_dec m n) as [->|Hne].
  - rewrite Nat.eqb_refl. unfold combination. rewrite total_none; [ring|].
    intros j Hj. apply in_seq in Hj. destruct (Nat.eqb_spec n j); [lia|ring].
  - rewrite IH by lia. destruct (Nat.eqb_spec m n); [contradiction|ring].
Qed.

(** [member] names an observation of each block, and labels along words are those of that one. *)
Theorem rank_at_most_blocks {O A : Type} (f : O -> A -> O) (width : nat) (p : O -> nat -> Q)
    (n : nat) (block : O -> nat) (member : nat -> O) (r : nat) :
  (forall o, (block o < n)%nat) ->
  (forall o w l, (l < width)%nat -> p (run f w o) l == p (run f w (member (block o))) l) ->
  rank f width p r -> (r <= n)%nat.
Proof.
  intros Hblock Hsame [(ws & Hws & Hind) _]. destruct (le_lt_dec r n) as [H|H]; [exact H|].
  contradiction Hind.
  apply (combinations_dependent n r _ (fun k j => column f p (ws k) (member j))
    (fun j o => if (block o =? j)%nat then 1 else 0) H).
  intros k o Hk.
  rewrite (combination_single n (fun j => column f p (ws k) (member j)) (block o) (Hblock o)).
  exact (Hsame o (fst (ws k)) (snd (ws k)) (Hws k Hk)).
Qed.

Theorem affine_at_most_blocks {O A : Type} (f : O -> A -> O) (width : nat) (p : O -> nat -> Q)
    (n : nat) (block : O -> nat) (member : nat -> O) (r : nat) :
  (forall o, (block o < n)%nat) ->
  (forall o w l, (l < width)%nat -> p (run f w o) l == p (run f w (member (block o))) l) ->
  rank f (S width) (with_one width p) r -> (r <= n)%nat.
Proof.
  intros Hblock Hsame. apply rank_at_most_blocks with (block := block) (member := member);
    [exact Hblock|].
  intros o w l _. unfold with_one. destruct (Nat.ltb_spec l width) as [Hl|_]; [|reflexivity].
  exact (Hsame o w l Hl).
Qed.
