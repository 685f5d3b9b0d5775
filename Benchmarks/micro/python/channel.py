"""Values handed over between two greenlets: unbuffered, or through a buffer of the second argument's size."""

import sys

import gevent
from figures import count, nanoseconds_each, show
from gevent.queue import Channel, Queue

channel = Queue(int(sys.argv[2])) if len(sys.argv) > 2 else Channel()


def sender() -> None:
    for number in range(count()):
        channel.put(number)


def receiver() -> None:
    for _ in range(count()):
        channel.get()


show("ns", nanoseconds_each(count(), lambda: gevent.joinall([gevent.spawn(sender), gevent.spawn(receiver)])))
