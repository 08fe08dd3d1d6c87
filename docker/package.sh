# shellcheck shell=bash
# ./dev package: images, chart, bill of materials. Read by ./dev, whose functions and variables it uses.
#
#   build/package/bin/          the programs, stripped, and SHA256SUMS
#   build/package/images/       sizes.txt, what ran in each (proof.log)
#   build/package/sbom/         SPDX and CycloneDX of an image
#   build/package/chart/        the packed chart, and what the validators said
#   .cache/package/             bases, buildah's own storage

image_packages=(buildah debootstrap)
packaged=build/package
images_storage=.cache/package

# shellcheck source=helm/chart.sh
source helm/chart.sh

in_buildah() {
  buildah --root "$root/$images_storage/storage" --runroot "$root/$images_storage/run" --storage-driver vfs "$@"
}

# Programs without what only a debugger reads, and their digests.
collect_programs() {
  local from=$1 program
  rm -rf -- "$root/$packaged/bin"
  mkdir -p "$packaged/bin"
  for program in "$from"/holdfast*; do
    [[ $program != *holdfast-bench && -x $program ]] || continue
    objcopy --strip-debug "$program" "$packaged/bin/${program##*/}"
  done
  (cd "$packaged/bin" && sha256sum holdfast* >SHA256SUMS)
  say "$(find "$packaged/bin" -name 'holdfast*' | wc -l) programs, $(du -sm "$packaged/bin" | cut -f1) MB: $packaged/bin (SHA256SUMS)"
}

# Debian packages of the libraries that the programs name, for the image that only installs them.
packages_of_programs() {
  local library
  for program in "$packaged"/bin/holdfast*; do ldd "$program"; done | sed -nE 's/^[^/]*(\/[^ ]+) \(0x.*/\1/p' | sort -u |
    while read -r library; do dpkg-query -S "$(readlink -f "$library")" "$(readlink -f "$library" | sed 's|^/usr||')" 2>/dev/null || true; done |
    cut -d: -f1 | sort -u | tr '\n' ' '
}

# build_images SERVICE...: by buildah in a chroot, on bases of Debian's own packages.
build_images() {
  local context=$packaged/context service
  bash docker/bases.sh "$images_storage/bases" >"$packaged/images/bases.log" 2>&1 || { tail -n 5 "$packaged/images/bases.log" >&2; return 1; }
  for base in build runtime; do
    in_buildah inspect --type image "holdfast-$base-base" >/dev/null 2>&1 && continue
    local container
    container=$(in_buildah from scratch)
    in_buildah add --quiet "$container" "$images_storage/bases/$base" / >/dev/null
    in_buildah commit --quiet --rm "$container" "holdfast-$base-base" >/dev/null
  done
  rm -rf "$context"
  mkdir -p "$context/docker"
  cp docker/collect.sh "$context/docker/"
  cp -r "$packaged/bin" "$context/bin"
  for service in "$@"; do
    say "image of $service"
    in_buildah build --pull-never --isolation chroot --format docker --layers --quiet --file docker/Dockerfile --target "$service" \
      --build-arg BUILD_BASE=localhost/holdfast-build-base --build-arg RUNTIME_BASE=localhost/holdfast-runtime-base \
      --build-arg BINARIES=prebuilt --build-arg RUNTIME_PACKAGES="$(packages_of_programs)" \
      --tag "holdfast-$service" "$context" >>"$packaged/images/build.log" 2>&1 || {
      tail -n 15 "$packaged/images/build.log" >&2
      say "the image of $service could not be built, see $packaged/images/build.log"
      return 1
    }
  done
}

# in_image ROOT DATA COMMAND...: as the image would run: its root read-only, user 65532, nothing to write on but DATA.
in_image() {
  local image=$1 data=$2
  shift 2
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --pid --fork --kill-child=SIGKILL bash -c '
    image=$1 data=$2
    shift 2
    mount --bind "$image" "$image"
    mount --bind "$data" "$image/var/lib/holdfast"
    mount --rbind /dev "$image/dev"
    mount -t proc proc "$image/proc"
    mount -o remount,bind,ro "$image"
    exec chroot --userspec=65532:65532 "$image" "$@"' in_image "$image" "$data" "$@"
}

# The program that a background in_image runs: the last of its line of children. It is process 1 of its own world, as in a
# container.
program_of() {
  local last=$1 child
  while child=$(pgrep -P "$last" | head -n 1) && [[ -n $child ]]; do last=$child; done
  printf '%s' "$last"
}

# weigh_image SERVICE ROOT BASE_MB: at most 120 MB over the base.
weigh_image() {
  local size=$(($(du -sm "$2" | cut -f1) - $3))
  printf '%-12s %4s MB over the base\n' "$1" "$size" | tee -a "$packaged/images/sizes.txt"
  ((size <= 120)) || { say "$1: the image is $size MB over its base, more than 120"; return 1; }
}

# Answers 1 where something in the image could run commands.
has_no_shell() {
  local found
  found=$(find "$2" -path "$2/proc" -prune -o \( -name '*sh' -o -name 'busybox*' -o -name 'perl*' -o -name 'python*' \) -type f -perm /111 -print)
  [[ -z $found ]] || { say "$1: the image has a shell: $found"; return 1; }
}

# options_of SERVICE: sets `options`, with which it runs alone here, and `asked`, those of its healthcheck. Neither: it runs with
# others only.
options_of() {
  local ports
  options=() asked=()
  mapfile -t ports < <(free_ports 3 18080)
  case $1 in
    standalone)
      options=(--data /var/lib/holdfast/data --demo=empty --set "listen.http_port=${ports[0]}"
        --set "listen.grpc_port=${ports[1]}" --set "listen.admin_port=${ports[2]}")
      asked=("${options[@]}")
      ;;
    gateway)
      options=(--services 127.0.0.1:1 --port "${ports[0]}" --admin-port "${ports[1]}")
      asked=(--admin-port "${ports[1]}")
      ;;
  esac
}

