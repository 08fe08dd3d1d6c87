"""The chart makes what the design promises: no root, no open door, nothing that is lost with a release. Each check is shown a
planted mistake as well. Only helm is needed; ./dev package goes on with the schemas of Kubernetes and Strimzi."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import chart  # noqa: E402
import report  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/holdfast"
HELM = chart.helm(ROOT)
NEEDS_HELM = unittest.skipIf(HELM is None or chart.yaml is None,
                             "helm is not fetched (./dev package fetches it), or python3-yaml is not installed")
TENANTS = {"national": ["westmoor", "eastvale"]}
BROKER = '{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kafka"}}, ' \
         '"podSelector": {"matchLabels": {"strimzi.io/name": "holdfast-kafka"}}}'
WITHIN = {
    ("gateway", "initiative", 8081), ("gateway", "metrics", 8081), ("gateway", "projection", 8081),
    ("initiative", "initiative", 8081), ("initiative", "metrics", 8081), ("metrics", "initiative", 8081),
    ("metrics", "metrics", 8081), ("delivery", "initiative", 8081), ("delivery", "metrics", 8081),
    ("gateway", "directory", 8081), ("directory", "directory", 8081), ("delivery", "directory", 8081),
    ("directory", "initiative", 8081), ("directory", "metrics", 8081), ("initiative", "directory", 8081),
    ("metrics", "directory", 8081),
}


def values(name):
    return CHART / "ci" / f"{name}.yaml"


def region(settings=(), folder=CHART):
    return chart.render(HELM, folder, values("region"), settings)


@NEEDS_HELM
class Chart(unittest.TestCase):
    def test_has_no_fault_in_any_environment(self):
        for file in sorted((CHART / "ci").glob("*.yaml")):
            for operators in (True, False):
                release = chart.render(HELM, CHART, file, operators=operators)
                self.assertEqual(chart.faults_of(release, ROOT, TENANTS.get(file.stem, ())), [], f"{file.name} {operators}")

    def test_makes_of_one_more_entry_a_whole_service(self):
        release = region(['services.engagement={"kind": "owner"}'])
        self.assertEqual(chart.faults_of(release, ROOT), [])
        self.assertIn("engagement", release.workloads())
        self.assertIn(("ingress", "engagement", "gateway", 8081), chart.flows(release))
        self.assertIn("engagement=hf-holdfast-engagement-0.", release.configurations()["initiative"]["instance"]["doors"])

    def test_gives_no_door_to_what_nobody_asks(self):
        release = region()
        self.assertEqual(chart.faults_of(release, ROOT), [])
        self.assertNotIn("archiver=", release.configurations()["archiver"]["instance"]["doors"])
        self.assertEqual([port["name"] for port in release.service("archiver")["spec"]["ports"]], ["admin"])

    def test_makes_nothing_of_operators_that_the_cluster_does_not_know(self):
        release = chart.render(HELM, CHART, values("no-operators"), operators=False)
        self.assertEqual(release.of("KafkaTopic", "KafkaUser", "ServiceMonitor", "PrometheusRule"), [])

    def test_opens_between_services_what_is_listed_here_and_nothing_else(self):
        found = chart.flows(region())
        ours = {(other, name, port) for way, name, other, port in found if way == "ingress" and not other.startswith("{")}
        self.assertEqual(ours, WITHIN)
        self.assertEqual({(name, other, port) for way, name, other, port in found
                          if way == "egress" and not other.startswith("{")}, WITHIN)

    def test_lets_only_what_keeps_a_journal_reach_the_broker(self):
        found = {name for way, name, other, port in chart.flows(region()) if way == "egress" and other == BROKER}
        self.assertEqual(found, {"archiver", "delivery", "directory", "initiative", "metrics", "projection"})

    def test_lets_the_world_in_at_the_gateway_and_prometheus_at_the_admin_port(self):
        found = {(name, port) for way, name, other, port in chart.flows(region()) if way == "ingress" and other.startswith("{")}
        self.assertEqual(found, {("gateway", 8080)} | {(name, 8082) for name in ("archiver", "delivery", "directory", "gateway", "initiative", "metrics", "projection")})

    def test_keeps_the_fields_that_no_upgrade_may_change(self):
        golden = json.loads((ROOT / "tests/ops/released_statefulsets.json").read_text())
        for name, fields in golden.items():
            self.assertEqual(chart.immutable_fields(chart.render(HELM, CHART, values(name))), fields,
                             "a StatefulSet that is installed could not be upgraded; keep the field, or name the service anew")

    def test_puts_its_own_namespace_and_labels_into_alerts(self):
        rules = [rule for item in region().of("PrometheusRule") for group in item["spec"]["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 20)
        for rule in rules:
            if "alert" in rule:
                self.assertEqual(rule["labels"]["region"], "north")
            for selector in re.findall(r"holdfast_\w+\{[^}]*\}", rule["expr"]):
                self.assertIn('namespace="partnership"', selector)

    def test_takes_new_pods_where_the_configuration_changes(self):
        def hashes(release):
            return [item["spec"]["template"]["metadata"]["annotations"]["holdfast/configuration"]
                    for item in release.of("StatefulSet")]
        self.assertEqual(hashes(region()), hashes(region()))
        for before, after in zip(hashes(region()), hashes(region(['config={"actor": {"append_timeout_ms": 9000}}']))):
            self.assertNotEqual(before, after)


@NEEDS_HELM
class WhatMayNotStandTogether(unittest.TestCase):
    def assert_refused(self, sentence, *settings, of="region"):
        with self.assertRaises(chart.Refused) as caught:
            chart.render(HELM, CHART, values(of), settings)
        self.assertIn(sentence, str(caught.exception))

    def test_an_owner_that_is_scaled_by_load_is_refused(self):
        self.assert_refused("services.initiative.autoscaling: partitions are owned by ordinal",
                            'services.initiative.autoscaling={"minReplicas":1,"maxReplicas":2,"targetCPUUtilizationPercentage":50}')

    def test_more_owners_than_partitions_are_refused(self):
        self.assert_refused("services.metrics.replicas: 25 owners of 24 partitions", "services.metrics.replicas=25")

    def test_a_standby_of_one_instance_is_refused(self):
        self.assert_refused("services.metrics.standby: a standby is a second instance", "services.metrics.standby=true",
                            "services.metrics.replicas=1")

    def test_a_second_process_on_the_journal_of_one_machine_is_refused(self):
        self.assert_refused("services.standalone.replicas: the journal of one machine has one process",
                            "services.standalone.replicas=2", of="minimal")

    def test_a_deployment_without_broker_or_shared_key_is_refused(self):
        self.assert_refused("kafka.bootstrap: ", 'kafka.bootstrap=""')
        self.assert_refused("secrets.existingSecret: ", 'secrets.existingSecret=""')

    def test_an_edge_to_nobody_is_refused(self):
        self.assert_refused("edges[0]: webhooks is no service, kind or peer", 'edges=[{"from":"owners","to":"webhooks"}]')
        self.assert_refused("edges[0].port: ", 'edges=[{"from":"gateway","to":"owners"}]')
        self.assert_refused("edges[0]: neither prometheus nor dns is ours", 'edges=[{"from":"prometheus","to":"dns"}]')
        self.assert_refused("peers.prometheus.ports: ", 'edges=[{"from":"owners","to":"prometheus"}]')

    def test_a_key_that_is_not_known_is_refused(self):
        self.assert_refused("replica", "services.metrics.replica=2")
        self.assert_refused("networkPolicy", "networkPolicy=false")

    def test_a_peer_that_would_be_everybody_is_refused(self):
        for peer in ("{}", '{"podSelector":{}}', '{"namespaceSelector":{"matchLabels":{}}}'):
            self.assert_refused("peers", f'peers.ingress.of=[{peer}]')
        self.assert_refused("peers", "peers.ingress.of=[]")


@NEEDS_HELM
class PlantedMistakes(unittest.TestCase):
    """On a copy of the chart in which one thing is wrong."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.chart = pathlib.Path(self.folder.name) / "holdfast"
        shutil.copytree(CHART, self.chart)

    def faults_after(self, path, old, new):
        file = self.chart / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, 1))
        try:
            return chart.faults_of(region(folder=self.chart), ROOT)
        finally:
            file.write_text(text)

    def assert_fault(self, words, path, old, new):
        faults = self.faults_after(path, old, new)
        self.assertTrue(any(words in fault for fault in faults), faults)

    def test_a_dropped_line_of_a_security_context_is_found(self):
        text = (self.chart / "templates/_workload.tpl").read_text()
        lines = []
        for block in re.findall(r"securityContext:\n((?: +\w.*\n)+?)(?= *affinity| *\{\{)", text):
            lines += [line + "\n" for line in block.splitlines() if "fsGroupChangePolicy" not in line]
        # A heading takes what stands below it along.
        lines = [line for line in lines if not re.search(r"(seccompProfile|capabilities):\n$", line)]
        self.assertGreater(len(lines), 9)
        for line in lines:
            self.assertTrue(self.faults_after("templates/_workload.tpl", line, ""), f"nobody misses {line.strip()}")

    def test_a_token_of_the_api_is_found(self):
        self.assert_fault("token", "templates/_workload.tpl", "automountServiceAccountToken: false", "automountServiceAccountToken: true")

    def test_a_missing_default_deny_is_found(self):
        self.assert_fault("nothing denies", "templates/networkpolicies.yaml", "policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]")

    def test_a_rule_without_peer_or_ports_is_found(self):
        rule = "    - from: {{ include \"holdfast.policyPeers\" $from | nindent 8 }}\n      ports:"
        self.assert_fault("empty peer", "templates/networkpolicies.yaml", rule, "    - ports:")
        ports = '\n      ports: {{ include "holdfast.policyPorts" (dict "root" $ "edge" $edge) | nindent 8 }}'
        self.assert_fault("every port", "templates/networkpolicies.yaml", ports, "")

    def test_an_edge_that_is_opened_is_found(self):
        for row in ("{from: readers, to: owners, port: grpc}", "{from: everyone, to: everyone, port: admin}"):
            values_file = self.chart / "values.yaml"
            text = values_file.read_text()
            values_file.write_text(text.replace("edges:\n", f"edges:\n  - {row}\n", 1))
            found = {(other, name, port) for way, name, other, port in chart.flows(region(folder=self.chart))
                     if way == "ingress" and not other.startswith("{")}
            values_file.write_text(text)
            self.assertNotEqual(found, WITHIN, row)

    def test_an_owner_that_is_not_found_by_name_is_found(self):
        self.assert_fault("not found by name", "templates/workloads.yaml", "  publishNotReadyAddresses: true\n", "")

    def test_claims_that_would_go_with_the_release_are_found(self):
        self.assert_fault("claims would be deleted", "templates/workloads.yaml", "whenDeleted: Retain", "whenDeleted: Delete")

    def test_pods_that_wait_for_each_other_are_found(self):
        self.assert_fault("wait for each other", "templates/workloads.yaml", "podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady")

    def test_a_version_in_a_selector_is_found(self):
        self.assert_fault("no release could be upgraded", "templates/_names.tpl", "app.kubernetes.io/component: {{ .name }}\n{{- end }}",
                          "app.kubernetes.io/component: {{ .name }}\napp.kubernetes.io/version: {{ .root.Chart.Version }}\n{{- end }}")

    def test_a_missing_probe_or_too_short_an_end_is_found(self):
        self.assert_fault("livenessProbe", "templates/_workload.tpl", '"livenessProbe" "livez"', '"livenessProbe" "readyz"')
        self.assert_fault("needed to drain", "templates/_configuration.tpl", "add 10 ", "add 0 ")

    def test_a_missing_disruption_budget_is_found(self):
        self.assert_fault("disruption budgets", "templates/workloads.yaml", "kind: PodDisruptionBudget", "kind: ConfigMapList")
        self.assert_fault("a sick one always", "templates/workloads.yaml", "AlwaysAllow", "IfHealthyBudget")

    def test_a_topic_that_would_go_with_the_release_is_found(self):
        self.assert_fault("deleted with the release", "templates/strimzi.yaml", "helm.sh/resource-policy: keep", "helm.sh/resource-policy: drop")

    def test_a_right_too_many_at_the_broker_is_found(self):
        self.assert_fault("rights at the broker", "templates/strimzi.yaml", '(list "Read" ', '(list "Alter" "Read" ')

    def test_a_service_that_is_not_scraped_is_found(self):
        self.assert_fault("scrape it", "templates/workloads.yaml", 'holdfast/job: holdfast-{{ $name }}\n    {{- if not $service.alone }}\n'
                          '    holdfast/scraped: "true"', 'holdfast/job: holdfast-{{ $name }}\n    {{- if not $service.alone }}\n    holdfast/scraped: "yes"')


