# Needs only Debian or Ubuntu with python3 >= 3.11 (and its venv module) and make.
# Everything else is installed from requirements/dev.txt into .venv, with hashes checked.

PYTHON ?= python3
EVENTS ?= 50000
PORT ?= 8080
COMMIT ?= HEAD
DURATION ?= 1800
ROUNDS ?= 5
PROCESSES ?= 2
UV_VERSION := 0.13.9

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := .cache/runtime
INSTALLED := $(VENV)/.installed
BENCH_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
LOCKED_SOURCES := requirements/dev.txt pyproject.toml
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
BUILD_REQUIRES := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

.DEFAULT_GOAL := help
.PHONY: help demo console pictures test test-browser test-system soak bench endurance mutants lint lock schema metrics settings catalogs baseline audit clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(INSTALLED) ## start real Kafka and Postgres, assign EVENTS leads (50000), check the guarantees
	$(BIN)/salesplan demo --events $(EVENTS)

console: $(INSTALLED) ## the web pages with sample data, on PORT (8080) as head of sales and on the next port as manager
	$(BIN)/python -m worker.demo.office --port $(PORT)

pictures: $(INSTALLED) ## take the README's pictures anew from the data of make console, with the system's chromium
	$(BIN)/python -m tests.console.pictures

test: lint ## run every check and every test, in PROCESSES (2) side by side, each with servers of its own
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile
	$(MAKE) --no-print-directory test-browser

test-browser: $(INSTALLED) ## look at the console's pages with the system's chromium, skipped without one: PICTURES=folder
	$(BIN)/pytest -o python_files='browser_*.py' tests/console/browser

test-system: $(INSTALLED) ## run the tests that need root and packages of the system (iptables, prometheus, postgresql, pgbouncer): ONLY=postgres
	$(BIN)/pytest -o python_files='system_*.py' $(if $(ONLY),tests/system/system_$(ONLY).py,tests/system)

soak: $(INSTALLED) ## attack workers for DURATION seconds (1800) with the faults that SEED draws, then check the guarantees
	$(BIN)/python -m tests.faults.soak --seconds $(DURATION) $(if $(SEED),--seed $(SEED))

bench: $(INSTALLED) ## race the worker against what one would take instead, and against itself: JSON=path, PARTS=compare
	$(BENCH_INSTALL)
	$(BIN)/python -m benchmarks $(PARTS) --rounds $(ROUNDS) $(if $(JSON),--json $(JSON))

endurance: $(INSTALLED) ## one worker for minutes or hours, and what grows: OPTIONS="--minutes 120"
	$(BENCH_INSTALL)
	$(BIN)/python -m benchmarks.endurance $(OPTIONS)

mutants: $(INSTALLED) ## take the worker's guards out one at a time, and see their tests fail
	$(BIN)/python -m tests.faults.mutants --only "$(ONLY)"

lint: $(INSTALLED) ## check style, types, the import contracts and that migrations hold nobody up
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/squawk db/migrations/versions/*.sql

audit: $(INSTALLED) ## known vulnerabilities of all that is locked; licences and bill of materials of the worker, into dist/
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	$(PYTHON) -m venv --clear --without-pip $(RUNTIME)
	$(BIN)/pip --python $(RUNTIME)/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m tests.project.audit $(RUNTIME)/bin/python

lock: $(INSTALLED) ## pin the newest allowed versions: make lock UPGRADE=--upgrade
	$(BIN)/pip install --quiet uv==$(UV_VERSION)
	$(COMPILE) $(UPGRADE) --extra console --extra migrate --extra otel --extra embedded --group dev --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) --extra console --extra migrate --extra otel --constraint requirements/dev.txt --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt
	$(COMPILE) --group audit --constraint requirements/dev.txt --output-file requirements/audit.txt
	$(BIN)/python -c '$(BUILD_REQUIRES)' | \
		$(COMPILE) --constraint requirements/dev.txt --output-file requirements/build.txt -

schema: $(INSTALLED) ## write db/schema.sql anew from the migrations
	$(BIN)/python -m tests.db.schema

metrics: $(INSTALLED) ## write worker/metrics/README.md anew from the code
	$(BIN)/python -m tests.metrics.page

settings: $(INSTALLED) ## write the table of worker/settings/README.md anew from the code
	$(BIN)/python -m tests.settings.table

catalogs: $(INSTALLED) ## collect the texts of the pages into console/locale, and name those without a translation
	$(BIN)/python -m tests.console.catalogs

baseline: ## after a release: keep COMMIT (HEAD) as the release before, which tests/upgrade replaces by today's worker
	git archive --format=zip -9 --output tests/upgrade/baseline.zip $(COMMIT) worker db contracts

clean: ## remove what was installed, downloaded and cached
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -prune -exec rm -rf {} +

# The lock is held because `make demo` and `make test` may be the first two commands of a checkout, side by side.
$(INSTALLED): $(LOCKED_SOURCES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
	@flock Makefile $(MAKE) --no-print-directory install

.PHONY: install
install:
	@if [ -e $(INSTALLED) ] && [ -z "$$(find $(LOCKED_SOURCES) -newer $(INSTALLED))" ]; then exit 0; fi; set -ex; \
	[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV); \
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .; \
	touch $(INSTALLED)
