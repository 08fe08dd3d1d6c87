# shellcheck shell=bash
# The deployment on one machine: the services as processes of their own, on a real broker. Read by ./dev, whose words it
# uses.
#
#   DATA/kafka/                     the broker
#   DATA/secrets/                   what the processes share: command-mac.key, development-issuer.pem; and backup.key
#   DATA/<service>-<ordinal>/       an instance: config.json, log, run/, state/, views/, files/
#   DATA/archiver-0/                the same of the archiver; DATA/archive/ is what it writes
#   DATA/run/holdfast.json          where it answers; `grpc` lists every service's doors

deployment_services=(initiative metrics projection delivery directory) # a new context joins here
deployment_tenants=(westmoor eastvale sandbox)               # of the demonstration: each has its public topics
deployment_partitions=4                                      # of each journal

# Two of each that decides or shows. The delivery has no door that others ask.
replicas_of() { if [[ $1 == delivery ]]; then echo 1; else echo 2; fi; }

deployment_instances() {
  local service ordinal
  for service in "${deployment_services[@]}"; do
    for ((ordinal = 0; ordinal < $(replicas_of "$service"); ordinal++)); do echo "$service-$ordinal"; done
  done
}

# What a tenant's systems may ask for by its inbound topic, as its coordinator.
inbound_clients() {
  local tenant of=holdfast.initiative.v1.InitiativeService list=''
  for tenant in "${deployment_tenants[@]}"; do
    list+="${list:+, }{\"tenant\": \"$tenant\", \"subject\": \"coordinator\", "
    list+="\"methods\": [\"$of.CreateSite\", \"$of.RecordEvidence\"]}"
  done
  printf '%s' "$list"
}

# Every process of its own that has a folder.
deployment_processes() {
  deployment_instances
  echo archiver-0
}

instance_process() { process_in "$1" "$1/config.json"; }
gateway_process() { process_in "$1/gateway" bin/holdfast-gateway; }

make_secrets() {
  local folder=$1
  (umask 077 && mkdir -p "$folder")
  if [[ ! -f $folder/command-mac.key ]]; then
    (umask 077 && head -c 32 /dev/urandom >"$folder/.new" && mv "$folder/.new" "$folder/command-mac.key")
  fi
  if [[ ! -f $folder/development-issuer.pem ]]; then
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/.new" 2>/dev/null &&
      mv "$folder/.new" "$folder/development-issuer.pem") || die "up: openssl could not make a key in $folder"
  fi
}

