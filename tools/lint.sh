#!/bin/sh
# Everything that is checked without running the program. Goes on after a fault, so that one run names them all.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH

faults=0
check() {
    title=$1
    shift
    if ! found=$("$@" 2>&1); then
        faults=$((faults + 1))
        printf '%s\n%s\n\n' "✗ $title" "$found"
    else
        echo "✓ $title"
    fi
}

check "lint rules" ruff check --quiet .
check "format" ruff format --quiet --check --diff .
check "types" mypy
check "import contracts" lint-imports --no-cache
check "translations" python tools/translations.py check
check "printed tables in docs/" python tools/print_docs.py --check
check "no file over 400 lines" python tools/file_length.py

[ "$faults" -eq 0 ]
