# `make` alone lists the targets. Everything lands in .venv/ (environment) and var/ (state of `make run`).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins
# A start of Airflow without compiled files costs 3.6 seconds of processor time, with them 1.7; a run starts hundreds.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
UV := uv==0.13.9
PIP_AUDIT := pip-audit@2.10.1
# Debian's packages. Without them: no OCR and a weaker cage around readers (first line), no whole test suite (second line).
RUN_PACKAGES := tesseract-ocr tesseract-ocr-fra libseccomp2
TEST_PACKAGES := postgresql redis-server chromium docker-compose

# What `make secrets` does not look at, and what it would take for a secret although it only names one.
NOT_COMMITTED := .git .venv .env var build *_cache __pycache__ *.egg-info .hypothesis
NAMES_OF_SECRETS := ^(airflow|password|%s|piste_client_secret|certificate_password|CHORUS_SIM_[A-Z_]+|chorus-[a-z-]+|(secret-)?access-key(-id)?|url)$$

# The first interpreter that the lock fits.
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON = $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c '$(SUITABLE)' 2>/dev/null && echo $(p))))

.PHONY: help messages models setup setup-tests programs test-programs run stop clean test unit check secrets audit docs pictures format accuracy calibrate bench chaos env lock

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: programs .venv/run.stamp ## environment, locked packages, OCR programs; safe to repeat

setup-tests: test-programs .venv/test.stamp ## the same, and what the tests and checks need

run: setup ## the main job on this machine: make run [ONCE=1] [PORT=8080]
	@exec $(BIN)/python -m include.demo.run $(if $(filter-out 0,$(ONCE)),--once) $(if $(PORT),--port $(PORT))

stop: ## ends what a killed `make run` left behind
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m include.demo.run --stop; fi

clean: stop ## removes var/, the state of `make run`
	rm -rf var

# One worker more than cores: the stories wait for processes of their own. Files keep the order of tests/conftest.py.
test: setup-tests ## the whole suite
	@$(BIN)/pytest tests --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

unit: .venv/test.stamp ## the unit tests alone, in one process, with the processor time that they take: under ten seconds on a quiet machine
	@TIMEFORMAT='processor time: %U s of our own, %S s of the system'; time $(BIN)/pytest tests/unit --numprocesses 0 --quiet

check: .venv/test.stamp ## format, lint, types, direction of imports, unused code, texts, secrets
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.messages --check
	@$(BIN)/vulture
	@$(MAKE) secrets

secrets: .venv/test.stamp ## looks for secrets in every file that could be committed; offline
	@find . \( $(NOT_COMMITTED:%=-name '%' -o) -false \) -prune -o -type f -print0 \
	  | xargs -0 $(BIN)/detect-secrets-hook --no-verify --exclude-secrets '$(NAMES_OF_SECRETS)'

audit: $(BIN)/uv ## known weaknesses of the locked packages; needs the network
	@$(BIN)/uv tool run '$(PIP_AUDIT)' --requirement requirements.txt --require-hashes --disable-pip

models: .venv/run.stamp $(BIN)/uv ## makes the int8 networks of the OCR engine anew; needs the network
	@$(BIN)/uv run --no-project --isolated --python $(BIN)/python --with-requirements requirements.txt \
	  --with-requirements tools/quantise.txt python -m tools.quantise

docs: .venv/run.stamp ## writes the pages that are made from the code
	@$(BIN)/python -m include.application.administration.configuration_docs >docs/configuration.md.new
	@mv docs/configuration.md.new docs/configuration.md
	@$(BIN)/python docs/pictures.py

pictures: .venv/test.stamp ## takes the pictures of docs/screens anew; needs chromium
	@$(BIN)/python -m tests.browser.pictures

messages: .venv/test.stamp ## adds texts that the code asks for to the catalogues, and says what is missing, unused or different
	@$(BIN)/python -m tools.messages

format: .venv/test.stamp ## formats, and mends what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

accuracy: setup ## reading quality on the shipped samples
	@$(BIN)/python tests/accuracy.py

calibrate: .venv/test.stamp ## fits what the claims about read values are worth, and prints how reliable they are; takes some minutes
	@$(BIN)/python -m tests.families.calibrate

bench: setup ## speed of reading beside ocrmypdf and bare Tesseract, and of the whole pipeline; takes a quarter of an hour
	@$(BIN)/chorus bench reading
	@$(BIN)/chorus bench river

chaos: setup-tests ## many invoices while everything fails, and the counts of what became of them; takes an hour: CHAOS="--invoices 500 --minutes 6"
	@$(BIN)/python -m tests.e2e.chaos.run $(CHAOS)

env: ## writes .env for docker-compose.yaml: .env.example, each empty value a fresh secret without special characters
	@[ ! -e .env ] || { echo ".env is there already and stays as it is."; exit 0; }; \
	umask 077; \
	while IFS= read -r line; do \
	  [[ "$$line" =~ ^[A-Z_]+=$$ ]] && line+=$$(head -c 32 /dev/urandom | base64 | tr '+/' 'ab'); \
	  echo "$$line"; \
	done <.env.example >.env

lock: $(BIN)/uv ## compiles requirements*.in into the locks with hashes
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-kubernetes.in -o requirements-kubernetes.txt

# $(1): packages. Asks apt only for what is not there, so that a second call needs neither root nor network.
define install_packages
	@missing=(); \
	for package in $(1); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || missing+=($$package); \
	done; \
	[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import ensurepip' 2>/dev/null || missing+=(python3 python3-venv); \
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "Not a Debian machine: please install what Debian calls $${missing[*]}." >&2; exit 0; \
	fi; \
	sudo=(); \
	if [ "$$(id -u)" -ne 0 ]; then \
	  command -v sudo >/dev/null || { echo "Missing: $${missing[*]}. Install them as root, then repeat." >&2; exit 1; }; \
	  sudo=(sudo); \
	fi; \
	echo "Installing $${missing[*]}"; \
	"$${sudo[@]}" apt-get -qq update </dev/null; \
	"$${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$${missing[@]}" </dev/null >/dev/null
endef

programs:
	$(call install_packages,$(RUN_PACKAGES))

test-programs:
	$(call install_packages,$(RUN_PACKAGES) $(TEST_PACKAGES))

$(BIN)/uv: | programs
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed; this machine has $$(python3 -V 2>&1)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(UV)'

# $(1): locks. uv takes seconds; where only pip knows the way to the packages (a mirror in pip.conf), pip does it.
define install_locked
	@echo "Installing the packages of $(1)"
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes $(1) \
	  || $(BIN)/python -m pip install --quiet --require-hashes $(addprefix -r ,$(1))
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
	  || $(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@
endef

.venv/run.stamp: requirements.txt pyproject.toml | $(BIN)/uv
	$(call install_locked,requirements.txt)

.venv/test.stamp: requirements.txt requirements-dev.txt pyproject.toml | $(BIN)/uv
	$(call install_locked,requirements.txt requirements-dev.txt)
	@touch .venv/run.stamp
