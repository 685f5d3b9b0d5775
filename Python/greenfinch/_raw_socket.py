"""The connection of a request, for code that speaks another protocol over it by itself."""

import socket


class RawSocket(socket.socket):
    """A socket that knows whether it was used: then the server sends no answer."""

    def __init__(self, descriptor):
        super().__init__(fileno=descriptor)
        self.used = False

    def send(self, *args):
        self.used = True
        return super().send(*args)

    def sendall(self, *args):
        self.used = True
        return super().sendall(*args)

    def dup(self):
        self.used = True
        return super().dup()

    def detach(self):
        self.used = True
        return super().detach()

    def makefile(self, *args, **kwargs):
        self.used = True
        return super().makefile(*args, **kwargs)
