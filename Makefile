# Two commands for a fresh machine with make and Python >= 3.11 (with venv):
#   make verify    derive and check the whole theory, print the verdict table
#   make test      the test suite
#
# And: make errata writes docs/errata.md and the list in README.md from the verdicts.
#
# Variables:
#   PYTHON=python3.12     the interpreter that creates .venv
#   WORKERS=2             parallel test processes (default: one a core)
#   PIP_ARGS=...          passed to pip, e.g. the index of PyTorch's CPU wheels, which are much smaller
#   ARGS=...              passed to the command itself, e.g. make verify ARGS="--select stability"

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= auto
PIP_ARGS ?=
ARGS ?=
NIGHTLY_TRIALS ?= 40

.PHONY: verify errata test lint types nightly benchmark install clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p' Makefile

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v < (3, 11) and "Python >= 3.11 is needed, $(PYTHON) is %d.%d; set PYTHON=" % v)'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "creating $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "installing pinned dependencies into $(VENV) (torch alone can take minutes)"
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on $(PIP_ARGS) -c constraints.txt -e '.[all]'
	@touch $@

verify: $(INSTALLED)
	$(BIN)/adamtheory verify --baseline verdicts.json $(ARGS)

errata: $(INSTALLED)
	$(BIN)/adamtheory errata --format markdown --output docs/errata.md --insert README.md $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check .

types: $(INSTALLED)
	$(BIN)/mypy

benchmark: $(INSTALLED)
	$(BIN)/python benchmarks/verify.py $(ARGS)

# Everything too slow for every change: all tests with the thorough search profile, and many more trials a statement.
nightly: $(INSTALLED)
	ADAMTHEORY_HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "slow or not slow"
	$(BIN)/adamtheory verify --baseline verdicts.json --trials $(NIGHTLY_TRIALS)
	$(BIN)/python benchmarks/verify.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
