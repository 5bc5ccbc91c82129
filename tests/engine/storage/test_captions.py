"""Captions and tags: steps of one line of time with judgments, which outlive the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.records import Extracted, Picture
from engine.storage import documents, labels, pictures, roots
from engine.storage.captions import Description
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState, NewChunk
from engine.storage.labels import NewLabel, Outcome
from engine.storage.library import open_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def add_picture(library: Database, name: str, text: str = "") -> int:
    """`text` is what was read in it."""
    shown = Extracted(name, text, "image/png", picture=Picture(4, 3))
    read = (NewChunk(0, len(text), None, name, text.encode()),) if text else ()
    with library.write() as connection:
        root = roots.add(connection, Path("/photos"), "folder")
        document = documents.put(connection, name, shown, Cut(read), 1)
        documents.put_file(connection, root.id, FileState(f"{name}.png", 1, 1, name), document)
    return document


def say(library: Database, ids: list[int], *add: str, **said: str | tuple[str, ...]) -> Outcome:
    with library.write() as connection:
        outcome = labels.describe(connection, ids, Description(add_tags=add, **said))  # type: ignore[arg-type]
        documents.described(connection, outcome.described)
    return outcome


def turn(library: Database, how: str) -> Outcome:
    with library.write() as connection:
        outcome = labels.undo(connection) if how == "undo" else labels.redo(connection)
        documents.described(connection, outcome.described)
    return outcome


def grade(library: Database, document: int, value: int) -> None:
    with library.write() as connection:
        labels.give(connection, NewLabel("judgment", "q", document, value, "", 1, {}, "m"))


def said(library: Database, document: int) -> tuple[str, tuple[str, ...]]:
    with library.read() as connection:
        picture = pictures.of(connection, [document])[document]
    return picture.caption, picture.tags


def passages(library: Database, document: int) -> list[tuple[str, str]]:
    with library.read() as connection:
        return [(c.context, c.text) for c in documents.chunks(connection, [document])]


def test_that_one_step_describes_many_pictures_and_is_undone_at_once(library: Database) -> None:
    ids = [add_picture(library, name) for name in ("a", "b", "c")]
    state = say(library, ids, "sea", "boat").state
    assert (state.query, state.document_id, state.undo) == ("", None, "2 tags on 3 pictures")
    assert [said(library, n) for n in ids] == [("", ("sea", "boat"))] * 3
    outcome = turn(library, "undo")
    assert outcome.described == tuple(ids)
    assert (outcome.state.undo, outcome.state.redo) == ("", "2 tags on 3 pictures")
    assert [said(library, n) for n in ids] == [("", ())] * 3


def test_that_a_step_is_told_by_what_it_changed(library: Database) -> None:
    beach = add_picture(library, "beach")
    assert say(library, [beach], caption="Low tide").state.undo == "caption on “beach.png”"
    assert say(library, [beach], "sea", caption="High").state.undo == (
        "caption and 1 tag on “beach.png”"
    )
    assert say(library, [beach], caption="").state.undo == "removed caption on “beach.png”"
    assert turn(library, "undo").state.redo == "removed caption on “beach.png”"


def test_that_captions_and_grades_stand_in_one_line_of_time(library: Database) -> None:
    one = add_picture(library, "one")
    grade(library, one, 1)
    say(library, [one], caption="first")
    say(library, [one], "tag")
    grade(library, one, 3)
    undone = [turn(library, "undo").state.redo for _ in range(4)]
    steps = ["grade 3 on “one”", "1 tag on “one.png”", "caption on “one.png”", "grade 1 on “one”"]
    assert undone == steps
    with pytest.raises(NotFound):
        turn(library, "undo")
    again = [turn(library, "redo").state.undo for _ in range(4)]
    assert again == steps[::-1]
    with pytest.raises(NotFound):
        turn(library, "redo")
    assert said(library, one) == ("first", ("tag",))


def test_that_a_new_step_of_either_kind_ends_what_could_be_redone(library: Database) -> None:
    one = add_picture(library, "one")
    say(library, [one], caption="first")
    turn(library, "undo")
    grade(library, one, 2)
    with pytest.raises(NotFound):
        turn(library, "redo")
    turn(library, "undo")
    assert say(library, [one], caption="second").state.redo == ""


def test_that_saying_what_is_said_already_is_no_step(library: Database) -> None:
    one = add_picture(library, "one")
    say(library, [one], "Sea")
    turn(library, "undo")
    assert say(library, [one], caption="", remove_tags=("none",)).state.redo == "1 tag on “one.png”"
    turn(library, "redo")
    assert say(library, [one], " SEA ").described == ()


def test_that_tags_are_trimmed_and_told_apart_whatever_their_case(library: Database) -> None:
    one = add_picture(library, "one")
    say(library, [one], " Low  tide\0 ", "low tide", "", "Straße")
    assert said(library, one)[1] == ("Low tide", "Straße")
    say(library, [one], "boat", remove_tags=("STRASSE",))
    assert said(library, one)[1] == ("Low tide", "boat")


def test_that_too_much_is_refused_and_nothing_is_half_done(library: Database) -> None:
    one, other = add_picture(library, "one"), add_picture(library, "other")
    say(library, [other], *map(str, range(50)))
    for ids, add, caption in (([one, other], ("new",), None), ([one], (), "x" * 1001)):
        with pytest.raises(InvalidInput):
            say(library, ids, *add, caption=caption)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        say(library, [one, 99], "new")
    with library.write() as connection:
        text = documents.put(connection, "t", Extracted("T", "text", "text/plain"), Cut(), 1)
    with pytest.raises(InvalidInput, match="Not a picture"):
        say(library, [one, text], "new")
    assert said(library, one) == ("", ())


def test_that_what_is_said_outlives_leaving_the_library_and_being_read_anew(
    library: Database,
) -> None:
    say(library, [add_picture(library, "one")], "sea", caption="Low tide")
    with library.write() as connection:
        roots.remove(connection, roots.every(connection)[0].id)
    again = add_picture(library, "one")
    assert said(library, again) == ("Low tide", ("sea",))
    assert passages(library, again) == [("one. Low tide. sea", "")]
    assert add_picture(library, "one", text="EXIT") == again
    assert passages(library, again) == [("one. Low tide. sea", ""), ("one", "EXIT")]


def test_that_a_picture_with_text_has_a_passage_of_its_own_while_something_is_said_of_it(
    library: Database,
) -> None:
    sign = add_picture(library, "sign", text="STOP")
    assert passages(library, sign) == [("sign", "STOP")]
    say(library, [sign], caption="At the corner")
    assert passages(library, sign) == [("sign. At the corner", ""), ("sign", "STOP")]
    turn(library, "undo")
    assert passages(library, sign) == [("sign", "STOP")]


def test_that_every_change_is_logged_and_has_a_vector_of_its_own(library: Database) -> None:
    one = add_picture(library, "one")

    def state() -> tuple[int, bytes]:
        with library.read() as connection:
            (change,) = documents.changes_after(connection, 0, 10)
            ((_, _, key),) = documents.chunk_keys(connection, [one])
        return change.number, key

    before = state()
    say(library, [one], caption="Low tide")
    written = state()
    turn(library, "undo")
    assert before[0] < written[0] < state()[0]
    assert before[1] == state()[1] != written[1]
