"""A flood of findings: the gravest of a file are listed, the rest are counted, and no verdict changes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.findings import Finding, Severity, in_order
from tarmac.model.flood import ID, bounded
from tarmac.model.places import Place

FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from(["a", "b"]),
        severity=st.sampled_from(Severity),
        message=st.sampled_from(["x", "y"]),
        place=st.builds(Place, path=st.sampled_from(["p", "q"]), line=st.integers(1, 9), column=st.just(1)),
    ),
    max_size=40,
).map(lambda found: in_order(tuple(found)))


@given(FINDINGS, st.integers(1, 12))
def test_each_file_keeps_its_gravest_and_the_rest_are_counted(findings: tuple[Finding, ...], most: int) -> None:
    listed = bounded(findings, most)
    assert list(listed) == list(in_order(tuple(listed)))
    for path, number in Counter(finding.place.path for finding in findings).items():
        here = [finding for finding in listed if finding.place.path == path]
        all_here = [finding for finding in findings if finding.place.path == path]
        if number <= most:
            assert here == all_here
            continue
        counted = [finding for finding in here if finding.rule == ID]
        assert len(here) == most + 1
        assert [finding.message.split()[0] for finding in counted] == [str(number - most)]
        left_out = [finding for finding in all_here if finding not in here]
        assert {finding.severity for finding in counted} == {
            min((finding.severity for finding in left_out), key=list(Severity).index)
        }
    assert any(f.severity is Severity.ERROR for f in findings) == any(f.severity is Severity.ERROR for f in listed)
