from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox

from engine.errors import InvalidInput
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from engine.training_records import LlmServer
from engine.training_requests import Synthesize, TryLlm
from gui.training.llm_card import LlmCard, is_loopback
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.data_samples import DATA, MORE
from tests.gui.training.tune_samples import SCRIPT

ALL = SCRIPT | DATA | MORE
FAR = LlmServer(url="https://llm.example.org/v1", model="large")


def _open(open_page: OpenPage, server: LlmServer | None = None) -> tuple[LlmCard, ScriptedClient]:
    settings = Settings(llm=server or LlmServer(), theme="dark")
    card, client = open_page(LlmCard, ALL | {GetSettings: settings})
    card.load()
    client.settle()
    return card, client


def _answer(card: LlmCard, words: str) -> None:
    question = card.findChild(QMessageBox)
    assert question is not None
    next(button for button in question.buttons() if button.text() == words).click()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://127.1.2.3/v1", True),
        ("http://192.168.1.7/v1", False),
        ("https://llm.example.org/v1", False),
        ("http://localhost.example.org/v1", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_that_only_addresses_of_this_computer_count_as_such(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_that_it_says_where_passages_are_sent(open_page: OpenPage) -> None:
    card, _ = _open(open_page)
    assert "nowhere else" in card.sends.text()
    card.url.setText(FAR.url)
    assert "sent to llm.example.org" in card.sends.text()
    assert card.sends.property("role") == "warning"
    assert card.sends.isVisible()


def test_that_trying_shows_what_is_made_and_keeps_the_server(open_page: OpenPage) -> None:
    card, client = _open(open_page)
    card.model.setText("llama3")
    card.try_button.click()
    client.settle()
    server = LlmServer(model="llama3")
    assert client.asked_for(TryLlm) == [TryLlm(server)]
    assert "why fish die in summer" in card.tried.text()
    kept = client.asked_for(ChangeSettings)[-1].settings
    assert (kept.llm, kept.theme) == (server, "dark")
    assert card.try_button.isEnabled()


def test_that_a_server_that_cannot_be_asked_is_told_of_in_its_own_words(
    open_page: OpenPage,
) -> None:
    card, client = _open(open_page)
    client.script[TryLlm] = InvalidInput("No answer", "Connection refused.", "Start the server.")
    card.try_button.click()
    client.settle()
    assert "Connection refused. Start the server." in card.notice.words
    assert card.try_button.text() == "Try it"
    client.script[TryLlm] = ()
    card.try_button.click()
    client.settle()
    assert "no query" in card.notice.words


def test_that_nothing_leaves_the_computer_unasked(open_page: OpenPage) -> None:
    card, client = _open(open_page)
    card.url.setText(FAR.url)
    card.start_button.click()
    client.settle()
    assert not client.asked_for(Synthesize)
    _answer(card, "Cancel")
    client.settle()
    assert not client.asked_for(Synthesize)
    assert not client.asked_for(ChangeSettings)


def test_that_who_agreed_is_not_asked_again(open_page: OpenPage) -> None:
    card, client = _open(open_page, FAR)
    card.per_passage.setValue(3)
    card.start_button.click()
    client.settle()
    assert card.findChild(QMessageBox) is None
    assert client.asked_for(Synthesize) == [
        Synthesize(by="llm", n_passages=200, per_passage=3, server=FAR)
    ]
    assert card.job_card.isVisible()


def test_that_the_prompt_is_restored_and_what_is_typed_survives_a_reload(
    open_page: OpenPage,
) -> None:
    card, client = _open(open_page, replace(FAR, prompt="Ask about {passage}."))
    assert card.prompt.toPlainText() == "Ask about {passage}."
    card.reset_button.click()
    assert card.server.prompt == LlmServer().prompt
    card.load()
    client.settle()
    assert card.server.prompt == LlmServer().prompt
