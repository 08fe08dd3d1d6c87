#!/bin/sh
# What a base without a shell lacks to run programs: their libraries, and Debian's records of the packages that these came
# from, without which a bill of materials is blind. Run on Debian, where both are installed.
#   collect.sh PROGRAMS BASE OUT       OUT/bin  OUT/libraries (laid over BASE)  OUT/data (an empty folder)
set -eu
programs=$1 base=$2 out=$3
mkdir -p "$out/bin" "$out/libraries/var/lib/dpkg/status.d" "$out/data"
cp "$programs"/holdfast* "$out/bin/"

# A path below /lib is one below /usr/lib since Debian 12 merged them.
in_usr() {
  case $1 in
    /lib/* | /lib64/*) printf '/usr%s' "$1" ;;
    *) printf '%s' "$1" ;;
  esac
}

package_of() {
  dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "${1#/usr}"
}

closure=$(for program in "$out"/bin/*; do ldd "$program"; done)
if printf '%s\n' "$closure" | grep 'not found' >&2; then
  echo "collect: these libraries are not installed here" >&2
  exit 1
fi
for library in $(printf '%s\n' "$closure" | sed -nE 's/^[^/]*(\/[^ ]+) \(0x[0-9a-f]+\)$/\1/p' | sort -u); do
  path=$(in_usr "$library")
  if [ -e "$base$path" ] || [ -e "$base${path#/usr}" ]; then continue; fi
  mkdir -p "$out/libraries${path%/*}"
  cp -L "$library" "$out/libraries$path"
  package=$(package_of "$(readlink -f "$library")" | cut -d: -f1 | head -n 1)
  dpkg-query --status "$package" >"$out/libraries/var/lib/dpkg/status.d/$package"
done
echo "collect: $(find "$out/libraries/usr" -type f | wc -l) libraries of $(find "$out/libraries/var" -type f | wc -l) packages," \
  "$(du -sm "$out/libraries" | cut -f1) MB"
