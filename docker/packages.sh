#!/usr/bin/env bash
# Prints the Debian packages that a build needs: build_packages of the script ./dev, whose path is the only argument.
set -euo pipefail
# shellcheck source=/dev/null
source <(sed -n '/^build_packages=(/,/)$/p' "$1")
printf '%s\n' "${build_packages[@]:?}"
