# Everything a developer or an operator does with a checkout. Needs CPython >= 3.11, pip and GNU make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip
IN_VENV := --python $(BIN)/python
COMPILE := $(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

# A stamp is newer than all that it was made from, so a second run installs nothing.
BOOTSTRAPPED := $(VENV)/.bootstrapped
SERVER := $(VENV)/.server
INSTALLED := $(VENV)/.installed
TESTABLE := $(VENV)/.testable

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check format lock clean

help: ## say what each target does
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: $(INSTALLED) ## make .venv with the locked server packages and the printlab command

run: setup ## migrate, then serve on http://localhost:8080 with the data in ./data
	@$(BIN)/printlab migrate
	@exec $(BIN)/printlab serve

test: $(TESTABLE) ## install what the tests need, then run them
	@tools/run_tests.sh

check: $(TESTABLE) ## lint, format, types, import contracts, migrations on SQLite and PostgreSQL
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python tools/check_migrations.py

format: $(TESTABLE) ## format the code and fix what ruff can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Keeps the versions that are locked already; `make lock UPGRADE=1` takes the newest.
lock: $(BOOTSTRAPPED) ## write requirements/*.lock from requirements/*.in
	$(COMPILE) requirements/bootstrap.in --output-file requirements/bootstrap.lock
	$(COMPILE) requirements/server.in --output-file requirements/server.lock
	$(COMPILE) requirements/test.in --output-file requirements/test.lock

clean: ## remove .venv and caches; the data folder stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist test-results
	find printlab pages components migrations tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(BOOTSTRAPPED): requirements/bootstrap.lock
	@tools/make_venv.sh "$(PYTHON)" $(VENV)
	@touch $@

$(SERVER): requirements/server.lock $(BOOTSTRAPPED)
	@$(UV) install $(IN_VENV) --quiet --compile-bytecode --require-hashes -r requirements/server.lock
	@touch $@

$(INSTALLED): pyproject.toml $(SERVER)
	@$(UV) install $(IN_VENV) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTABLE): requirements/test.lock $(INSTALLED)
	@$(UV) install $(IN_VENV) --quiet --compile-bytecode --require-hashes -r requirements/server.lock -r requirements/test.lock
	@touch $@
