# The commands of this repository; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench docs docs-serve lint format screenshots vendor pins

# Settings of somebody's shell, or of git where a hook calls `make`, that would lead Python, `cd` or git
# elsewhere.
unexport CDPATH GIT_DIR GIT_INDEX_FILE GIT_PREFIX GIT_WORK_TREE $(filter PYTHON%,$(.VARIABLES))

python := .venv/bin/python
ready := .venv/.ready
# One more than there are processors: tests wait for services much of the time.
workers = $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
pytest = $(python) -m pytest --numprocesses $(workers) --dist loadgroup --reruns 2 --rerun-show-tracebacks

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(ready) ## generate a workshop, run it, and show one trace
	@$(python) -m dev.demo

test: $(ready) lint docs ## run the test suite
	@$(pytest) -m "not thorough"

test-all: $(ready) lint docs ## run it with more of each kind, which takes half as long again
	@$(pytest)

bench: $(ready) ## measure how fast a session is made, and the console in a browser
	@$(python) -m dev.benchmarks.session
	@PYTHONPATH=template $(python) -m dev.benchmarks.console

docs: $(ready) ## build the site into build/site; a broken link is an error
	@PYTHONPATH=template $(python) -m dev.docs

docs-serve: $(ready) ## show the site on this machine, and make it anew when a page is saved
	@PYTHONPATH=template $(python) -m dev.docs serve

lint: $(ready) ## check style, types, prose and links, without changing anything
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@cd template && ../.venv/bin/ruff check . && ../.venv/bin/ruff format --check .
	@.venv/bin/mypy extensions src/matchmaker dev template/workshop
	@dev/javascript.sh check
	@.venv/bin/hadolint --failure-threshold warning template/Dockerfile template/.devcontainer/Dockerfile
	@$(python) -m dev.check_compose
	@.venv/bin/typos
	@PYTHONPATH=template $(python) -m dev.prose
	@said=$$(.venv/bin/lychee --offline --include-fragments --no-progress --extensions md \
		--exclude 'cost\.svg$$' *.md build/trainees) || { echo "$$said"; exit 1; }

format: $(ready) ## put the code into its form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@cd template && ../.venv/bin/ruff check --fix . && ../.venv/bin/ruff format .
	@dev/javascript.sh format

screenshots: $(ready) ## take pictures of the console, for the README and to look at
	@$(python) -m dev.screenshots

pins: $(ready) ## pin all packages anew, to releases that are two weeks old
	@$(python) -m dev.pins

vendor: $(ready) ## fetch the browser libraries that console and docs serve (needs npm)
	@$(python) -m dev.vendor

# What this repository needs, and what a generated one does: the tests run both.
$(ready): pyproject.toml template/pyproject.toml dev/setup.sh
	@dev/setup.sh
