# Every command of a developer. `make help` lists them.

PYTHON  ?=
PORT    ?= 8000
FEED    ?=
KEEP    ?=
STAGE   ?= prod
BUCKET  ?=
SET     ?=
CONFIRM ?=
WATCH   ?=
SEEDS   ?= 1..100
TESTS   ?= tests
CASES   ?= 10000
CHROMIUM ?=
DAY     ?=

BIN       := .venv/bin
STAGES    := local sandbox prod
# What `make check` runs, without the tests marked `deployed` or `slow`.
QUICK     := tests/test_architecture.py tests/domain tests/web tests/pages tests/text tests/journeys
# What `make another-day` runs: nothing with sockets, whose time-outs faketime would change.
DATED     := $(addprefix tests/,cli domain feeds journeys pages security text time web)
LOCK      := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
             --custom-compile-command "make lock" --upgrade

.DEFAULT_GOAL := help
.PHONY: help run check test browser demo lint style types templates audit advisories contract journeys fuzz another-day simulate bench package deploy adopt destroy lock environments clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: environments ## run the whole service on this machine until Ctrl-C: PORT=8000, FEED=dir, KEEP=dir
	@exec $(BIN)/python -m tools.embedded --port "$(PORT)" --feed "$(FEED)" --keep "$(KEEP)"

check: environments ## format, types and the quick tests, in a minute
	@$(MAKE) --no-print-directory -j2 style types
	$(BIN)/python -m pytest -q -n 2 -m "not deployed and not slow" $(QUICK)

test: lint ## everything that is checked before a change goes in; TESTS=path for a part
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(TESTS)  # one waits for the emulator, two keep two cores busy

lint: environments ## format, types, and the templates of all stages with cfn-lint and checkov
	@$(MAKE) --no-print-directory -j2 templates audit types style

style: environments
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .

types: environments
	$(BIN)/mypy

# As the Python that runs here packages them: what is deployed (`make deploy`) is checked again.
templates: environments
	@made=$$(for stage in $(STAGES); do $(BIN)/python -m tools.packaging.package --quiet --target host --stage $$stage || exit; done) && \
	$(BIN)/cfn-lint --non-zero-exit-code error $$made infra/account/*.yaml

audit: environments ## the templates with checkov; exceptions and their reasons are in tools/packaging/template_audit.py
	@$(BIN)/python tools/environments.py .audit
	$(BIN)/python -m tools.packaging.template_audit

# Without --strict, a package that the service of advisories does not answer for would pass.
advisories: environments ## the locked versions against published advisories; needs the internet
	@$(BIN)/python tools/environments.py .advisories
	.advisories/bin/pip-audit --strict --disable-pip --progress-spinner off $(patsubst %,-r %,requirements.txt $(wildcard requirements/*.txt))

contract: environments ## the OpenAPI document against the service: CASES=10000
	@$(BIN)/python -m tests.contract.published_document --cases "$(CASES)"

journeys: environments ## every journey on the emulator, too; `make test` runs a part there
	EVERY_JOURNEY=1 $(BIN)/python -m pytest -n 2 --dist loadgroup -m deployed tests/journeys

fuzz: environments ## the tests with generated inputs, on new ones in each run; one that fails can be run again
	$(BIN)/python -m pytest -q --hypothesis-profile random -m "not deployed" $$(grep -rl "from hypothesis" tests --include "test_*.py")

another-day: environments ## the tests on another day, one of the next 400 by chance; needs faketime: DAY="2028-02-29 09:00"
	@day="$(DAY)"; day="$${day:-$$(date -d "$$(shuf -i 1-9600 -n 1) hours" "+%F %T")}"; echo "$$day"; \
	faketime "$$day" $(BIN)/python -m pytest -q -n 2 -m "not deployed and not slow" $(DATED)

simulate: environments ## random histories with faults; a seed that fails can be run again: SEEDS=1..100
	@$(BIN)/python -m tests.simulation "$(SEEDS)"

bench: environments build/peers/made ## every figure of speed and cost, next to what it is compared with; half an hour
	@$(BIN)/python -m bench

build/peers/made: requirements/bench.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target build/peers -r requirements/bench.txt
	@touch $@

browser: environments build/browser/made ## the pages in Chromium: access, effort, demonstration, screenshots; CHROMIUM=path
	CHROMIUM="$(CHROMIUM)" PYTHONPATH=build/browser $(BIN)/python -m pytest -q tests/browser

demo: environments build/browser/made ## watch a claim in Chromium, from filing to figures, in a minute; CHROMIUM=path
	@CHROMIUM="$(CHROMIUM)" PYTHONPATH=build/browser $(BIN)/python -m tests.browser.demonstration

build/browser/made: requirements/browser.txt
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --upgrade --target build/browser -r requirements/browser.txt
	@touch $@

package: environments ## make the zip and the template of a stage, in build/STAGE: STAGE=prod
	@$(BIN)/python -m tools.packaging.package --stage "$(STAGE)"

deploy: environments ## deploy a stage to AWS, showing what changes first: STAGE=prod BUCKET=artefacts SET="PublicBaseUrl=https://… …"
	@$(BIN)/python -m tools.packaging.package --quiet --stage "$(STAGE)"
	@$(BIN)/cfn-lint --non-zero-exit-code error "build/$(STAGE)/template.json"
	@exec $(BIN)/python -m tools.deployment.deploy --stage "$(STAGE)" --bucket "$(BUCKET)" --confirm "$(CONFIRM)" $(if $(WATCH),--watch "$(WATCH)") $(SET)

adopt: environments ## create a stage around the data of a deleted one: STAGE=prod BUCKET=artefacts SET="Table=… EvidenceBucket=… …"
	@$(BIN)/python -m tools.packaging.package --quiet --stage "$(STAGE)"
	@exec $(BIN)/python -m tools.deployment.adopt --stage "$(STAGE)" --bucket "$(BUCKET)" $(SET)

destroy: environments ## delete a stage from AWS, except its data: STAGE=sandbox CONFIRM=sandbox
	@exec $(BIN)/python -m tools.deployment.destroy --stage "$(STAGE)" --confirm "$(CONFIRM)"

lock: environments ## update requirements.txt and requirements/ to the newest versions that pyproject.toml allows
	$(LOCK) --group lambda -o requirements.txt
	$(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements/dev.txt
	$(LOCK) pyproject.toml --group package -c requirements/dev.txt -o requirements/package.txt
	$(LOCK) --group ministack -o requirements/ministack.txt
	$(LOCK) --group audit -o requirements/audit.txt
	$(LOCK) --group advisories -o requirements/advisories.txt
	$(LOCK) --group clients -o requirements/clients.txt
	$(LOCK) --group bench -c requirements/dev.txt -o requirements/bench.txt
	$(LOCK) --group browser -c requirements/dev.txt -o requirements/browser.txt

environments: ## create .venv and .ministack, with any Python from 3.11 to 3.15: PYTHON=path
	@python=$$(tools/find-python $(PYTHON)) && "$$python" tools/environments.py

clean: ## delete build results and caches, not the environments
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis
