"""What ir-measures with pytrec-eval-terrier says, asked in a process of its own.

Now and then pytrec-eval crashes: then it is asked once more, and takes no other test with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

Case = tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]
"""Qrels and scores."""

_TRIES = 3


def oracle(notations: Sequence[str], cases: Sequence[Case]) -> list[dict[str, dict[str, float]]]:
    """By case and notation, the value of each judged query."""
    for _ in range(_TRIES):
        answer = subprocess.run(
            [sys.executable, "-X", "utf8", __file__],
            input=json.dumps([list(notations), list(cases)]).encode(),
            stdout=subprocess.PIPE,
        )
        if answer.returncode == 0:
            values: list[dict[str, dict[str, float]]] = json.loads(answer.stdout)
            return values
    raise RuntimeError(f"the oracle ended with {answer.returncode}")


def _answer(notations: Sequence[str], cases: Sequence[Case]) -> list[dict[str, dict[str, float]]]:
    import ir_measures

    names = {ir_measures.parse_measure(_their_name(name)): name for name in notations}
    answers = []
    for qrels, scored in cases:
        values: dict[str, dict[str, float]] = {name: {} for name in notations}
        for value in ir_measures.pytrec_eval.iter_calc(list(names), qrels, scored):
            values[names[value.measure]][value.query_id] = value.value
        answers.append(values)
    return answers


def _their_name(notation: str) -> str:
    """`nDCG'@10` as ir-measures writes it, `nDCG(judged_only=True)@10`."""
    return notation.replace("'", "(judged_only=True)").replace("bpref", "Bpref")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_answer(*json.load(sys.stdin))))
