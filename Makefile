# Terbit by make: every target sets up what it needs first, then calls .venv/bin/terbit.
# `make help` prints the lines behind the double hashes.

DOC =          ## publications to work on, by name (default: all in source/)
EDITION =      ## editions, separated by commas, or all (default: the default edition)
OUT =          ## folder to publish into (default: build)
JOBS =         ## how many processes to use (default: one for each processor)
SLOW =         ## 1: `make test` also runs the slow tests

terbit = .venv/bin/terbit
options = $(if $(EDITION),--edition $(EDITION)) $(if $(OUT),--out "$(OUT)") $(if $(JOBS),--jobs $(JOBS))
setup_files = pyproject.toml requirements.lock scripts/setup.sh

# uv writes no address of an index into a lock, and pip takes whichever the machine uses.
compile = .venv/bin/uv pip compile pyproject.toml --quiet --upgrade --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --extra check --group make

.PHONY: all html pdf epub check test lint dist lock clean distclean help
.DELETE_ON_ERROR:
# The targets share .venv and build/, and terbit has processes of its own.
.NOTPARALLEL:

all: .venv/stamp-build ## set up what is missing and publish every format
	@$(terbit) build $(options) $(DOC)

html: .venv/stamp-build ## publish the site and the self-contained HTML file
	@$(terbit) build --to html,single $(options) $(DOC)

pdf: .venv/stamp-build ## publish the PDF
	@$(terbit) build --to pdf $(options) $(DOC)

epub: .venv/stamp-build ## publish the EPUB
	@$(terbit) build --to epub $(options) $(DOC)

check: .venv/stamp-build ## publish, then run every validator that is at hand
	@$(terbit) check $(options) $(DOC)

test: lint ## lint, then run the tests (SLOW=1: the slow ones too)
	.venv/bin/pytest --numprocesses auto $(if $(SLOW),-m '')

lint: .venv/stamp-test ## check style, types and the arrows between the rooms
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

dist: .venv/stamp-build ## make the wheel and the source package in dist/, the same bytes each time
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 1580601600)} \
		.venv/bin/python -m build --no-isolation --outdir dist

lock: .venv/stamp-test ## take the newest versions that pyproject.toml allows into the locks
	@$(compile) --output-file requirements.lock
	@$(compile) --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove what was published, of DOC alone if it is given
	@if [ -x $(terbit) ]; then $(terbit) clean $(DOC); \
	else echo 'Terbit is not set up here; make distclean removes all that was ever made'; fi

distclean: ## remove all that was ever made here, the set-up too
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

help: ## print this
	@echo 'make [TARGET…] [VARIABLE=…]'
	@sed -n 's/^\([a-z]*\):.*## /  \1	/p' Makefile | expand -t 14
	@echo
	@sed -n 's/^\([A-Z]*\) = *## /  \1	/p' Makefile | expand -t 14

.venv/stamp-build: $(setup_files)
	@sh scripts/setup.sh build

.venv/stamp-test: $(setup_files) requirements-dev.lock
	@sh scripts/setup.sh test
