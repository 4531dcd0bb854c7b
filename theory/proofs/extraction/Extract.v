(** * Extraction of the certificate checker

    Writes the functions that [accepts] is made of as JSON; [print_python.py] prints them as a
    Python module.  Nothing is replaced by hand-written code here. *)

From Coq Require Extraction.
From Tellapart Require Import Certificate.

Extraction Language JSON.
Extraction "checker.json" accepts.