PROGRAM = pathlib.Path(os.environ.get("HOLDFAST_BIN", ROOT / "bin")) / "holdfast-initiative"


@NEEDS_HELM
@unittest.skipUnless(PROGRAM.exists(), "the services are not built (./dev test builds them)")
class Configuration(unittest.TestCase):
    """What the chart writes is asked of the program that reads it."""

    def check(self, configuration, *settings):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(configuration, file)
            file.flush()
            command = [str(PROGRAM), "--config", file.name, "--check-config"]
            for setting in settings:
                command += ["--set", setting]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr

    def test_of_the_one_process_is_good(self):
        configuration = chart.render(HELM, CHART, values("minimal")).configurations()["standalone"]
        self.assertEqual(self.check(configuration), (0, "The configuration is good.\n"))

    def test_of_a_deployment_is_good_but_for_tls_which_is_not_there_yet(self):
        for size in ("region", "national", "tls"):
            for name, configuration in chart.render(HELM, CHART, values(size)).configurations().items():
                refused, why = self.check(configuration, "instance.ordinal=0")
                self.assertEqual(refused, 1, f"{size}/{name}: it is taken, so the chart can now give it certificates")
                self.assertIn("listen.host: without TLS only loopback is served", why)
                self.assertEqual(self.check(configuration, "instance.ordinal=0", "listen.host=127.0.0.1"),
                                 (0, "The configuration is good.\n"), f"{size}/{name}")


if __name__ == "__main__":
    report.main("ops_chart_test")
