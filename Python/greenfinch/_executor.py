"""An executor of the standard library's kind whose threads are fibers."""

import collections
import threading
from concurrent.futures import Executor, Future

from .gevent import _fibers


class ThreadPoolExecutor(Executor):
    """Runs calls in fibers of the worker: for many that wait at once, since a fiber costs some kilobytes.

    As ``concurrent.futures.ThreadPoolExecutor``, except that there may be as many at once as are wanted. A call that computes
    holds the worker: that is for :func:`greenfinch.offload`. Outside green workers the calls run in threads.
    """

    def __init__(self, max_workers=None, thread_name_prefix="", initializer=None, initargs=()):
        if max_workers is not None and max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        if initializer is not None and not callable(initializer):
            raise TypeError("initializer must be a callable")
        self._max_workers = max_workers or 1000
        self._initializer = initializer
        self._initargs = initargs
        self._calls = collections.deque()
        self._changed = threading.Condition()
        self._running = 0
        self._is_shut = False

    def submit(self, fn, /, *args, **kwargs):
        """Has a fiber call a function; its result comes in a ``concurrent.futures.Future``."""
        future = Future()
        with self._changed:
            if self._is_shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._calls.append((future, fn, args, kwargs))
            is_new = self._running < self._max_workers
            self._running += is_new
        if is_new:
            _fibers.start(self._work)
        return future

    def _work(self):
        if self._initializer is not None:
            self._initializer(*self._initargs)
        while True:
            with self._changed:
                if not self._calls:
                    self._running -= 1
                    self._changed.notify_all()
                    return
                call = self._calls.popleft()
            _perform(*call)
            del call

    def shutdown(self, wait=True, *, cancel_futures=False):
        """No call is taken any more; those that wait for their turn may be cancelled."""
        with self._changed:
            self._is_shut = True
            if cancel_futures:
                while self._calls:
                    self._calls.popleft()[0].cancel()
            while wait and self._running:
                self._changed.wait()


def _perform(future, function, args, kwargs):
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*args, **kwargs)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
