"""What the chart makes, as the API would see it, and what is wrong with it.

Every check answers faults, sentences that name the object; none means that all is well. They read rendered objects only, so
that a mistake in a template is as visible as one in the values.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

try:
    import yaml
except ImportError:  # said by the tests that need it
    yaml = None

KUBERNETES = "1.30.0"
OPERATORS = [
    "kafka.strimzi.io/v1beta2/KafkaTopic", "kafka.strimzi.io/v1beta2/KafkaUser",
    "monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PrometheusRule",
]
PROBES = {"startupProbe": "startupz", "livenessProbe": "livez", "readinessProbe": "readyz"}
USER = 65532
PORTS = {"http": 8080, "grpc": 8081, "admin": 8082}


def helm(root):
    """Where helm is: fetched by ./dev package, or the machine's own; None where there is none."""
    fetched = pathlib.Path(root) / ".cache/tools/bin/helm"
    return str(fetched) if fetched.exists() else shutil.which("helm")


class Refused(Exception):
    """The chart did not render; the words are helm's."""


def render(program, chart, values=None, settings=(), operators=True):
    """The objects of one release named hf."""
    command = [program, "template", "hf", str(chart), "--namespace", "partnership", "--kube-version", KUBERNETES]
    if values:
        command += ["--values", str(values)]
    for setting in settings:
        command += ["--set-json", setting]
    if operators:
        for api in OPERATORS:
            command += ["--api-versions", api]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if run.returncode:
        raise Refused(run.stderr)
    return Release([document for document in yaml.safe_load_all(run.stdout) if document])


class Release:
    """Rendered objects, by kind and by service."""

    def __init__(self, objects):
        self.objects = objects

    def of(self, *kinds):
        return [item for item in self.objects if item["kind"] in kinds]

    def workloads(self):
        """Name of the service -> its StatefulSet or Deployment."""
        return {item["metadata"]["labels"]["app.kubernetes.io/component"]: item for item in self.of("StatefulSet", "Deployment")}

    def service(self, name):
        """The Service of that service, or None."""
        found = [item for item in self.of("Service") if item["metadata"]["labels"].get("app.kubernetes.io/component") == name]
        return found[0] if found else None

    def configurations(self):
        """Name of the service -> what its process reads."""
        return {item["metadata"]["labels"]["app.kubernetes.io/component"]: json.loads(item["data"]["holdfast.json"])
                for item in self.of("ConfigMap") if "holdfast.json" in item["data"]}


def selects(labels, wanted):
    return all(labels.get(key) == value for key, value in (wanted or {}).items())


def pod_labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


# ------------------------------------------------------------------------------------------------------- pods

def check_security(release):
    """The standard `restricted`, and more: no root, nothing to write on, no token of the API."""
    faults = []
    for name, workload in release.workloads().items():
        pod = workload["spec"]["template"]["spec"]
        context = pod.get("securityContext", {})
        wanted = {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
                  "seccompProfile": {"type": "RuntimeDefault"}}
        faults += [f"{name}: the pod's securityContext.{key} is {context.get(key)}, not {value}"
                   for key, value in wanted.items() if context.get(key) != value]
        if pod.get("automountServiceAccountToken") is not False:
            faults.append(f"{name}: the pod is given a token of the API")
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(key):
                faults.append(f"{name}: {key} is no pod's business")
        faults += [f"{name}: the volume {volume['name']} is of the node" for volume in pod.get("volumes") or [] if "hostPath" in volume]
        for container in pod["containers"] + (pod.get("initContainers") or []):
            faults += container_faults(f"{name}/{container['name']}", container)
    for account in release.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            faults.append("the service account hands out a token of the API")
    return faults


