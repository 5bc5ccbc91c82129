"""What belongs to models is opened over a scripted engine, as pages are."""

from __future__ import annotations

from tests.gui.pages.conftest import open_page as open_page
