from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

_T = TypeVar("_T")

class Timeout(BaseException):
    seconds: float | None
    exception: BaseException | type[BaseException] | bool | str | None
    def __init__(
        self,
        seconds: float | None = None,
        exception: BaseException | type[BaseException] | bool | str | None = None,
        ref: bool = True,
        priority: int = -1,
    ) -> None: ...
    @classmethod
    def start_new(
        cls,
        timeout: Timeout | float | None = None,
        exception: BaseException | type[BaseException] | bool | str | None = None,
        ref: bool = True,
    ) -> Timeout: ...
    def start(self) -> None: ...
    @property
    def pending(self) -> bool: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Timeout: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool | None: ...

def with_timeout(seconds: float | None, function: Callable[..., _T], *args: Any, **kwargs: Any) -> _T: ...
