#!/bin/sh
# make_venv.sh PYTHON VENV: makes the virtual environment VENV and installs the locked uv and builder into it.
set -eu
python=$1
venv=$2

refuse() {
    echo "$1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    refuse "PrintLab needs CPython 3.11 or newer; there is no '$python'. Name yours: make PYTHON=/path/to/python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")' ||
    refuse "PrintLab needs CPython 3.11 or newer; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=/path/to/python3.12"

pip="$venv/bin/python -m pip"
if ! "$venv/bin/python" -c '' 2>/dev/null; then
    # Debian splits ensurepip off into python3-venv; without it the pip outside fills the environment.
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 || "$python" -m venv --clear --without-pip "$venv"
fi
$pip --version >/dev/null 2>&1 || pip="$python -m pip --python $venv/bin/python"
$pip --version >/dev/null 2>&1 || refuse "pip is missing. On Debian and Ubuntu: apt install python3-venv"

$pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
