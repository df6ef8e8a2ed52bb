# Everything here works on a clean clone with python3 (3.11 or newer), git and make.
# Another interpreter: make setup PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AWS_STAMP := $(VENV)/aws/.installed
WORKFLOWS := $(wildcard .github/workflows/*.yml)
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-all bench soak mutants lint format lock schemas pages clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv from the hash-checked lock (nothing to do when nothing changed)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Tarmac needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)." >&2; \
	  echo "Name another one: make setup PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# The installer itself comes from the same lock, with its hashes.
	@test -x $(BIN)/uv || { \
	  awk '/^[a-z]/ { take = ($$1 ~ /^uv==/) } take && !/^ *#/' requirements-dev.lock > $(VENV)/installer.txt && \
	  $(BIN)/python -m pip install --quiet --require-hashes --no-deps -r $(VENV)/installer.txt; }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
	@echo "Ready: $(BIN)/tarmac"

lock: setup ## resolve the dependencies anew and write the lock files
	$(UV_COMPILE) --upgrade --output-file requirements.lock pyproject.toml
	$(UV_COMPILE) --upgrade --constraint requirements.lock --group dev --output-file requirements-dev.lock pyproject.toml
	$(UV_COMPILE) --upgrade --group fuzz --output-file requirements-fuzz.lock
	$(UV_COMPILE) --upgrade --group aws-test --output-file requirements-aws-test.lock

run: setup ## walk the whole road on the sample company, in a scratch clone
	@$(BIN)/python tools/demo.py

# Tests run in two processes, each taking from the other what is left there when its own are done.
# JOBS=4 for four.
JOBS ?= 2
PYTEST := $(BIN)/pytest --numprocesses $(JOBS) --dist worksteal

test: setup ## run the tests that need only git and python, but for a few long ones (at most 5 minutes)
	@$(PYTEST) -m "not system and not long"

# A simulator of AWS beside the environment: its dependencies are its own.
$(AWS_STAMP): requirements-aws-test.lock | $(STAMP)
	@test -x $(VENV)/aws/bin/python || $(BIN)/python -m venv --without-pip $(VENV)/aws
	@$(BIN)/uv pip sync --quiet --python $(VENV)/aws/bin/python --require-hashes requirements-aws-test.lock
	@touch $(AWS_STAMP)

test-all: setup $(AWS_STAMP) ## run every test, those that need system programs too
	@.ci/programs
	@$(PYTEST)

# SIZE documents beside the peers, ten times as many alone. The page is written only at the size that it promises for.
SIZE ?= 10000
BENCH_PAGE := $(if $(filter 10000,$(SIZE)),--page tools/docs/performance.md)

bench: setup ## measure CPU time beside peers, into tools/docs/performance.md (needs node; SIZE=1000 for a quick look)
	@$(BIN)/python -m bench.run --documents $(SIZE) $(BENCH_PAGE)

# An hour unless FUZZ_SECONDS says otherwise; FUZZ_SEED begins the second reader's texts elsewhere.
# MUTATE names one module (or several) of tools/tests/mutation/targets.yaml.
mutants: setup ## put small faults into modules one at a time, and see that their tests notice (MUTATE=path)
	@PYTHONPATH=tools $(BIN)/python -m tests.mutation.run $(MUTATE)

soak: setup $(AWS_STAMP) ## kill, race and fail reconcile, edit repositories, fuzz the reader and check for long, beside a second reader, and print what it did (needs node)
	@.ci/programs
	@PYTHONPATH=tools $(BIN)/python -m tests.crash.soak
	@PYTHONPATH=tools $(BIN)/python -m tests.ledger.long 1000000
	@echo 'A thousand edits, each checked and reviewed with what is kept and without it:'
	@EDITS=1000 $(PYTEST) -q $(addprefix tools/tests/incremental/test_random_,edits.py reviews.py)
	@PYTHONPATH=tools $(BIN)/python -m tests.fuzz.soak

lint: setup ## style, types, layers, dependencies, lock files, workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry tools/tarmac
	$(BIN)/python .ci/lock_is_fresh.py
	$(BIN)/zizmor --offline --quiet --no-progress --persona pedantic .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)

format: setup ## format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schemas: setup ## write the JSON Schemas that editors use
	$(BIN)/tarmac schema --write

pages: setup ## write the pages of the rules (tools/docs/rules)
	$(BIN)/tarmac explain --write

clean: ## remove caches, builds and scratch (the environment stays)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov build dist .tarmac
	find tools -type d -name __pycache__ -exec rm -rf {} +
