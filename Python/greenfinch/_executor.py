"""An executor of the standard library's kind whose threads are fibers."""

import collections
import logging
import threading
from concurrent.futures import Executor, Future
from concurrent.futures.thread import BrokenThreadPool

from .gevent import _fibers


class ThreadPoolExecutor(Executor):
    """Runs calls in fibers of the worker: for many that wait at once, since a fiber costs some kilobytes.

    As ``concurrent.futures.ThreadPoolExecutor``, except that there may be as many at once as are wanted. A call that
    computes holds the worker: that is for :func:`greenfinch.offload`. Outside green workers the calls run in threads.
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
        #: Why nothing is taken any more, once the initializer has failed.
        self._broken = None

    def submit(self, fn, /, *args, **kwargs):
        """Has a fiber call a function; its result comes in a ``concurrent.futures.Future``."""
        future = Future()
        with self._changed:
            if self._broken:
                raise BrokenThreadPool(self._broken)
            if self._is_shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._calls.append((future, fn, args, kwargs))
            is_new = self._running < self._max_workers
            self._running += is_new
        if is_new:
            try:
                _fibers.start(self._work)
            except (RuntimeError, OSError, MemoryError) as error:
                # None has begun.
                if self._lose_one(error):
                    raise
        return future

    def _lose_one(self, error):
        """One of the fibers has ended, or has not begun. Whether there is none left for what waits: that fails."""
        with self._changed:
            self._running -= 1
            is_last = not self._running
            calls = self._take_all() if is_last or self._broken else ()
            self._changed.notify_all()
        for call in calls:
            _fail(call[0], error)
        return is_last

    def _take_all(self):
        calls = list(self._calls)
        self._calls.clear()
        return calls

    def _work(self):
        if not self._has_begun():
            return
        while True:
            with self._changed:
                if not self._calls:
                    self._running -= 1
                    self._changed.notify_all()
                    return
                call = self._calls.popleft()
            _perform(*call)
            del call

    def _has_begun(self):
        if self._initializer is None:
            return True
        try:
            self._initializer(*self._initargs)
        except BaseException:
            logging.getLogger("concurrent.futures").critical("Exception in initializer:", exc_info=True)
            self._broken = "A thread initializer failed, the thread pool is not usable anymore"
            self._lose_one(BrokenThreadPool(self._broken))
            return False
        return True

    def shutdown(self, wait=True, *, cancel_futures=False):
        """No call is taken any more; those that wait for their turn may be cancelled."""
        with self._changed:
            self._is_shut = True
            if cancel_futures:
                for call in self._take_all():
                    call[0].cancel()
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


def _fail(future, error):
    if future.set_running_or_notify_cancel():
        future.set_exception(error)
