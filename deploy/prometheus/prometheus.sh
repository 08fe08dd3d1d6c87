# shellcheck shell=bash
# Prometheus beside one Holdfast: `./dev up --prometheus`. Read by ./dev, whose functions and variables it uses.
#
#   DATA/prometheus/   a copy of the configuration and rules, targets.json, address, pid, prometheus.log, tsdb/
#
# The configuration is that of deploy/prometheus; only where the links of alerts lead is filled in.

prometheus_packages=(prometheus python3-yaml)
prometheus_keeps=35d # an objective looks back 28 days

have_prometheus() { command -v prometheus promtool >/dev/null; }

# without_daemons COMMAND...: Debian starts a daemon when it installs one, unless a policy says 101. A policy that the
# machine has already decides instead.
without_daemons() (
  policy=/usr/sbin/policy-rc.d sudo=()
  ((EUID == 0)) || sudo=(sudo)
  if [[ ! -e $policy ]]; then
    trap '"${sudo[@]}" rm -f -- "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
  fi
  "$@"
)

# Answers 1 with a sentence where it cannot be had.
prepare_prometheus() {
  if [[ -n $(missing_packages "${prometheus_packages[@]}" 2>/dev/null) ]]; then
    without_daemons need_packages prometheus "${prometheus_packages[@]}" || true
  fi
  have_prometheus && return 0
  say "there is no Prometheus here (Debian: ${prometheus_packages[*]})"
  return 1
}

# The process of a data folder's Prometheus: its number, or nothing (also where a stranger got its number).
prometheus_process() {
  local folder=$1/prometheus pid
  [[ -f $folder/pid ]] || return 0
  pid=$(<"$folder/pid")
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 0
  if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "--config.file=$folder/prometheus.yml"; then printf '%s' "$pid"; fi
}

# write_prometheus FOLDER ADMIN INTERVAL
write_prometheus() {
  local folder=$1 admin=${2#http://} interval=$3
  mkdir -p "$folder/rules"
  rm -f -- "$folder"/rules/*
  cp deploy/prometheus/rules/*.yml "$folder/rules/"
  sed -e "s|docs_url: .*|docs_url: file://$root/docs|" -e "s|_interval: 15s|_interval: $interval|" \
    deploy/prometheus/prometheus.yml >"$folder/prometheus.yml"
  printf '[{"targets": ["%s"], "labels": {"namespace": "local"}}]\n' "$admin" >"$folder/targets.json.new"
  mv "$folder/targets.json.new" "$folder/targets.json"
}

# start_prometheus DATA ADMIN [INTERVAL]: prints its address when it answers. One that runs is told of the new target.
start_prometheus() {
  local data=$1 folder=$1/prometheus interval=${3:-15s} pid port tenths=0
  write_prometheus "$folder" "$2" "$interval"
  pid=$(prometheus_process "$data")
  if [[ -n $pid ]]; then
    cat "$folder/address"
    return 0
  fi
  port=$(free_ports 1 9090)
  # Its own session, as the platform has: Ctrl-C is for the script that asked.
  setsid prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" \
    --storage.tsdb.retention.time="$prometheus_keeps" --web.listen-address="127.0.0.1:$port" \
    </dev/null >"$folder/prometheus.log" 2>&1 7>&- 8>&- 9>&- &
  pid=$!
  disown "$pid"
  printf '%s\n' "$pid" >"$folder/pid"
  until grep -q 'Server is ready to receive web requests' "$folder/prometheus.log"; do
    if ! kill -0 "$pid" 2>/dev/null || ((tenths >= 600)); then
      say "Prometheus did not start. Its last line ($folder/prometheus.log):"
      last_words "$folder/prometheus.log" >&2
      return 1
    fi
    sleep 0.1
    tenths=$((tenths + 1))
  done
  printf 'http://127.0.0.1:%s\n' "$port" | tee "$folder/address"
}

# show_prometheus DATA: starts it and says where it is; Holdfast runs on where it cannot be had.
show_prometheus() {
  local address
  prepare_prometheus && address=$(start_prometheus "$1" "$(field_of admin "$1/run/holdfast.json")") || return 0
  say "Prometheus  $address (docs/guides/monitoring.md)"
}

stop_prometheus() {
  local data=$1 pid
  pid=$(prometheus_process "$data")
  [[ -n $pid ]] || return 0
  say "stopping Prometheus (process $pid)"
  stop_server "$pid"
  rm -f -- "$data/prometheus/pid" "$data/prometheus/address"
}
