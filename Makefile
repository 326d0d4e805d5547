# Reverse mentoring. `make help` lists what there is; every target makes the environment it needs.

PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help rehearsal test coverage lint types contracts mutation letters histories format lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it and run make again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip check --disable-pip-version-check >&2
	@touch $(READY)

PAIRINGS ?= 12
SPEED ?=
CALENDARS ?= caldav
CAST ?= calm
SEED ?= 1
DATABASE ?= sqlite
REPORT ?= reports/rehearsal
KEEP ?=

rehearsal: $(READY) ## a whole programme on local servers (PAIRINGS= SPEED= CAST=lively CALENDARS= SEED= DATABASE=postgres REPORT= KEEP=1)
	@$(BIN)/python worker.py rehearse --pairings $(PAIRINGS) $(if $(SPEED),--speed $(SPEED)) --cast $(CAST) --seed $(SEED) --calendars $(CALENDARS) \
		--report $(REPORT) $(if $(filter postgres,$(DATABASE)),--postgres) $(if $(KEEP),--keep)

# The story is played alone, as its people live by a quick clock; the other tests wait for a good part of their time,
# so that two cores take four processes.
STORY = $(BIN)/python -m pytest tests/story
OTHERS = $(BIN)/python -m pytest -n 4 --ignore tests/story

test: $(READY) lint types contracts ## check style, types and contracts, then run every test
	$(STORY)
	$(OTHERS)

coverage: $(READY) ## run every test and tell what none of them reaches; slower
	$(STORY) --cov --cov-report=
	$(OTHERS) --cov --cov-append --cov-report=term:skip-covered

lint: $(READY) ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy .

contracts: $(READY) ## the import rules of the rooms
	$(BIN)/lint-imports

mutation: $(READY) ## how many small faults in the rules their tests notice (RULES=needs; all of them take an hour)
	$(BIN)/python -m bench.mutation $(RULES)

letters: $(READY) ## every letter in every language as HTML, in reports/letters
	$(BIN)/python worker.py letters preview

histories: $(READY) ## play two programmes and save their histories for the replay gate
	rm -f tests/replay/histories/*.json.gz
	SAVE_HISTORIES=1 $(BIN)/python -m pytest tests/story tests/workflows/test_calendar_notices.py
	$(BIN)/python -m tests.replay.saving

format: $(READY) ## put the layout right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY) ## pin all dependencies anew
	$(BIN)/uv pip compile pyproject.toml --all-extras --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o requirements.lock

clean: ## remove the environment and what the tools left behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage reports var
