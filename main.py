"""Attune: with no command it opens the window, with one it works headless (`--help`)."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Open the window or run the command; returns the exit code."""
    match sys.argv[1:]:
        case []:
            workspace = None
        case ["--workspace", folder]:
            workspace = Path(folder)
        case _:
            from engine.cli import run as run_command

            return run_command()

    from engine.places import default_workspace
    from gui.app import run as run_window

    return run_window((workspace or default_workspace()).expanduser().absolute())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # Ctrl-C while it loads
        sys.exit(130)
