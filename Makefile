# `make demo` and `make test` need Python 3.11+, git and make; each makes .venv when it is missing.
# TORCH_INDEX names a package index for torch alone, for instance the CPU one of pytorch.org, which
# saves a machine without a GPU the download of CUDA.
PYTHON ?= python3
TORCH_INDEX ?=
# What DVC says besides which stage runs and what the stage prints.
CHATTER := "^$$|didn't change, skipping|is cached - skipping|^Generating lock|^Updating lock|^Use .dvc push|^To track|git add|^To enable auto|^> python"
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
SHELL := /bin/bash -o pipefail
# The stages are started by DVC as `python -m ...`: this python, and never the network or telemetry.
export PATH := $(BIN):$(PATH)
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1

# What `make compare` runs; unset, what `lai compare` takes by default.
STRATEGIES ?=
SEEDS ?=

.PHONY: demo smoke compare test check install

demo: $(VENV)/installed
	@HF_HUB_OFFLINE=1 dvc repro 2>&1 | grep --line-buffered -v -E $(CHATTER)
	@lai show

# A few samples of each task through every stage, in a temporary copy: before the long run.
smoke: $(VENV)/installed
	@lai smoke

compare: $(VENV)/installed
	@lai compare $(if $(STRATEGIES),--strategies $(STRATEGIES)) $(if $(SEEDS),--seeds $(SEEDS))

# Two at a time, a file's tests one after the other: files share the loops that they run.
test: check
	@HF_HUB_OFFLINE=1 pytest -n 2 --dist loadfile

check: $(VENV)/installed
	@ruff check . && ruff format --check . && mypy && lint-imports

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LaI needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check -q $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt -e '.[dev]'
	@touch $@
