"""The suite: conformance and regression tests that any encoder design plugs into."""
