"""Models written to folders and read from them, with real weights, graphs and workers."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine import model_exchange
from engine.encoders.catalogue import write_card
from engine.encoders.onnx_manifest import read_manifest
from engine.encoders.text_encoder import TextEncoder
from engine.errors import EngineError, NotFound
from engine.events import Cancelled, Event, Failed, Finished, JobEvent
from engine.new_folder import new_folder
from engine.parts import Parts
from engine.records import ImportReport, JobInfo
from engine.requests import CancelJob
from engine.storage import model_registry
from engine.training_records import ExportReport
from engine.training_requests import DeleteModel, ExportModel, ImportTextModel
from engine.workspace import Workspace
from tests.tiny_model import tiny_card, write_tiny_model

TEXTS = ["why did my loaf sink in the oven", "Prune the roses at the end of winter. " * 20]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module", autouse=True)
def small_general_set(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """In the place of the real one: what is measured on it is tested elsewhere."""
    folder = tmp_path_factory.mktemp("general")
    (folder / "corpus.jsonl").write_text('{"_id": "d", "title": "", "text": "bread rises"}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "bread"}\n')
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_exchange, "GENERAL_SET", folder)
        yield


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def workspace(library_folder: Path, weights: Path, events: list[Event]) -> Iterator[Workspace]:
    """A workspace with a tiny model, whose queries have a prompt."""
    with Workspace(library_folder, events.append) as opened:
        folder = parts(opened).models.folder("tiny")
        folder.mkdir()
        shutil.copytree(weights, folder / "weights")
        write_card(replace(tiny_card(), query_prompt="query: ", notes="Tuned."), folder)
        with parts(opened).library.write() as connection:
            model_registry.register(connection, "tiny")
        yield opened


def parts(workspace: Workspace) -> Parts:
    return workspace._parts


def end_of(workspace: Workspace, job: JobInfo) -> JobEvent:
    return workspace.wait(job.id)


def exported(workspace: Workspace, request: ExportModel) -> ExportReport:
    end = end_of(workspace, workspace.bench.export_model(request))
    assert isinstance(end, Finished), end
    assert isinstance(end.result, ExportReport)
    return end.result


def imported(workspace: Workspace, path: Path, name: str | None = None) -> ImportReport:
    end = end_of(workspace, workspace.bench.import_text_model(ImportTextModel(str(path), name)))
    assert isinstance(end, Finished), end
    assert isinstance(end.result, ImportReport)
    return end.result


def refusal(workspace: Workspace, path: Path) -> Failed:
    before = sorted(parts(workspace).folder.glob("models/*"))
    end = end_of(workspace, workspace.bench.import_text_model(ImportTextModel(str(path))))
    assert isinstance(end, Failed), end
    assert sorted(parts(workspace).folder.glob("models/*")) == before, "nothing is left"
    return end


def encoder(workspace: Workspace, model_id: str) -> TextEncoder:
    return parts(workspace).models.open(model_id, lambda: None).encoder


def test_that_an_exported_model_comes_back_with_the_same_vectors(
    workspace: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "model"
    report = exported(workspace, ExportModel("tiny", str(target)))
    assert report.agreement > 0.9999
    assert report.ndcg == {"fp32": 1.0}
    assert {"model.safetensors", "tokenizer.json", "modules.json", "README.md"} <= set(report.files)
    assert not any(file.endswith((".bin", ".py", ".pkl")) for file in report.files)
    assert [file.name for file in target.parent.iterdir()] == ["model"]
    text = (target / "README.md").read_text("utf-8")
    assert "pooled by mean" in text and "query: " in text and "tuned from all-MiniLM" in text
    queries = encoder(workspace, "tiny").encode_queries(TEXTS)
    passages = encoder(workspace, "tiny").encode_passages(TEXTS)
    again = refusal(workspace, target)
    assert again.title == "Already here" and "tiny" in again.message
    workspace.bench.delete_model(DeleteModel("tiny"))
    taken = imported(workspace, target, "Mine, again")
    assert taken.agreement < 1e-4
    card = parts(workspace).models.card(taken.model)
    assert (card.origin, card.name, card.query_prompt) == ("imported", "Mine, again", "query: ")
    assert (parts(workspace).models.weights(taken.model) / "model.safetensors").is_file()
    back = encoder(workspace, taken.model)
    assert np.allclose(back.encode_queries(TEXTS), queries, atol=1e-6)
    assert np.allclose(back.encode_passages(TEXTS), passages, atol=1e-6)


def test_that_an_onnx_export_tells_its_parity_and_comes_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "graphs"
    target.mkdir()
    report = exported(workspace, ExportModel("tiny", str(target), "onnx"))
    manifest = read_manifest(target)
    assert manifest is not None
    assert report.agreement == manifest.variants["fp32"].agreement > 0.9999
    assert set(report.ndcg) == set(manifest.variants)
    assert "model.safetensors" not in report.files
    taken = imported(workspace, target)
    back = encoder(workspace, taken.model)
    ours = encoder(workspace, "tiny")
    cosines = np.einsum("ij,ij->i", back.encode_queries(TEXTS), ours.encode_queries(TEXTS))
    assert cosines.min() > 0.97
    exact = np.array(manifest.vectors, dtype=np.float32)
    found = back.encode_passages(manifest.probes)
    assert np.abs(found - exact).max() == pytest.approx(taken.agreement, abs=1e-6)
    (target / "onnx" / "model.onnx").write_bytes(b"other")
    assert refusal(workspace, target).title == "Model was altered"


def test_that_a_compressed_model_is_exported_as_it_is(workspace: Workspace, tmp_path: Path) -> None:
    request = ExportModel("bge-small-en-v1.5", str(tmp_path / "st"))
    end = end_of(workspace, workspace.bench.export_model(request))
    assert isinstance(end, Failed) and "ONNX" in end.hint
    assert list(tmp_path.glob("*st*")) == []


def test_that_an_export_overwrites_nothing(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for target in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        end = end_of(workspace, workspace.bench.export_model(ExportModel("tiny", str(target))))
        assert isinstance(end, Failed) and end.title == "There is something already"
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert len(list(tmp_path.glob("mine/*"))) == 1


def test_that_a_cancelled_export_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    job = workspace.bench.export_model(ExportModel("tiny", str(tmp_path / "out" / "model")))
    while not list((tmp_path / "out").glob(".model.*")):
        time.sleep(0.01)
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(end_of(workspace, job), Cancelled)
    assert list((tmp_path / "out").iterdir()) == []
    assert list(parts(workspace).folder.glob("exports/*")) == []


_KILLED = """
import sys, time
from pathlib import Path
from engine.new_folder import new_folder
with new_folder(Path(sys.argv[1]), 0, Path(sys.argv[2])) as building:
    (building / "half.bin").write_bytes(b"0" * 1000)
    print("writing", flush=True)
    time.sleep(60)
