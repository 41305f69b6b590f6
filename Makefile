# make run   sets up, counts (sample data unless a source is given) and serves
# make test  sets up and runs every check and every test
#
#   make run SOURCE=access_log LOG=/var/log/nginx/index.log
#   make run SOURCE=files LOG='events/*.parquet'

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
SAMPLE_DAYS ?= 90

SOURCE ?=
LOG ?=
LOG_FORMAT ?= combined

BIN := $(VENV)/bin
PARALLEL := -n auto --dist worksteal
MANAGE := $(BIN)/python manage.py

ifneq ($(SOURCE),)
export INGEST_SOURCE := $(SOURCE)
export INGEST_PATH := $(LOG)
export INGEST_LOG_FORMAT := $(LOG_FORMAT)
endif
ifneq ($(PORT),8000)
export BASE_URL ?= http://127.0.0.1:$(PORT)
endif

.PHONY: run test lint admin browser clickhouse redis clean

run: $(VENV)/run-ready
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@LOG_LEVEL=WARNING $(MANAGE) first_ingest --sample-days $(SAMPLE_DAYS)
	@$(MANAGE) schedule_ingest
	@$(MANAGE) welcome
	@exec $(BIN)/python -m pypistats_site.serve --host $(HOST) --port $(PORT)

admin: $(VENV)/run-ready
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createsuperuser

test: lint browser clickhouse redis
	env -u DATABASE_URL $(BIN)/python -m pytest $(PARALLEL)
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest $(PARALLEL) -m "not browser and not once"

lint: $(VENV)/dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	git ls-files -z -- 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	$(BIN)/djlint --check --lint templates
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING

# Pages are tested in a real Chromium; without one those tests skip and say so.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "No Chromium: install the package 'chromium' to run the browser tests."; fi || \
	  echo "Chromium could not be installed: the browser tests will skip."

# Rate limits are tested on a real Redis; without one those tests skip and say so. Debian
# would start a server of its own: RUNLEVEL=1 keeps it from that.
redis:
	@command -v redis-server >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null; \
	  else echo "No Redis: install the package 'redis-server' to run its tests."; fi || \
	  echo "Redis could not be installed: its tests will skip."

# ClickHouse's engine takes 887 MB: CI installs it, elsewhere its tests skip and say so.
clickhouse: $(VENV)/dev-ready
	@if [ -n "$(CI)" ]; then $(BIN)/python -m pip install --quiet --group clickhouse || \
	  echo "ClickHouse's engine could not be installed: its tests will skip."; fi

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/run-ready: requirements.txt $(VENV)/bin/pip
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/dev-ready: pyproject.toml $(VENV)/run-ready
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) var
