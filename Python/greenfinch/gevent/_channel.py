"""Handing over without keeping."""

from queue import Empty, Full

from ._ends import Taken, Waiting
from ._waiting import Waiter, guard, party


class Channel(Taken):
    """Holds nothing: whoever puts waits for whoever takes."""

    def __init__(self, maxsize=1):
        if maxsize != 1:
            raise ValueError("Channels have a maxsize of 1")
        #: Each with its item, which comes second: entries are told apart by who waits, whatever items compare to.
        self._putters = Waiting()
        self._getters = Waiting()

    def qsize(self):
        return 0

    def empty(self):
        return True

    def full(self):
        return True

    @property
    def balance(self):
        return len(self._putters) - len(self._getters)

    def put(self, item, block=True, timeout=None):
        with guard:
            if self._getters:
                return self._getters.popleft().wake((item,))
            if not block:
                raise Full
            waiter = Waiter()
            entry = (waiter, item)
            self._putters.append(entry)
        if not self._is_met(waiter, timeout, self._putters, entry):
            raise Full

    def put_nowait(self, item):
        self.put(item, False)

    def get(self, block=True, timeout=None):
        with guard:
            if self._putters:
                waiter, item = self._putters.popleft()
                waiter.wake()
                return item
            if not block:
                raise Empty
            waiter = Waiter()
            self._getters.append(waiter)
        if not self._is_met(waiter, timeout, self._getters, waiter):
            raise Empty
        return waiter.value[0]

    def get_nowait(self):
        return self.get(False)

    @staticmethod
    def _is_met(waiter, timeout, waiting, entry):
        """Whether the other side has come in time. What has been handed over can neither be lost nor taken back: what
        is thrown after that is raised later."""
        try:
            waiter.wait(timeout)
        except BaseException as error:
            with guard:
                is_left = waiting.leave(entry)
            if is_left:
                raise
            party().put_off(error)
            return True
        with guard:
            return not waiting.leave(entry)
