"""How slow this machine is just now. One and the same takes up to twice the CPU time when others share its cores."""

import time

USUAL = 0.04
"""Seconds of CPU time that the same work takes on a machine for which limits are written down."""
_ROUNDS = 200_000


def measure_slowness() -> float:
    """1 for the usual machine, 2 for one that takes twice as long."""
    began = time.process_time()
    table = {}
    for number in range(_ROUNDS):
        table[number % 977] = (str(number), number * number)
    return (time.process_time() - began) / USUAL
