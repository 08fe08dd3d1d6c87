# shellcheck shell=bash
# The development broker: real Apache Kafka (KRaft, no ZooKeeper) on this machine. Read by ./dev, whose words it uses;
# nothing here builds.
#
#   .cache/kafka-VERSION/   libs/ (from Maven)   kafka.jsa (class-data archive: half the time to start)
#   DATA                    cluster-id   nodes   node-N/{server.properties,broker.log,pid,log/}
#
# Several DATA folders may run at once; each takes free ports.

kafka_version=3.9.1
kafka_packages=(openjdk-17-jre-headless maven)
kafka_home=$root/.cache/kafka-$kafka_version
kafka_main=kafka.Kafka
kafka_suites=(kafka_journal_test kafka_actor_test kafka_quorum_test flow_deployment_test flow_deployment_archive_test
  flow_delivery_test flow_leaderless_test flow_chaos_test) # they run against the real broker

# ----------------------------------------------------------------------------------------------------------- set-up

have_kafka() { command -v java >/dev/null && [[ -f $kafka_home/.complete ]]; }

# Java, Maven and the broker's own artifacts. Answers 1 with a sentence where they cannot be had.
prepare_kafka() {
  have_kafka && return 0
  if ! { need_packages kafka "${kafka_packages[@]}" && command -v java mvn >/dev/null; }; then
    say "there is no broker here: it needs Java 17 and Maven (Debian: ${kafka_packages[*]})"
    return 1
  fi
  mkdir -p "$kafka_home"
  say "fetching Apache Kafka $kafka_version by Maven into $kafka_home"
  if ! mvn -q -B -C -f deploy/kafka/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$kafka_home/libs" >.cache/kafka-maven.log 2>&1 </dev/null; then
    tail -n 5 .cache/kafka-maven.log >&2
    say "there is no broker here: Maven could not fetch Kafka's artifacts (.cache/kafka-maven.log)"
    return 1
  fi
  : >"$kafka_home/.complete"
}

# prepare_kafka_for REGEX: a suite of the real broker that is asked for by name has it fetched; else such suites run where it
# is here already, and are skipped elsewhere.
prepare_kafka_for() {
  if printf '%s\n' "${kafka_suites[@]}" | grep -qE -- "$1"; then prepare_kafka || true; fi
  if [[ flow_delivery_test =~ $1 ]]; then prepare_conformance || true; fi
  if [[ flow_sign_in_test =~ $1 ]]; then prepare_scripts oidc "a certified OpenID provider" || true; fi
}

# What other people read the public topics with: kcat of Debian, kafkajs and the SDK of CloudEvents. Tests skip without.
prepare_conformance() {
  need_packages kcat kcat || say "there is no kcat here: its test is skipped"
  prepare_scripts cloudevents "kafkajs and the SDK of CloudEvents"
}

# prepare_scripts NAME WHAT: other people's code for tests/conformance/NAME, pinned by its package-lock.json.
prepare_scripts() {
  local scripts=tests/conformance/$1 locked
  if ! have_node && ! { need_packages web "${web_packages[@]}" && have_node; }; then
    say "there is no node here: the test of $1 is skipped"
    return 1
  fi
  locked=$(digest <"$scripts/package-lock.json")
  [[ -f $scripts/node_modules/.holdfast && $(<"$scripts/node_modules/.holdfast") == "$locked" ]] && return 0
  say "fetching $2 (npm ci --ignore-scripts)"
  if ! (cd "$scripts" && npm ci --ignore-scripts --no-audit --no-fund --fetch-timeout=60000 --fetch-retry-maxtimeout=10000) \
    >".cache/npm-$1.log" 2>&1 </dev/null; then
    say "npm could not fetch it (.cache/npm-$1.log): the test of $1 is skipped"
    return 1
  fi
  printf '%s\n' "$locked" >"$scripts/node_modules/.holdfast"
}

# kafka_java CLASS ARGUMENT...: a tool of the distribution.
kafka_java() {
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j.configuration="file:$root/deploy/kafka/log4j.properties" \
    -cp "$kafka_home/libs/*" "$@"
}

