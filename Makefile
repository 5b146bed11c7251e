# make study   make the environment and run the embedded study: no download of data, no GPU, 2 cores
# make test    make the environment and run all tests and checks
PYTHON ?= python3
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
READY = .venv/ready

.PHONY: study test lint format repro push pull timings clean

study: $(READY)
	$(BIN)/snakemake

test: $(READY) lint
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow/rules/*.smk
	$(BIN)/lint-imports --no-logo

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow/rules/*.smk

repro: $(READY) # what `make study` does, through DVC, which records it in dvc.lock
	$(BIN)/dvc repro

push: $(READY) # record the finished study in dvc.lock and send its files to the DVC remote
	$(BIN)/dvc commit --force
	$(BIN)/dvc push

pull: $(READY) # fetch the files that dvc.lock names and tell Snakemake that they are up to date
	$(BIN)/dvc pull
	$(BIN)/dvc status | grep -q "up to date"
	$(BIN)/snakemake --touch --forceall --quiet all

timings: $(READY) # per-rule times of the study that ran last
	$(BIN)/insm timings results/study/benchmarks

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[workflow,dev]"
	touch $(READY)

clean: # everything that the study can make again
	rm -rf .venv .snakemake data/study results/study/[!t]*
