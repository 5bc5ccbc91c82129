"""Everything that must pass: `python -m tests`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("architecture", ["lint-imports"]),
    ("tests", ["pytest", "--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile"]),
)


def main() -> int:
    """Run every check, also after one has failed; 0 where all pass."""
    scripts = Path(sys.executable).parent
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    failed = []
    for name, (command, *arguments) in CHECKS:
        print(f"--- {name}", flush=True)
        if subprocess.run([scripts / command, *arguments], env=environment).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
