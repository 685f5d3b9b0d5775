"""What is promised of the green worker, held against the medians (failures: all runs together)."""

from __future__ import annotations

from statistics import median

from suites import Suite

PROMISES = [
    # suite, part of the server's name, figure, what it is, at most (+1) or at least (-1), limit
    ("article", "-k green", "ab_s", "ab -n 50 -c 10, s", +1, 3.05),
    ("article", "-k green", "hey_s", "hey -n 50 -c 10, s", +1, 2.55),
    ("article", "--threads", "ab_s", "ab -n 50 -c 10 with --threads 100, s", +1, 3.05),
    ("article", "-k green", "peak_pss", "memory, all processes, MB PSS", +1, 20),
    ("article", "-k green", "failures", "failures with ab and hey, 50 requests each", +1, 0),
    ("large", "-k green", "floor_ratio", "ab -n 4000 -c 1000, × the floor", +1, 1.3),
    ("large", "-k green", "peak_pss", "memory at the peak, MB PSS", +1, 30),
    ("large", "-k green", "failures", "failures of 4000", +1, 0),
    ("large", "-k green", "threads", "threads in a process", +1, 1),
    ("plain", "-k green", "cpu_ratio", "CPU a request ÷ epoll", +1, 1.25),
    ("plain", "-k green", "rps_ratio", "requests/s ÷ epoll", -1, 0.90),
    ("plain", "-k green", "p99_ms", "p99, ms", +1, 2),
    ("plain", "-k green", "failures", "failures with wrk", +1, 0),
    ("async", "-k green", "rps_ratio", "requests/s of an async handler ÷ those of a blocking one", -1, 0.85),
    ("json", "-k green", "cpu_ratio", "CPU a request of ten fields as JSON ÷ a constant text's", +1, 1.30),
]


def check(suites: list[Suite]) -> list[dict]:
    checks = []
    for name, part, key, what, sign, limit in PROMISES:
        for suite in suites:
            rows = [row for row in suite.rows if row.server.name.startswith("greenfinch") and part in row.server.name]
            values = [sample[key] for row in rows for sample in row.samples if key in sample]
            if suite.name == name and values:
                seen = sum(values) if key == "failures" else median(values)
                kept = sign * seen <= sign * limit
                checks.append({"what": what, "seen": seen, "limit": limit, "at_most": sign > 0, "kept": kept})
    return checks
