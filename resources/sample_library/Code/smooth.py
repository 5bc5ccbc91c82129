"""Smooth a noisy series, such as daily weight or temperature, with an exponential average."""

from collections.abc import Iterable, Iterator


def smooth(values: Iterable[float], half_life: float = 7.0) -> Iterator[float]:
    """Yield the running average; a value counts half as much after `half_life` steps.

    Unlike a moving window this needs no memory of the past but one number, has no edge at which an old
    outlier suddenly drops out, and gives a result from the first value on.
    """
    keep = 0.5 ** (1 / half_life)
    average: float | None = None
    for value in values:
        average = value if average is None else keep * average + (1 - keep) * value
        yield average


if __name__ == "__main__":
    scale = [71.2, 70.8, 71.9, 71.0, 70.6, 70.9, 70.1, 70.4]
    print([round(value, 2) for value in smooth(scale, half_life=3)])
