# make study   make the environment and run the embedded study: no download of data, no GPU, 2 cores
# make check   make the environment and run the fast checks: lint, types and the tests without training
# make test    make the environment and run all checks and tests
PYTHON ?= python3
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
READY = .venv/ready
# Of repro, push, pull and status: `make push STUDY=full`. The embedded study's pipeline is the project's, others have their own,
# or none. `make pull` needs the lock that `make push` wrote, committed: dvc.lock, or results/<study>/dvc.lock.
STUDY ?= study
PIPELINE = $(if $(filter study,$(STUDY)),dvc.yaml,results/$(STUDY)/dvc.yaml)
LOCK = $(PIPELINE:.yaml=.lock)
NO_PIPELINE = config/$(STUDY).yaml has no pipeline of DVC yet: run `insm job pipeline config/$(STUDY).yaml $(PIPELINE)`

# Pages with tables and sentences written from committed result files.
GENERATED = README.md $(addprefix docs/,benchmarks.md dvc.md faults.md protocol.md quick-start.md reproducibility.md results.md speed.md tutorial.md \
  user-study.md) docs/methods/*.md

# Tests that train nothing, start no workflow and execute no notebook.
FAST = tests/config tests/data tests/docs tests/losses tests/packaging tests/reporting tests/support tests/test_rooms.py --ignore tests/reporting/test_notebooks.py

.PHONY: study check test browser-test benchmark vote-load first-edit slurm-test container-test faults lint format docs docs-site tutorial repro pipeline record-evidence record-trials status push pull agreement remote verify rebuild s3-test emulation-test models timings clean showcase

study: $(READY)
	@snakemake

check: $(READY) lint
	python -m pytest -m "not slow" $(FAST)

test: $(READY) lint
	python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

browser-test: $(READY) # drive the vote and the gallery with Debian's Chromium; test what needs an extra
	@command -v chromium > /dev/null || { echo "error: no chromium: apt-get install chromium"; exit 1; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[workflow,dev,browser,align,dvclive]"
	python -m pytest -m browser tests/browser
	python -m pytest tests/editing/test_faces.py tests/training/test_curves.py

benchmark: $(READY) # measure docs/benchmarks.md here, half an hour; PEERS="stargan=PATH": beside research code of which you have a checkout
	python benchmarks/methods.py --peer $(PEERS)
	OMP_NUM_THREADS=1 python benchmarks/frechet.py
	for name in preparing starting estimating; do python benchmarks/$$name.py || exit 1; done
	python benchmarks/tables.py
	cog -r docs/benchmarks.md

vote-load: $(READY) # 50 raters at once for a minute, over the loopback
	PYTHONPATH=. python benchmarks/voting-load.py

first-edit: $(READY) # seconds from a clone to the first edited face, everything fetched anew
	PYTHONPATH=. python benchmarks/first_edit.py

lint: $(READY)
	ruff check
	ruff format --check
	snakefmt --check Snakefile workflow/rules/*.smk
	lint-imports --no-logo
	mypy
	codespell
	nbstripout --verify --keep-id notebooks/*.ipynb
	cog --check --diff $(GENERATED)

format: $(READY)
	ruff check --fix
	ruff format
	snakefmt Snakefile workflow/rules/*.smk
	nbstripout --keep-id notebooks/*.ipynb

tutorial: # run the commands of docs/tutorial.md in a fresh clone; STUDY=smoke: of the study in miniature; OUTPUT=FILE: write their times
	PYTHONPATH=. $(PYTHON) benchmarks/tutorial.py $(if $(OUTPUT),--output $(OUTPUT))

docs-site: $(READY) # the documentation as a site, site/index.html; a broken link fails
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[workflow,dev,docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@! grep -rlE '<(script|img|iframe|link rel="?stylesheet)[^>]* (src|href)="?https?:|class="?mermaid' site --include=*.html \
	|| { echo "error: these pages load something from elsewhere"; exit 1; }

docs: $(READY) # write the tables of README and docs from the committed result files
	python benchmarks/tables.py
	cog -r $(GENERATED)

repro: $(READY) pipeline # what `make study` does, started by DVC
	dvc repro $(PIPELINE)

record-trials: $(READY) # put outcomes of finished trials of settings into git; write which are taken to docs/trials/tuning.csv
	insm job keep results/trials
	snakemake --quiet all --config study=config/trials.yaml runs=finished
	insm job tuning results/trials/tables/metrics.csv docs/paper/protocol.yaml docs/trials/tuning.csv docs/figures/measured/trials.png

record-evidence: $(READY) # put outcomes of finished runs of the evidence study into git; such runs are done, on any machine
	insm job keep results/evidence
	cog -r docs/results.md # tells how many there are
	git add docs/results.md $$(ls -d results/evidence/outcomes results/evidence/models results/evidence/provenance 2> /dev/null)
	@git diff --cached --quiet -- results/evidence \
	|| git commit --quiet --message "Record outcomes of the evidence study" -- results/evidence docs/results.md

status: $(READY) # what either engine would do; nothing is run
	@echo "Snakemake, config/$(STUDY).yaml:"
	@snakemake --dry-run --quiet rules --config study=config/$(STUDY).yaml 2>&1 | sed -n '/^Job stats/,/^total/p;/^error/p;/Nothing to be done/p;/not what their jobs made/p' | awk '!seen[$$0]++'
	@[ -f $(PIPELINE) ] || echo 'DVC: $(NO_PIPELINE)'
	@[ ! -f $(PIPELINE) ] || { echo "DVC, $(PIPELINE):" && dvc status $(PIPELINE); }
	@for pipeline in results/*/dvc.yaml; do \
	  [ $$pipeline = $(PIPELINE) ] || [ ! -d $$(dirname $$pipeline)/runs ] || { echo "DVC, $$pipeline:" && dvc status $$pipeline; }; done
	@for pipeline in results/*/dvc.yaml; do \
	  [ -d $$(dirname $$pipeline)/runs ] || absent="$$absent $$(basename $$(dirname $$pipeline))"; done; \
	  [ -z "$$absent" ] || echo "Neither run nor pulled here:$$absent (make pull STUDY=... brings one whose dvc.lock is in git)"

push: $(READY) remote pipeline # record the finished study in its dvc.lock and send its files to the DVC remote
	@snakemake --dry-run --config study=config/$(STUDY).yaml 2>&1 | grep -q "Nothing to be done" \
	|| { echo "error: not complete, not up to date, or not what its jobs made: see make status"; exit 1; }
	dvc commit --force $(PIPELINE)
	dvc push $(PIPELINE)

pull: $(READY) remote pipeline # fetch the files that dvc.lock names and tell Snakemake that they are up to date
	@[ -f $(LOCK) ] || { echo "error: there is no $(LOCK): who has the study runs make push STUDY=$(STUDY) and commits it"; exit 1; }
	dvc pull $(PIPELINE)
	@dvc status $(PIPELINE) | grep -q "up to date" \
	|| { echo "error: sources differ from what $(LOCK) records: see dvc status $(PIPELINE), then run make study"; exit 1; }
	snakemake --touch --forceall --quiet all --config study=config/$(STUDY).yaml

agreement: $(READY) # do everything to a small study that could set Snakemake and DVC at odds, and write the table: hours
	python -m tests.workflow.agreement

pipeline:
	@[ -f $(PIPELINE) ] || { echo 'error: $(NO_PIPELINE)'; exit 1; }

remote: $(READY)
	@! dvc remote default | grep -q none-published || { echo "error: the files of the results are published nowhere: name \
	a remote of your own (docs/dvc.md), or make them with make study"; exit 1; }

verify: $(READY) # compare the files of every study here with the records of how they were made
	@for study in $$(ls -d results/*/provenance 2> /dev/null); do insm verify $$(dirname $$study) || exit 1; done

