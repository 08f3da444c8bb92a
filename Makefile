# `make demo` and `make test` need Python 3.10 or later and make, the tests npm and Go too; whatever else they need, they install.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
SYNC := $(UV) sync --quiet --locked --inexact --python $(BIN)/python

.PHONY: coverage demo test test-embedded test-servers test-aio lint typing bench changelog clean

demo: $(VENV)/demo.stamp
	folder=$$(mktemp -d) && $(BIN)/python -m examples.airports memory:// sqlite:///$$folder/airports.db --cache process:// \
	    --blobs memory:// file://$$folder/sheets; \
	code=$$?; rm -r $$folder; exit $$code

# Everything: rules, types, all tests on real servers, and the clients of aioboto3 in an environment of their own.
test: lint typing test-servers test-aio

test-servers: $(VENV)/dev.stamp npm
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# Which lines no test runs. Apart from `test`, which it would make twice as long.
coverage: $(VENV)/dev.stamp npm
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov

# What needs no server, so neither npm nor a free port.
test-embedded: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not server"

# By aioboto3 on ministack, which has transactions, on S3 in parts, and on Parameter Store; and the lean client with orjson, which only this environment has.
test-aio: .venv-aio/dev.stamp
	.venv-aio/bin/python -m pytest -n $(WORKERS) tests/conformance/test_dynamodb.py tests/conformance/test_blobs.py tests/conformance/test_ssm.py tests/aws \
	    -k "async and Ministack or async and S3ByBoto3 and large or async and MotoByBoto3 or test_aio_boto or test_protocol"

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check

typing: $(VENV)/dev.stamp npm
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/typing/mypy.ini tests/typing examples docs/generate.py noxfile.py
	$(BIN)/pyright
	$(BIN)/pyright --project tests/typing --pythonpath $(BIN)/python

bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks

# The next version's notes out of changelog.d/: make changelog VERSION=1.2.3
changelog: $(VENV)/dev.stamp
	$(BIN)/towncrier build --version $(VERSION)

clean:
	rm -rf $(VENV) .venv-aio .nox .servers .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist htmlcov

.PHONY: npm
npm:
	@command -v npm >/dev/null || { echo "npm is not on the PATH. It comes with Node.js; pyright and the DynamoDB server\
	of the tests need it. What needs neither: make test-embedded" >&2; exit 1; }

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "holdall needs Python 3.10 or later: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/%.stamp: $(BIN)/uv pyproject.toml uv.lock
	$(SYNC) --no-default-groups --group $* --extra dynamodb --extra s3 --extra sql
	@touch $@

.venv-aio/dev.stamp: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-aio
	UV_PROJECT_ENVIRONMENT=.venv-aio $(UV) sync --quiet --locked --no-default-groups --group test --group fast --extra dynamodb --extra aioboto3
	@touch $@
