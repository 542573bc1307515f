# make run      opens the console on the sample desk; ARGS=--fresh starts it over
# make test     runs the whole suite; ARGS="-k sanitiser" and the like go to pytest
# make lint     format, lint rules, types, import contracts, translations, printed docs
# make bench    how fast; make soak: for how long (what is too slow for the suite)
# make messages brings the catalogues in step with the sources; make docs: the printed tables
# make pictures takes those in docs/pictures again
# make wheel    builds what a server installs into dist/, with the lock beside it: see docs/OPERATIONS.md
# make lock     resolves the dependencies anew; make clean: removes what the above have made
#
# WORKERS is how many tests run at a time: many of them wait for something, so two a core is right.
# PYTHON names the interpreter (3.11 or newer) where the right one isn't found.

ARGS    ?=
PYTHON  ?=
WORKERS ?= 4

export PYTHON

run:
	@tools/venv.sh
	@.venv/bin/bandeja demo $(ARGS)

dev:
	@tools/venv.sh -dev

test: dev
	@.venv/bin/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

lint: dev
	@tools/lint.sh

bench: dev
	@.venv/bin/pytest -m bench -s $(ARGS)

soak: dev
	@.venv/bin/pytest -m soak -s --timeout 0 $(ARGS)

messages: dev
	@.venv/bin/python tools/translations.py update

docs: dev
	@.venv/bin/python tools/print_docs.py

pictures: dev
	@.venv/bin/python tools/pictures.py

wheel:
	@tools/venv.sh
	@.venv/bin/hatchling build -t wheel
	@cp requirements.lock dist/

LOCK = uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --group build pyproject.toml

lock:
	@uv --version >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv" >&2; exit 1; }
	$(LOCK) $(ARGS) -o requirements.lock
	$(LOCK) $(ARGS) --extra dev -o requirements-dev.lock

clean:
	rm -rf .venv dist build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find agent_tui hub tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: run dev test lint bench soak messages docs pictures wheel lock clean
