from __future__ import annotations

import hashlib
import io
import signal
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image

from engine.errors import EngineError, InvalidInput, NotFound
from engine.ingest.render import Renderer
from engine.ingest.render_worker import DrawPage, draw_page
from engine.records import INSIDE, Document, PageImage, TextBox
from tests.engine.ingest import sample_files
from tests.photographs import encoded, scene

LINES = [["A first page"], ["The lake has lost its oxy-", "gen in the deep water", "in summer"]]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


def document(path: Path, media_type: str, text: str = "", **more: object) -> Document:
    data = path.read_bytes()
    values: dict[str, object] = {"pages": (), "paths": (str(path),)} | more
    return Document(
        1,
        hashlib.sha256(data).hexdigest(),
        path.name,
        text,
        media_type,
        size_bytes=len(data),
        modified_at=0.0,
        **values,  # type: ignore[arg-type]
    )


def pdf(folder: Path) -> Document:
    path = folder / "größe 😀.pdf"
    path.write_bytes(sample_files.pdf(LINES))
    return document(path, "application/pdf")


def pixels(image: PageImage) -> Image.Image:
    opened = Image.open(io.BytesIO(image.png))
    assert opened.size == (image.width, image.height)
    return opened.convert("RGB")


def darkest(image: PageImage, box: tuple[int, int, int, int]) -> float:
    return float(pixels(image).crop(box).convert("L").getextrema()[0])  # type: ignore[arg-type]


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.is_running() and "engine.ingest.render_worker" in child.cmdline()
    ]


def test_that_a_page_is_drawn_as_wide_as_asked(renderer: Renderer, tmp_path: Path) -> None:
    image = renderer.draw(pdf(tmp_path), 2, 612)
    assert (image.width, image.height, image.n_pages, image.marks) == (612, 792, 2, ())
    assert pixels(image).getextrema() != ((255, 255),) * 3


def test_that_marks_lie_where_the_text_stands(renderer: Renderer, tmp_path: Path) -> None:
    marked = ("the lake has lost its oxygen in the deep water", "summer", "first")
    image = renderer.draw(pdf(tmp_path), 2, 612, marked)
    assert image.texts == (0, 0, 1)
    for left, top, right, bottom in image.marks:
        box = (int(left * 612), int(top * 792), int(right * 612) + 1, int(bottom * 792) + 1)
        assert darkest(image, box) < 128
        assert bottom - top < 0.03
    first, second, _ = image.marks
    assert first[3] <= second[1] + 0.005  # one line below the other


def test_that_marks_turn_with_a_turned_page(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "turned.pdf"
    upright = sample_files.pdf([["Water"]])
    path.write_bytes(
        upright.replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 612 792]/Rotate 90")
    )
    image = renderer.draw(document(path, "application/pdf"), 1, 792, ("water",))
    assert (image.width, image.height) == (792, 612)
    ((left, top, right, bottom),) = image.marks
    assert left > 0.85  # what was at the top is at the right
    box = (round(left * 792), round(top * 612), round(right * 792), round(bottom * 612))
    assert darkest(image, box) < 128


