"""What is said in subtitles, without numbers and times."""

from __future__ import annotations

import re

_TIMES = re.compile(r"[\d:.,]+\s*-->\s*[\d:.,]+.*")
_BLOCK = re.compile(r"(WEBVTT|NOTE|STYLE|REGION)\b.*")
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,80}>|</?\d[\d:.]*>|\{\\[^}\n]{0,80}\}")


def subtitle_text(text: str) -> str:
    """The lines spoken, one each, of SubRip or WebVTT; a line shown twice in a row is one."""
    spoken: list[str] = []
    for cue in re.split(r"\n\s*\n", text):
        lines = cue.strip().split("\n")
        if _BLOCK.fullmatch(lines[0].lstrip("\ufeff")):
            continue
        at = next((n for n, line in enumerate(lines[:2]) if _TIMES.fullmatch(line.strip())), -1)
        for line in lines[at + 1 :]:
            said = _TAG.sub("", line).strip()
            if said and spoken[-1:] != [said]:
                spoken.append(said)
    return "\n".join(spoken)
