# `make report` and `make test` need git, make and Python 3.11 or newer with venv; nothing else.
# Every step may be interrupted and repeated.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin
export MPLBACKEND := agg
export PYTHONWARNINGS :=
UNIT := not site and not nightly and not spark and not peers
SMALL = $(if $(TMPDIR),$(TMPDIR),/tmp)
# what differs from the last commit; make runs $(shell) before the first line of a recipe, so that uncommitted work
# is no fault and a change by the checks is one
LEFT = { git status --porcelain -- notebooks data/raw && git diff -- notebooks data/raw; } | git hash-object --stdin
SAY = @printf '\n== %s\n'

.PHONY: help env report quick test nightly format lint types layers unit notebooks site docs lock data clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 18

env: $(VENV)/ready  ## make or update the environment in .venv

$(VENV)/ready: requirements.lock pyproject.toml
	$(SAY) 'environment: $(PYTHON) -m venv $(VENV), then the packages of requirements.lock (a few minutes the first time)'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trustkit needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --disable-pip-version-check --progress-bar on --quiet --require-hashes -r requirements.lock
	$(RUN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable . \
		--config-settings editable_mode=compat
	@touch $@

report: env  ## raw data -> checked, cleaned, weighted, notebooks run, site rendered, claims printed
	$(SAY) 'report: check raw data, run the notebooks, render the site'
	$(RUN)/trustkit report .

quick: env  ## seconds: format, lint, types, layers, and the tests of one package (P=weighting)
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-cache
	$(RUN)/python -m pytest -p no:nbval -q -n 2 --dist loadfile -m "$(UNIT)" --doctest-modules \
		$(if $(P),trustkit/$(P) tests/$(P),trustkit README.md tests/test_public_api.py tests/test_errors.py)

docs: env  ## the documentation, in build/docs
	$(RUN)/python docs/site/build.py build/docs
	@printf '\nThe documentation is in build/docs/index.html.\n'

test: env  ## the whole gate, as CI runs it; tests on two processes
	$(SAY) '1/7 format and lint, security of the workflows'
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/zizmor --offline --no-progress --quiet .github/workflows
	$(SAY) '2/7 types'
	$(RUN)/mypy
	$(SAY) '3/7 import layers'
	$(RUN)/lint-imports --no-cache
	$(SAY) '4/7 doctests, unit and property tests, R references, coverage'
	$(RUN)/python -m pytest -p no:nbval -q -n 2 --dist worksteal -m "$(UNIT)" \
		--doctest-modules trustkit README.md tests --cov --cov-report=term:skip-covered
	$(SAY) '5/7 notebooks: every output recomputed and compared (nbval, strict)'
	$(RUN)/python -m pytest -q -n 2 --dist loadscope --nbval --nbval-current-env notebooks
	$(SAY) '6/7 the site, rendered from the committed outputs, and the documentation'
	$(RUN)/python -m pytest -p no:nbval -q -n 2 --dist loadfile -m site tests -rs
	$(SAY) '7/7 nothing was left behind'
	@git rev-parse --git-dir > /dev/null
	@test "$$($(LEFT))" = '$(shell $(LEFT))' || { git status --short -- notebooks data/raw; \
		echo 'the checks changed files of notebooks or data/raw'; exit 1; }
	@printf '\nAll checks passed.\n'

nightly: env  ## what takes longer or needs more: Spark, the peers, large fuzzing, small runs of the benchmarks
	$(RUN)/python -m pytest -p no:nbval -q -m "spark or peers" tests/design/test_spark.py tests/test_peers.py -rs
	$(RUN)/python -m pytest -p no:nbval -q -n 2 --dist worksteal -m nightly tests -rs
	TRUSTKIT_FUZZ=large $(RUN)/python -m pytest -p no:nbval -q -n 2 --dist worksteal tests/test_fuzz.py tests/test_contract.py tests/files/test_foreign_files.py
	$(RUN)/python benchmarks/speed.py --rows 20000 --rounds 1 --out $(SMALL)/speed.md
	$(RUN)/python benchmarks/reading.py --rows 20000 --repeats 1 --out $(SMALL)/reading.md
	$(RUN)/python benchmarks/models_speed.py --rows 20000 --out $(SMALL)/models_speed.csv
	$(RUN)/python benchmarks/tables_speed.py --rows 2000 --out $(SMALL)/tables_speed.csv
	$(RUN)/python benchmarks/scales_speed.py --rows 20000 --out $(SMALL)/scales_speed.csv
	$(RUN)/python benchmarks/wide_exports.py --columns 200 --rows 100 --rounds 1 --out $(SMALL)/wide_exports.csv
	$(RUN)/python benchmarks/silent_guesses.py --questionnaires 26 --out $(SMALL)/silent_guesses.csv

format: env  ## rewrite the code in the project's format
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

lock:  ## pin every package and its hash for all platforms (needs uv); no registry is named
	uv pip compile pyproject.toml --extra all --extra pdf --group test --group notebooks \
		--generate-hashes --universal --no-header --no-annotate --no-strip-extras --quiet -o requirements.lock

data: env  ## make the synthetic raw data again, byte for byte
	$(RUN)/python -m trustkit.datasets.synthetic

clean:  ## remove what can be made again
	rm -rf $(VENV) site build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find data/processed -type f ! -name .gitkeep -delete
