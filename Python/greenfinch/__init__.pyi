from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from threading import local as local
from typing import Any, TypedDict, TypeVar

from ._greenfinch import ClientDisconnected as ClientDisconnected
from ._greenfinch import FileWrapper as FileWrapper
from .gevent.event import AsyncResult as AsyncResult
from .gevent.event import Event as Event
from .gevent.exceptions import GreenletExit as GreenletExit
from .gevent.greenlet import Greenlet as Greenlet
from .gevent.lock import BoundedSemaphore as BoundedSemaphore
from .gevent.lock import RLock as RLock
from .gevent.lock import Semaphore as Semaphore
from .gevent.pool import Group as Group
from .gevent.pool import Pool as Pool
from .gevent.queue import Queue as Queue
from .gevent.timeout import Timeout as Timeout
from .gevent.timeout import with_timeout as with_timeout

_T = TypeVar("_T")

__version__: str
available: bool
in_worker: bool

class RequestTimeout(TimeoutError): ...

class Statistics(TypedDict):
    fibers: int
    parked: int
    switches: int
    slots: int
    in_use: int
    most_in_use: int
    requests: int

def in_fiber() -> bool: ...
def worker_class() -> str: ...
def stats() -> Statistics: ...
def dump() -> str: ...
def yield_() -> None: ...
def sleep(seconds: float | None = 0, ref: bool = True) -> None: ...
def spawn(function: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Greenlet[_T]: ...
def spawn_later(seconds: float, function: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Greenlet[_T]: ...
def getcurrent() -> Any: ...
def wait(objects: Iterable[Any], timeout: float | None = None, count: int | None = None) -> list[Any]: ...
def iwait(objects: Iterable[Any], timeout: float | None = None, count: int | None = None) -> Iterable[Any]: ...
def joinall(
    greenlets: Iterable[Greenlet[_T]], timeout: float | None = None, raise_error: bool = False, count: int | None = None
) -> list[Greenlet[_T]]: ...
def killall(
    greenlets: Iterable[Greenlet[Any]],
    exception: type[BaseException] | BaseException = ...,
    block: bool = True,
    timeout: float | None = None,
) -> None: ...
def offload(function: Callable[..., _T], /, *args: Any, **kwargs: Any) -> _T: ...

class Mounts:
    def __init__(self, applications: Mapping[str, Callable[..., Any]] | Iterable[tuple[str, Callable[..., Any]]]) -> None: ...
    @property
    def served_kind(self) -> str: ...
    def __call__(self, *arguments: Any) -> Any: ...

class ThreadPoolExecutor(Executor):
    def __init__(
        self,
        max_workers: int | None = None,
        thread_name_prefix: str = "",
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None: ...
    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]: ...
