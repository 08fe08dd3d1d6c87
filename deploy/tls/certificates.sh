#!/usr/bin/env bash
# Certificates by which the processes of a deployment know each other, for development: a root, an authority below it that
# issues, and leaves of a day. In production an authority of the house issues them, with the same names.
#
#   certificates.sh authority FOLDER                       made once; root.key may then be put away
#   certificates.sh leaf FOLDER ENVIRONMENT SERVICE TO     TO/{ca.crt,tls.crt,tls.key}, exchanged as a whole at each renewal
set -euo pipefail
umask 077

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

# signed NAME BY DAYS FOLDER: FOLDER/NAME.csr with FOLDER/NAME.ext, by FOLDER/BY.
signed() {
  openssl x509 -req -in "$4/$1.csr" -CA "$4/$2.crt" -CAkey "$4/$2.key" -set_serial "0x$(openssl rand -hex 16)" -days "$3" \
    -extfile "$4/$1.ext" -out "$4/$1.crt" 2>/dev/null
}

authority() {
  local folder=$1
  mkdir -p "$folder"
  if [[ -f $folder/issuing.crt ]]; then return 0; fi
  openssl req -x509 "${new_key[@]}" -days 3650 -subj "/CN=Holdfast development root" \
    -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign \
    -keyout "$folder/root.key" -out "$folder/root.crt" 2>/dev/null
  openssl req "${new_key[@]}" -subj "/CN=Holdfast development issuing" -keyout "$folder/issuing.key" \
    -out "$folder/issuing.csr" 2>/dev/null
  printf 'basicConstraints=critical,CA:true,pathlen:0\nkeyUsage=critical,keyCertSign\n' >"$folder/issuing.ext"
  signed issuing root 365 "$folder"
}

leaf() {
  local folder=$1 environment=$2 service=$3 to=$4 made
  [[ $environment =~ ^[a-z][a-z0-9-]*$ && $service =~ ^[a-z][a-z0-9-]*$ ]] || usage
  if [[ -e $to && ! -L $to ]]; then
    printf '%s\n' "certificates.sh: $to is no link of ours; name another place" >&2
    exit 1
  fi
  made=$(mktemp -d "$to.XXXXXX")
  openssl req "${new_key[@]}" -subj "/CN=$service" -keyout "$made/tls.key" -out "$folder/leaf.csr" 2>/dev/null
  printf 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=URI:spiffe://holdfast/%s/%s\n' \
    "$environment" "$service" >"$folder/leaf.ext"
  signed leaf issuing 1 "$folder"
  cat "$folder/leaf.crt" "$folder/issuing.crt" >"$made/tls.crt"
  cp "$folder/root.crt" "$made/ca.crt"
  local before=''
  if [[ -L $to ]]; then before=$(readlink -f "$to"); fi
  ln -s "$(basename "$made")" "$made.link"
  mv -T "$made.link" "$to"
  if [[ -n $before ]]; then rm -rf -- "$before"; fi
}

case ${1:-} in
  authority) (($# == 2)) || usage; authority "$2" ;;
  leaf) (($# == 5)) || usage; leaf "$2" "$3" "$4" "$5" ;;
  *) usage ;;
esac
