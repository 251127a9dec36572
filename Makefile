# `make run` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check browser format fuzz hostile chaos bench bench-million bench-quality bench-peers tune bundle bundle-test clean

help:
	@echo "make run     build the library from corpus/ if needed, serve http://127.0.0.1:7860"
	@echo "make test    run the test suite"
	@echo "make check   lint, types, tests: what CI runs"
	@echo "make browser what the browser tests need from Debian or Ubuntu: Chromium, fonts, nginx (as root)"
	@echo "make format  format the code"
	@echo "make fuzz    broken files of every kind, two minutes each (FUZZ_SECONDS)"
	@echo "make hostile 10,000 hostile questions to the API and the page (half an hour)"
	@echo "make chaos   kill 200 builds while files change and a server answers (two minutes; CHAOS_KILLS, CHAOS_SEED)"
	@echo "make bench   measure speed"
	@echo "make bench-million  search a million chunks (half an hour, 8 GB of memory)"
	@echo "make bench-quality  run the dev suites, rewrite docs/quality.md"
	@echo "make tune    the tables that chose the parameters of ranking and answers (20 minutes)"
	@echo "make bench-peers  beside txtai on the dev suites, in a venv of its own (.venv-peers)"
	@echo "make bundle  one archive in dist/ that installs without any network (TORCH=1: with PyTorch)"
	@echo "make bundle-test  make it, install it without a network, ask, serve, break it"
	@echo "make clean   remove .venv and the built library"

$(VENV)/run.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "policyqa needs Python 3.11 or later; run: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

run: $(VENV)/run.stamp
	$(BIN)/policyqa index corpus
	exec $(BIN)/policyqa serve

test: $(VENV)/dev.stamp
	$(BIN)/pytest

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

browser:
	@if command -v chromium > /dev/null && command -v nginx > /dev/null && fc-list :lang=ja | grep -q .; then \
		echo "Chromium, Japanese fonts and nginx are there"; \
	else \
		apt-get update && \
		apt-get install --yes --no-install-recommends chromium fontconfig fonts-noto-cjk nginx-light; \
	fi

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: $(VENV)/dev.stamp
	$(BIN)/python tests/fuzz_pdf.py
	$(BIN)/python tests/fuzz_statute.py
	$(BIN)/python tests/fuzz_office.py
	$(BIN)/python tests/fuzz_sheets.py
	$(BIN)/python tests/fuzz_html.py

hostile: $(VENV)/dev.stamp
	$(BIN)/python tests/hostile.py 10000

CHAOS_KILLS ?= 200
CHAOS_SEED ?= 1
# What a killed process leaves is no leak of the harness.
chaos: $(VENV)/dev.stamp
	$(BIN)/python -W ignore:resource_tracker tests/chaos.py --kills $(CHAOS_KILLS) --seed $(CHAOS_SEED)

bench: $(VENV)/dev.stamp
	$(BIN)/policyqa index corpus
	$(BIN)/python benchmarks/search_latency.py
	$(BIN)/python benchmarks/encode_speed.py
	$(BIN)/python benchmarks/ingest_speed.py
	$(BIN)/python benchmarks/search_scale.py
	$(BIN)/python benchmarks/metrics_speed.py
	$(BIN)/python benchmarks/page_speed.py
	$(BIN)/python benchmarks/report_speed.py
	$(BIN)/python benchmarks/pdf_speed.py
	$(BIN)/python benchmarks/statutes.py
	$(BIN)/python benchmarks/reload_memory.py
	$(BIN)/python benchmarks/api_speed.py

bench-million: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/search_scale.py 1000 1000000

tune: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/ranking.py
	$(BIN)/python benchmarks/fitting.py

bench-quality: $(VENV)/dev.stamp
	$(BIN)/python benchmarks/quality.py

.venv-peers/stamp: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	PIP_CONSTRAINT= .venv-peers/bin/pip install --quiet --requirement $<
	touch $@

bench-peers: $(VENV)/dev.stamp .venv-peers/stamp
	$(BIN)/python benchmarks/peers/compare.py

bundle: $(VENV)/run.stamp
	$(BIN)/python scripts/bundle.py $(if $(TORCH),--torch)

bundle-test: bundle
	tests/bundle_check.sh "$$(ls -t dist/policyqa-*.tar.gz | head -n 1)"

clean:
	rm -rf $(VENV) index/generations index/vectors index/CURRENT index/.lock
