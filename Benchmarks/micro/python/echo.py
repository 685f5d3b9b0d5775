"""An echo server, one greenlet a connection, on a port of the loopback that it prints. Runs until it is ended."""

import socket

from figures import count, show
from gevent.server import StreamServer


def echo(connection, _) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while message := connection.recv(count()):
        connection.sendall(message)


server = StreamServer(("127.0.0.1", 0), echo)
server.start()
show("port", server.server_port)
server.serve_forever()
