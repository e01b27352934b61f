# make demo   set everything up, run the demo
# make test   set everything up, run every check and test
# make docs   set everything up, build the manual into build/site
# make clean  remove all that the others made
#
# Needs a Rust toolchain, Python 3.11 or newer, a C compiler (Rust links with it) and make; fetches the rest itself.
#   PYTHON=...   the interpreter to use; else the first on PATH that is new enough
#   PROFILE=dev  builds the wheel faster and its pixels slower; the default of `make demo` is what `pip install .` gives,
#                that of `make test` is dev, of which the tests in Rust have built most already

PROFILE = release
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PYTHONS := $(or $(PYTHON),python3 python3.15 python3.14 python3.13 python3.12 python3.11 python)
PIP_INSTALL = $(BIN)/python -m pip --disable-pip-version-check install \
	--config-settings=build-args="--profile $(PROFILE)"

# Cargo, outside of pip too, builds the native module for the interpreter that will import it.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

.PHONY: demo docs test test-rust test-python toolchain clean

demo: toolchain $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) .
	$(BIN)/playa demo

docs: toolchain $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) '.[docs]'
	$(BIN)/python -m mkdocs build --strict

test: test-rust test-python
	@echo "make test: all passed"

test-rust: toolchain $(VENV)/pyvenv.cfg
	@if cargo fmt --version >/dev/null 2>&1; then set -x; cargo fmt --all --check; \
	else echo "skipped cargo fmt: no rustfmt, add it with 'rustup component add rustfmt'"; fi
	@if cargo clippy --version >/dev/null 2>&1; then set -x; cargo clippy --workspace --all-targets -- -D warnings; \
	else echo "skipped cargo clippy: no clippy, add it with 'rustup component add clippy'"; fi
	cargo test --workspace

test-python: PROFILE = dev
test-python: toolchain $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) '.[docs,test]'
	$(BIN)/python -m mypy.stubtest playa_py
	$(BIN)/python -m pytest

$(VENV)/pyvenv.cfg:
	@for python in $(PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "$$python -m venv $(VENV)"; \
		$$python -m venv $(VENV) && exit; \
		rm -rf $(VENV); \
		echo "error: '$$python -m venv' failed, see above; Debian and Ubuntu have it in the package python3-venv" >&2; \
		exit 1; \
	done; \
	echo "error: none of these is Python 3.11 or newer: $(PYTHONS); name one with 'make PYTHON=/path/to/python3.12'" >&2; \
	exit 1

toolchain:
	@command -v cargo >/dev/null || { echo "error: no cargo on PATH; install Rust from https://rustup.rs" >&2; exit 1; }

clean:
	cargo clean
	rm -rf $(VENV) build demo dist python/playa_py/plugins .mypy_cache .pytest_cache
	find python tests -name __pycache__ -prune -exec rm -rf {} +
