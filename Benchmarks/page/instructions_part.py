"""Instructions of a request in user space: the same on a busy machine, so that they tell what time cannot."""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import subprocess

import instructions
from part import Effort, NotMeasured
from running import DidNotStart
from sampled import SampledPart
from suites import Bench


class InstructionsPart(SampledPart):
    name = "instructions"
    title = "Instructions of a request"
    about = "Counted by Valgrind in user space, one green worker; nginx answers with a constant."
    is_timed = False
    most_rounds = 1

    def __init__(self, bench: Bench, is_whole: bool):
        super().__init__(bench)
        self._is_whole = is_whole

    def prepare(self) -> None:
        if missing := [tool for tool in ("valgrind", "objcopy", "cc") if not shutil.which(tool)]:
            raise NotMeasured(f"not installed: {', '.join(missing)}")

    def seconds_a_round(self, effort: Effort) -> float:
        return 75 if self._is_whole else 35

    def run_round(self, number: int) -> None:
        options = argparse.Namespace(server=self._bench.hello, more="", only=None, requests=4000, connections=16, functions=0)
        self._bench.say("under Valgrind")
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = instructions.measure(options, with_peers=self._is_whole)
        except (DidNotStart, OSError, subprocess.SubprocessError) as problem:
            self.fail("instructions", problem)
            return
        for request, by_server in found.items():
            for server, count in by_server.items():
                self.keep(request, {"greenfinch": "Greenfinch green"}.get(server, server), instructions=count)
