"""Serves an application by bjoern, which has no command of its own: by_bjoern.py MODULE:NAME PORT"""

import importlib
import sys

import bjoern

module, _, name = sys.argv[1].partition(":")
sys.path.insert(0, ".")
bjoern.run(getattr(importlib.import_module(module), name), "127.0.0.1", int(sys.argv[2]))
