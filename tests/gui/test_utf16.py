from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gui.utf16 import spans_in_units, units


@given(st.text())
def test_that_units_are_those_of_the_encoding(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


@given(st.text(), st.data())
def test_that_a_span_in_units_cuts_out_the_same_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    [(at, length)] = spans_in_units(text, [(start, end)])
    cut = text.encode("utf-16-le")[2 * at : 2 * (at + length)]
    assert cut.decode("utf-16-le") == text[start:end]
