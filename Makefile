# Every command of the project. `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TESTED := $(VENV)/.installed-dev
# The processor build where the package index has one; another: make test TORCH=torch==2.9.0
TORCH  ?= torch==2.13.0

# A command that a test or a benchmark starts finds its bytecode, as an installed one does: without it, it compiles 240 modules first.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env demo test check format docs gallery bench fuzz clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort | expand -t 12

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(TESTED): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check $(TORCH) -e '.[dev]'
	@touch $@

env: $(TESTED) ## create the environment in .venv

demo: $(STAMP) ## edit a real photograph by instruction and say where the result is
	$(BIN)/python examples/demo.py

check: $(TESTED) ## format, lint and type checks only
	$(BIN)/ruff format --check src tests recipes benchmarks examples plugins
	$(BIN)/ruff check src tests recipes benchmarks examples plugins
	$(BIN)/mypy

test: check ## all checks and all tests, in a fresh environment if need be
	$(BIN)/pytest -n 2

format: $(TESTED) ## put the code into shape
	$(BIN)/ruff format src tests recipes benchmarks examples plugins
	$(BIN)/ruff check --fix src tests recipes benchmarks examples plugins

docs: $(TESTED) ## write the generated pages of docs/
	$(BIN)/python recipes/docs.py

gallery: $(TESTED) ## write docs/gallery.md, docs/failures.md and their pictures
	$(BIN)/python recipes/gallery.py

bench: $(TESTED) ## measure speed and memory into docs/benchmarks.md
	$(BIN)/python benchmarks/edit.py --write docs/benchmarks.md

fuzz: $(TESTED) ## try odd inputs at random for MINUTES (default 5); only typed errors may come out
	$(BIN)/python recipes/fuzz.py --minutes $(or $(MINUTES),5)

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis out
