"""Queries that a language model makes, on a server of the user's choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from engine.errors import EngineError
from engine.records import JobInfo
from engine.request import Request
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from engine.training_records import LlmServer
from engine.training_requests import Synthesize, TryLlm
from gui.background import Engine
from gui.confirm import confirm
from gui.icons import icon
from gui.theme import set_role
from gui.training.gathering_card import GatheringCard
from gui.training.queries_card import ROUND_TRIP, check_box, kept_in_words
from gui.widgets.wrapped_label import wrapped_label

_PROMPT_HEIGHT = 110


class LlmCard(GatheringCard):
    """Address, model and prompt, a try, and the start."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "llm",
            ("llm",),
            "Queries by a language model",
            "A language model reads passages of your documents and writes queries that they "
            "answer. It runs in a program of your choice that speaks OpenAI's API, such as "
            "Ollama, llama.cpp or LM Studio; nobody judged what it writes.",
            "Make queries",
            parent=parent,
        )
        self._known = LlmServer()
        self.url, self.model, self.key = QLineEdit(), QLineEdit(), QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.model.setPlaceholderText("The server's first")
        self.key.setPlaceholderText("None")
        self.prompt = QPlainTextEdit()
        self.prompt.setTabChangesFocus(True)
        self.prompt.setFixedHeight(_PROMPT_HEIGHT)
        self.sends = wrapped_label()
        self.reset_button = QPushButton(icon("undo"), "Restore the prompt")
        set_role(self.reset_button, "link")
        self.try_button = QPushButton("Try it")
        self.try_button.setToolTip("See which queries it makes of one passage")
        self.tried = QLabel()
        self._build_options()
        self.show_server(self._known)

    def load(self) -> None:
        """Ask which server was used last."""

        def show(settings: Settings) -> None:
            if settings.llm != self._known:  # else what is being typed stays
                self.show_server(settings.llm)

        self.engine.ask(GetSettings(), show, lambda _: None, owner=self)

    def show_server(self, server: LlmServer) -> None:
        """Show a server."""
        self._known = server
        for field, text in ((self.url, server.url), (self.model, server.model)):
            field.setText(text)
            field.setCursorPosition(0)
        self.key.setText(server.api_key)
        self.prompt.setPlainText(server.prompt)
        self._say_where()

    @property
    def server(self) -> LlmServer:
        """What is entered."""
        return LlmServer(
            url=self.url.text().strip(),
            model=self.model.text().strip(),
            prompt=self.prompt.toPlainText(),
            api_key=self.key.text().strip(),
        )

    def request(self) -> Request[JobInfo]:
        """Make queries with what is entered."""
        return Synthesize(
            by="llm",
            n_passages=self.number.value(),
            per_passage=self.per_passage.value(),
            round_trip=ROUND_TRIP if self.check.isChecked() else 0,
            server=self.server,
            evalset=self.evalset,
        )

    def start(self) -> None:
        """Ask first where passages would leave this computer."""
        self._once_agreed(self._start)

    def try_it(self) -> None:
        """Have queries made of one passage."""
        self._once_agreed(self._try)

    def figures_in_words(self, figures: dict[str, float]) -> str:
        """How many of a run's queries were kept."""
        return kept_in_words(figures)

    def _start(self) -> None:
        self._save()
        super().start()

    def _try(self) -> None:
        self._save()
        self.notice.hide()
        self.tried.hide()
        self.try_button.setEnabled(False)
        self.try_button.setText("Asking…")
        self.engine.ask(TryLlm(self.server), self._show_tried, self._fail_try, owner=self)

    def _once_agreed(self, then: Callable[[], None]) -> None:
        url = self.server.url
        agreed = url == self._known.url != LlmServer().url  # when this address was kept
        host = _host(url)
        if agreed or not host or is_loopback(url):
            then()
            return
        confirm(
            self,
            f"Send passages of your documents to {host}?",
            "That is another computer. Whoever runs it can read what is sent. Nothing else of "
            "this program leaves yours.",
            "Send them",
            then,
        )

    def _save(self) -> None:
        """Keep the server; the settings are read anew, for another page may have changed them."""
        server = self.server
        if server == self._known:
            return

        def change(settings: Settings) -> None:
            self.engine.ask(
                ChangeSettings(replace(settings, llm=server)), keep, self._refuse, owner=self
            )

        def keep(settings: Settings) -> None:
            self._known = settings.llm

        self.engine.ask(GetSettings(), change, self._refuse, owner=self)

    def _show_tried(self, queries: tuple[str, ...]) -> None:
        self._end_try()
        if queries:
            self.tried.setText("\n".join(f"“{query}”" for query in queries))
            self.tried.show()
        else:
            self.notice.say(
                "warning",
                "It answered, but with no query",
                "Another prompt, or a larger model, may do better.",
            )

    def _fail_try(self, error: EngineError) -> None:
        self._end_try()
        self._refuse(error)

    def _end_try(self) -> None:
        self.try_button.setEnabled(True)
        self.try_button.setText("Try it")

    def _say_where(self) -> None:
        url = self.url.text().strip()
        here = is_loopback(url)
        if not _host(url):
            words = "Passages are sent to the address that you enter under Options."
        elif here:
            words = f"Passages go to a program on this computer, at {url}, and nowhere else."
        else:
            words = (
                f"Passages of your documents are sent to {_host(url)}, which is another computer."
            )
        self.sends.setText(words)
        set_role(self.sends, "small" if here or not _host(url) else "warning")

    def _restore_prompt(self) -> None:
        self.prompt.setPlainText(LlmServer().prompt)

    def _build_options(self) -> None:
        for field in (self.url, self.model, self.key):
            field.setMinimumWidth(300)
        self.add_option("Address", self.url, "Of the server; it mostly ends with /v1.")
        self.add_option("Model", self.model, "As the server calls it.")
        self.add_option("Key", self.key, "Only where the server asks for one.")
        self._form.addRow("Prompt", self.prompt)
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setToolTip("{passage} becomes the passage, {n} how many queries are wanted")
        self._form.addRow("", self.reset_button)
        self.number = self.add_number(
            "At most", 1, 100_000, 200, "Passages, spread over the library."
        )
        self.per_passage = self.add_number("Queries", 1, 10, 2, "Of each passage.")
        self.check = check_box(self)
        self.below.addWidget(self.try_button)
        self.tried.setWordWrap(True)
        self.tried.hide()
        self.body.insertWidget(self.body.indexOf(self.options), self.sends)
        self.body.insertWidget(self.body.count() - 1, self.tried)
        self.url.textChanged.connect(lambda _: self._say_where())
        self.reset_button.clicked.connect(self._restore_prompt)
        self.try_button.clicked.connect(self.try_it)


def is_loopback(url: str) -> bool:
    """Whether an address leads to a program on this computer, as far as its name tells."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


def _host(url: str) -> str:
    """The computer that an address leads to; empty where it is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
