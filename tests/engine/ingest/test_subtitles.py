from engine.ingest.subtitles import subtitle_text


def test_that_only_what_is_said_is_left() -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> there\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nGeneral\n7 Kenobi\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\n7 Kenobi\n"
    )
    assert subtitle_text(srt) == "Hello there\nGeneral\n7 Kenobi"


def test_that_notes_and_styles_are_left_out() -> None:
    vtt = (
        "WEBVTT - a film\n\nNOTE for translators\nkeep it short\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start\n<v Ann>Well,<00:01.500> yes\n"
    )
    assert subtitle_text(vtt) == "Well, yes"
