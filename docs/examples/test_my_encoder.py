"""Checks that run with the other tests of a project."""


def test_my_encoder_keeps_counts_apart(tellapart_check):
    report = tellapart_check("my_encoder.py:factory", on="gallery:counting-9")
    assert report.verdict == "holds", report.explain()


def test_the_label_is_informative(tellapart_check):
    report = tellapart_check("exact", on="gallery:redundant-pick")
    assert report.audit.min_codes == 5
