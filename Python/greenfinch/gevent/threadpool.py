"""Work for threads of the operating system, beside the worker's own: what computes, and what cannot be let wait in a fiber."""

import concurrent.futures
import os
import threading

from .event import AsyncResult

__all__ = ["ThreadPool", "ThreadPoolExecutor", "ThreadResult"]

ThreadResult = AsyncResult


class ThreadPool:
    """So many threads at most, to which functions are given."""

    def __init__(self, maxsize=None, hub=None, idle_task_timeout=-1):
        self.maxsize = maxsize or (os.cpu_count() or 1) + 4
        self._pool = concurrent.futures.ThreadPoolExecutor(self.maxsize, "ThreadPool")
        self._running = set()
        self._own = threading.local()

    def __len__(self):
        return len(self._running)

    @property
    def size(self):
        return self.maxsize

    def spawn(self, func, *args, **kwargs):
        """Has a thread call a function; what it returns comes in an :class:`~gevent.event.AsyncResult`."""
        result = AsyncResult()
        self._running.add(result)

        def call():
            self._own.is_inside = True
            try:
                value = func(*args, **kwargs)
            except BaseException as error:
                self._running.discard(result)
                result.set_exception(error)
            else:
                self._running.discard(result)
                result.set(value)

        self._pool.submit(call)
        return result

    def apply(self, func, args=None, kwds=None):
        """Calls a function on a thread, and waits for its result. One of these threads calls it itself: if all are
        busy, it would wait for its own end."""
        if getattr(self._own, "is_inside", False):
            return func(*(args or ()), **(kwds or {}))
        return self.spawn(func, *(args or ()), **(kwds or {})).get()

    apply_e = apply

    def apply_async(self, func, args=None, kwds=None, callback=None):
        result = self.spawn(func, *(args or ()), **(kwds or {}))
        if callback is not None:
            result.rawlink(lambda done: callback(done.value) if done.successful() else None)
        return result

    def map(self, func, iterable):
        return [result.get() for result in [self.spawn(func, item) for item in iterable]]

    def imap(self, func, *iterables):
        return iter([result.get() for result in [self.spawn(func, *items) for items in zip(*iterables)]])

    imap_unordered = imap

    def join(self):
        """Waits until all has been done."""
        for result in list(self._running):
            result.wait()

    def kill(self):
        self._pool.shutdown(wait=False)


class ThreadPoolExecutor(concurrent.futures.ThreadPoolExecutor):
    """The standard library's: its waits let other fibers run by themselves."""
