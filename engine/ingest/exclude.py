"""What is left out of a folder: by the user's patterns, by its own ignore files, by default.

Patterns are in the language of .gitignore, relative to the root or to the folder whose ignore file
holds them. The settings decide first, then every `.attuneignore`, the innermost first; they may
also bring back, with `!`, what is left out by default. Then the defaults, then every `.gitignore`.
In each the last pattern that matches decides, and below a folder that is left out nothing is looked
at, as in git.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InvalidInput

OWN_IGNORE_FILE = ".attuneignore"
GIT_IGNORE_FILE = ".gitignore"

_HIDDEN_BEGINNINGS = (".", "~$")
_NAMES = {
    *("__pycache__", "__pypackages__", "site-packages", "node_modules", "bower_components"),
    *("jspm_packages", "deriveddata", "__macosx", "thumbs.db", "desktop.ini", "$recycle.bin"),
    *("system volume information", "lost+found", "found.000", "pnpm-lock.yaml"),
}
_TEMPORARY_ENDINGS = (
    *(".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".opdownload", ".lock"),
    *(".lck", ".swp", ".swo", ".bak", ".pyc", ".pyo", "~"),
)
_BUILD_NAMES = {"build", "_build", "dist", "target", "out", "bin", "obj", "coverage", "htmlcov"}
_PROJECT_FILES = {
    *("package.json", "pyproject.toml", "setup.py", "setup.cfg", "conf.py", "cargo.toml"),
    *("pom.xml", "build.gradle", "build.gradle.kts", "build.xml", "build.sbt", "cmakelists.txt"),
    *("makefile", "meson.build", "go.mod", "composer.json", "mix.exs", "pubspec.yaml"),
}
_PROJECT_ENDINGS = (".csproj", ".fsproj", ".vbproj", ".vcxproj", ".sln")
_MARKS_OF_MADE = {"CACHEDIR.TAG", "pyvenv.cfg"}
"""A folder that holds one was made by a program and can be made again: a cache, an environment."""

_MOST_STARS = 4
"""In a part of a pattern; matching it takes long names to this power."""
_MOST_BYTES = 1 << 20
"""Of an ignore file."""
_FLAGS = re.IGNORECASE if sys.platform in ("win32", "darwin") else re.NOFLAG


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file."""

    regex: re.Pattern[str]
    leaves_out: bool
    """False where it brings back what an earlier one left out."""
    folders_only: bool = False

    def matches(self, path: str) -> bool:
        """Whether it means this very path, a folder's ending in `/`; not one that is inside."""
        match = self.regex.search(path)
        if match is None or (self.folders_only and not path.endswith("/")):
            return False
        if "ps_d" in self.regex.groupindex:
            return match.end("ps_d") in (-1, len(path))
        return match.end() < len(path) or not path.endswith("/")  # `a/**` is not `a/` itself


@dataclass(frozen=True, slots=True)
class _Layer:
    """The patterns of one place."""

    folder: str
    """Relative to the root; empty, or ending in `/`."""
    patterns: tuple[Pattern, ...]

    def verdict(self, path: str) -> bool | None:
        """Whether a path is left out, by the last pattern that matches; None where none does."""
        inside = path[len(self.folder) :]
        return next((p.leaves_out for p in reversed(self.patterns) if p.matches(inside)), None)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What is left out of one folder, by all that was said in it and above it."""

    own: tuple[_Layer, ...] = ()
    """Of the settings, then of each `.attuneignore`, the innermost first."""
    git: tuple[_Layer, ...] = ()
    """Of each `.gitignore`, the innermost first."""

    @classmethod
    def of(cls, patterns: Sequence[str]) -> Exclusions:
        """Those of the settings; raises InvalidInput, naming the pattern, where one is wrong."""
        parsed = []
        for line in patterns:
            try:
                pattern = _parsed(line)
            except ValueError as error:
                raise InvalidInput(
                    "Not a pattern",
                    f"“{line}” cannot be used to leave files out: {error}.",
                    "Write it as in .gitignore: *.log, drafts/, /archive/*.pdf.",
                ) from error
            if pattern:
                parsed.append(pattern)
        return cls(own=(_Layer("", tuple(parsed)),) if parsed else ())

    def within(self, folder: str, path: Path, names: Collection[str]) -> Exclusions:
        """Those of a folder at `path`, called `folder` relative to the root, holding `names`."""
        result = self
        inside = f"{folder}/" if folder else ""
        if OWN_IGNORE_FILE in names and (found := _read(path / OWN_IGNORE_FILE)):
            result = Exclusions((*self.own[:1], _Layer(inside, found), *self.own[1:]), self.git)
        if GIT_IGNORE_FILE in names and (found := _read(path / GIT_IGNORE_FILE)):
            result = Exclusions(result.own, (_Layer(inside, found), *self.git))
        return result

    def leaves_out(self, path: str, name: str, *, is_folder: bool, in_project: bool) -> bool:
        """Whether a path relative to the root is left out, where the folder above it is not."""
        full = f"{path}/" if is_folder else path
        for layer in self.own:
            if (verdict := layer.verdict(full)) is not None:
                return verdict
        if _by_default(name.lower(), is_folder, in_project):
            return True
        return next(
            (v for v in (layer.verdict(full) for layer in self.git) if v is not None), False
        )


NOTHING = Exclusions()
"""Only what is left out by default."""


def is_project(names: Iterable[str]) -> bool:
    """Whether a folder that holds these names is a program's source, with builds beside it."""
    lowered = {name.lower() for name in names}
    return not _PROJECT_FILES.isdisjoint(lowered) or any(
        name.endswith(_PROJECT_ENDINGS) for name in lowered
    )


