# make doctor     says what this machine lacks to build it and to run it well, and what mending that is worth
# make run        installs what is missing, builds and starts the example server with green workers
# make test       installs what is missing and runs every functional test: what need not wait for each other at once, and the
#                 end-to-end tests beside the others
# make test-deep  the same under AddressSanitizer and ThreadSanitizer, with the second switch, on arm64, with the static
#                 runtime, the packages under Examples, and again and again; make test-deep PART=stress runs one part
# make fuzz       feeds what takes bytes from outside with inputs of libFuzzer's, FUZZ_SECONDS (600) for each target; TARGET=head
#                 is one of them
# make coverage   the functional tests once more, counting the lines that they run, programs and workers included; fails where
#                 Green, GreenHTTP, GreenServer or GreenWeb is below 85 per cent
# make soak       a server at half load that is reloaded every minute, then the stress and chaos programs and a server
#                 under load, for SOAK seconds in all, an hour if not said
# make soak-python  the same for applications in Python, SOAK seconds for each of two versions of CPython
# make bench      one page of all that is measured, beside ceilings and, after make bench-peers, peers; Markdown, JSON and charts
#                 in Benchmarks/results. BENCH="--minutes 15", "--quick" or "--only PART"; BENCH_SECONDS is how long a load lasts.
#                 PART is article (the table of sleeping requests: 50 requests that sleep 0.5 s, ten at a time), classes, requests,
#                 memory, connections, cost, workers, tls, http2, websocket, micro, redirect, python or instructions
# make bench-peers   installs what make bench, bench-micro and bench-web measure beside us: gunicorn, uWSGI, granian and uvicorn
#                 with their frameworks, Hummingbird and SwiftNIO, Go and Boost
# make bench-compare   the newest result beside what is recorded in git, or BASE=FILE; fails where it is worse beyond the noise
# make bench-micro   the runtime's parts alone; MICRO="--only yield" is one row
# make bench-instructions   instructions of a request, held against the record of them
# make bench-queries   blocking PostgreSQL queries in a green worker, in a Hummingbird server, and in fibers of one;
#                 QUERIES=--quick for one run of each
# make bench-web  what the framework costs above the bare server, and the example notes on PostgreSQL beside Flask, FastAPI
#                 and, after make bench-peers, Hummingbird; RATIOS="--instructions" and NOTES="--quick" are options of each
# make bench-growth   first build, size, memory and start of the example server beside those of an older commit;
#                 GROWTH="--base COMMIT"
# make bench-attacks   what honest clients notice of slow clients, floods and bombs, and what the worker keeps of them; fails where
#                 one waits for over a second or memory does not come back. ATTACKS="--only NAME --seconds N", "--quick", "-k thread"
# make library    builds libgreen in .build-library/out, as make install does first; PREFIX is to be the same
# make install    builds libgreen, the runtime behind a C header, and installs it, its header and its pkg-config file, in
#                 PREFIX (/usr/local) below DESTDIR (empty)
# make uninstall  removes what make install has put there, by the same PREFIX and DESTDIR
# make wheel      the Python package as a wheel that brings its libraries along, but for OpenSSL, in .build-python/wheels
# make dist       a release in .build-dist: sources, Debian packages of libgreen and greenfinch, the wheel, a bill of materials;
#                 Tests/Dist/run uses each
# make lint, make format
# make docs       one site of the articles and the reference of all modules, in .build-docs/site
# make clean      removes all that was built here: .build and the folders whose names begin with .build-

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

HOST ?= 127.0.0.1
PORT ?= 8000
PREFIX ?= /usr/local
DESTDIR ?=
RELEASE = swift build -c release --static-swift-stdlib --scratch-path .build-release
RELEASE_BENCHMARKS = swift build -c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench
RELEASE_EXAMPLE = swift build -c release --static-swift-stdlib --scratch-path .build-release-examples

.PHONY: help
help:
	@sed -n 's/^# //p' Makefile

.PHONY: dependencies
dependencies:
	@Scripts/install-dependencies build

.PHONY: doctor
doctor:
	@Scripts/doctor

.PHONY: run
run: dependencies
	$(RELEASE) --product hello
	exec .build-release/release/hello -w 2 -k green --worker-connections 1000 -b $(HOST):$(PORT)

.PHONY: test
test:
	Scripts/install-dependencies test
	Scripts/test

.PHONY: test-deep
test-deep:
	Scripts/install-dependencies deep
	Scripts/test-deep $(PART)