@pytest.mark.parametrize("number", [0, 3])
def test_that_a_page_that_is_not_there_is_told(
    renderer: Renderer, tmp_path: Path, number: int
) -> None:
    with pytest.raises(EngineError) as told:
        renderer.draw(pdf(tmp_path), number, 400)
    assert told.value.title == "No such page"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_that_pictures_are_drawn(renderer: Renderer, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"picture.{kind.lower()}"
    Image.new("RGB", (800, 400), "navy").save(path, kind)
    image = renderer.draw(document(path, f"image/{kind.lower()}"), 1, 200)
    assert (image.width, image.height) == (200, 100)
    red, _, blue = pixels(image).getpixel((50, 50))  # type: ignore[misc]
    assert red < 20 < 100 < blue


def test_that_a_small_picture_is_not_made_larger(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("RGBA", (10, 5), (0, 0, 0, 0)).save(path)
    image = renderer.draw(document(path, "image/png"), 1, 2000)
    assert (image.width, image.height) == (10, 5)
    assert pixels(image).getpixel((0, 0)) == (255, 255, 255)


def test_that_a_photograph_stands_upright(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.new("RGB", (400, 200), "navy").save(path, exif=exif)
    image = renderer.draw(document(path, "image/jpeg"), 1, 100)
    assert (image.width, image.height) == (100, 200)


def test_that_a_scan_of_many_pages_is_turned_over(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    sheets = [Image.new("RGB", (100, 100), color) for color in ("red", "lime")]
    sheets[0].save(path, save_all=True, append_images=sheets[1:])
    image = renderer.draw(document(path, "image/tiff"), 2, 100)
    assert (image.n_pages, pixels(image).getpixel((9, 9))) == (2, (0, 255, 0))


def test_that_a_picture_is_marked_by_its_boxes(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "receipt.png"
    Image.new("RGB", (100, 100)).save(path)
    boxes = (TextBox(0, 6, 0.1, 0.1, 0.5, 0.2), TextBox(7, 12, 0.1, 0.3, 0.5, 0.4))
    shown = document(path, "image/png", "Coffee\n12.50", boxes=boxes)
    image = renderer.draw(shown, 1, 100, ("12.50", "tea"))
    assert (image.marks, image.texts) == (((0.1, 0.3, 0.5, 0.4),), (0,))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_that_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(InvalidInput):
        draw_page(DrawPage(str(path).encode(), "image/png", 1, 100, ()))


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("a.pdf", "application/pdf", b"%PDF-1.7 garbage"),
        ("b.pdf", "application/pdf", sample_files.pdf([["x"]], encrypted=True)),
        ("c.png", "image/png", b"\x89PNG\r\n\x1a\n garbage"),
        ("d.jpg", "image/jpeg", b""),
        ("e.svg", "image/svg+xml", b"<svg><g></svg>"),
        ("f.nef", "image/x-raw", b"II*\0 garbage"),
    ],
)
def test_that_broken_files_are_told_and_cost_nothing(
    renderer: Renderer, tmp_path: Path, name: str, kind: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InvalidInput):
        renderer.draw(document(tmp_path / name, kind), 1, 100)
    assert renderer.draw(pdf(tmp_path), 1, 100).width == 100


def test_that_what_cannot_be_drawn_says_why(renderer: Renderer, tmp_path: Path) -> None:
    shown = pdf(tmp_path)
    path = Path(shown.paths[0])
    note = tmp_path / "note.txt"
    note.write_text("x")
    with pytest.raises(InvalidInput, match="No pages to show"):
        renderer.draw(document(note, "text/plain"), 1, 100)
    path.write_bytes(sample_files.pdf([["Other"]]))
    with pytest.raises(NotFound, match="changed"):
        renderer.draw(shown, 1, 100)
    path.unlink()
    with pytest.raises(NotFound, match="gone"):
        renderer.draw(shown, 1, 100)


def test_that_what_lies_inside_another_file_is_drawn(renderer: Renderer, tmp_path: Path) -> None:
    photo, paper = tmp_path / "photo.jpg", pdf(tmp_path)
    photo.write_bytes(encoded(scene(1)))
    with zipfile.ZipFile(tmp_path / "slides.pptx", "w") as slides:
        slides.write(photo, "ppt/media/image1.jpg")
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as box:
        box.write(paper.paths[0], "one/paper.pdf")
        box.write(tmp_path / "slides.pptx", "slides.pptx")
    within = f"{tmp_path / 'box.zip'}{INSIDE}"
    shown = document(
        photo, "image/jpeg", paths=(f"{within}slides.pptx{INSIDE}ppt/media/image1.jpg",)
    )
    image = renderer.draw(shown, 1, 160)
    assert (image.width, image.height) == (160, 120)
    inner = replace(paper, paths=(f"{within}one/paper.pdf",))
    assert renderer.draw(inner, 1, 100).n_pages == 2
    with pytest.raises(InvalidInput, match="cannot be taken out"):
        renderer.draw(replace(inner, content_hash="0" * 64), 1, 100)


def test_that_the_copy_that_is_left_is_drawn(renderer: Renderer, tmp_path: Path) -> None:
    shown = pdf(tmp_path)
    gone = str(tmp_path / "gone.pdf")
    both = document(Path(shown.paths[0]), "application/pdf", paths=(gone, *shown.paths))
    assert renderer.draw(both, 1, 100).n_pages == 2


def test_that_the_worker_is_kept_then_ended_and_started_anew(tmp_path: Path) -> None:
    others = workers()
    with Renderer(idle_s=0.6) as renderer:
        renderer.draw(pdf(tmp_path), 1, 50)
        (first,) = [w for w in workers() if w not in others]
        renderer.draw(pdf(tmp_path), 2, 50)
        assert first in workers()
        until = time.monotonic() + 20
        while first in workers() and time.monotonic() < until:
            time.sleep(0.05)
        assert first not in workers()
        assert renderer.draw(pdf(tmp_path), 1, 50).width == 50


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_that_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    others = workers()
    with Renderer() as renderer:
        renderer.draw(pdf(tmp_path), 1, 50)
        (worker,) = [w for w in workers() if w not in others]
        worker.kill()
        worker.wait(10)
        assert renderer.draw(pdf(tmp_path), 1, 50).width == 50


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals")
def test_that_only_the_newest_question_waits_for_a_slow_page(tmp_path: Path) -> None:
    others = workers()
    shown = pdf(tmp_path)
    outcomes: list[int | str] = []

    def ask(renderer: Renderer, width: int) -> None:
        try:
            outcomes.append(renderer.draw(shown, 1, width).width)
        except EngineError as error:
            outcomes.append(error.title)

    with Renderer(timeout_s=30) as renderer:
        renderer.draw(shown, 1, 50)
        (worker,) = [w for w in workers() if w not in others]
        worker.suspend()
        threads = []
        for width in (51, 52, 53):
            threads.append(threading.Thread(target=ask, args=(renderer, width)))
            threads[-1].start()
            time.sleep(0.1)
        threads[1].join(10)
        assert outcomes == ["Not drawn"]
        worker.resume()
        for thread in threads:
            thread.join(10)
    assert outcomes == ["Not drawn", 51, 53]
