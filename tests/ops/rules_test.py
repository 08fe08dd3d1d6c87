"""What is watched fits together: rules, their tests, runbooks, dashboards and the families that the code writes. Each
check is shown a planted fault as well."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import monitoring  # noqa: E402
import report  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDS_YAML = unittest.skipIf(monitoring.yaml is None, "python3-yaml is not installed (Debian: python3-yaml)")
NEEDS_PROMTOOL = unittest.skipIf(shutil.which("promtool") is None, "promtool is not installed (Debian: prometheus)")


def promtool(*arguments, folder=ROOT):
    """(did it succeed, what it said)"""
    run = subprocess.run(["promtool", *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stdout + run.stderr


@NEEDS_YAML
class Monitoring(unittest.TestCase):
    def test_has_no_fault(self):
        self.assertEqual(monitoring.faults_of(ROOT), [])

    def test_has_alerts_runbooks_and_dashboards(self):
        found = monitoring.Monitoring(ROOT)
        self.assertGreater(len(found.alert_names()), 10)
        self.assertGreater(len(found.panels()), 40)
        self.assertGreater(len(monitoring.written_families(ROOT)), 50)


@NEEDS_YAML
class PlantedFaults(unittest.TestCase):
    """On a copy of what is checked, in which one thing is wrong."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)
        for part in ("deploy/prometheus", "deploy/grafana", "docs/runbooks"):
            shutil.copytree(ROOT / part, self.root / part)
        for part in ("libs", "services"):
            (self.root / part).symlink_to(ROOT / part)

    def replace(self, path, old, new):
        file = self.root / path
        part = self.root / file.relative_to(self.root).parts[0]
        if part.is_symlink():  # the code is copied only where it is changed
            part.unlink()
            shutil.copytree(ROOT / part.name, part, ignore=shutil.ignore_patterns("node_modules", "web"))
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))

    def assert_fault(self, *words):
        faults = monitoring.faults_of(self.root)
        self.assertTrue(any(all(word in fault for word in words) for fault in faults), faults)

    def test_a_metric_that_is_renamed_in_the_code_is_missed_by_rules_and_panels(self):
        self.replace("libs/observability/metrics.h", "holdfast_view_lag_seconds", "holdfast_view_age_seconds")
        self.assert_fault("HoldfastViewStalled", "holdfast_view_lag_seconds")
        self.assert_fault("views.json", "holdfast_view_lag_seconds")

    def test_a_metric_that_no_code_writes_any_more_is_missed(self):
        self.replace("libs/app/platform.cc", "metrics::kDiskUsedRatio", "metrics::kReady")
        self.assert_fault("HoldfastDiskFilling", "holdfast_disk_used_ratio")
        self.assert_fault("holdfast_disk_used_ratio", "write it, or leave it out")

    def test_an_alert_without_runbook_is_found(self):
        (self.root / "docs/runbooks/ViewParked.md").unlink()
        self.assert_fault("ViewParked", "no runbook")

    def test_an_alert_without_test_is_found(self):
        (self.root / "deploy/prometheus/tests/ViewParked.yaml").unlink()
        self.assert_fault("ViewParked", "no test")

    def test_a_runbook_without_alert_is_found(self):
        shutil.copy(self.root / "docs/runbooks/ViewParked.md", self.root / "docs/runbooks/ViewsHappy.md")
        self.assert_fault("ViewsHappy.md", "belongs to no alert")

    def test_a_runbook_without_its_headings_is_found(self):
        self.replace("docs/runbooks/ViewParked.md", "## Impact", "## Effect")
        self.assert_fault("ViewParked.md", "headings")

    def test_a_test_that_sees_no_resolution_is_found(self):
        self.replace("deploy/prometheus/tests/ViewParked.yaml", "      - eval_time: 20m\n        alertname: HoldfastViewParked\n"
                     "        exp_alerts: []\n", "")
        self.assert_fault("ViewParked.yaml", "resolves")

    def test_an_alert_without_severity_is_found(self):
        self.replace("deploy/prometheus/rules/alerts.yml", "severity: ticket", "importance: low")
        self.assert_fault("severity is page or ticket")

    def test_a_selector_that_would_see_other_programs_is_found(self):
        self.replace("deploy/prometheus/rules/alerts.yml", 'holdfast_partition_frozen{job=~"holdfast-.*", namespace=~".+"}',
                     "holdfast_partition_frozen")
        self.assert_fault("HoldfastPartitionFrozen", "lacks the matcher job")

    def test_a_dashboard_that_was_edited_by_hand_is_found(self):
        self.replace("deploy/grafana/views.json", '"unit": "s"', '"unit": "ms"')
        self.assert_fault("views.json", "dashboards.py")

    def test_a_panel_without_unit_is_found(self):
        self.replace("deploy/grafana/dashboards.py", 'panel("Parked rows", "short"', 'panel("Parked rows", ""')
        text = monitoring.generator(monitoring.Monitoring(self.root)).text("views")
        (self.root / "deploy/grafana/views.json").write_text(text)
        self.assert_fault("Parked rows", "no unit")


@NEEDS_YAML
@NEEDS_PROMTOOL
class Rules(unittest.TestCase):
    def test_pass_promtools_own_checks(self):
        well, said = promtool("check", "rules", "--lint=all", *sorted((ROOT / "deploy/prometheus/rules").glob("*.yml")))
        self.assertTrue(well, said)

    def test_are_a_configuration_that_prometheus_takes(self):
        well, said = promtool("check", "config", "prometheus.yml", folder=ROOT / "deploy/prometheus")
        self.assertTrue(well, said)

    def test_pass_their_tests(self):
        folder = ROOT / "deploy/prometheus/tests"
        well, said = promtool("test", "rules", *[path.name for path in sorted(folder.glob("*.yaml"))], folder=folder)
        self.assertTrue(well, said)

    def test_fail_their_tests_once_a_threshold_is_changed(self):
        missed, tried = [], 0
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            shutil.copytree(ROOT / "deploy/prometheus/tests", copy / "tests")
            (copy / "rules").mkdir()
            groups = monitoring.yaml.safe_load((ROOT / "deploy/prometheus/rules/alerts.yml").read_text())
            for rule in groups["groups"][0]["rules"]:
                as_it_is = rule["expr"]
                for mutant in monitoring.mutants(as_it_is):
                    rule["expr"] = mutant
                    (copy / "rules/alerts.yml").write_text(monitoring.yaml.safe_dump(groups))
                    test = f"{rule['alert'].removeprefix(monitoring.PREFIX)}.yaml"
                    tried += 1
                    if promtool("test", "rules", test, folder=copy / "tests")[0]:
                        missed.append(f"{rule['alert']}: {mutant}")
                rule["expr"] = as_it_is
        self.assertEqual(missed, [], "\n".join(missed))
        self.assertGreater(tried, 30)


if __name__ == "__main__":
    report.main("ops_rules_test")
