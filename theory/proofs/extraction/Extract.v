(** * Extraction of the certificate checkers

    Writes the functions that [accepts], for total systems, and [accepts_model], [accepts_clash]
    and [accepts_forced], for logged data, are made of as JSON; [print_python.py] prints them as a
    Python module.  Nothing is replaced by hand-written code here. *)

From Coq Require Extraction.
From Tellapart Require Import Certificate DataCertificate.

Extraction Language JSON.
Extraction "checker.json" accepts accepts_model accepts_clash accepts_forced.
