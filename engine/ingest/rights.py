"""The extractor worker gives up every right that reading files does not need.

Linux: no new privileges, a seccomp filter (no sockets, no programs, no signals to other processes,
no tracing), Landlock (nothing is written, made or removed anywhere), and limits on file sizes, open
files and core dumps. Each is used where the kernel has it. macOS has the limits. Windows has none
of these; there, as everywhere, the worker is a process of its own whose memory and time its parent
watches, and nothing that it reads is run. What it may read is not limited: the user's folders lie
anywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import struct
import sys

_OPEN_FILES = 256

_NO_NEW_PRIVILEGES = 38
_SET_SECCOMP = 22
_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_X32 = 0x40000000
"""Calls of another x86 convention have this bit; they would pass by the filter."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {
    "x86_64": (
        *(41, 42, 43, 49, 50, 288),  # socket connect accept bind listen accept4
        *(59, 322, 101, 310, 311),  # execve execveat ptrace process_vm_readv process_vm_writev
        *(62, 129, 424, 438),  # kill rt_sigqueueinfo pidfd_send_signal pidfd_getfd
        *(165, 166, 272, 308, 246, 175, 313, 169),  # mount umount2 unshare setns kexec modules
        *(248, 249, 250, 298, 321, 323, 425),  # keys perf_event_open bpf userfaultfd io_uring
    ),
    "aarch64": (
        *(198, 203, 202, 200, 201, 242),
        *(221, 281, 117, 270, 271),
        *(129, 138, 424, 438),
        *(40, 39, 97, 268, 104, 105, 273, 142),
        *(217, 218, 219, 241, 280, 282, 425),
    ),
}
"""Numbers of the system calls that are refused, in the same order."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_RIGHTS_BY_VERSION = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Landlock's version -> how many rights to files it knows."""
_BY_PATH = 1


def give_up_rights() -> frozenset[str]:
    """Give up rights for good, before any thread is started; returns which ways took hold."""
    sys.dont_write_bytecode = True
    held = {"limits"} if _limit() else set()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError, ValueError):
            library = ctypes.CDLL(None, use_errno=True)
            if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
                held.add("no new privileges")
                held |= {"no writing"} if _landlock(library) else set()
                held |= {"no calls"} if _filter_calls(library) else set()
    return frozenset(held)


def _limit() -> bool:
    """Limit what the platform counts; False on Windows."""
    try:
        import resource
    except ImportError:
        return False
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))
    return True


def _landlock(library: ctypes.CDLL) -> bool:
    """Refuse all changes to files, programs and TCP, as far as the kernel can."""
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    n_rights = max(n for since, n in _RIGHTS_BY_VERSION if version >= since)
    files = ((1 << n_rights) - 1) & ~(_READ_FILE | _READ_DIR)
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = struct.pack("=QQQ", files, network, scoped)[:size]
    rules = library.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if rules < 0:
        return False
    try:
        # Libraries open it to throw something away.
        null = os.open(os.devnull, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", _WRITE_FILE, null)
            library.syscall(_ADD_RULE, rules, _BY_PATH, rule, 0)
        finally:
            os.close(null)
        return bool(library.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _filter_calls(library: ctypes.CDLL) -> bool:
    """Refuse system calls that reading files does not need; False where it cannot be done."""
    machine = platform.machine()
    refused = _REFUSED.get(machine)
    if refused is None:
        return False
    program = _program(_ARCHITECTURES[machine], refused)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return bool(library.prctl(_SET_SECCOMP, _FILTER, header, 0, 0) == 0)


def _program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """A filter in the kernel's packet language: compare the call's number with each refused one."""
    load, is_equal, is_least, answer = 0x20, 0x15, 0x35, 0x06

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("=HBBI", code, then, otherwise, value)

    n = len(refused)
    steps = [
        step(load, 4),  # the architecture
        step(is_equal, architecture, 0, n + 3),
        step(load, 0),  # the number
        step(is_least, _X32, n + 1, 0),
        *(step(is_equal, number, n - at) for at, number in enumerate(refused)),
        step(answer, _ALLOW),
        step(answer, _REFUSE),
    ]
    return b"".join(steps)
