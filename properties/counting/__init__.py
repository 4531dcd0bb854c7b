"""The study of the counting environment: which runs, what they show, what the paper claims."""
