# Everything below needs Python 3.11 to 3.13 and make; all else is set up in .venv.
PYTHON ?= python3
DATA ?= ../shared/relevance
BIN := .venv/bin

.PHONY: demo test lint docs check bench relevance torture audit lock clean

demo: .venv/ready  ## Index the sample pages into index/ and search them
	$(BIN)/wenduan index samples --index index
	$(BIN)/wenduan search 夹生饭 --index index -n 2

test: .venv/ready  ## Run the tests, side by side on all cores
	$(BIN)/pytest -n auto --dist loadgroup

lint: .venv/ready  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/ready  ## Write docs/cli.md anew from the command's help
	$(BIN)/python scripts/write_cli_docs.py

check: test lint  ## Run all that a change must pass
	$(BIN)/python scripts/write_cli_docs.py --check

bench: .venv/ready  ## Measure wenduan beside other engines; BENCH=--full for a million paragraphs
	$(BIN)/pip install -q --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python -m compileall -q src/wenduan
	$(BIN)/python -m benchmarks.run $(BENCH)

relevance: .venv/ready  ## Measure ranking on judged questions; DATA=FOLDER, BENCH=--questions 400
	$(BIN)/pip install -q --disable-pip-version-check -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.relevance $(DATA) $(BENCH)

torture: .venv/ready  ## Damage, kill, crowd and fuzz indexes; TORTURE="kills --kills 50" for a part
	$(BIN)/python -m torture $(TORTURE)

audit: .venv/ready  ## Look for known faults of what is locked; needs public advisories
	$(BIN)/python -m venv build/audit
	build/audit/bin/pip install -q --disable-pip-version-check pip-audit
	build/audit/bin/pip-audit --strict --disable-pip --no-deps -r requirements.lock

lock: .venv/ready  ## Pin all dependencies with hashes
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate --extra dev \
		-o requirements.lock pyproject.toml

.venv/packages: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/ready: .venv/packages pyproject.toml $(wildcard src/wenduan/loops*.p*)
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	# As for an installed package, so that a search does not compile us first.
	$(BIN)/python -m compileall -q src/wenduan
	touch $@

clean:  ## Remove what was set up and built
	rm -rf src/wenduan/loops.c src/wenduan/loops.*.so src/wenduan/loops.*.pyd
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
