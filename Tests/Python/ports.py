"""Ports of the loopback device for servers that tests start, also where several processes of tests look for one at the same time."""

import random
import socket

#: Below those that the kernel takes for outgoing connections and for whoever asks it for any, and those of the tests in Swift.
RANGE = range(2_000, 8_000)


class Port:
    """A port that is free, and that nobody else is given by this module until it is released, or this process has ended."""

    def __init__(self):
        for number in random.sample(RANGE, len(RANGE)):
            held = _held(number)
            if held is None:
                continue
            if _is_free(number):
                self.number, self._held = number, held
                return
            held.close()
        raise OSError("no port is free")

    def release(self):
        self._held.close()


def _held(number):
    """A socket by whose name other processes know that the port is taken; `None` where one of them has it."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Without a file: the name is gone with the last process that has the socket.
        held.bind("\0greenfinch-tests-port-%d" % number)
    except OSError:
        held.close()
        return None
    return held


def _is_free(number):
    """Whether a server can listen there, as servers ask for it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True
