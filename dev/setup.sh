#!/bin/sh
# Sets up .venv with what this repository and a workshop need, because the tests run both. `make` runs
# this script.
set -eu
cd "$(dirname "$0")/.."

# The range of pyproject.toml. A test compares the two.
suits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'

# python3 if it is in the range, or else another installed version.
for python in python3 python3.14 python3.13 python3.12 python3.11; do
  "$python" -c "$suits" 2>/dev/null && break
  python=
done
if [ -z "$python" ]; then
  found=$(python3 --version 2>/dev/null || echo "no python3")
  echo "make: Install Python 3.11, 3.12, 3.13, or 3.14, as python3 or under its full name, such as" \
    "python3.13. This machine has $found." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "make: $python cannot make a virtual environment, because it lacks the module venv or ensurepip." \
    "On Debian and Ubuntu: sudo apt install python$version-venv" >&2
  exit 1
fi

echo "Setting up .venv with $("$python" --version) (a minute the first time)"
"$python" -m venv --clear .venv
# Ignore settings of pip that put packages elsewhere.
unset PIP_TARGET PIP_PREFIX PIP_ROOT
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-user uv==0.13.7

# uv caches downloads in your home. If it can't write there, it downloads everything again next time.
.venv/bin/uv pip freeze --python .venv/bin/python >/dev/null 2>&1 || export UV_NO_CACHE=1

# Each from its own folder, where uv finds its pins.
unset UV_SYSTEM_PYTHON
(cd template && ../.venv/bin/uv pip install --quiet --compile-bytecode --python ../.venv/bin/python \
  --requirements pyproject.toml --group workshop)
.venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python \
  --editable . --group dev --group docs
touch .venv/.ready
