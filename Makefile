# Every command of the project. `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help env demo test check format docs gallery bench clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort | expand -t 12

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

env: $(STAMP) ## create the environment in .venv

demo: $(STAMP) ## edit a real photograph by instruction and say where the result is
	$(BIN)/python examples/demo.py

check: $(STAMP) ## format, lint and type checks only
	$(BIN)/ruff format --check src tests recipes benchmarks examples
	$(BIN)/ruff check src tests recipes benchmarks examples
	$(BIN)/mypy

test: check ## all checks and all tests, in a fresh environment if need be
	$(BIN)/pytest -n 2

format: $(STAMP) ## put the code into shape
	$(BIN)/ruff format src tests recipes benchmarks examples
	$(BIN)/ruff check --fix src tests recipes benchmarks examples

docs: $(STAMP) ## write the generated pages of docs/
	$(BIN)/python recipes/docs.py

gallery: $(STAMP) ## write docs/gallery.md and its pictures
	$(BIN)/python recipes/gallery.py

bench: $(STAMP) ## measure speed and memory into docs/benchmarks.md
	$(BIN)/python benchmarks/edit.py

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis out
