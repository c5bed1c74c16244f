# Every target makes what it needs: only Python >= 3.11 with its venv module has to be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
SHIPPED := $(shell find optimizer geodata -type f -not -name '*.pyc')

# `make test` installs the working tree itself, `make demo` a copy; once the first is there it serves both.
INSTALLED := $(firstword $(wildcard $(VENV)/.installed-dev) $(VENV)/.installed)

.PHONY: demo test lint bench clean

demo: $(INSTALLED)
	$(BIN)/rigshift solve configs/siberia_relocation.yaml -o out/siberia_relocation

test: lint
	$(BIN)/python -m pytest -q -n 2

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy --strict optimizer geodata
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist out *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml constraints.txt $(SHIPPED) | $(BIN)/python
	$(PIP) .
	rm -rf build
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev,app,bench]'
	rm -f $(VENV)/.installed
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'no virtual environment: Rigshift needs Python >= 3.11 with venv (Debian: apt install python3-venv)'; exit 1; }
