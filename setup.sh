#!/usr/bin/env bash
# Prepare $VENV with the pinned requirements. Installs python3-venv through apt where it is
# missing and this user may; otherwise says what to do.
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
