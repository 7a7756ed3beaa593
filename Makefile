# Needs Python 3.11 or later, make and a package index; everything else is brought along. Paths here are relative, so that a
# checkout may stand in a folder with spaces or Chinese characters. `make PYTHON=python3.13 …` chooses the interpreter.

PYTHON ?= python3
JOBS ?= 2
UV_VERSION := 0.13.9
VENV := .venv/bin/python
READY := .venv/ready

# Ends with make, also when make is killed: the launcher has the kernel tell it.
WITH_MAKE := exec $(VENV) -I -S -X utf8 orchestrator/launcher.py $$PPID 15 - $(VENV)

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench coverage docs calendars chaos clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## */\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target does; do printf '  make %-9s %s\n' "$$target" "$$does"; done

run: $(READY)  ## import the sample workbook and live a billing cycle in the sandbox; ARGS="--once --json --days 60 --pace 0.5"
	@$(WITH_MAKE) -m orchestrator up --sandbox $(ARGS)

test: lint  ## lint, then all tests; ARGS goes to pytest, JOBS=2 says how many run at once
	@$(VENV) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

lint: $(READY)  ## style, types, and who may import whom
	@$(VENV) -m ruff check --quiet
	@$(VENV) -m ruff format --check --quiet || { echo 'some files are not formatted: make format'; exit 1; }
	@$(VENV) -m mypy --no-error-summary
	@$(VENV) -c 'from importlinter.cli import lint_imports_command as run; run()' >.venv/imports.log || { cat .venv/imports.log; exit 1; }

format: $(READY)  ## format the code and sort its imports
	@$(VENV) -m ruff check --fix --quiet
	@$(VENV) -m ruff format --quiet

bench: $(READY)  ## measure throughput
	@for bench in tests/benchmarks/bench_*.py; do $(VENV) $$bench $(ARGS) || exit 1; done

coverage: $(READY)  ## every line and branch of policies/ is reached by its tests
	@$(VENV) -m coverage run --branch --source=policies --data-file=.venv/coverage -m pytest tests/policies
	@$(VENV) -m coverage report --data-file=.venv/coverage --show-missing --skip-covered --fail-under=100

docs: $(READY)  ## make docs/decision-table.md again from the rules
	@$(VENV) -m orchestrator policy table >docs/decision-table.md

calendars: $(READY)  ## make the computed days of policies/calendars again, and seal the published years typed in there
	@$(VENV) -m tests.policies.calendar_tables

chaos: $(READY)  ## kill the whole program at work, again and again, and audit it; ARGS="--runs 20 --seed 1 --json"
	@$(WITH_MAKE) -m tests.chaos $(ARGS)

clean:  ## stop the servers of this checkout and delete var/ with all its data
	@if [ -x $(VENV) ]; then $(VENV) -m orchestrator.embedded remove var; fi
	@rm -rf var

# uv keeps .venv as uv.lock says. Where its addresses cannot be reached, pip gets the same files, by the same hashes, from the
# index it is configured for. The link to this checkout is then made relative: a Python that reads a Chinese path in it does not
# even start under a locale that is not UTF-8.
$(READY): export LC_ALL := C.UTF-8
$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@[ -x $(VENV) ] || $(PYTHON) -m venv .venv
	@$(VENV) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV= UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never $(VENV) -m uv sync --frozen --quiet || { \
	  echo 'uv cannot fetch the packages; trying the index that pip knows' >&2; \
	  $(VENV) -m uv export --frozen --quiet --no-emit-project --output-file .venv/requirements.txt && \
	  $(VENV) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement .venv/requirements.txt && \
	  $(VENV) -m pip install --quiet --disable-pip-version-check --no-deps --editable .; }
	@for link in .venv/lib/python3*/site-packages/_editable_impl_xianli.pth; do echo ../../../.. >"$$link"; done
	@touch $@
