"""A hub with nothing to do: one greenlet waits for a socket on which nothing ever comes, another for an event."""

import gevent
from figures import count, show
from gevent import socket
from gevent.event import Event

ends = socket.socketpair()
waiting = [gevent.spawn(ends[0].recv, 1), gevent.spawn(Event().wait)]
gevent.sleep(0.1)
show("ready", 1)
gevent.joinall(waiting, timeout=count())
