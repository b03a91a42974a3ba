# Everything here needs only Python 3.11 or newer, git and make. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help checks test lint format benchmarks gates soak verdicts load alerts lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F '\t' '{printf "  make %-11s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "facemon needs Python 3.11 or newer; this is %s. Name another: make PYTHON=python3.12 ..." % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

checks: $(READY) ## the main job: run the checks on the embedded simulator, ending in a verdict
	$(BIN)/facemon check --target sim

$(VENV)/.extras: requirements-extras.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-extras.lock
	@touch $@

test: $(READY) $(VENV)/.extras lint ## every test, with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest tests -m "not slow" -n 2 --dist loadfile
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report --skip-covered --fail-under=90
	$(BIN)/python -m pytest tests -m slow -n 2 --dist loadfile

lint: $(READY) ## formatting, linting, strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY) ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(READY) ## what monitoring costs, as ratios to a bare httpx client in the same run
	$(BIN)/python -m benchmarks

gates: $(READY) ## what a release gate takes, and how often it errs: simulated gates (half an hour)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks gate

soak: $(READY) ## ten minutes of monitoring at 100 faces a minute: memory and CPU against their bounds
	$(BIN)/python -m benchmarks.soak

verdicts: $(READY) ## are the verdicts as sure as they say? 10,000 simulated runs of each kind (ten minutes)
	$(BIN)/python -m benchmarks.verdicts

load: $(READY) ## what load runs are worth: a stalled server told three ways, and the saturation rate beside Locust's
	$(BIN)/python -m benchmarks.stall
	$(BIN)/python -m benchmarks.saturation

alerts: $(READY) ## how often the alerts cry wolf, and how soon they notice: simulated months (five minutes)
	$(BIN)/python -m benchmarks.alerts

lock: ## write the locks anew from pyproject.toml (needs uv)
	uv pip compile --quiet --upgrade pyproject.toml --extra postgres --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate -o requirements.lock
	uv pip compile --quiet --upgrade pyproject.toml --all-extras --group tests --no-strip-extras -c requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate -o requirements-extras.lock

clean: ## remove what was built
	rm -rf $(VENV) .coverage* .facemon .hypothesis .mypy_cache .pytest_cache .ruff_cache
