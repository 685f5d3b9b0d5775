"""Functions that are called later, all by one fiber, which is there while any of them waits."""

import heapq
import itertools
import threading
import time
import traceback

from . import _fibers

_numbers = itertools.count()


class Timer:
    """A call that is to come, unless it is cancelled."""

    __slots__ = ("moment", "function", "is_over")

    def __init__(self, moment, function):
        self.moment = moment
        self.function = function
        self.is_over = False

    def cancel(self):
        """It will not be called."""
        self.is_over = True
        self.function = None


class _Timers:
    def __init__(self):
        self._condition = threading.Condition()
        self._heap = []
        self._runs = False

    def add(self, timer):
        with self._condition:
            heapq.heappush(self._heap, (timer.moment, next(_numbers), timer))
            if not self._runs:
                self._runs = True
                _fibers.start(self._serve)
            elif self._heap[0][2] is timer:
                self._condition.notify()

    def _serve(self):
        while True:
            timer = self._next()
            if timer is None:
                return
            function = timer.function
            if timer.is_over or function is None:
                continue
            timer.is_over = True
            try:
                function()
            except BaseException:
                traceback.print_exc()

    def _next(self):
        """The one that is due, once it is; ``None`` when there is none left."""
        with self._condition:
            while self._heap:
                moment, _, timer = self._heap[0]
                left = moment - time.monotonic()
                if left <= 0 or timer.is_over:
                    heapq.heappop(self._heap)
                    return timer
                self._condition.wait(left)
            self._runs = False
            return None


_timers = _Timers()


def after(seconds, function):
    """Calls a function, which must not wait, in so many seconds."""
    timer = Timer(time.monotonic() + max(0, seconds), function)
    _timers.add(timer)
    return timer
