"""Python applications, by WSGI and ASGI: the servers of python/compare.py."""

from __future__ import annotations

import importlib.util
import os
import subprocess

import paths
import load
from part import Effort, NotMeasured
from running import free_port
from sampled import SampledPart
from servers import newest_wheel


def _load():
    """python/compare.py, whose name is that of another module here."""
    spec = importlib.util.spec_from_file_location("python_compare", paths.BENCHMARKS / "python" / "compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PythonPart(SampledPart):
    name = "python"
    title = "Python"
    about = ("`wrk -t1 -c64`; one worker on one core. `bare` is an application of three lines, so that what is left is the server's "
             "own cost.")

    #: Of each application; known better once the environment is there.
    _servers = 4.0

    def prepare(self) -> None:
        self._module = _load()
        wheel = newest_wheel()
        if not wheel:
            raise NotMeasured("there is no wheel: make wheel")
        self._module.RESULTS.mkdir(parents=True, exist_ok=True)
        try:
            self._bin = self._module.environment(wheel)
        except (OSError, subprocess.SubprocessError) as problem:
            raise NotMeasured(f"its virtual environment could not be made: {problem}") from None
        applications = self._module.WSGI + self._module.ASGI
        self._servers = sum(len(self._module.servers(self._bin, name, 0)) for name in applications) / len(applications)

    def seconds_a_round(self, effort: Effort) -> float:
        return 4 * self._servers * (effort.seconds + 3.5)

    def run_round(self, number: int) -> None:
        cores = sorted(os.sched_getaffinity(0))
        for application in self._module.WSGI + self._module.ASGI:
            row = f"{application.partition(':')[0]} ({'ASGI' if application in self._module.ASGI else 'WSGI'})"
            for name in self._module.servers(self._bin, application, 0):
                if not self.failed(f"{row}, {name}"):
                    self._bench.say(f"{row}: {name}")
                    self._measure(application, row, name, (cores[0], cores[-1]))

    def _measure(self, application: str, row: str, name: str, cores: tuple[int, int]) -> None:
        port = free_port()
        command = self._module.servers(self._bin, application, port)[name]
        try:
            self.keep(row, name, **self._module.measure(command, port, self._bench.seconds, cores))
        except (SystemExit, OSError, load.LoadFailed, subprocess.SubprocessError) as problem:
            self.fail(f"{row}, {name}", problem)
