# Everything a developer does, one word each. Needs Python 3.11 or later and make; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# A second run reads what the first one compiled, wherever it runs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run staff month test test-fast test-slow test-package e2e e2e-core faults faults-core faults-long simulate mutants scale bench check format texts package rights deploy clean

help:  ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 14

$(READY): requirements.txt requirements-build.txt requirements-dev.txt requirements-sam.txt
	@echo "Making the virtual environment (about a minute, the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --progress-bar on -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-sam.txt
	@touch $(READY)

run: $(READY)  ## serve the whole system offline with demo members (PORT, NOW)
	@$(BIN)/python -m infra.offline

staff: $(READY)  ## send a staff command to a world that runs (ARGS="cases", AS=Ada, PORT)
	@$(BIN)/python -m infra.offline.staff $(ARGS)

month: $(READY)  ## play one month in the terminal, and check its sums (MONTH, MEMBERS, MANDATES)
	@$(BIN)/python -m infra.offline.month

# A file to a worker, in the order of the folders: by number of tests the longest files come last.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test: $(READY)  ## run the tests, in a browser too where Chromium is found
	@$(PYTEST)

test-fast: $(READY)  ## rules and use cases only: for the inner loop
	@$(PYTEST) tests/domain tests/services

test-slow: $(READY)  ## the slower proofs
	@$(BIN)/python -m pytest -m slow

test-package: $(READY)  ## package for Lambda, lint the template, look into the zip
	@$(BIN)/python -m pytest -p no:xdist -m slow tests/architecture/test_package.py

E2E := $(BIN)/python -m pytest -p no:xdist -vv

e2e: $(READY)  ## deploy the package on an emulator that enforces its policies, and walk it (minutes)
	@$(E2E) tests/e2e

e2e-core: $(READY)  ## the core of that walk: from a feed to what is paid and what came back (a minute)
	@$(E2E) tests/e2e/test_core.py

faults: $(READY)  ## every outward call of every flow goes wrong, in every way; all in any order; ten years (ONLY=flow:call:fault, ONLY=year:7)
	@$(BIN)/python -m tests.faults.run $(if $(ONLY),--only $(ONLY))

faults-core: $(READY)  ## a sample of that, for a minute
	@$(BIN)/python -m tests.faults.run --core

faults-long: $(READY)  ## a hundred years by their seeds, three on moto, and all mutants: an hour
	@$(BIN)/python -m tests.faults.long

simulate: $(READY)  ## a year of 200 members, with faults, by its seed (SEED, MEMBERS, MONTHS)
	@$(BIN)/python -m tests.faults.simulation $(if $(SEED),--seed $(SEED)) $(if $(MEMBERS),--members $(MEMBERS)) $(if $(MONTHS),--months $(MONTHS))

mutants: $(READY)  ## one-line defects, one after the other: each must be caught by its test (ONLY=name)
	@$(BIN)/python -m tests.faults.mutants $(ONLY)

bench: $(READY)  ## what is measured: calls of each step of the page; bank files beside other libraries (ROW=page, ARGS)
	@$(BIN)/python -m bench $(ROW) $(ARGS)

scale: $(READY)  ## the run of the 22nd, transmitting, and the proofs of the books, for 100,000: with their tables
	@$(BIN)/python -m pytest -m slow -s tests/faults/test_scale.py tests/faults/test_transmission_scale.py tests/faults/test_proof_scale.py

check: $(READY)  ## format, lint, types, layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports --no-cache) || { echo "$$said"; exit 1; }; echo "$$said" | tail -n 1

format: $(READY)  ## put the code in its form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

texts: $(READY)  ## all texts to be translated, in build/messages.pot
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F pyproject.toml -o build/messages.pot chalicelib

package: $(READY)  ## the Lambda's zip and template, in build/package, as AWS's transform reads it (ARCHITECTURE)
	@$(BIN)/python -m infra.cloud.package

rights: $(READY)  ## make each function's policy from what the suite is seen to do; then read: git diff .chalice
	@mkdir -p build && RIGHTS=build/rights.json $(PYTEST)
	@$(BIN)/python -m infra.rights build/rights.json

deploy: $(READY)  ## put a stage into AWS and see that it answers (STAGE=dev; ARGS="--dry-run", --yes, --replace)
	@$(BIN)/python -m infra.cloud.deploy --stage "$(or $(STAGE),$(error say which: STAGE=dev))" $(ARGS)

clean:  ## remove what was made
	@rm -rf $(VENV) .venv-* build .pytest_cache .mypy_cache .ruff_cache .hypothesis
