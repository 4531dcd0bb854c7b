(** * Resolved models and margins along words at work (S13, S10)

    Informal statement.  As [Instances.v].  Codes of the chain are counts; the predictor is 1/4 too
    high and the head 1/8.  Both are below half of the gaps, which are 1.  Read by nearest code and
    nearest label the model is the chain.  For margins along words two observations stay where they
    are, and the same errors are left over from the gap.

    Main statements: one [instance_..] for each theorem. *)

From Coq Require Import Arith List QArith Qabs Reals Lqa Lra Lia.
From Tellapart Require Import Systems NoCollapse Characterisation Data Dropped Kernels Quantitative.
From Tellapart Require Import Resolution WordMargin Refuted.
From Tellapart Require Import Instances InstancesSystems InstancesPrograms.
From Tellapart Require QuantitativeReal ResolutionReal WordMarginReal.
Import ListNotations.
Local Open Scope Q_scope.

(** ** Over the rationals *)

Definition noisy_step (z : Q) (up : bool) : Q := count_step z up + (1 # 4).

Definition noisy_head (z : Q) : Q := middle_head z + (1 # 8).

Definition chain_must (x y : five) : Prop := ~ bisimilar chain middle_value x y.

Lemma chain_resolved :
  resolved apart apart (total chain) (fully_labelled middle_value) chain_must count noisy_step
    noisy_head.
Proof.
  split.
  - intros o a o' x <- Hmust. destruct o, a, x; first
      [reflexivity|contradiction Hmust; apply bisimilar_equivalence].
  - intros o l x l' Hl Hx Hne. injection Hl as <-. injection Hx as <-.
    destruct o, x; first [reflexivity|contradiction].
Qed.

Example instance_prediction u :
  nearest_code apart count (noisy_step (count c1) true) u -> ~ chain_must c2 u :=
  resolved_prediction apart apart _ _ chain_must count noisy_step noisy_head apart_distance
    chain_resolved c1 true c2 u eq_refl.

Definition Q_eq_dec (u v : Q) : {u = v} + {u <> v}.
Proof. decide equality; [apply Pos.eq_dec|apply Z.eq_dec]. Defined.

(** The nearer of the two labels. *)
Definition nearer_label (v : Q) : Q := if Qle_bool (1 # 2) v then 1 else 0.

Lemma nearer_label_nearest v : nearest_label apart (fully_labelled middle_value) v (nearer_label v).
Proof.
  unfold nearer_label. split.
  - destruct (Qle_bool (1 # 2) v); [exists c2|exists c0]; reflexivity.
  - intros x l' Hl. injection Hl as <-. unfold apart.
    assert (Hv : Qle_bool (1 # 2) v = true -> (1 # 2) <= v) by apply Qle_bool_iff.
    assert (Hn : Qle_bool (1 # 2) v = false -> v < (1 # 2)).
    { intro H. apply Qnot_le_lt. intro G. apply Qle_bool_iff in G. congruence. }
    destruct (Qle_bool (1 # 2) v); [specialize (Hv eq_refl)|specialize (Hn eq_refl)];
      destruct x; cbv [middle_value middle]; repeat (apply Qabs_case; intro); Lqa.lra.
Qed.

Example instance_label : nearer_label (noisy_head (count c2)) = 1 :=
  resolved_label apart apart (total chain) (fully_labelled middle_value) chain_must count noisy_step
    noisy_head apart_distance chain_resolved Q_eq_dec c2 1 _ eq_refl (nearer_label_nearest _).

Example instance_separates : count c1 <> count c4.
Proof.
  apply (resolved_separates apart apart (total chain) (fully_labelled middle_value) chain_must count
    noisy_step noisy_head apart_distance chain_resolved c0 true c1 c4 eq_refl).
  intro H. apply bisimilar_iff_words with (w := [true]) in H. discriminate.
Qed.

(** Counts in units of a thousandth. *)
Example instance_rescaled :=
  resolved_rescaled apart apart (total chain) (fully_labelled middle_value) chain_must count
    noisy_step noisy_head chain_resolved (fun z => (z, tt)) fst
    (fun u v => 1000 * apart (fst u) (fst v)) 1000 (fun z => eq_refl) eq_refl
    (fun u v => Qeq_refl (1000 * apart u v)).

Definition closest (z : Q) : five := nearest_of apart count z c0 [c0; c1; c2; c3; c4].

Lemma closest_nearest z : nearest_code apart count z (closest z).
Proof. exact (nearest_of_correct apart count z c0 _ all_five). Qed.

Example instance_quotient :
  bisimilar chain middle_value (read_step count noisy_step closest c1 true) c2 /\
  read_off count noisy_head nearer_label c1 = 0.
Proof.
  apply (resolved_quotient apart apart chain middle_value count noisy_step noisy_head apart_distance
    apart_distance Q_eq_dec chain_resolved closest closest_nearest nearer_label nearer_label_nearest
    c1 c1 true). apply bisimilar_equivalence.
Qed.

(** Four steps with an error of a quarter each: read after every one, none adds to the next. *)
Example instance_resolved_run :
  read_off count noisy_head nearer_label
    (run (read_step count noisy_step closest) [true; true; true; false] c0) = 1 :=
  proj2 (resolved_run apart apart chain middle_value count noisy_step noisy_head apart_distance
    apart_distance Q_eq_dec chain_resolved closest closest_nearest nearer_label nearer_label_nearest
    [true; true; true; false] c0).

Example instance_same_bisimilarity :
  ~ bisimilar (read_step count noisy_step closest) (read_off count noisy_head nearer_label) c0 c4.
Proof.
  intro H. apply (resolved_same_bisimilarity apart apart chain middle_value count noisy_step
    noisy_head apart_distance apart_distance Q_eq_dec chain_resolved closest closest_nearest
    nearer_label nearer_label_nearest) in H.
  apply bisimilar_iff_words with (w := [false; false]) in H. discriminate.
Qed.

(** ** Margins along words: two observations that stay where they are *)

Definition rising (z : Q) (_ : unit) : Q := z + (1 # 4).

Definition raised (z : Q) : Q := z + (1 # 8).

Lemma rising_residual : forall o a, apart (rising (on_ends o) a) (on_ends (stay o a)) <= 1 # 4.
Proof. intros [] []; vm_compute; discriminate. Qed.

Lemma raised_residual : forall o, apart (raised (on_ends o)) (on_ends o) <= 1 # 8.
Proof. intros []; vm_compute; discriminate. Qed.

Lemma rising_lipschitz w : forall u v,
  apart (read_word rising raised w u) (read_word rising raised w v) <= 1 * apart u v.
Proof.
  assert (Hshift : forall u v s, apart (u + s) (v + s) == apart u v).
  { intros u v s. unfold apart. assert (H : u + s - (v + s) == u - v) by ring. rewrite H.
    reflexivity. }
  induction w as [|a w IH]; intros u v.
  - unfold read_word, raised. simpl. rewrite Hshift. Lqa.lra.
  - specialize (IH (rising u a) (rising v a)). unfold rising at 5 6 in IH. rewrite Hshift in IH.
    exact IH.
Qed.

Example instance_word_read :=
  word_read stay on_ends on_ends rising raised apart apart apart_distance (fun _ _ => 1 # 4)
    rising_residual (fun _ => 1 # 8) raised_residual (fun _ => True) (fun _ => I) (fun _ _ => I)
    (fun _ => 1) (fun _ => Qlt_le_weak 0 1 eq_refl) (fun w u v _ _ => rising_lipschitz w u v)
    [tt] true.

(** The label gap 1, less an error of 3/8 on either side. *)
Example instance_word_margin : (1 # 4) <= apart 1 0.
Proof.
  assert (H := word_margin stay on_ends on_ends rising raised apart apart apart_distance
    (fun _ _ => 1 # 4) rising_residual (fun _ => 1 # 8) raised_residual (fun _ => True)
    (fun _ => I) (fun _ _ => I) (fun _ => 1) (fun _ => Qlt_le_weak 0 1 eq_refl)
    (fun w u v _ _ => rising_lipschitz w u v) [tt] true false eq_refl).
  vm_compute in H |- *. exact H.
Qed.

Lemma gap_left : 0 <= 1 - word_error stay (fun _ _ => 1 # 9) (fun _ => 1 # 9) (fun _ => 2) [tt] true
  - word_error stay (fun _ _ => 1 # 9) (fun _ => 1 # 9) (fun _ => 2) [tt] false.
Proof. vm_compute. discriminate. Qed.

(** With the constant 2 for 1 the bound is 1/6 and not 5/9. *)
Example instance_never_worse :=
  word_margin_never_worse stay (fun _ _ => 1 # 9) (fun _ => 1 # 9) (fun _ => 1) (fun _ => 2) [tt]
    true false 1 (fun _ _ => Qlt_le_weak 0 (1 # 9) eq_refl)
    (fun _ => Qlt_le_weak 1 2 eq_refl) eq_refl gap_left.

(** ** Over the real numbers: two observations that stay where they are *)

Local Open Scope R_scope.

Definition drifting (z : R) (_ : unit) : R := z + 1 / 4.

Definition upper_half (z : R) : bool := if Rle_dec (1 / 2) z then true else false.

Definition bits_apart (b c : bool) : R := rapart (bit b) (bit c).

Lemma bits_apart_distance : QuantitativeReal.is_distance bits_apart.
Proof. unfold bits_apart. destruct rapart_distance. split; auto. Qed.

Definition bits_must (x y : bool) : Prop := ~ bisimilar keep (fun b => b) x y.

Lemma upper_half_bit b : upper_half (bit b) = b.
Proof. unfold upper_half, bit. destruct b, Rle_dec; first [reflexivity|Lra.lra]. Qed.

Lemma bits_resolved :
  ResolutionReal.resolved rapart bits_apart (total keep) (fully_labelled (fun b => b)) bits_must bit
    drifting upper_half.
Proof.
  split.
  - intros o a o' x <- Hmust. unfold rapart, drifting, keep.
    destruct o, x; try solve [contradiction Hmust; apply bisimilar_equivalence];
      unfold bit, Rabs; repeat destruct Rcase_abs; Lra.lra.
  - intros o l x l' Hl Hx Hne. injection Hl as <-. injection Hx as <-. rewrite upper_half_bit.
    unfold bits_apart, rapart.
    destruct o, x; try contradiction; unfold bit, Rabs; repeat destruct Rcase_abs; Lra.lra.
Qed.

Lemma upper_half_nearest z : ResolutionReal.nearest_code rapart bit z (upper_half z).
Proof.
  intro x. unfold rapart, upper_half.
  destruct x, (Rle_dec (1 / 2) z); unfold bit, Rabs; repeat destruct Rcase_abs; Lra.lra.
Qed.

Lemma bits_nearest v :
  ResolutionReal.nearest_label bits_apart (fully_labelled (fun b : bool => b)) v v.
Proof.
  split; [exists v; reflexivity|]. intros x l' _. unfold bits_apart, rapart.
  rewrite Rminus_eq_0, Rabs_R0. apply Rabs_pos.
Qed.

Example instance_real_prediction :=
  ResolutionReal.resolved_prediction rapart bits_apart _ _ bits_must bit drifting upper_half
    rapart_distance bits_resolved true tt true.

Example instance_real_label :=
  ResolutionReal.resolved_label rapart bits_apart _ _ bits_must bit drifting upper_half
    bits_apart_distance bits_resolved Bool.bool_dec true true.

Example instance_real_separates : bit true <> bit false.
Proof.
  apply (ResolutionReal.resolved_separates rapart bits_apart _ _ bits_must bit drifting upper_half
    rapart_distance bits_resolved true tt true false eq_refl).
  intro H. destruct (bisimilar_is_bisimulation _ _ _ _ H). discriminate.
Qed.

Example instance_real_rescaled :=
  ResolutionReal.resolved_rescaled rapart bits_apart _ _ bits_must bit drifting upper_half
    bits_resolved (fun z => (z, tt)) fst (fun u v => 2 * rapart (fst u) (fst v)) 2
    (fun z => eq_refl) Rlt_0_2 (fun u v => eq_refl).

Example instance_real_quotient :=
  ResolutionReal.resolved_quotient rapart bits_apart keep (fun b => b) bit drifting upper_half
    rapart_distance bits_apart_distance Bool.bool_dec bits_resolved upper_half upper_half_nearest
    (fun v => v) bits_nearest.

Example instance_real_resolved_run w b :
  upper_half (bit (run (ResolutionReal.read_step bit drifting upper_half) w b)) = run keep w b :=
  proj2 (ResolutionReal.resolved_run rapart bits_apart keep (fun b => b) bit drifting upper_half
    rapart_distance bits_apart_distance Bool.bool_dec bits_resolved upper_half upper_half_nearest
    (fun v => v) bits_nearest w b).

Example instance_real_same_bisimilarity :=
  ResolutionReal.resolved_same_bisimilarity rapart bits_apart keep (fun b => b) bit drifting
    upper_half rapart_distance bits_apart_distance Bool.bool_dec bits_resolved upper_half
    upper_half_nearest (fun v => v) bits_nearest.

(** ** Margins along words, without errors *)

Lemma bits_word w : forall u v,
  rapart (WordMarginReal.read_word (fun z (_ : unit) => z) (fun z => z) w u)
    (WordMarginReal.read_word (fun z _ => z) (fun z => z) w v) <= 1 * rapart u v.
Proof.
  induction w as [|a w IH]; intros u v; [unfold WordMarginReal.read_word; simpl; Lra.lra|].
  exact (IH u v).
Qed.

Example instance_real_word_read :=
  WordMarginReal.word_read keep bit bit (fun z _ => z) (fun z => z) rapart rapart rapart_distance
    (fun _ _ => 0) bit_residual (fun _ => 0) (fun o => bit_residual o tt) (fun _ => True)
    (fun _ => I) (fun _ _ => I) (fun _ => 1) (fun _ => Rle_0_1) (fun w u v _ _ => bits_word w u v)
    [tt] true.

Example instance_real_word_margin :=
  WordMarginReal.word_margin keep bit bit (fun z _ => z) (fun z => z) rapart rapart rapart_distance
    (fun _ _ => 0) bit_residual (fun _ => 0) (fun o => bit_residual o tt) (fun _ => True)
    (fun _ => I) (fun _ _ => I) (fun _ => 1) (fun _ => Rle_0_1) (fun w u v _ _ => bits_word w u v)
    [tt] true false Rlt_0_1.

Lemma no_error_left : 0 <= 1 - WordMarginReal.word_error keep (fun _ _ => 0) (fun _ => 0)
  (fun _ => 1) [tt] true - WordMarginReal.word_error keep (fun _ _ => 0) (fun _ => 0)
  (fun _ => 1) [tt] false.
Proof. simpl. Lra.lra. Qed.

Example instance_real_never_worse :=
  WordMarginReal.word_margin_never_worse keep (fun _ _ => 0) (fun _ => 0) (fun _ => 1) (fun _ => 1)
    [tt] true false 1 (fun _ _ => Rle_refl 0) (fun _ => Rle_refl 1) Rlt_0_1 no_error_left.
