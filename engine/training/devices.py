"""Where matrices are multiplied, and in which precision; imported by the trainer process only."""

from __future__ import annotations

import ctypes
import os
import sys
import time

import psutil
import torch

from engine.errors import InvalidInput
from engine.recipe import Device

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""As `malloc.h` has them."""


def choose(wanted: Device) -> str:
    """`cpu`, `cuda` or `mps`; raises InvalidInput where the one that is wanted is not there."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return next(name for name, found in there.items() if found)
    if not there[wanted]:
        raise InvalidInput(
            "No such device",
            f"This computer has no {wanted} device that can be trained on.",
            "Choose `auto` or `cpu` in the recipe.",
        )
    return wanted


def be_repeatable(threads: int) -> None:
    """Have the same order give the same weights on one machine.

    An operation that has no repeatable form on a graphics processor warns and goes on.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # it costs, and finds only bugs


def keep_freed_memory() -> None:
    """Have glibc keep what is freed: a step asks for the same again.

    Given back, it is cleared page by page at every step, a seventh of all processor time. Other C
    libraries are left as they are.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):
            libc.mallopt(_M_MMAP_MAX, 0)
            libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def has_fast_bf16(device: str) -> bool:
    """Whether it multiplies bfloat16 matrices in hardware; elsewhere it would be slower."""
    if device == "cuda":
        return bool(torch.cuda.get_device_capability() >= (8, 0))
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return device == "cpu" and any(getattr(torch.cpu, name, lambda: False)() for name in probes)


def memory_mb(device: str) -> int:
    """What this process holds now, in the device's memory where it has its own."""
    if device == "cuda":
        return int(torch.cuda.memory_reserved()) >> 20
    return int(psutil.Process().memory_info().rss) >> 20


def now(device: str) -> float:
    """Seconds on a clock, once what was asked of the device is done."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.monotonic()
