"""The connection of a request, for code that speaks another protocol over it by itself."""

import socket


class RawSocket(socket.socket):
    """A socket that knows whether it was used: then the server sends no answer.

    The server's own sockets do not block; whoever uses this one takes it for an ordinary socket, which does.
    """

    def __init__(self, descriptor):
        super().__init__(fileno=descriptor)
        self.used = False

    def _begin(self):
        if not self.used:
            self.used = True
            self.setblocking(True)

    def send(self, *args):
        self._begin()
        return super().send(*args)

    def sendall(self, *args):
        self._begin()
        return super().sendall(*args)

    def recv(self, *args):
        self._begin()
        return super().recv(*args)

    def recv_into(self, *args):
        self._begin()
        return super().recv_into(*args)

    def dup(self):
        self._begin()
        return super().dup()

    def detach(self):
        self._begin()
        return super().detach()

    def makefile(self, *args, **kwargs):
        self._begin()
        return super().makefile(*args, **kwargs)