def container_faults(name, container):
    context = container.get("securityContext", {})
    wanted = {"allowPrivilegeEscalation": False, "privileged": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True,
              "capabilities": {"drop": ["ALL"]}}
    faults = [f"{name}: securityContext.{key} is {context.get(key)}, not {value}"
              for key, value in wanted.items() if context.get(key) != value]
    resources = container.get("resources", {})
    if not all(resources.get("requests", {}).get(key) for key in ("cpu", "memory")) or not resources.get("limits", {}).get("memory"):
        faults.append(f"{name}: cpu and memory are asked for, and memory is limited")
    if not re.search(r"(:[\w.-]+|@sha256:[0-9a-f]{64})$", container["image"]) or container["image"].endswith(":latest"):
        faults.append(f"{name}: the image {container['image']} is not fixed")
    return faults


def check_probes(release):
    faults = []
    configurations = release.configurations()
    for name, workload in release.workloads().items():
        pod = workload["spec"]["template"]["spec"]
        container = pod["containers"][0]
        for probe, page in PROBES.items():
            asked = container.get(probe, {})
            over_http = asked.get("httpGet", {}) == {"path": f"/{page}", "port": "admin"}
            inside = asked.get("exec", {}).get("command", [])[:3] == [f"/usr/bin/holdfast-{name}", "healthcheck", page]
            if not over_http and not inside:
                faults.append(f"{name}: the {probe} does not ask {page}")
        drain = configurations[name]["drain"] if name in configurations else {"delay_ms": 5000, "deadline_ms": 20000}
        grace = (drain["delay_ms"] + drain["deadline_ms"]) // 1000 + 10
        if pod.get("terminationGracePeriodSeconds") != grace:
            faults.append(f"{name}: {grace} s are needed to drain, the pod is given {pod.get('terminationGracePeriodSeconds')}")
    return faults


# ---------------------------------------------------------------------------------------------------- workloads

def check_owners(release):
    """What keeps data is found by name, whether ready or not, and keeps its claim."""
    faults = []
    for name, workload in release.workloads().items():
        if workload["metadata"]["labels"]["holdfast/kind"] == "stateless":
            continue
        spec, service = workload["spec"], release.service(name)
        if workload["kind"] != "StatefulSet":
            faults.append(f"{name}: it keeps data, so it is a StatefulSet")
            continue
        if spec.get("podManagementPolicy") != "Parallel":
            faults.append(f"{name}: pods wait for each other; podManagementPolicy is Parallel")
        if spec.get("persistentVolumeClaimRetentionPolicy") != {"whenDeleted": "Retain", "whenScaled": "Retain"}:
            faults.append(f"{name}: claims would be deleted with the release")
        if not service or service["metadata"]["name"] != spec.get("serviceName"):
            faults.append(f"{name}: serviceName names no service")
            continue
        if service["spec"].get("clusterIP") != "None" or service["spec"].get("publishNotReadyAddresses") is not True:
            faults.append(f"{name}: its door is not found by name while it is not ready")
        if not selects(pod_labels(workload), service["spec"]["selector"]):
            faults.append(f"{name}: its service selects no pod of it")
    return faults


def check_upgradable(release):
    """What can never be changed carries nothing that changes."""
    faults = []
    for name, workload in release.workloads().items():
        never = [("selector", workload["spec"]["selector"]["matchLabels"])]
        never += [("claim", claim["metadata"].get("labels", {})) for claim in workload["spec"].get("volumeClaimTemplates", [])]
        for where, labels in never:
            faults += [f"{name}: the {where} carries {key}, so no release could be upgraded" for key in labels
                       if "version" in key or "chart" in key]
    return faults


def immutable_fields(release):
    """What an upgrade may not change: name of the StatefulSet -> those fields."""
    fields = ("serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates")
    return {item["metadata"]["name"]: {field: item["spec"][field] for field in fields} for item in release.of("StatefulSet")}


