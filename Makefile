# The commands of this repository; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench bench-hub claims docs docs-serve lint format screenshots vendor pins pin

# A shell can set these, and so can git when a hook calls `make`. They would send Python, `cd`, or git to
# other places.
unexport CDPATH GIT_DIR GIT_INDEX_FILE GIT_PREFIX GIT_WORK_TREE $(filter PYTHON%,$(.VARIABLES))

python := .venv/bin/python
ready := .venv/.ready
# One more than there are processors, because tests often wait for services.
workers = $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
pytest = $(python) -m pytest --numprocesses $(workers) --dist loadgroup --rerun-show-tracebacks

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(ready) ## generate a workshop, run it, and show one trace
	@$(python) -m dev.demo

test: $(ready) lint docs ## run `make lint`, `make docs`, and the tests
	@$(pytest) -m "not thorough"

test-all: $(ready) lint docs ## run the same with more tests of each kind, which takes twice as long
	@$(pytest)

bench: $(ready) ## measure sessions, a trainee's commands, the console, and the board
	@$(python) -m dev.benchmarks.session
	@PYTHONPATH=template $(python) -m dev.benchmarks.commands
	@PYTHONPATH=template $(python) -m dev.benchmarks.console
	@PYTHONPATH=template $(python) -m dev.benchmarks.board

bench-hub: $(ready) ## measure a whole session that starts on a JupyterHub here (needs npm, and minutes)
	@PYTHONPATH=template $(python) -m dev.benchmarks.hub

docs: $(ready) ## build the site in build/site, and fail on broken links
	@PYTHONPATH=template $(python) -m dev.docs

docs-serve: $(ready) ## show the site on this machine, and build it again when you save a page
	@PYTHONPATH=template $(python) -m dev.docs serve

claims: $(ready) ## list what we say about Datadog and other products, to confirm it again
	@PYTHONPATH=template $(python) -m dev.claims

lint: $(ready) ## check style, types, prose, and links, without changing anything
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@cd template && ../.venv/bin/ruff check . && ../.venv/bin/ruff format --check .
	@.venv/bin/mypy extensions src/matchmaker dev template/workshop tests
	@said=$$(PYTHONPATH=template .venv/bin/lint-imports --no-cache) || { echo "$$said"; exit 1; }
	@dev/javascript.sh check
	@.venv/bin/hadolint --failure-threshold warning template/Dockerfile template/.devcontainer/Dockerfile \
		src/matchmaker/host/image/Dockerfile
	@$(python) -m dev.check_compose
	@$(python) -m dev.check_types
	@$(python) -m dev.check_shell
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@.venv/bin/typos
	@PYTHONPATH=template $(python) -m dev.prose
	@said=$$(.venv/bin/lychee --offline --include-fragments --no-progress --extensions md \
		--exclude '(cost|pairing)\.svg$$' *.md build/trainees) || { echo "$$said"; exit 1; }

format: $(ready) ## format the code
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@cd template && ../.venv/bin/ruff check --fix . && ../.venv/bin/ruff format .
	@dev/javascript.sh format

screenshots: $(ready) ## take pictures of the console, for the README and for you to check
	@$(python) -m dev.screenshots

pins: $(ready) ## pin all packages again, to releases that are at least two weeks old
	@$(python) -m dev.pins
	@$(python) -m dev.image_pins

pin: $(ready) ## pin the newest release of one package, such as PACKAGE=copier, at once
	@$(if $(PACKAGE),,$(error Name the package: make pin PACKAGE=copier))
	@$(python) -m dev.pins $(PACKAGE)

vendor: $(ready) ## download the browser libraries of the console and the docs (needs npm)
	@$(python) -m dev.vendor

# Installs what this repository needs and what a generated one needs, because the tests run both.
$(ready): pyproject.toml template/pyproject.toml dev/setup.sh
	@dev/setup.sh
