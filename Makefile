# Everything a newcomer needs; `make help` lists it. Each target sets up what it lacks.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench fuzz docs clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NPM := tests/npm/node_modules/.bin
# More than two cores have: half of the time tests wait, for browsers and for links.
WORKERS ?= 3

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(READY) ## prepare .venv with the pinned requirements (done by the others when needed)

$(READY): requirements/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" ./setup.sh
	@touch $@

demo: $(READY) ## watch the door open: ARGS=--check ends by itself with a report, ARGS=--help tells more
	@$(BIN)/nyckelfri demo $(ARGS)

# Tests start hundreds of processes: what Python compiles is kept for the next one.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(READY) ## run all tests, the server's also on PostgreSQL: ARGS="tests/door -k clock" runs some
	@./setup.sh tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)
	$(if $(ARGS),,$(BIN)/pytest -n $(WORKERS) --dist worksteal --database postgresql tests/server)

check: $(READY) ## formatting, lint, types, directions between rooms
	@./setup.sh tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(NPM)/prettier --log-level warn --check src/nyckelfri/web tests/js 'bench/*.js'
	$(NPM)/tsc --project src/nyckelfri/web/jsconfig.json
	$(NPM)/tsc --project tests/js/jsconfig.json
	$(BIN)/pytest -q tests/architecture/test_web_rooms.py

bench: $(READY) ## measure against named references, write bench/report.json
	@./setup.sh tests
	$(BIN)/python -m bench $(ARGS)

fuzz: $(READY) ## look for inputs that break something, ten minutes: ARGS="--minutes 60 --only session"
	$(BIN)/python -m fuzz $(ARGS)

docs: $(READY) ## write the tests column of docs/requirements.md and docs/threat-model.md anew
	$(BIN)/python tests/architecture/doctables.py

clean: ## remove what the targets above made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build src/*.egg-info
