# make run    installs and starts courtpulse with its fictional demonstration
# make test   installs and runs all tests; what this machine lacks is skipped with the reason
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help install everything run check test bench bench-alerts bench-intake bench-nlp lock format clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(BIN)/uv: requirements/uv.lock
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or later is needed; set PYTHON=/path/to/python3.11' >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

$(VENV)/.run: $(BIN)/uv requirements/run.lock pyproject.toml
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/run.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.lock
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/test.lock
	@touch $@

$(VENV)/.all: $(VENV)/.test requirements/all.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/all.lock
	@touch $@

install: $(VENV)/.run ## Install what the service needs into .venv (no torch)

run: install ## Start the service with the fictional demonstration on localhost
	$(BIN)/courtpulse up --demo --browser

everything: $(VENV)/.all ## Install torch and the bench's peers as well (5 GB)

check: $(VENV)/.test ## Lint, types, rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.test ## Run all tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: $(VENV)/.test ## Print the figures of docs/measurements.md (minutes)
	@for name in text_throughput annotate index_stores spikes weekly watch real_input kills latency; do \
	  echo "== $$name"; $(BIN)/python -m bench.$$name || exit 1; done

bench-alerts: $(VENV)/.test ## Print what 10,000 watched cases cost
	$(BIN)/python -m bench.alerts

bench-intake: $(VENV)/.all ## Measure intake against its limits: speed, memory, kills, fuzzing, quality (hours)
	$(BIN)/python -m bench.intake_all $(BENCH_ARGS)

bench-nlp: $(VENV)/.all ## Compare the shipped model with its peers: quality and speed, one run
	$(BIN)/python -m bench.nlp

format: $(VENV)/.test ## Format the code
	$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock: $(BIN)/uv ## Solve the dependencies again
	PATH="$(CURDIR)/$(BIN):$$PATH" requirements/compile.sh

clean: ## Remove the environment, caches and the demonstration's data
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
