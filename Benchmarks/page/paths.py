"""Where the modules of the other benchmarks are found, and where results go: import this first."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = HERE.parent
ROOT = BENCHMARKS.parent
RESULTS = BENCHMARKS / "results"
for folder in ("compare", "micro"):
    sys.path.insert(0, str(BENCHMARKS / folder))
