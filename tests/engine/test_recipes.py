"""Recipes: the presets, the user's own, and files of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import recipes
from engine.errors import InvalidInput, NotFound
from engine.recipe import PRESETS, Recipe, Stage
from engine.storage import recipes as stored
from engine.storage.library import open_library
from engine.training_requests import ListRecipes, RemoveRecipe, SaveRecipe
from engine.workspace import Workspace

MINE = Recipe(name="Mine", stages=(Stage(("title", "open"), "triplet"), Stage(negatives=4)))


@pytest.fixture
def workspace(library_folder: Path) -> Iterator[Workspace]:
    with Workspace(library_folder, lambda _: None) as opened:
        yield opened


def test_that_own_recipes_come_after_the_presets_and_are_replaced_by_name(
    workspace: Workspace,
) -> None:
    bench = workspace.bench
    assert bench.list_recipes(ListRecipes()) == PRESETS
    assert bench.save_recipe(SaveRecipe(MINE)) == (*PRESETS, MINE)
    other = msgspec.structs.replace(MINE, seed=7)
    assert bench.save_recipe(SaveRecipe(other)) == (*PRESETS, other)
    assert bench.remove_recipe(RemoveRecipe("Mine")) == PRESETS
    with pytest.raises(NotFound):
        bench.remove_recipe(RemoveRecipe("Mine"))


@pytest.mark.parametrize("name", ["Balanced", "quick", "  "])
def test_that_a_presets_name_and_an_empty_one_are_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(InvalidInput):
        workspace.bench.save_recipe(SaveRecipe(msgspec.structs.replace(MINE, name=name)))


def test_that_what_is_out_of_range_is_refused_with_its_name(workspace: Workspace) -> None:
    wrong = msgspec.structs.replace(MINE, held_out_share=0.9)
    with pytest.raises(InvalidInput, match="held_out_share"):
        workspace.bench.save_recipe(SaveRecipe(wrong))


def test_that_a_recipe_of_another_version_stops_nothing(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    with library.write() as connection:
        stored.save(connection, MINE)
        connection.execute("INSERT INTO recipes VALUES ('Later', '{\"name\": 3}', 0)")
    with library.read() as connection:
        assert stored.every(connection) == (MINE,)
    library.close()


@given(
    st.builds(
        Recipe,
        name=st.text(min_size=1, max_size=20),
        seed=st.integers(0, 2**31),
        scale=st.floats(0.1, 100),
        matryoshka=st.lists(st.integers(1, 512), max_size=3).map(tuple),
        stages=st.lists(
            st.builds(Stage, epochs=st.integers(1, 50), curriculum=st.booleans()),
            min_size=1,
            max_size=3,
        ).map(tuple),
    )
)
def test_that_a_file_of_a_recipe_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, recipe: Recipe
) -> None:
    file = tmp_path_factory.mktemp("recipe") / "recipe.json"
    file.write_text(recipes.in_json(recipe), "utf-8")
    assert recipes.read(file) == recipe


@pytest.mark.parametrize(
    ("text", "told"), [("{", "recipe.json"), ('{"epoch": 2}', "epoch"), ('{"seed": -1}', "seed")]
)
def test_that_a_file_that_is_no_recipe_is_told_with_what_is_wrong(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "recipe.json").write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=told):
        recipes.read(tmp_path / "recipe.json")
    with pytest.raises(InvalidInput):
        recipes.read(tmp_path / "none.json")


def test_that_names_are_found_in_any_case() -> None:
    assert recipes.pick(PRESETS, " balanced ").name == "Balanced"
    with pytest.raises(NotFound, match="Quick"):
        recipes.pick(PRESETS, "fast")