# run_image SERVICE PROGRAM ROOT DATA: until its healthcheck is content, and then to an end by SIGTERM.
run_image() {
  local service=$1 program=$2 image=$3 data=$4 log=$packaged/images/proof.log pid running tenths=0 options asked
  options_of "$service"
  if ((${#options[@]} == 0)); then
    in_image "$image" "$data" "$program" --help >>"$log" 2>&1 || { say "$service: it does not start, see $log"; return 1; }
    return 0
  fi
  in_image "$image" "$data" "$program" "${options[@]}" >>"$log" 2>&1 &
  pid=$!
  until in_image "$image" "$data" "$program" healthcheck "${asked[@]}" >>"$log" 2>&1; do
    sleep 0.1
    tenths=$((tenths + 1))
    if ! kill -0 "$pid" 2>/dev/null || ((tenths >= 300)); then
      say "$service: it was not ready in its image, see $log"
      kill -KILL "$(program_of "$pid")" 2>/dev/null || true
      return 1
    fi
  done
  running=$(program_of "$pid")
  say "$service: ready in its image as user $(ps -o uid= -p "$running" | tr -d ' '), root read-only"
  kill -TERM "$running"
  wait "$pid" || { say "$service: it did not end well, exit $?"; return 1; }
  say "$service: ended with 0 by SIGTERM"
}

# try_image SERVICE ROOT BASE_MB: what is in it, and that it runs. Answers 1 with a sentence where it does not.
try_image() {
  local service=$1 image=$2 data status=0 program=/usr/bin/holdfast-$1
  [[ $service != cli ]] || program=/usr/bin/holdfast
  weigh_image "$service" "$image" "$3" && has_no_shell "$service" "$image" || return 1
  mkdir -p "$image/dev" "$image/proc"
  data=$(mktemp -d)
  chown 65532:65532 "$data"
  run_image "$service" "$program" "$image" "$data" || status=1
  rm -rf -- "$data"
  return "$status"
}

prove_images() {
  local service container base
  : >"$packaged/images/sizes.txt"
  : >"$packaged/images/proof.log"
  base=$(du -sm "$images_storage/bases/runtime" | cut -f1)
  printf 'runtime base %s MB\n' "$base" >>"$packaged/images/sizes.txt"
  for service in "$@"; do
    container=$(in_buildah from --pull-never "localhost/holdfast-$service")
    try_image "$service" "$(in_buildah mount "$container")" "$base" || return 1
    in_buildah rm "$container" >/dev/null
  done
}

package_images() {
  local services
  mkdir -p "$packaged/images" .cache/tools
  if have_python_tool hadolint; then
    .cache/tools/python/bin/hadolint docker/Dockerfile >&2 || return 1
  else
    say "docker/Dockerfile: not looked at by hadolint"
  fi
  if ((EUID != 0)); then
    say "images: skipped, a chroot wants root (docker build -f docker/Dockerfile does not)"
    return 0
  fi
  if ! need_packages images "${image_packages[@]}"; then
    say "images: skipped, buildah or debootstrap cannot be had here"
    return 0
  fi
  mapfile -t services < <(sed -nE 's/^FROM run AS ([a-z]+)$/\1/p' docker/Dockerfile)
  : >"$packaged/images/build.log"
  build_images "${services[@]}" && prove_images "${services[@]}"
}

# By syft, of the image of the one process: every service has the same libraries.
package_sbom() {
  local container image
  have_tool syft || { say "bill of materials: skipped, syft cannot be had here"; return 0; }
  in_buildah inspect --type image holdfast-standalone >/dev/null 2>&1 || { say "bill of materials: skipped, there is no image"; return 0; }
  mkdir -p "$packaged/sbom"
  container=$(in_buildah from --pull-never localhost/holdfast-standalone)
  image=$(in_buildah mount "$container")
  SYFT_CHECK_FOR_APP_UPDATE=false .cache/tools/bin/syft scan --quiet "dir:$image" --source-name holdfast-standalone \
    -o "spdx-json=$packaged/sbom/holdfast.spdx.json" -o "cyclonedx-json=$packaged/sbom/holdfast.cyclonedx.json" || return 1
  in_buildah rm "$container" >/dev/null
  say "bill of materials: $(grep -oE '"SPDXID": ?"SPDXRef-Package' "$packaged/sbom/holdfast.spdx.json" | wc -l) packages ($packaged/sbom)"
}

verb_package() {
  local only='' binaries='' status=0
  while (($#)); do
    case $1 in
      chart | images) only=$1 ;;
      --binaries=*) binaries=$(absolute "${1#*=}") ;;
      *) usage_error "package: it takes 'chart' or 'images', or neither for both, and --binaries=DIR (programs that are built already)" ;;
    esac
    shift
  done
  lock_tree
  mkdir -p "$packaged"
  if [[ $only != images ]]; then package_chart || status=1; fi
  if [[ $only != chart ]]; then
    if [[ -z $binaries ]]; then
      build_web || true
      need_packages build "${build_packages[@]}" || exit 1
      configure release || exit 1
      local targets=()
      mapfile -t targets < <(ninja -C build/release -t targets all | sed -nE 's/^(holdfast_[a-z]+_main): phony$/\1/p' | grep -vx holdfast_bench_main)
      build_preset release "${targets[@]}" || exit 1
      binaries=build/release/bin
    fi
    collect_programs "$binaries"
    package_images || status=1
    package_sbom || status=1
  fi
  if ((status)); then say "package: not whole, see above"; else say "package: done, see $packaged"; fi
  return "$status"
}
