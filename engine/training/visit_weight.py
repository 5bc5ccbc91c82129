"""How much a visit says of whether a result answers its query.

People click what stands high, whether or not it answers. The chance that somebody looks at rank r
at all falls as (1/r)^eta, and a click is weighted by its inverse (Joachims, Swaminathan and
Schnabel 2017, Unbiased learning-to-rank with biased feedback): one far down, after others were
skipped, says more (Joachims et al. 2005, Accurately interpreting clickthrough data as implicit
feedback). The inverse is scaled so that the full weight is reached at a rank and kept beyond it,
which bounds the variance, as they do by clipping.
"""

from __future__ import annotations

import math
from typing import Literal

from engine.training_records import WEIGHTS

DWELL_S = 20.0
"""Read for this long, a result counts as read."""
QUICK_RETURN_S = 5.0
"""Somebody who is back from another program sooner did not find it there."""
_SEVERITY = 0.5
"""Their eta: mild, for a desktop's list of few results is mostly seen whole."""
_FULL_FROM_RANK = 8


def sign_of(opened: bool, seconds: float) -> Literal["open", "dwell"] | None:
    """What a visit counts as; None where it counts for nothing.

    Of a result that was opened in another program the time is often not known; it is 0 then.
    """
    if seconds >= DWELL_S:
        return "dwell"
    if opened and not 0 < seconds < QUICK_RETURN_S:
        return "open"
    return None


def weight_of(sign: Literal["open", "dwell"], rank: int) -> float:
    """Weight in a loss of a visit to a rank, from 1; never above that of its kind."""
    seen = math.pow(min(max(rank, 1), _FULL_FROM_RANK) / _FULL_FROM_RANK, _SEVERITY)
    return round(WEIGHTS[sign] * seen, 4)