def is_made(names: Collection[str]) -> bool:
    """Whether a folder that holds these names was made by a program, which can make it again."""
    return not _MARKS_OF_MADE.isdisjoint(names)


class Relevance:
    """Tells whether changes at absolute paths may concern a root's documents; looks as of now."""

    def __init__(self, root: Path, patterns: Exclusions) -> None:
        self._root = root
        self._folders: dict[str, tuple[Exclusions, bool] | None] = {}
        self._patterns = patterns

    def concerns(self, path: str) -> bool:
        """Whether a change there may matter; ignore files do, and so does what cannot be told."""
        try:
            inside = Path(path).relative_to(self._root).as_posix()
        except ValueError:
            return True
        if inside == ".":
            return True
        above, _, name = inside.rpartition("/")
        folder = self._inside(above)
        if folder is None or name in (OWN_IGNORE_FILE, GIT_IGNORE_FILE):
            return folder is not None
        left, in_project = folder
        is_folder = Path(path).is_dir()
        return not left.leaves_out(inside, name, is_folder=is_folder, in_project=in_project)

    def _inside(self, folder: str) -> tuple[Exclusions, bool] | None:
        """What is left out of a folder and whether it is a project's; None where it is left out."""
        if folder not in self._folders:
            self._folders[folder] = self._look_into(folder)
        return self._folders[folder]

    def _look_into(self, folder: str) -> tuple[Exclusions, bool] | None:
        patterns = self._patterns
        if folder:
            above, _, name = folder.rpartition("/")
            outer = self._inside(above)
            if outer is None:
                return None
            patterns, in_project = outer
            if patterns.leaves_out(folder, name, is_folder=True, in_project=in_project):
                return None
        here = self._root / folder
        try:
            names = os.listdir(here)
        except OSError:
            return patterns, False
        if folder and is_made(names):
            return None
        return patterns.within(folder, here, names), is_project(names)


def _by_default(name: str, is_folder: bool, in_project: bool) -> bool:
    if name.startswith(_HIDDEN_BEGINNINGS) or name in _NAMES:
        return True
    if is_folder:
        return in_project and name in _BUILD_NAMES
    return name.endswith(_TEMPORARY_ENDINGS)


def _parsed(line: str) -> Pattern | None:
    """One line as a pattern, None where it is empty or a comment; raises ValueError, in words."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if not line.strip() or line.startswith("#"):
        return None
    if any(part.count("*") > _MOST_STARS for part in line.split("/")):
        raise ValueError(f"it has more than {_MOST_STARS} stars between slashes")
    inner_folders = line.endswith("**/")  # pathspec takes these for the folder around them
    try:
        pattern = GitIgnoreSpecPattern(line[:-1] if inner_folders else line)
    except (ValueError, re.error) as error:
        raise ValueError("it is not complete") from error
    if pattern.regex is None or pattern.include is None:
        raise ValueError("it matches nothing")
    regex = re.compile(pattern.regex.pattern, _FLAGS)
    return Pattern(regex, bool(pattern.include), folders_only=inner_folders)


def _read(path: Path) -> tuple[Pattern, ...]:
    """The patterns of an ignore file; lines that cannot be used are passed over, as git does."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            return ()
        lines = path.read_text("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        try:
            pattern = _parsed(line)
        except ValueError:
            continue
        if pattern:
            found.append(pattern)
    return tuple(found)