.PHONY: fuzz
fuzz:
	Scripts/install-dependencies test
	Scripts/fuzz $(TARGET)

.PHONY: soak
soak:
	Scripts/install-dependencies test
	Scripts/soak

.PHONY: coverage
coverage:
	Scripts/install-dependencies test
	Scripts/coverage

.PHONY: soak-python
soak-python:
	Scripts/install-dependencies test
	Scripts/soak-python

.PHONY: bench
bench: bench-programs
	python3 Benchmarks/page/bench.py $(BENCH)

.PHONY: bench-programs
bench-programs:
	Scripts/install-dependencies bench
	$(RELEASE) --product hello
	$(RELEASE) --product streams
	$(RELEASE_BENCHMARKS) --product micro
	$(RELEASE_BENCHMARKS) --product calls
	$(RELEASE_BENCHMARKS) --product tasks
	$(MAKE) wheel || echo "there is no wheel: Python is left out of the page"

.PHONY: bench-compare
bench-compare:
	python3 Benchmarks/page/regression.py $(BASE)

.PHONY: bench-instructions
bench-instructions:
	Scripts/install-dependencies bench
	$(RELEASE) --product hello
	Benchmarks/compare/instructions.py --check

.PHONY: bench-micro
bench-micro:
	Scripts/install-dependencies bench
	$(RELEASE_BENCHMARKS) --product micro
	$(RELEASE_BENCHMARKS) --product calls
	$(RELEASE_BENCHMARKS) --product tasks
	python3 Benchmarks/micro/micro.py $(MICRO)

.PHONY: bench-queries
bench-queries:
	Scripts/install-dependencies bench-queries
	$(RELEASE_EXAMPLE)/clients --package-path Examples/clients --product postgres
	$(RELEASE_EXAMPLE)/in-hummingbird --package-path Examples/in-hummingbird --product adapted
	python3 Benchmarks/queries/queries.py $(QUERIES)

.PHONY: bench-web
bench-web:
	Scripts/install-dependencies bench-web
	$(RELEASE) --product notes
	$(RELEASE_BENCHMARKS) --product ratios
	status=0; python3 Benchmarks/web/ratios.py $(RATIOS) || status=$$?; \
	python3 Benchmarks/web/notes.py $(NOTES) && exit $$status

.PHONY: bench-growth
bench-growth:
	Scripts/install-dependencies bench
	Benchmarks/compare/hello_growth.py $(GROWTH)

.PHONY: bench-attacks
bench-attacks:
	Scripts/install-dependencies bench
	$(RELEASE) --product hello
	$(RELEASE) --product streams
	python3 Benchmarks/attacks/attacks.py $(ATTACKS)

.PHONY: bench-peers
bench-peers:
	Scripts/install-dependencies bench-peers
	Benchmarks/compare/peers/install

.PHONY: library
library: dependencies
	Scripts/build-library .build-library/out "$(PREFIX)"

.PHONY: install
install: library
	install -d "$(DESTDIR)$(PREFIX)/lib/pkgconfig" "$(DESTDIR)$(PREFIX)/include"
	install -m 755 .build-library/out/libgreen.so.0 "$(DESTDIR)$(PREFIX)/lib/"
	ln -sf libgreen.so.0 "$(DESTDIR)$(PREFIX)/lib/libgreen.so"
	install -m 644 .build-library/out/green.h "$(DESTDIR)$(PREFIX)/include/"
	install -m 644 .build-library/out/green.pc "$(DESTDIR)$(PREFIX)/lib/pkgconfig/"

.PHONY: uninstall
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/lib/libgreen.so" "$(DESTDIR)$(PREFIX)/lib/libgreen.so.0" \
	  "$(DESTDIR)$(PREFIX)/include/green.h" "$(DESTDIR)$(PREFIX)/lib/pkgconfig/green.pc"

.PHONY: wheel
wheel:
	rm -f .build-python/wheels/*.whl
	Scripts/install-dependencies wheel
	Scripts/wheel .build-python/wheels --config-settings portable=yes

.PHONY: dist
dist:
	Scripts/install-dependencies wheel
	Scripts/dist

.PHONY: lint
lint:
	Scripts/lint

.PHONY: format
format:
	swift format --in-place --recursive --configuration .swift-format Package.swift Sources Examples Tests \
	  Benchmarks/Package.swift Benchmarks/micro Benchmarks/web Benchmarks/compare/peers/swift

.PHONY: docs
docs:
	Scripts/install-dependencies docs
	Scripts/docs

.PHONY: clean
clean:
	rm -rf .build .build-*
