#!/usr/bin/env python3
"""Makes one attack on a port of the loopback, and says what came of it as a line of JSON:

    attacker.py NAME PORT SECONDS CONNECTIONS

It is a process of its own, behind all others, so that the honest client's time is not spent on it.
"""

from __future__ import annotations

import json
import os
import sys

from attack import NotApplicable, Target
from catalogue import ATTACKS


def main(name: str, port: str, seconds: str, most: str) -> None:
    os.nice(10)
    target = Target(int(port), float(seconds), int(most))
    try:
        outcome = {"said": ATTACKS[name].run(target)}
    except NotApplicable as reason:
        outcome = {"not_applicable": str(reason)}
    print(json.dumps(outcome))


if __name__ == "__main__":
    main(*sys.argv[1:])
