#!/usr/bin/env bash
# Fetches what holdfast-bench is held against, into .cache/bench, as far as the scenarios named ask for it (all, where
# none is). What cannot be had is said, and its rows then say "skipped". Nothing listens on anything but 127.0.0.1.
#
#   E7   Emmett 0.42.0 (npm) above PostgreSQL 15 (Debian)
#   E10  UmaDB 0.7.8 (PyPI)
#   E20  DuckDB (PyPI)
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit 1
peers=.cache/bench
emmett=@event-driven-io/emmett-postgresql@0.42.0
umadb=umadb==0.7.8
duckdb=duckdb==1.4.1
failed=0

say() { printf '%s\n' "bench setup: $*" >&2; }
lacking() {
  say "$*"
  failed=1
}
wanted() {
  local name=$1
  shift
  (($# == 0)) && return 0
  [[ " $* " == *" $name "* ]]
}

# Debian packages; only where they are missing.
need() {
  local missing=() package sudo=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || return 1
    sudo=(sudo)
  fi
  say "installing by apt: ${missing[*]}"
  "${sudo[@]}" apt-get -qq update >>"$peers/apt.log" 2>&1
  # The package would start a server of its own.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends \
    "${missing[@]}" </dev/null >>"$peers/apt.log" 2>&1
}

python_package() {
  local package=$1
  if [[ ! -x $peers/venv/bin/python ]]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv || return 1
    python3 -m venv "$peers/venv" || return 1
  fi
  [[ -f $peers/venv/.$package ]] && return 0
  say "installing from PyPI: $package"
  "$peers/venv/bin/pip" install --quiet --only-binary :all: "$package" >>"$peers/pip.log" 2>&1 || return 1
  touch "$peers/venv/.$package"
}

mkdir -p "$peers"
cp tests/bench/peers/duckdb_group.py tests/bench/peers/postgres.sh "$peers/"

if wanted E20 "$@"; then
  python_package "$duckdb" || python_package duckdb || lacking "DuckDB could not be installed ($peers/pip.log)"
fi
if wanted E10 "$@"; then
  python_package "$umadb" || lacking "UmaDB could not be installed ($peers/pip.log)"
fi
if wanted E7 "$@"; then
  [[ -x /usr/lib/postgresql/15/bin/postgres ]] || need postgresql-15 ||
    lacking "PostgreSQL 15 could not be installed ($peers/apt.log)"
  command -v node >/dev/null || need nodejs npm || lacking "node could not be installed ($peers/apt.log)"
  mkdir -p "$peers/emmett"
  cp tests/bench/peers/append.mjs "$peers/emmett/"
  if [[ ! -d $peers/emmett/node_modules ]]; then
    say "installing from npm: $emmett"
    npm install --prefix "$peers/emmett" --ignore-scripts --no-audit --no-fund "$emmett" >>"$peers/npm.log" 2>&1 ||
      lacking "Emmett could not be installed ($peers/npm.log)"
  fi
fi
exit "$failed"
