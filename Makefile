# Prints its targets when called bare. VENV, PYTHON and PIP_ARGS may be set from outside (CI pins exact versions that way).
PYTHON ?= python3
VENV ?= .venv
PIP_ARGS ?=
BIN := $(VENV)/bin
WHEEL := out/wheel
# Real data and the papers' texts are used where they are found; without them the commands say what is missing.
export TIGHTROPE_DATA ?= $(abspath $(wildcard ../shared/data))
export TIGHTROPE_PAPERS ?= $(abspath $(wildcard ../shared/papers))

.PHONY: help verify test wheel lint types contracts ledger clean

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -e '.[dev]'
	touch $@

verify: $(VENV)/.installed ## install into .venv, then judge every claim (quick effort)
	$(BIN)/tightrope verify --effort quick

# The tests run against the wheel, unpacked and first on the path: what a user gets, whatever else lies in this folder.
test: wheel ## install into .venv, then run the tests against the wheel as a user would install it
	PYTHONPATH=$(abspath $(WHEEL))/site TIGHTROPE_SITE=$(abspath $(WHEEL))/site PYTHONSAFEPATH=1 $(BIN)/pytest -n auto --dist loadfile

wheel: $(VENV)/.installed ## build the wheel and unpack it beside it, into out/wheel
	rm -rf $(WHEEL) && mkdir -p $(WHEEL)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(WHEEL) .
	$(BIN)/python -m pip install --quiet --no-deps --target $(WHEEL)/site $(WHEEL)/*.whl

lint: $(VENV)/.installed ## ruff
	$(BIN)/ruff check .

types: $(VENV)/.installed ## mypy
	$(BIN)/mypy

contracts: $(VENV)/.installed ## who may import whom
	$(BIN)/lint-imports

ledger: $(VENV)/.installed ## write the verdicts that CI expects (quick effort, seed 0)
	$(BIN)/tightrope verify --effort quick --seed 0 --json out/ledger.json
	$(BIN)/python -c "import json; rows = json.load(open('out/ledger.json'))['claims']; \
	  json.dump({'made_by': 'make ledger', 'claims': [{k: r[k] for k in ('id', 'verdict')} for r in rows]}, open('tests/expected_verdicts.json', 'w'), indent=1)"

clean: ## remove the environment and every generated file
	rm -rf $(VENV) out build dist
