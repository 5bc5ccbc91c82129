import pytest

from engine.ingest.language import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The lighthouse keeper wrote down every evening how much oil the lamp had burnt.", ""),
        (
            "The lighthouse keeper wrote down every evening how much oil the lamp had burnt. " * 2,
            "en",
        ),
        (
            "Der Wärter des Leuchtturms schrieb jeden Abend auf, wie viel Öl verbrannt war. " * 2,
            "de",
        ),
        ("Le gardien du phare notait chaque soir combien d'huile la lampe avait brûlé. " * 2, "fr"),
        ("灯台守は毎晩、ランプがどれだけの油を燃やしたかを書き留めた。", "ja"),
        ("Смотритель маяка каждый вечер записывал, сколько масла сгорело.", "ru"),
        ("x = 1; y = 2", ""),
        ("1897 42 17 " * 100, ""),
    ],
)
def test_that_the_language_is_told_where_there_is_enough_text(text: str, code: str) -> None:
    assert language_of(text) == code