"""


def test_that_an_export_that_was_killed_is_swept_away_at_the_next_opening(
    library_folder: Path, tmp_path: Path
) -> None:
    notes, out = library_folder / "exports", tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(out / "model"), str(notes)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None and child.stdout.readline()
        child.kill()
    assert len(list(out.iterdir())) == 1
    with Workspace(library_folder, lambda _: None):
        assert list(out.iterdir()) == []
        assert list(notes.iterdir()) == []


def fill(folder: Path) -> None:
    with new_folder(folder / "model", 0, folder / "notes") as made:
        (made / "file").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_that_a_full_disk_is_told_before_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(EngineError, match="needed"),
        new_folder(tmp_path / "model", 10**18, tmp_path / "notes"),
    ):
        raise AssertionError
    with pytest.raises(EngineError, match="nothing is left"):
        fill(tmp_path)
    assert not list(tmp_path.glob("*model*"))


def copy_of(weights: Path, target: Path) -> Path:
    shutil.copytree(weights, target)
    return target


def change(path: Path, **fields: object) -> None:
    told = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(told | fields))


def test_that_what_could_run_code_is_refused(
    workspace: Workspace, weights: Path, tmp_path: Path
) -> None:
    pickled = copy_of(weights, tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    assert refusal(workspace, pickled).title == "Unsafe model file"
    remote = copy_of(weights, tmp_path / "remote")
    change(remote / "config.json", auto_map={"AutoModel": "mine.py"})
    assert refusal(workspace, remote).title == "This model brings its own program"
    custom = copy_of(weights, tmp_path / "custom")
    parts_of = json.loads((custom / "modules.json").read_text())
    parts_of[1]["type"] = "os.Pooling"
    (custom / "modules.json").write_text(json.dumps(parts_of))
    assert "os.Pooling" in refusal(workspace, custom).message
    parts_of[1]["type"] = "sentence_transformers.models.Dense"
    (custom / "modules.json").write_text(json.dumps(parts_of))
    assert "Dense" in refusal(workspace, custom).message


def test_that_what_does_not_fit_together_is_refused(
    workspace: Workspace, weights: Path, tmp_path: Path
) -> None:
    wordless = copy_of(weights, tmp_path / "wordless")
    (wordless / "tokenizer.json").unlink()
    assert refusal(workspace, wordless).title == "Model is incomplete"
    longer = copy_of(weights, tmp_path / "longer")
    change(longer / "1_Pooling" / "config.json", word_embedding_dimension=64)
    assert "64" in refusal(workspace, longer).message
    most = copy_of(weights, tmp_path / "max")
    change(
        most / "1_Pooling" / "config.json",
        pooling_mode_mean_tokens=False,
        pooling_mode_max_tokens=True,
    )
    assert "max_tokens" in refusal(workspace, most).message
    passages = copy_of(weights, tmp_path / "passages")
    change(passages / "config_sentence_transformers.json", prompts={"passage": "passage: "})
    assert "passage: " in refusal(workspace, passages).message
    with pytest.raises(NotFound):
        raise_of(workspace, tmp_path / "nowhere")


def raise_of(workspace: Workspace, path: Path) -> None:
    from engine.jobs.job import Job

    job = Job("import", "Importing", lambda _: None)
    model_exchange.import_model(parts(workspace), ImportTextModel(str(path)), job)


def test_that_a_model_whose_vectors_differ_from_its_own_is_refused(
    workspace: Workspace, weights: Path, tmp_path: Path
) -> None:
    """What a file says of case is not heeded here, so the vectors would be others."""
    other = copy_of(weights, tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_text("utf-8"))
    tokenizer["normalizer"]["lowercase"] = False
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    change(other / "sentence_bert_config.json", do_lower_case=True)
    assert refusal(workspace, other).title == "Model gives other vectors"