def check_disruption(release):
    faults = []
    for name, workload in release.workloads().items():
        budgets = [item["spec"] for item in release.of("PodDisruptionBudget")
                   if selects(pod_labels(workload), item["spec"]["selector"]["matchLabels"])]
        if len(budgets) != 1:
            faults.append(f"{name}: it has {len(budgets)} disruption budgets, not one")
        elif budgets[0].get("maxUnavailable") != 1 or budgets[0].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            faults.append(f"{name}: one pod may be away at a time, and a sick one always")
    for scaler in release.of("HorizontalPodAutoscaler"):
        if scaler["spec"]["scaleTargetRef"]["kind"] != "Deployment":
            faults.append(f"{scaler['metadata']['name']}: what owns partitions is not scaled by load")
    return faults


def check_placement(release):
    faults = []
    for name, workload in release.workloads().items():
        pod = workload["spec"]["template"]["spec"]
        if not pod.get("affinity"):
            faults.append(f"{name}: nothing keeps its pods on different nodes")
        if not any(row["topologyKey"] == "topology.kubernetes.io/zone" for row in pod.get("topologySpreadConstraints") or []):
            faults.append(f"{name}: nothing spreads its pods over zones")
    return faults


# ------------------------------------------------------------------------------------------------------ network

def check_policies(release):
    """All is denied both ways to every pod; no rule is empty, which would be everybody or everything."""
    faults = []
    policies = release.of("NetworkPolicy")
    deny = [item["spec"] for item in policies if "ingress" not in item["spec"] and "egress" not in item["spec"]]
    for name, workload in release.workloads().items():
        both = [spec for spec in deny if set(spec["policyTypes"]) == {"Ingress", "Egress"}
                and selects(pod_labels(workload), spec["podSelector"].get("matchLabels"))]
        if not both:
            faults.append(f"{name}: nothing denies by default what comes in and goes out")
    for item in policies:
        name, spec = item["metadata"]["name"], item["spec"]
        if not spec["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/instance"):
            faults.append(f"{name}: it concerns pods that are not ours")
        for way, side in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(way, []):
                if not rule.get(side) or not all(rule[side]) or not all(part for peer in rule[side] for part in peer.values()):
                    faults.append(f"{name}: {way} has an empty peer, which is everybody")
                if not rule.get("ports") or not all(port.get("port") for port in rule["ports"]):
                    faults.append(f"{name}: {way} opens every port")
    return faults


def flows(release):
    """(way, service, the other end, port) that the policies allow. The other end is a service's name, or the peer's own labels or
    range as text."""
    workloads = {name: pod_labels(workload) for name, workload in release.workloads().items()}
    found = set()
    for item in release.of("NetworkPolicy"):
        spec = item["spec"]
        ours = [name for name, labels in workloads.items() if selects(labels, spec["podSelector"].get("matchLabels"))]
        for way, side in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(way, []):
                for name in ours:
                    for peer in rule.get(side) or [{}]:
                        for port in rule.get("ports") or [{}]:
                            found |= {(way, name, other, port.get("port", "any")) for other in ends_of(peer, workloads)}
    return found


def ends_of(peer, workloads):
    if not peer:
        return ["anybody"]
    if set(peer) == {"podSelector"}:
        return [name for name, labels in workloads.items() if selects(labels, peer["podSelector"].get("matchLabels"))]
    return [json.dumps(peer, sort_keys=True)]


# -------------------------------------------------------------------------------------------------------- Kafka

def registry(root):
    return json.loads((pathlib.Path(root) / "deploy/kafka/topics.json").read_text())


def wanted_topics(root, tenants):
    """Name -> (topic of the registry, the context it belongs to or None)."""
    found, here = {}, registry(root)
    for topic in here["topics"]:
        for tenant in tenants if "<tenant>" in topic["name"] else [None]:
            for context in here["contexts"] if "<context>" in topic["name"] else [None]:
                name = topic["name"].replace("<tenant>", tenant or "").replace("<context>", context or "")
                found[name] = (topic, context)
    return found


