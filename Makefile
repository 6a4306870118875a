# Everything a developer calls. `make help` says what there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT   ?= 8000
FEED   ?=
KEEP   ?=
STAGE  ?= prod
BUCKET ?=
SET    ?=
CONFIRM ?=
SEEDS  ?= 1..100
TESTS  ?= tests
CASES  ?= 10000

BIN       := .venv/bin
STAGES    := local sandbox prod
TEMPLATES := $(STAGES:%=build/%/template.json)
LOCK      := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
             --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run test lint style types templates audit contract simulate bench package deploy destroy lock environments clean

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: environments ## the whole service on this machine till Ctrl-C: PORT=8000, FEED=dir, KEEP=dir
	@exec $(BIN)/python -m tools.embedded --port "$(PORT)" --feed "$(FEED)" --keep "$(KEEP)"

test: lint ## everything that is checked before a change goes in; TESTS=path for a part
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(TESTS)  # one waits for the emulator, two keep two cores busy

lint: environments ## style, types, and the templates of all stages before cfn-lint and checkov
	@$(MAKE) --no-print-directory -j2 templates audit types style

style: environments
	$(BIN)/ruff check .

types: environments
	$(BIN)/mypy

templates: environments
	$(foreach stage,$(STAGES),$(BIN)/python -m tools.packaging.package --quiet --stage $(stage) &&) true
	$(BIN)/cfn-lint --non-zero-exit-code error $(TEMPLATES) infra/account/*.yaml

audit: environments ## the templates before checkov; what is passed over has its reason in tools/packaging/template_audit.py
	@$(PYTHON) tools/environments.py .audit
	$(BIN)/python -m tools.packaging.template_audit

contract: environments ## the published document against the service, CASES=10000 of them
	@$(BIN)/python -m tests.contract.published_document --cases "$(CASES)"

simulate: environments ## seeded stories with faults; a broken seed replays: SEEDS=1..100
	@$(BIN)/python -m tests.simulation "$(SEEDS)"

bench: environments build/peers/made ## every figure of speed and cost, with what it is measured against; takes half an hour
	@$(BIN)/python -m bench

build/peers/made: requirements-bench.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target build/peers -r requirements-bench.txt
	@touch $@

package: environments ## what is deployed, in build/STAGE: STAGE=prod
	@$(BIN)/python -m tools.packaging.package --stage "$(STAGE)"

deploy: environments ## a stage to AWS (what changes is shown first): STAGE=prod BUCKET=artefacts SET="PublicBaseUrl=https://… …"
	@$(BIN)/python -m tools.packaging.package --quiet --stage "$(STAGE)"
	@$(BIN)/cfn-lint --non-zero-exit-code error "build/$(STAGE)/template.json"
	@exec $(BIN)/python -m tools.deployment.deploy --stage "$(STAGE)" --bucket "$(BUCKET)" --confirm "$(CONFIRM)" $(SET)

destroy: environments ## a stage off AWS, its data excepted: STAGE=sandbox CONFIRM=sandbox
	@exec $(BIN)/python -m tools.deployment.destroy --stage "$(STAGE)" --confirm "$(CONFIRM)"

lock: environments ## new versions into requirements*.txt, within what requirements*.in allow
	$(LOCK) --upgrade requirements.in -o requirements.txt
	$(LOCK) --upgrade requirements-dev.in -o requirements-dev.txt
	$(LOCK) --upgrade requirements-ministack.in -o requirements-ministack.txt
	$(LOCK) --upgrade requirements-bench.in -o requirements-bench.txt
	$(LOCK) --upgrade requirements-audit.in -o requirements-audit.txt

environments: ## .venv and .ministack, made once
	@$(PYTHON) tools/environments.py

clean: ## removes what was built and kept in caches, not the environments
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis
