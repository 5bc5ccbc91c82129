from __future__ import annotations

from engine.ingest.page_text import find_runs


def found(page: str, *marked: str) -> list[list[str]]:
    return [[page[start:end] for start, end in runs] for runs in find_runs(page, marked)]


def test_that_a_text_is_found_over_line_ends_and_hyphens() -> None:
    page = "The oxygen deple-\ntion in the deep\r\nwater of lakes is old."
    assert found(page, "the oxygen depletion in the  deep water of lakes") == [
        ["The oxygen deple-\ntion in the deep\r\nwater of lakes"]
    ]


def test_that_a_word_is_found_wherever_it_stands_alone() -> None:
    assert found("Deep oxygen, deepest; DEEP.", "deep") == [["Deep", "DEEP"]]


def test_that_a_word_of_a_script_without_blanks_is_found_in_a_row() -> None:
    assert found("湖泊中的氧气很少", "氧气") == [["氧气"]]


def test_that_sentences_that_the_page_parts_are_found_apart() -> None:
    page = (
        "In July the sensor read below two. A running head stands here. Fish left the basin soon."
    )
    passage = "In July the sensor read below two. Fish left the basin soon."
    assert found(page, passage) == [
        ["In July the sensor read below two", "Fish left the basin soon"]
    ]


def test_that_what_is_left_of_a_broken_sentence_is_found_in_runs() -> None:
    page = "one two three four seven 17 footnote five six seven eight nine and so forth"
    passage = "one two three four seven five six seven eight nine and so forth"
    assert found(page, passage) == [["one two three four seven", "five six seven eight nine"]]


def test_that_ligatures_and_letters_in_pieces_are_the_same() -> None:
    assert found("The of\ufb01ce caf\u00e9", "office", "cafe\u0301") == [
        ["of\ufb01ce"],
        ["caf\u00e9"],
    ]


def test_that_what_is_not_there_and_what_has_no_letters_is_not_found() -> None:
    assert found("a page of text", "water", "…", "") == [[], [], []]


def test_that_a_short_text_of_which_the_page_has_a_part_is_found_in_part() -> None:
    assert found("Oxygen in deep lakes", "Rivers\n\nOxygen in deep lakes") == [
        ["Oxygen in deep lakes"]
    ]
