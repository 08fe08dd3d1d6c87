#!/usr/bin/env bash
# Compiles every program of a configured build folder and leaves it, without what only a debugger reads, in OUT.
#   compile.sh BUILD OUT
set -euo pipefail
build=$1 out=$2
mapfile -t targets < <(ninja -C "$build" -t targets all | sed -nE 's/^(holdfast_[a-z]+_main): phony$/\1/p' | grep -vx holdfast_bench_main)
ninja -C "$build" "${targets[@]:?}"
mkdir -p "$out"
for program in "$build"/bin/holdfast*; do
  objcopy --strip-debug "$program" "$out/${program##*/}"
done
