"""A hub with nothing to do: half of the greenlets wait for a socket on which nothing ever comes, half for an event."""

import gevent
from figures import count, show
from gevent import socket
from gevent.event import Event

ends = socket.socketpair()
event = Event()
# One greenlet reads: gevent refuses a second for the same direction of a socket.
waiting = [gevent.spawn(ends[0].recv, 1), *(gevent.spawn(event.wait) for _ in range(count() // 2))]
gevent.sleep(0.1)
show("ready", 1)
gevent.joinall(waiting)
