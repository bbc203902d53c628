#!/usr/bin/env bash
# Prepare $VENV with the pinned requirements; with the argument `tests`, what the tests need
# beside it. Installs through apt what is missing where this user may; otherwise says what to do.
set -euo pipefail

python=${PYTHON:-python3}
venv=${VENV:-.venv}

say() { printf 'setup: %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

apt_install() {
    say "installing $* with apt-get"
    if ! command -v apt-get >/dev/null || ! as_root apt-get update -qq ||
        ! as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null; then
        say "could not install: $*"
        say "ask an administrator to run: apt-get install $*   then try again"
        exit 1
    fi
}

# Whether one of these programs is here; each is a name, or a path with wildcards.
have() {
    local each found
    for each in "$@"; do
        for found in $each; do
            if command -v "$found" >/dev/null; then return 0; fi
        done
    done
    return 1
}

prepare_tests() {
    local programs package missing=()
    while IFS=$'\t' read -r programs package; do
        # shellcheck disable=SC2086 -- several programs on one line
        if ! (set -f; set -- $programs; set +f; have "$@"); then missing+=("$package"); fi
    done < <(grep -v '^#' tests/system-packages)
    if [ ${#missing[@]} -gt 0 ]; then apt_install "${missing[@]}"; fi
    if [ -f tests/npm/package-lock.json ] &&
        [ ! tests/npm/node_modules/.package-lock.json -nt tests/npm/package-lock.json ]; then
        say "installing the pinned npm packages of the tests"
        (cd tests/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
        touch tests/npm/node_modules/.package-lock.json
    fi
}

if [ "${1:-}" = tests ]; then
    prepare_tests
    exit
fi

command -v "$python" >/dev/null || apt_install python3
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "needs Python 3.11 or newer, found $("$python" --version 2>&1)"
    say "name another one: make PYTHON=/path/to/python3.11 …"
    exit 1
fi
"$python" -c 'import venv, ensurepip' 2>/dev/null || apt_install python3-venv

if [ ! -x "$venv/bin/python" ]; then
    say "making $venv"
    "$python" -m venv "$venv"
fi
say "installing the pinned requirements (a minute the first time)"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check \
    --require-hashes --requirement requirements/dev.txt
"$venv/bin/python" -m pip install -qq --disable-pip-version-check \
    --no-deps --no-build-isolation --editable .
