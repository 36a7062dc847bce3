# make build: set up .venv and build configs/digits.toml; make test: the same set-up, then every test.
# Options for pip: make build PIP_ARGS="…"; another Python: make build PYTHON=python3.12

PYTHON  ?= python3
PIP_ARGS ?=
CONFIG  ?= configs/digits.toml
ARGS    ?=
PIP_VERSION := 26.3
# Tests run in this many processes.
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)

VENV   := .venv
RUN    := $(VENV)/bin/python
STAMP  := $(VENV)/.set-up

PEERS  := build/peers/venv

.PHONY: build setup test lint regress bench bench-peers clean help

build: setup
	$(RUN) flow.py build $(CONFIG) $(ARGS)

setup: $(STAMP)

# Bytecode is compiled when a module is first imported: compiling all of it here would take half a minute longer.
$(STAMP): requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed, this is " + sys.version)'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "error: python3-venv is missing: apt install python3-venv" >&2; exit 2; }
	@for tool in g++ make perl; do command -v $$tool >/dev/null \
	    || { echo "error: $$tool is missing: apt install g++ make perl" >&2; exit 2; }; done
	@echo "installing the pinned packages into $(VENV), about a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) pip==$(PIP_VERSION)
	@$(RUN) -m pip install --quiet --no-compile $(PIP_ARGS) -r requirements.txt -c constraints.txt
	@touch $@

test: setup lint
	$(RUN) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: setup
	$(RUN) -m ruff check
	$(RUN) -m mypy

regress: setup
	$(RUN) -m sim.regression $(ARGS)

bench: setup
	$(RUN) -m bench.golden_speed $(ARGS)

# The peers' packages conflict with ours: they have an environment of their own.
bench-peers: setup $(PEERS)/.set-up
	$(RUN) -m bench.peers $(ARGS)

$(PEERS)/.set-up: bench/peers/requirements.txt bench/requirements.txt
	@echo "installing the peers' pinned packages into $(PEERS), about a minute"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile $(PIP_ARGS) -r bench/peers/requirements.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps $(PIP_ARGS) -r bench/requirements.txt
	@touch $@

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis

help:
	@echo "make build | test | lint | regress | bench | bench-peers | clean   (README.md)"
