# make demo    install, then a whole nightly audit of an invented province through Airflow
# make console the desk in a browser, on the demo's data
# make test    install, then every test but those in a browser (make browser)
# Inside a virtual environment of your own (VIRTUAL_ENV set) the same commands install into it instead of .venv.
PY ?= python3
V := $(if $(VIRTUAL_ENV),$(VIRTUAL_ENV),.venv)
BIN := $(abspath $(V))/bin
OK := $(V)/.yibao-audit-installed
# A minimal Debian has no libgomp, which LightGBM needs; xgboost-cpu's wheel carries one (see install).
export LD_LIBRARY_PATH := $(abspath $(V))/lib/omp$(if $(LD_LIBRARY_PATH),:$(LD_LIBRARY_PATH))
export PATH := $(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo console test browser lint bench gpu-plan clean lock
.DEFAULT_GOAL := demo

install: $(OK)

$(OK): airflow.lock boot.lock pyproject.toml
	@test -x $(BIN)/python || $(PY) -m venv $(V) || { echo "Python 3.11 or later with venv is needed: apt install python3-venv"; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11 to 3.13 is needed, found $$($(BIN)/python -V). Name one: make PY=python3.11"; exit 1; }
	@echo "install  packages of airflow.lock, by hash"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r boot.lock
	@$(BIN)/uv pip install -q --require-hashes --compile-bytecode -p $(BIN)/python -r airflow.lock
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation -p $(BIN)/python -e .
	@ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || { mkdir -p $(V)/lib/omp && ln -sf $$(ls $(abspath $(V))/lib/python*/site-packages/xgboost_cpu.libs/libgomp*.so* | head -n 1) $(V)/lib/omp/libgomp.so.1; }
	@touch $@

demo: $(OK)
	@$(BIN)/python demo.py $(DEMO)

console: $(OK)
	@$(BIN)/python console.py $(CONSOLE)

test: $(OK)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser" $(TEST)

# each role's day in a real Chromium: apt install chromium fonts-noto-cjk
browser: $(OK)
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/browser

lint: $(OK)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/audit check-rules

bench: $(OK)
	@$(BIN)/python benchmarks/night.py $(BENCH)

# Translates every plan for the GPU engine, on a machine without a GPU; an environment of its own, since cuDF pins an older Polars.
gpu-plan: .venv-gpu/.ok
	@.venv-gpu/bin/python tests/gpu/gpu_plan.py

.venv-gpu/.ok: gpu.lock $(OK)
	@$(BIN)/uv venv -q --allow-existing -p $(BIN)/python .venv-gpu
	@echo "install  packages of gpu.lock, by hash"
	@$(BIN)/uv pip install -q --require-hashes -p .venv-gpu/bin/python -r gpu.lock
	@touch $@

lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra cpu --extra airflow --extra dev pyproject.toml -o airflow.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra cpu --extra dev -c airflow.lock pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra gpu pyproject.toml -o gpu.lock

clean:
	rm -rf .venv .venv-gpu var build *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