# write_instance FOLDER ORDINAL GRPC_PORT ADMIN_PORT DOORS BOOTSTRAP NODES
write_instance() {
  local service=${1##*/} inbound=''
  service=${service%-*}
  if [[ $service == delivery ]]; then inbound=$(inbound_clients); fi
  mkdir -p "$1"
  cat >"$1/config.json" <<CONFIG
{
  "data_dir": "$1",
  "listen": {"grpc_port": $3, "admin_port": $4, "replace_taken_ports": false},
  "demo": {"data": "EMPTY"},
  "kafka": {"bootstrap": "$6", "partitions": $deployment_partitions, "replication": $7},
  "instance": {"ordinal": $2, "replicas": $(replicas_of "$service"), "doors": "$5", "shared_secrets": "${1%/*}/secrets"},
  "delivery": {"inbound": [$inbound]}
}
CONFIG
}

# write_archiver FOLDER ADMIN_PORT BOOTSTRAP NODES
write_archiver() {
  local data=${1%/*}
  mkdir -p "$1"
  if [[ ! -f $data/secrets/backup.key ]]; then
    bin/holdfast backup key "$data/secrets/backup.key" >/dev/null 2>&1 ||
      die "up: no key for the archive could be made in $data/secrets"
  fi
  cat >"$1/config.json" <<CONFIG
{
  "data_dir": "$1",
  "listen": {"admin_port": $2, "replace_taken_ports": false},
  "kafka": {"bootstrap": "$3", "partitions": $deployment_partitions, "replication": $4},
  "instance": {"shared_secrets": "$data/secrets"},
  "archiver": {"folder": "$data/archive", "key": "$data/secrets/backup.key"}
}
CONFIG
}

# start_instance DATA NAME: in a session of its own; a supervisor would do the same.
start_instance() {
  local folder=$1/$2
  rm -f -- "$folder/run/holdfast.json"
  setsid "bin/holdfast-${2%-*}" --config "$folder/config.json" </dev/null >>"$folder/log" 2>&1 7>&- 8>&- 9>&- &
  printf '%s\n' "$!" >"$folder/pid"
  disown "$!"
}

# Waits until every instance answers. Answers 1 where one has ended.
await_instances() {
  local data=$1 name tenths=0 waiting
  while :; do
    waiting=
    for name in $(deployment_processes); do
      [[ -f $data/$name/run/holdfast.json ]] && continue
      waiting=$name
      if [[ -z $(instance_process "$data/$name") ]]; then
        say "$name ended before it was ready. Its last line ($data/$name/log):"
        last_words "$data/$name/log" >&2
        return 1
      fi
    done
    [[ -z $waiting ]] && return 0
    sleep 0.1
    tenths=$((tenths + 1))
    if ((tenths % 100 == 0)); then say "waiting for $waiting to be ready ($((tenths / 10)) s)"; fi
    if ((tenths >= 1800)); then
      say "$waiting is not ready after three minutes; its log: $data/$waiting/log"
      return 1
    fi
  done
}

start_gateway() {
  local data=$1 port=$2 doors=$3
  mkdir -p "$data/gateway"
  setsid bin/holdfast-gateway --services "$doors" --port "$port" </dev/null >"$data/gateway/log" 2>&1 7>&- 8>&- 9>&- &
  printf '%s\n' "$!" >"$data/gateway/pid"
  disown "$!"
}

# doors_of PORT...: "initiative=127.0.0.1:P,…;…;*=…"
doors_of() {
  local service ordinal doors='' first='' list
  for service in "${deployment_services[@]}"; do
    list=
    for ((ordinal = 0; ordinal < $(replicas_of "$service"); ordinal++)); do
      list+=${list:+,}127.0.0.1:$1
      shift
    done
    if [[ $service == delivery ]]; then continue; fi
    doors+="$service=$list;"
    # Boards are the projection's; who asks for anything else (a session, a token) may ask any.
    if [[ $service == projection ]]; then doors+="board=$list;operations=$list;"; fi
    first=${first:-$list}
  done
  printf '%s' "$doors*=$first"
}

# deployment_up DATA PORT NODES MODE(human|json) DEMO(demo|empty)
deployment_up() {
  local data=$1 port=$2 nodes=$3 mode=$4 demo=$5 bootstrap doors name names ports=() i=0 gateway loaded=0
  if [[ -n $(gateway_process "$data") && -f $data/run/holdfast.json ]]; then
    say "the deployment on $data is running already"
    show_addresses "$data" "$mode" "$demo" yes
    return 0
  fi
  bootstrap=$(kafka_up "$data/kafka" "$nodes" 19092 '' yes 0)
  nodes=$(<"$data/kafka/nodes")
  make_secrets "$data/secrets"
  say "topics"
  bin/holdfast kafka topics apply --bootstrap "$bootstrap" --partitions "$deployment_partitions" --replication "$nodes" \
    "${deployment_tenants[@]/#/--for-tenant=}" >"$data/topics.txt" || die "up: the topics could not be made; see $data/topics.txt"
  mapfile -t names < <(deployment_instances)
  mapfile -t ports < <(free_ports $((${#names[@]} * 2 + 1)) "$((port + 10))")
  doors=$(doors_of "${ports[@]}")
  for name in "${names[@]}"; do
    write_instance "$data/$name" "${name##*-}" "${ports[i]}" "${ports[i + ${#names[@]}]}" "$doors" "$bootstrap" "$nodes"
    start_instance "$data" "$name"
    i=$((i + 1))
  done
  write_archiver "$data/archiver-0" "${ports[-1]}" "$bootstrap" "$nodes"
  start_instance "$data" archiver-0
  await_instances "$data" || { deployment_down "$data"; exit 1; }
  gateway=$(free_ports 1 "$port")
  start_gateway "$data" "$gateway" "$doors"
  printf '{"pid":%s,"console":"http://127.0.0.1:%s","grpc":"%s","admin":"http://127.0.0.1:%s","data":"%s"}\n' \
    "$(<"$data/gateway/pid")" "$gateway" "$doors" "${ports[i]}" "$data" >"$data/run/holdfast.json"
  if [[ $demo == demo ]]; then load_demonstration "$doors" || loaded=$?; fi
  if ((loaded)); then say "the demonstration data could not be loaded (exit $loaded); the deployment runs on without it"; fi
  show_addresses "$data" "$mode" "$demo" yes
}

# Answers 1 where nothing was running.
deployment_down() {
  local data=$1 name pid pids=()
  pid=$(gateway_process "$data")
  if [[ -n $pid ]]; then pids+=("$pid"); fi
  for name in $(deployment_processes); do
    pid=$(instance_process "$data/$name")
    if [[ -n $pid ]]; then pids+=("$pid"); fi
  done
  for pid in ${pids[@]+"${pids[@]}"}; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in ${pids[@]+"${pids[@]}"}; do stop_server "$pid"; done
  rm -f -- "$data/run/holdfast.json" "$data"/*/pid
  if [[ -f $data/kafka/nodes ]]; then kafka_down "$data/kafka"; fi
  ((${#pids[@]}))
}
