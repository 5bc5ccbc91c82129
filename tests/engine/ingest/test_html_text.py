from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.ingest.html_text import html_text, read_html


def test_that_a_page_reads_as_text() -> None:
    page = html_text(
        "<html><head><title>A &amp; B</title><style>p{}</style></head><body><nav>Home</nav>"
        "<h1>The <i>head</i></h1><p>Some <b>bold</b>\n and <a href='x'>link</a>.</p>"
        "<script>var x = '<p>no</p>';</script><ul><li>one<li>two</ul>"
        "<table><tr><td>a<td>b</tr></table><pre>x = 1\n  y</pre></body></html>"
    )
    assert page.title == "A & B"
    assert page.heading == "The head"
    assert page.text == ("The head\n\nSome bold and link.\n\none\ntwo\n\n\ta\tb\n\nx = 1\n  y")


def test_that_a_page_of_nothing_but_navigation_is_read() -> None:
    assert html_text("<nav><a>Home</a></nav>").text == "Home"


def test_that_a_missing_end_tag_does_not_swallow_the_page() -> None:
    assert html_text("<p>before</p><noscript>x<p>after</p>").text == "before\n\nx\n\nafter"


def test_that_the_declared_encoding_is_used() -> None:
    page = '<html><meta charset="windows-1251"><body>Привет, мир</body></html>'
    assert read_html(page.encode("cp1251")).text == "Привет, мир"


@given(st.text(alphabet="<>/!-='\"&; abpnvstyle[]\n", max_size=300))
def test_that_any_markup_is_survived(markup: str) -> None:
    html_text(markup)
