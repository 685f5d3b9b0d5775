"""Functions that are called later: those that fibers have asked for all by one fiber, and those of threads by one
thread, which is there while any of them waits. Only a fiber can end the call of another that waits."""

import heapq
import itertools
import os
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
                self._begin(timer)
            elif self._heap[0][2] is timer:
                self._condition.notify()

    def _begin(self, timer):
        self._runs = True
        try:
            _fibers.start(self._serve)
        except BaseException:
            # The next one tries again.
            self._runs = False
            timer.cancel()
            raise

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


_of_fibers = _Timers()
_of_threads = _Timers()


def _begin_anew():
    """A forked process has neither the fibers and threads that have asked nor those that call."""
    global _of_fibers, _of_threads
    _of_fibers, _of_threads = _Timers(), _Timers()


os.register_at_fork(after_in_child=_begin_anew)


def after(seconds, function):
    """Calls a function, which must not wait, in so many seconds. Forked processes do not."""
    timer = Timer(time.monotonic() + max(0, seconds), function)
    (_of_fibers if _fibers.in_fiber() else _of_threads).add(timer)
    return timer
