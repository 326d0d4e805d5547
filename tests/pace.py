"""How fast the machine is on which the tests run."""

import time

_USUAL_S = 0.06
"""What the work below took, in seconds of processor time, where the limits were found."""


def slowness() -> float:
    """How many times longer the processor takes just now than it usually does; 1 where it is faster.

    A limit on processor time is found on one machine; on an older one, or beside others, all takes longer.
    """
    return max(1, *(_taken() / _USUAL_S for _ in range(3)))


def _taken() -> float:
    began = time.thread_time()
    sum(number % 7 for number in range(1_500_000))
    return time.thread_time() - began
