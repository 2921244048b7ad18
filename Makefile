# A bare `make` lists what there is. GNU make 3.81 (the one of macOS) is enough.
#
# Everything runs in .venv, which is set up from requirements.lock (every package with its hash) when that or pyproject.toml
# is newer than the last set-up. PYTHON=/path/to/python chooses the interpreter.

.DEFAULT_GOAL := help
.PHONY: help setup run sample test quick readme check format bench soak serve docs lock clean

YEAR ?= 2015
BIN := .venv/bin
STAMP := .venv/.set-up
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder
CANDIDATES := python3 python3.13 python3.12 python3.11 python3.14 python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv with the pinned dependencies (the other targets do so when needed)

run: $(STAMP) ## make the sample records, run the annual flow on them, show the metrics
	@$(BIN)/union-assessment sample
	@$(BIN)/union-assessment intake --inbox data/sample/inbox
	@$(BIN)/union-assessment withdraw --list data/sample/withdraw.json --yes
	@$(BIN)/union-assessment run --year $(YEAR) --inbox data/sample/inbox --unit yongchuan

sample: $(STAMP) ## make the sample records only
	@$(BIN)/union-assessment sample

# Two processes, each with whole files, the longest first (tests/conftest.py): what a file sets up is set up once.
test: $(STAMP) ## run the tests (ARGS=… for pytest)
	@$(BIN)/python -m pytest $(IN_TWO) $(ARGS)

quick: $(STAMP) ## run what is fast enough to run after every change
	@$(BIN)/python -m pytest -m "not slow" $(IN_TWO) $(ARGS)

readme: $(STAMP) ## type every command of the README, in order, on the whole sample (minutes)
	@UNION_ASSESSMENT_LONG=1 $(BIN)/python -m pytest tests/test_sample_truth.py -k readme $(ARGS)

check: $(STAMP) ## lint, types, SQL style, import directions, freshness of generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint sql
	$(BIN)/python -m flows.report.dictionary --check
	$(BIN)/python -m flows.report.printed.scheme_schema --check

format: $(STAMP) ## rewrite the Python files in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure the CSV path against a bare load and a scoring, break files for a minute (minutes)
	@$(BIN)/python -m tests.bench.load $(ARGS)
	@$(BIN)/python -m tests.bench.score
	@$(BIN)/python -m tests.bench.whatif
	@if [ -f data/warehouse/warehouse.duckdb ]; then $(BIN)/python -m tests.bench.span; fi
	@$(BIN)/python -m tests.bench.history
	@$(BIN)/python -m tests.bench.fuzz --seconds 60
	@$(BIN)/python -m tests.messy --seeds 500
	@if command -v soffice >/dev/null; then $(BIN)/python -m tests.messy --seeds 20 --saved-as xls; fi

soak: $(STAMP) ## end steps at random moments, two hundred times, and compare what comes of it (ARGS=--rounds …)
	@$(BIN)/python -m tests.soak $(ARGS)

serve: $(STAMP) ## run the schedule of prefect.yaml on this machine until interrupted
	@$(BIN)/union-assessment serve

docs: $(STAMP) ## write the generated pages anew
	$(BIN)/python -m flows.report.dictionary
	$(BIN)/python -m flows.report.printed.scheme_schema
	$(BIN)/python -m tests.catalogue_of_words

lock: ## write requirements.lock anew from pyproject.toml and constraints.txt (needs uv on the PATH)
	uv pip compile pyproject.toml --extra test --extra check --constraints constraints.txt --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" --quiet --output-file requirements.lock

clean: ## remove .venv and caches; data/ stays
	rm -rf .venv build union_assessment.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find flows tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What pip does, counted: a line that is written over on a terminal, a line at each quarter elsewhere; all of it in .venv/set-up.log.
define COUNTED
{ total=$$(grep -c '^[a-z].*==' requirements.lock); n=0; quarter=0; \
  while IFS= read -r line; do \
    echo "$$line" >>.venv/set-up.log; \
    case "$$line" in \
      Collecting*|Processing*|Ignoring*) n=$$((n + 1)); \
        if [ -t 1 ]; then printf '\r  packages fetched: %d of %d ' $$n $$total; \
        elif [ $$((n * 4 / total)) -gt $$quarter ]; then quarter=$$((n * 4 / total)); echo "  packages fetched: $$n of $$total"; fi ;; \
      Installing*,*) [ -t 1 ] && echo; echo "  installing them (half a minute)" ;; \
    esac; \
  done; }
endef

$(STAMP): pyproject.toml requirements.lock
	@python=''; found=''; \
	for candidate in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
	  version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  case "$$version" in \
	    3.11|3.12|3.13|3.14) python="$$candidate"; break ;; \
	    *) found="$$found $$version" ;; \
	  esac; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "This needs Python 3.11 to 3.14, and this machine offers$${found:- none}: install one, or name it with make PYTHON=/path/to/python." >&2; \
	  exit 1; \
	fi; \
	echo "Setting up .venv with $$python ($$version); the first time takes a minute or two."; \
	rm -f $(STAMP); \
	"$$python" -m venv --clear .venv || { \
	  echo "$$python cannot make a virtual environment; on Debian or Ubuntu: apt install python$$version-venv." >&2; exit 1; }; \
	{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
	  --require-hashes --no-deps -r requirements.lock </dev/null 2>&1 && \
	  $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off --no-deps -e . </dev/null 2>&1 && \
	  echo set-up-ended-well; } | $(COUNTED); \
	tail -1 .venv/set-up.log | grep -qx set-up-ended-well || { tail -20 .venv/set-up.log >&2; exit 1; }; \
	touch $(STAMP)