def check_topics(release, root, tenants=()):
    faults = []
    wanted = wanted_topics(root, tenants)
    made = {item["metadata"]["name"]: item for item in release.of("KafkaTopic")}
    faults += [f"{name}: it is in the registry and not made" for name in wanted.keys() - made.keys()]
    faults += [f"{name}: it is made and not in the registry" for name in made.keys() - wanted.keys()]
    for name in wanted.keys() & made.keys():
        topic, spec = wanted[name][0], made[name]["spec"]
        settings = {setting["name"]: setting["value"] for setting in topic["settings"]}
        if (spec["topicName"], spec["partitions"], spec["replicas"], spec["config"]) != (
                name, topic["partitions"], topic["replication"], settings):
            faults.append(f"{name}: it is made otherwise than the registry says")
    for item in release.of("KafkaTopic", "KafkaUser"):
        if item["metadata"].get("annotations", {}).get("helm.sh/resource-policy") != "keep":
            faults.append(f"{item['metadata']['name']}: it would be deleted with the release")
    return faults


def wanted_rights(root, name, kind, tenants):
    """Topic -> what a service may do with it, by the registry."""
    rights = {}
    for topic, (entry, context) in wanted_topics(root, tenants).items():
        words = {name, "every process"} | ({"<context>"} if name == context else set())
        words |= {"owners", "standbys", "reactors"} if kind == "owner" else set()
        operations = set()
        if words & set(entry["readBy"]):
            operations |= {"Read", "Describe", "DescribeConfigs"}
        if words & set(entry["writtenBy"]):
            operations |= {"Write", "Describe"}
        if operations:
            rights[topic] = operations
    return rights


def check_users(release, root, tenants=()):
    faults = []
    users = {item["metadata"]["name"]: item["spec"] for item in release.of("KafkaUser")}
    for name, workload in release.workloads().items():
        kind = workload["metadata"]["labels"]["holdfast/kind"]
        user = users.pop(workload["metadata"]["name"], None)
        if kind == "stateless":
            continue
        if not user:
            faults.append(f"{name}: it has no user at the broker")
            continue
        given = {}
        for acl in user["authorization"]["acls"]:
            if acl["resource"]["type"] != "topic" or acl["resource"]["patternType"] != "literal":
                faults.append(f"{name}: a right is given for more than one topic")
            given.setdefault(acl["resource"]["name"], set()).update(acl["operations"])
        if given != wanted_rights(root, name, kind, tenants):
            faults.append(f"{name}: its rights at the broker are others than the registry's")
    return faults + [f"{name}: the user belongs to no service" for name in users]


# --------------------------------------------------------------------------------------------------- monitoring

def check_monitoring(release):
    """Every service that is asked over HTTP is scraped, under the job that rules and dashboards choose by."""
    faults = []
    monitors = release.of("ServiceMonitor")
    for name, workload in release.workloads().items():
        labels = release.service(name)["metadata"]["labels"]
        if "httpGet" not in workload["spec"]["template"]["spec"]["containers"][0].get("livenessProbe", {}):
            continue
        found = [item["spec"] for item in monitors if selects(labels, item["spec"]["selector"]["matchLabels"])]
        if len(found) != 1:
            faults.append(f"{name}: {len(found)} monitors scrape it, not one")
        elif labels.get(found[0].get("jobLabel", "")) != f"holdfast-{name}" or found[0]["endpoints"][0]["port"] != "admin":
            faults.append(f"{name}: its series are not of the job holdfast-{name}")
    for item in release.of("PrometheusRule"):
        if 'namespace=~".+"' in json.dumps(item).replace('\\"', '"'):
            faults.append(f"{item['metadata']['name']}: it asks for every namespace, not for its own")
    return faults


def faults_of(release, root, tenants=()):
    """Objects of operators are checked where there are any."""
    faults = []
    for check in (check_security, check_probes, check_owners, check_upgradable, check_disruption, check_placement, check_policies):
        faults += check(release)
    if release.of("ServiceMonitor"):
        faults += check_monitoring(release)
    if release.of("KafkaUser"):
        faults += check_topics(release, root, tenants) + check_users(release, root, tenants)
    return faults
