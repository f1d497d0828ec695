# Everything that people and CI run. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
IN := .venv/bin/
STAMP := .venv/.setup
CLUSTER := PYTHONPATH=tests $(IN)python -m cluster
NODES := node-images/sdk:node-images/core:node-images/code
CHECKS := PYTHONPATH=.ci:tests $(IN)python -m checks
COMPILE := $(IN)uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
  --no-emit-package headgate-lang --no-emit-package headgate-node

##@ Start here

.PHONY: help
help: ## List what there is
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup cluster images ## Install Headgate on a real cluster, run a workflow, and let somebody approve
	@PYTHONPATH=tests $(IN)python -m demo

.PHONY: demo-down
demo-down: setup ## Take away what the demo installed
	@PYTHONPATH=tests $(IN)python -m demo remove

.PHONY: setup
setup: $(STAMP) ## Make .venv with all that development needs; nothing if it is current

$(STAMP): locks/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than Python 3.11: name a newer one with make setup PYTHON=…"; exit 1; }
	@test -x $(IN)python || $(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "install Python's venv (Debian: apt-get install python3-venv)"; exit 1; }
	@test -x $(IN)uv || sed -n '/^uv==/,/^ *# via/p' locks/dev.txt \
	  | $(IN)python -m pip install --quiet --require-hashes --no-deps --requirement /dev/stdin
	$(IN)uv pip sync --quiet --require-hashes locks/dev.txt
	$(IN)uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

##@ While you work

.PHONY: fmt
fmt: setup ## Format Python and Go, and mend what can be mended
	$(IN)ruff check --fix-only --quiet
	$(IN)ruff format --quiet
	git ls-files --cached --others --exclude-standard '*.go' | xargs --no-run-if-empty gofmt -w

.PHONY: lint
lint: setup ## Style, types and layers
	@$(CHECKS) style types layers

.PHONY: generate
generate: setup ## Write crds/ from the models in operator/headgate/api/, node types from node files, and their docs
	$(IN)python -m headgate.api.generate --out crds --reference operator/docs/reference
	PYTHONPATH=$(NODES) $(IN)python -m headgate_node.generating --types charts/headgate/files/nodetypes.yaml \
	  --types operator/headgate/catalogue/nodes.yaml --page operator/docs/nodes.md \
	  headgate_core=headgate/core headgate_code=headgate/code

.PHONY: lock
lock: setup ## Write locks/ from pyproject.toml; a version that still fits stays
	$(COMPILE) pyproject.toml node-images/{core,code}/pyproject.toml --group dev --output-file locks/dev.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --output-file locks/operator.txt
	$(COMPILE) operator/headgate_lang/pyproject.toml --constraint locks/dev.txt --output-file locks/lang.txt
	$(COMPILE) node-images/core/pyproject.toml --constraint locks/dev.txt --output-file locks/core.txt
	$(COMPILE) node-images/code/pyproject.toml --constraint locks/dev.txt --output-file locks/code.txt

##@ Before you commit

.PHONY: test
test: setup verify cluster demo-down images ## The whole gate: what CI runs
	$(IN)pytest --smoke

.PHONY: verify
verify: setup ## Lint, generated files, locks, licences, secrets, hygiene: without a cluster
	@$(CHECKS)

.PHONY: test-unit test-golden test-integration test-e2e test-chaos
test-unit: setup ## Pure tests, in seconds
	$(IN)pytest tests/unit
test-golden: setup ## Workflow in, Argo manifest out
	$(IN)pytest tests/golden
test-integration: setup cluster images ## Against a real API server
	$(IN)pytest tests/integration
test-e2e: setup cluster images ## On the whole cluster
	$(IN)pytest tests/e2e
test-chaos: setup cluster images ## While things are killed
	$(IN)pytest tests/chaos

##@ Numbers

.PHONY: bench
bench: setup cluster images ## Measure, and record the figures: 45 minutes, or B=tests/bench/test_votes.py
	$(IN)pytest -s $(or $(B),tests/bench)

.PHONY: figures
figures: setup ## Print what was measured beside its goal
	@PYTHONPATH=tests $(IN)python -m support.figures

##@ The cluster (needs root; on this machine, from packages alone)

.PHONY: cluster cluster-down cluster-status cluster-logs
cluster: setup ## Bring it up, or mend it; HEADGATE_CONTEXT names an existing one instead
	$(CLUSTER) up
cluster-down: setup ## Take it away and leave nothing behind
	$(CLUSTER) down
cluster-status: setup ## How each component is doing
	@$(CLUSTER) status
cluster-logs: setup ## What a component wrote: make cluster-logs C=kubelet
	@$(CLUSTER) logs $(C)

.PHONY: images
images: setup ## Build the container images of which something changed
	PYTHONPATH=tests $(IN)python -m cluster.images build

##@ And

.PHONY: clean
clean: ## Remove what can be made again: .venv, caches, builds (not the cluster)
	rm -rf .venv .figures .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