# ------------------------------------------------------------------------------------------------------------ nodes

# process_in FOLDER WORD: the number of the process that FOLDER/pid names, or nothing (also where a stranger got its number:
# WORD is one of the words that it was started with).
process_in() {
  local folder=$1 word=$2 pid
  [[ -f $folder/pid ]] || return 0
  pid=$(<"$folder/pid")
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 0
  if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "$word"; then printf '%s' "$pid"; fi
}
node_process() { process_in "$1" "$1/server.properties"; }

# node_property NODE NAME
node_property() { sed -n "s/^$2=//p" "$1/server.properties" 2>/dev/null; }

# Ports on which something listens, a line each.
listening_ports() {
  local hex
  awk '$4 == "0A" { split($2, address, ":"); print address[2] }' /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    while read -r hex; do printf '%d\n' "0x$hex"; done
}

# free_ports COUNT FROM: so many free ports, the lowest from there on.
free_ports() {
  local count=$1 port=$2 taken
  taken=" $(listening_ports | tr '\n' ' ') "
  while ((count > 0 && port < 65536)); do
    if [[ $taken != *" $port "* ]]; then
      printf '%s\n' "$port"
      count=$((count - 1))
    fi
    port=$((port + 1))
  done
}

# Writes the nodes' files: ports are chosen anew each time, because those of the last time may be taken. With FRONTS, each node
# has so many listeners more: who comes in by one is told ports on which the caller has somebody listen that passes on to it.
write_nodes() {
  local data=$1 nodes=$2 port=$3 fronts=$4 ports=() voters='' node n front last listeners advertised in_sync=1
  local count=$((nodes * (2 + 2 * fronts)))
  mapfile -t ports < <(free_ports "$count" "$port")
  ((${#ports[@]} == count)) || die "kafka: there are not $count free ports from $port on"
  for ((n = 1; n <= nodes; n++)); do voters+=${voters:+,}$n@127.0.0.1:${ports[nodes + n - 1]}; done
  if ((nodes >= 3)); then in_sync=2; fi
  for ((n = 1; n <= nodes; n++)); do
    node=$data/node-$n
    mkdir -p "$node"
    listeners=PLAINTEXT://127.0.0.1:${ports[n - 1]} advertised=PLAINTEXT://127.0.0.1:${ports[n - 1]}
    for ((front = 0; front < fronts; front++)); do
      last=$((nodes * (2 + 2 * front) + n - 1))
      listeners+=,FRONT$front://127.0.0.1:${ports[last]}
      advertised+=,FRONT$front://127.0.0.1:${ports[last + nodes]}
    done
    {
      cat deploy/kafka/server.properties
      cat <<PROPERTIES
node.id=$n
listeners=$listeners,CONTROLLER://127.0.0.1:${ports[nodes + n - 1]}
advertised.listeners=$advertised
controller.quorum.voters=$voters
log.dirs=$node/log
default.replication.factor=$nodes
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$nodes
transaction.state.log.replication.factor=$nodes
transaction.state.log.min.isr=$in_sync
PROPERTIES
    } >"$node/server.properties"
  done
}

format_nodes() {
  local data=$1 node
  if [[ ! -f $data/cluster-id ]]; then
    kafka_java kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1 >"$data/cluster-id.new"
    mv "$data/cluster-id.new" "$data/cluster-id"
  fi
  for node in "$data"/node-*; do
    [[ -f $node/log/meta.properties ]] && continue
    kafka_java kafka.tools.StorageTool format -t "$(<"$data/cluster-id")" -c "$node/server.properties" \
      >"$node/format.log" 2>&1 || {
      tail -n 3 "$node/format.log" >&2
      die "kafka: $node could not be formatted ($node/format.log)"
    }
  done
}

# The archive of loaded classes is written by the first broker that ends in good order, and used by all after it.
start_node() {
  local node=$1 archive=$kafka_home/kafka.jsa share=()
  if [[ -f $archive ]]; then
    share=(-XX:SharedArchiveFile="$archive" -Xshare:auto)
  elif [[ $node == */node-1 ]]; then
    share=(-XX:ArchiveClassesAtExit="$archive.new.$$" -Xlog:cds=off -Xlog:cds+dynamic=off)
  fi
  # Its own session: Ctrl-C is for the script that asked.
  setsid java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "${share[@]}" \
    -Dlog4j.configuration="file:$root/deploy/kafka/log4j.properties" \
    -cp "$kafka_home/libs/*" "$kafka_main" "$node/server.properties" </dev/null >"$node/broker.log" 2>&1 7>&- 9>&- &
  printf '%s\n' "$!" >"$node/pid"
  disown "$!"
}

# Waits until every node serves. Answers 1 where one has ended.
await_nodes() {
  local data=$1 node tenths=0 waiting=yes
  while [[ -n $waiting ]]; do
    waiting=
    for node in "$data"/node-*; do
      grep -q 'Kafka Server started' "$node/broker.log" 2>/dev/null && continue
      waiting=$node
      # Just forked, a process does not bear its name yet.
      [[ -n $(node_process "$node") ]] || kill -0 "$(<"$node/pid")" 2>/dev/null || return 1
    done
    [[ -z $waiting ]] && return 0
    sleep 0.1
    tenths=$((tenths + 1))
    if ((tenths % 100 == 0)); then say "waiting for the broker ($((tenths / 10)) s; log: $waiting/broker.log)"; fi
    if ((tenths >= 1200)); then return 1; fi
  done
}

bootstrap_of() {
  local data=$1 node all=''
  for node in "$data"/node-*; do
    local listener
    listener=$(node_property "$node" advertised.listeners)
    listener=${listener#PLAINTEXT://}
    all+=${all:+,}${listener%%,*}
  done
  printf '%s\n' "$all"
}

stop_nodes() {
  local data=$1 node pid pids=() archive tenths=0 killed=''
  for node in "$data"/node-*; do
    pid=$(node_process "$node")
    if [[ -n $pid ]]; then
      pids+=("$pid")
      kill -TERM "$pid" 2>/dev/null || true
    fi
  done
  for pid in ${pids[@]+"${pids[@]}"}; do
    while [[ -d /proc/$pid ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null; do
      sleep 0.1
      tenths=$((tenths + 1))
      # Nodes of a quorum that end together wait for each other.
      if ((tenths == 150)); then
        killed=yes
        kill -KILL "${pids[@]}" 2>/dev/null || true
      fi
    done
  done
  for archive in "$kafka_home"/kafka.jsa.new.*; do
    if [[ -s $archive && -z $killed ]]; then mv "$archive" "$kafka_home/kafka.jsa"; else rm -f -- "$archive"; fi
  done
  rm -f -- "$data"/node-*/pid
  ((${#pids[@]}))
}

# Ends the broker when a process has: a test that is killed leaves nothing behind.
stop_with() {
  local pid=$1 data=$2
  setsid bash -c 'tail --pid="$1" -f /dev/null; exec "$2/dev" kafka down --data "$3"' stop_with "$pid" "$root" "$data" \
    </dev/null >/dev/null 2>&1 7>&- 9>&- &
  disown "$!"
}

# ------------------------------------------------------------------------------------------------------------ verbs

kafka_up() {
  local data=$1 nodes=$2 port=$3 with=$4 fetch=$5 fronts=$6 known node n running=0 attempt
  if [[ -z $fetch ]] && ! have_kafka; then
    say "there is no broker here yet; ./dev kafka up fetches one (it needs Java 17 and Maven)"
    exit 3
  fi
  prepare_kafka || exit 3
  if ! { mkdir -p -- "$data" && touch -- "$data/up.lock"; } 2>/dev/null; then
    die "kafka: cannot write in $data; choose a folder that $(id -un) may write, with --data DIR"
  fi
  exec 7>"$data/up.lock"
  flock 7
  known=$(cat "$data/nodes" 2>/dev/null || true)
  if [[ -n $known && -n $nodes && $known != "$nodes" ]]; then
    die "kafka: the broker in $data was made with $known nodes, not $nodes; remove the folder, or choose another with --data"
  fi
  nodes=${known:-${nodes:-1}}
  for ((n = 1; n <= nodes; n++)); do
    if [[ -n $(node_process "$data/node-$n") ]]; then running=$((running + 1)); fi
  done
  # Another process may take a port between the choice and the start: then once more.
  for attempt in 1 2 3; do
    if ((running == 0)); then write_nodes "$data" "$nodes" "$port" "$fronts"; fi
    printf '%s\n' "$nodes" >"$data/nodes"
    format_nodes "$data"
    for node in "$data"/node-*; do
      if [[ -z $(node_process "$node") ]]; then start_node "$node"; fi
    done
    if await_nodes "$data"; then
      if [[ -n $with ]]; then stop_with "$with" "$data"; fi
      bootstrap_of "$data"
      return 0
    fi
    grep -lq 'Address already in use' "$data"/node-*/broker.log && ((running == 0)) || break
    say "a port was taken meanwhile; starting again (attempt $attempt)"
    stop_nodes "$data" || true
  done
  say "the broker did not start. Last words of its logs ($data/node-*/broker.log):"
  tail -qn 3 "$data"/node-*/broker.log >&2
  stop_nodes "$data" || true
  exit 1
}

kafka_down() {
  local data=$1
  if [[ -f $data/nodes ]] && stop_nodes "$data"; then
    say "stopped; the data stays in $data"
  else
    say "no broker is running on $data"
  fi
}

# Answers 1 where a node is not running.
kafka_status() {
  local data=$1 node pid status=0
  if [[ ! -f $data/nodes ]]; then
    echo "no broker was made in $data"
    return 1
  fi
  for node in "$data"/node-*; do
    pid=$(node_process "$node")
    printf '%s  %s  %s\n' "${node##*/}" "$(node_property "$node" advertised.listeners)" "$([[ -n $pid ]] && echo "process $pid" || echo stopped)"
    [[ -n $pid ]] || status=1
  done
  return "$status"
}

verb_kafka() {
  local action=${1:-} data=$root/.data/kafka nodes='' port=19092 with='' fetch=yes fronts=0
  shift || true
  if [[ $action == tool ]]; then
    have_kafka || die "kafka: there is no broker here yet; ./dev kafka up fetches one"
    (($#)) || usage_error "kafka tool: it takes a class of the distribution and its arguments"
    kafka_java "$@"
    return
  fi
  while (($#)); do
    case $1 in
      --data=*) data=$(absolute "${1#*=}") ;;
      --nodes=*) nodes=${1#*=} ;;
      --port=*) port=${1#*=} ;;
      --with=*) with=${1#*=} ;;
      --fronts=*) fronts=${1#*=} ;;
      --no-fetch) fetch= ;;
      --data | --nodes | --port | --with | --fronts) set -- '' "$1=${2-}" "${@:3}" ;;
      *) usage_error "kafka: unknown option '$1'; it takes up|down|status" \
        "[--nodes 1|3] [--data DIR] [--port FIRST] [--with PROCESS] [--fronts 0|1|2] [--no-fetch]; tool CLASS ARGUMENT..." ;;
    esac
    shift
  done
  [[ -z $nodes || $nodes == 1 || $nodes == 3 ]] || usage_error "kafka: --nodes wants 1 or 3"
  [[ $fronts =~ ^[012]$ ]] || usage_error "kafka: --fronts wants 0, 1 or 2"
  [[ $port =~ ^[0-9]+$ ]] || usage_error "kafka: --port wants the lowest port to choose"
  [[ -z $with || $with =~ ^[0-9]+$ ]] || usage_error "kafka: --with wants the number of a process"
  case $data in "${HOME:-/}" | "$root" | /) usage_error "kafka: --data wants a folder of its own, not $data" ;; esac
  case $action in
    up) kafka_up "$data" "$nodes" "$port" "$with" "$fetch" "$fronts" ;;
    down) kafka_down "$data" ;;
    status) kafka_status "$data" ;;
    *) usage_error "kafka: it takes up, down, status or tool, not '$action'" ;;
  esac
}
