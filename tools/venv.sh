#!/bin/sh
# Makes .venv and installs into it what requirements$1.lock pins, and the project itself, editable.
#
#   tools/venv.sh        what running needs
#   tools/venv.sh -dev   what tests, lint and translations need as well
#
# Does nothing when that is already so: the stamp holds a checksum of everything the result depends on. Uses uv where it
# is installed, otherwise venv and pip (BANDEJA_NO_UV=1 for that path in any case). PYTHON names the interpreter.
set -eu
cd "$(dirname "$0")/.."

flavour=${1-}
lock=requirements$flavour.lock
[ -f "$lock" ] || { echo "usage: tools/venv.sh [-dev]" >&2; exit 2; }

stamp=.venv/.installed$flavour
wanted=$({ pwd; cat "$lock" pyproject.toml tools/venv.sh; } | cksum)

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1; }

if recent .venv/bin/python; then
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
else
    rm -rf .venv
fi

python=
for candidate in ${PYTHON-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if recent "$candidate"; then python=$candidate; break; fi
done
uv=
if [ -z "${BANDEJA_NO_UV-}" ] && uv --version >/dev/null 2>&1; then uv=uv; fi

if [ -z "$python" ] && [ -z "$uv" ]; then
    echo "Bandeja needs Python 3.11 or newer, and none was found. Install one (Debian, Ubuntu: apt install python3" >&2
    echo "python3-venv; macOS: brew install python), or name it: make run PYTHON=/path/to/python3" >&2
    exit 1
fi

echo "Setting up .venv (only now and when the lock changes) …" >&2
if [ -n "$uv" ]; then
    [ -x .venv/bin/python ] || uv venv --quiet --python "${python:->=3.11}" .venv
    uv pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"
    uv pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps -e .
else
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1 && ! "$python" -m venv .venv >.venv.log 2>&1; then
        cat .venv.log >&2
        rm -rf .venv .venv.log
        echo "$python can't make virtual environments. Debian, Ubuntu: apt install python3-venv; or install uv." >&2
        exit 1
    fi
    rm -f .venv.log
    pip=".venv/bin/python -m pip --disable-pip-version-check --quiet --no-input install"
    $pip --require-hashes -r "$lock"
    $pip --no-build-isolation --no-deps -e .
fi
echo "$wanted" >"$stamp"
