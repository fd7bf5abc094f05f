# The two commands: `make run` serves the bundled dataset, `make test` runs every test.
# Both set up what they need; neither needs anything but Python 3.11+ and make.
PYTHON ?= python3
# The locks are complete, so nothing is resolved; modules are compiled when they are first used.
PIP_INSTALL = .venv/bin/python -m pip install --quiet --disable-pip-version-check \
	--require-hashes --no-deps --no-compile

.PHONY: run test check docs bench lock

run: .venv/run-ok
	@.venv/bin/python -m service run

# The tests start the service often. What was compiled is kept, also for who wants nothing of it
# beside the sources.
COMPILED = PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/.venv/compiled

# One more than there are processors: tests wait for servers now and then.
TESTERS = $$(.venv/bin/python -c 'import os; print(os.cpu_count() + 1)')

test: .venv/test-ok
	@$(COMPILED) .venv/bin/python -m pytest --numprocesses $(TESTERS) --dist worksteal

check: .venv/test-ok
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# The tables in docs/ that are made from the code; a test fails where they lag.
docs: .venv/test-ok
	@.venv/bin/python -m tests.docs.generated
	@.venv/bin/python -m tests.api.answers

# The measurements of docs/performance.md, which names the programs that they need. The datasets
# stay in var/benchmarks.
# `make bench BENCH="--records 10000 --parts pages"` measures a part.
bench: .venv/test-ok
	@.venv/bin/python -m tests.benchmarks $(BENCH)

lock: .venv/uv-ok
	.venv/uv/bin/uv pip compile pyproject.toml $(COMPILE) -o requirements.lock
	.venv/uv/bin/uv pip compile pyproject.toml --group test $(COMPILE) -o requirements-test.lock

# --no-emit-index-url and --no-header: the locks name packages and hashes, never a host.
COMPILE = --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --upgrade

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Recension needs Python 3.11 or newer; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing (Debian: install python3-venv)" >&2; exit 1; }

.venv/run-ok: requirements.lock | .venv/bin/python
	@$(PIP_INSTALL) -r requirements.lock && touch $@

.venv/test-ok: requirements-test.lock | .venv/bin/python
	@$(PIP_INSTALL) -r requirements-test.lock && touch $@

.venv/uv-ok: | .venv/bin/python
	@$(PYTHON) -m venv .venv/uv && .venv/uv/bin/python -m pip install --quiet uv && touch $@
