# shellcheck shell=bash
# The code's looks: ./dev format and ./dev lint. Read by ./dev, whose functions and variables it uses.

cpp_files() { find libs services tests -name node_modules -prune -o \( -name '*.cc' -o -name '*.h' \) -print | sort; }

verb_format() {
  (($# == 0)) || usage_error "format: it takes no options"
  need_packages lint "${lint_packages[@]}" || exit 1
  cpp_files | xargs -r clang-format -i
  say "formatted $(cpp_files | wc -l) files"
}

# A file that clang-tidy has passed with this content and these rules is not asked again; --all asks all.
tidy() {
  local all=$1 file key stamps=.cache/tidy waiting=()
  mkdir -p "$stamps"
  for file in $(cpp_files | grep '\.cc$'); do
    grep -qF "$root/$file" build/fuzz/compile_commands.json || continue
    key=$stamps/$(cat .clang-tidy "$file" | digest)
    if [[ -n $all || ! -f $key ]]; then waiting+=("$file"$'\t'"$key"); fi
  done
  say "clang-tidy on ${#waiting[@]} files"
  ((${#waiting[@]})) || return 0
  # shellcheck disable=SC2016  # expanded by the inner shell
  printf '%s\n' "${waiting[@]}" | xargs -P "$(jobs_here)" -d '\n' -n 1 bash -c '
    file=${1%%$'"'\t'"'*} key=${1##*$'"'\t'"'}
    if out=$(clang-tidy -p build/fuzz --quiet "$file" 2>/dev/null); then : >"$key"; else printf "%s\n" "$out"; exit 1; fi' tidy
}

# buf's rules (proto/buf.yaml), and nothing that the last release's readers could not read.
lint_protos() {
  local buf=.cache/buf/node_modules/.bin/buf release
  need_packages web "${web_packages[@]}" || return 1
  if [[ ! -x $buf ]]; then
    say "fetching buf $buf_version"
    mkdir -p .cache/buf
    npm install --prefix .cache/buf --no-audit --no-fund "@bufbuild/buf@$buf_version" >.cache/buf.log 2>&1 ||
      { say "buf could not be fetched (.cache/buf.log)"; return 1; }
  fi
  "$buf" lint proto || return 1
  release=$(git describe --tags --abbrev=0 2>/dev/null) || { say "buf breaking: there is no release to compare with yet"; return 0; }
  "$buf" breaking proto --against ".git#tag=$release,subdir=proto"
}

verb_lint() {
  local all='' status=0
  if [[ ${1:-} == --all ]]; then all=yes; elif (($#)); then usage_error "lint: it takes --all, not '$1'"; fi
  lock_tree
  need_packages lint "${lint_packages[@]}" || exit 1
  need_packages clang "${clang_packages[@]}" || exit 1
  need_packages build "${build_packages[@]}" || exit 1
  say "clang-format on $(cpp_files | wc -l) files"
  cpp_files | xargs -r clang-format --dry-run -Werror || status=1
  # clang-tidy reads the compile commands of the Clang preset, and the generated messages.
  configure fuzz || exit 1
  local messages=()
  mapfile -t messages < <(ninja -C build/fuzz -t targets all | sed -nE 's/^(gen\/.*\.pb\.h): CUSTOM_COMMAND$/\1/p')
  build_preset fuzz ${messages[@]+"${messages[@]}"} || exit 1
  tidy "$all" || status=1
  shellcheck -x dev .ci/run libs/compiler.sh tests/bench/setup.sh docker/{bases,collect,compile,packages}.sh || status=1
  lint_protos || status=1
  build_preset dev || exit 1
  run_ctest dev -R '^architecture'
  print_total || status=1
  if ((status)); then say "not clean, see above"; else say "clean"; fi
  return "$status"
}
