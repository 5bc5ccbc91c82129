import json

import pytest

from engine.errors import InvalidInput
from engine.ingest.notebook import notebook_text


def test_that_cells_and_what_they_print_are_read_and_pictures_are_not() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Whales\n", "Text"]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [
                {"text": ["1\n"]},
                {"data": {"image/png": "iVBOR" * 100, "text/plain": ["<Figure>"]}},
                {"data": {"text/html": ["<b>x</b>"], "text/plain": {"odd": 1}}},
            ],
        },
    ]
    text = notebook_text(json.dumps({"cells": cells, "metadata": {"any": [1]}}))
    assert text == "# Whales\nText\n\nprint(1)\n\n1\n\n<Figure>"


def test_that_the_cells_of_version_three_are_read() -> None:
    sheets = [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]
    assert notebook_text(json.dumps({"worksheets": sheets})) == "x = 1"


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"cells": 3}', "[" * 100_000])
def test_that_what_is_no_notebook_is_damaged(text: str) -> None:
    with pytest.raises(InvalidInput, match="Damaged"):
        notebook_text(text)