showcase: $(READY) # copy the executed notebooks and the figures of every study here into docs
	@for study in $$(ls -d results/*/notebooks 2> /dev/null); do insm showcase $$(dirname $$study) || exit 1; done

rebuild: $(READY) # make the smoke study again in a temporary clone and compare every file with the records in git
	insm verify results/smoke --rebuild

CPUS ?= Haswell
emulation-test: $(READY) # a short training gives the same bytes on other processors, emulated: needs qemu-user-static, minutes
	@command -v qemu-x86_64-static > /dev/null || { echo "error: no emulator: apt-get install qemu-user-static"; exit 1; }
	@for cpu in $(CPUS); do \
	  echo "$$cpu"; PYTHONPATH=src:$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") \
	  qemu-x86_64-static -cpu $$cpu "$$(readlink -f $(BIN)/python)" benchmarks/short_training.py --compare || exit 1; \
	done

s3-test: $(READY) # push to and pull from an S3 server of this machine
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[workflow,dev,s3,s3-test]"
	python -m pytest tests/workflow/test_remotes.py

slurm-test: $(READY) # run a small study and two faults on a one-machine SLURM: needs root on a Debian, ten minutes
	SLURM_TEST=1 python -m pytest tests/slurm

container-test: $(READY) # run what makes the container image in a clean Debian: needs root on a Debian, five minutes
	bash tests/slurm/container.sh

faults: $(READY) # do all faults of the suite to trainings on it, recorded in benchmarks/faults.csv: an hour
	python -m tests.slurm.suite

# The models of the package: runs of the embedded study (task/variant/row of the example), each with a small classifier.
SHIPPED = portraits/init-c/11 vistas/init-seasons/0 footwear/init-paired/8
CLASSIFIER = {"objective": "attributes", "widths": [8, 16, 32], "features": 32, "updates": 1200, "batch": 64, "lr": 0.003}
models: $(READY) # export them again from the finished study
	@for run in $(SHIPPED); do \
	  task=$${run%%/*}; row=$${run##*/}; small=$$(mktemp -d)/classifier.pt; \
	  insm job embedding '$(CLASSIFIER)' $$task cpu data/study/$$task/train.npy $$small && \
	  insm model export results/study/runs/$${run%/*}/seed0 models/$$task --classifier $$small --half --example $$row || exit 1; \
	done

timings: $(READY) # per-rule times of the study that ran last
	insm timings results/study/benchmarks

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[workflow,dev]"
	touch $(READY)

clean: # everything that the study can make again
	rm -rf .venv .snakemake site data/study
	cd results/study && rm -rf pretrained runs translations metrics notebooks figures report config logs benchmarks tensorboard state attempts
