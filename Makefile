# 通办 Tongban. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules make every start of the suite twice as fast.
unexport PYTHONDONTWRITEBYTECODE
# As many test workers as there are processors.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

help: ## this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/.runtime ## bring up the whole suite on http://127.0.0.1:8000 (Ctrl-C stops it); 启动整套系统
	@$(BIN)/tongban up $(ARGS)

demo: $(VENV)/.runtime ## walk one licence from sign-up to wallet against the running suite; 演示全流程
	@$(BIN)/tongban demo $(ARGS)

stack: $(VENV)/.runtime ## PostgreSQL, Apache Kafka, one process per service, several gateways; 完整部署形态
	@$(BIN)/tongban stack $(ARGS)

test: lint contracts-check kafka-jars ## static checks and every test but the longest, on real PostgreSQL and Kafka; 全部检查与测试
	@$(BIN)/pytest -n $(JOBS) -m "not long" $(ARGS)

test-all: lint contracts-check kafka-jars ## the same with the longest: more seeds, more examples; 包括最长的测试
	@$(BIN)/pytest -n $(JOBS) $(ARGS)

check: test ## exactly what CI runs; 与 CI 相同

lint: $(VENV)/.workshop ## ruff, mypy --strict, import-linter; 静态检查
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && echo "ruff: clean"
	@$(BIN)/mypy
	@set -o pipefail; $(BIN)/lint-imports --no-cache | tail -n 1

fmt: $(VENV)/.workshop ## put the code in shape; 整理代码格式
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

contracts: $(VENV)/.workshop ## write contracts/ anew from the code; 生成契约
	@$(BIN)/tongban contracts

contracts-check: $(VENV)/.workshop
	@$(BIN)/tongban contracts --check && echo "contracts: as committed"

migrate: $(VENV)/.runtime ## create and upgrade the databases of TONGBAN_DATABASE_URL; 升级数据库
	@$(BIN)/tongban migrate

bench: $(VENV)/.workshop ## measure, as ratios in one run; 性能测量
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.workshop ## pin the newest versions requirements*.in allow, with hashes; 更新依赖锁
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --allow-unsafe requirements.in -o requirements.lock
	@$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --allow-unsafe -c requirements.lock requirements-dev.in -o requirements-dev.lock

# The broker's jars, where Maven is here; where it is not, the tests that need Kafka are named and left out (in CI they fail).
kafka-jars: $(VENV)/.workshop
	@$(BIN)/python -m host.stack.fetch || { [ -z "$$CI" ]; }

clean: ## remove the environment and everything the suite keeps on this machine; 清除本机环境与数据
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed (PYTHON=…)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V)"; exit 1; }
	@echo "正在准备环境… making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "正在安装依赖… installing what the suite needs (first run only)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.workshop: requirements-dev.lock $(VENV)/.runtime
	@echo "正在安装测试工具… installing the workshop"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help run demo stack test test-all check lint fmt contracts contracts-check migrate bench lock kafka-jars clean
