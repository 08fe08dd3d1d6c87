#!/usr/bin/env bash
# The two bases of docker/Dockerfile, from Debian's own packages, for a machine that reaches no image registry. Run as root on
# Debian 12, whose package sources it takes.
#   bases.sh FOLDER          FOLDER/build/ (a Debian 12), FOLDER/runtime/ (no shell, user 65532, as distroless's cc-debian12)
set -euo pipefail
folder=$1
runtime_packages=(base-files netbase tzdata libc6 libgcc-s1 gcc-12-base libgomp1 libstdc++6 libssl3)

make_build_base() {
  local mirror
  # shellcheck disable=SC2016  # apt's own words
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  rm -rf "$folder/build.new"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$folder/build.new" "$mirror"
  # The same versions as here, updates of security among them.
  rm -f "$folder/build.new/etc/apt/sources.list"
  cp -rL /etc/apt/sources.list* "$folder/build.new/etc/apt/"
  rm -rf "$folder"/build.new/var/cache/apt/archives/*.deb "$folder"/build.new/var/lib/apt/lists/*
  mv "$folder/build.new" "$folder/build"
}

# Nothing that could be run: programs, manuals and translations of the packages stay behind.
make_runtime_base() {
  local new=$folder/runtime.new package deb
  rm -rf "$new" "$folder/debs"
  mkdir -p "$new/var/lib/dpkg/status.d" "$folder/debs" "$new/tmp" "$new/etc/ssl/certs"
  (cd "$folder/debs" && apt-get download "${runtime_packages[@]}")
  for deb in "$folder"/debs/*.deb; do
    package=$(dpkg-deb --field "$deb" Package)
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$new" \
      --exclude='./usr/bin/*' --exclude='./usr/sbin/*' --exclude='./bin/*' --exclude='./sbin/*' --exclude='./usr/share/man/*' \
      --exclude='./etc/update-motd.d/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/lintian/*' --exclude='./usr/lib/x86_64-linux-gnu/gconv/*'
    dpkg-deb --field "$deb" >"$new/var/lib/dpkg/status.d/$package"
  done
  cp -L /etc/ssl/certs/ca-certificates.crt "$new/etc/ssl/certs/"
  dpkg-query --status ca-certificates >"$new/var/lib/dpkg/status.d/ca-certificates"
  printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/var/lib/holdfast:/sbin/nologin\n' >"$new/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$new/etc/group"
  printf 'hosts: files dns\n' >"$new/etc/nsswitch.conf"
  chmod 1777 "$new/tmp"
  rm -rf "$folder/debs"
  mv "$new" "$folder/runtime"
}

mkdir -p "$folder"
[[ -d $folder/build ]] || make_build_base
[[ -d $folder/runtime ]] || make_runtime_base
