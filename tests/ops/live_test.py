"""What is watched, against the program itself: a live Prometheus scrapes a standalone with the demonstration's data and a
little load, started by the script that ./dev starts it with. Every panel and every recording rule must have a sample."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import monitoring  # noqa: E402
import report  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("HOLDFAST_BIN", ROOT / "build/dev/bin"))
PATIENCE = 120  # seconds: only a broken run waits so long
RPC = "holdfast.initiative.v1.InitiativeService/ListSites"


def fetch(url, data=None, headers=()):
    """(status, body)"""
    request = urllib.request.Request(url, data=data, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def wait_for(what, ask):
    """What `ask` answers, once it is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


class House:
    """A standalone that archives what it records, and a Prometheus that watches it, in a folder of their own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "data"
        self.folder.mkdir()
        key = pathlib.Path(folder) / "backup.key"
        subprocess.run([BIN / "holdfast", "backup", "key", key], check=True, capture_output=True)
        log = open(self.folder / "standalone.log", "w", encoding="utf-8")  # noqa: SIM115  (the process keeps it)
        ports = [word for name in ("http", "grpc", "admin") for word in ("--set", f"listen.{name}_port=0")]
        archive = ["--set", f"archiver.key={key}", "--set", f"archiver.folder={pathlib.Path(folder) / 'archive'}"]
        self.standalone = subprocess.Popen([BIN / "holdfast-standalone", "--data", self.folder, "--demo", *ports, *archive],
                                           stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def watch(self):
        announced = self.folder / "run/holdfast.json"
        wait_for("the standalone", announced.exists)
        self.addresses = json.loads(announced.read_text())
        self.prometheus = self.script(f"start_prometheus {shlex.quote(str(self.folder))} {self.addresses['admin']} 1s").strip()

    def script(self, line):
        """A line of shell, with the functions of ./dev that deploy/prometheus/prometheus.sh uses."""
        words = (ROOT / "dev").read_text()
        used = [re.search(rf"^{name}\(\) \{{.*?\n?\}}$", words, re.M | re.S).group(0)
                for name in ("say", "last_words", "stop_server")]
        before = "\n".join(["set -euo pipefail", f"root={shlex.quote(str(ROOT))}", *used,
                            "source deploy/kafka/kafka.sh", "source deploy/prometheus/prometheus.sh", line])
        return subprocess.run(["bash", "-c", before], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

    def close(self):
        self.script(f"stop_prometheus {shlex.quote(str(self.folder))}")
        self.standalone.send_signal(signal.SIGTERM)
        self.standalone.wait(PATIENCE)

    def holdfast(self, *words):
        """Runs bin/holdfast; (exit code, output)."""
        address = self.addresses["grpc"].removeprefix("http://")
        run = subprocess.run([BIN / "holdfast", "--address", address, *words], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr

    def ask(self, expression):
        """Samples of an instant query; an error is a failure."""
        query = urllib.parse.urlencode({"query": expression})
        status, body = fetch(f"{self.prometheus}/api/v1/query?{query}")
        answer = json.loads(body)
        if status != 200:
            raise AssertionError(f"{expression}: {answer.get('error')}")
        return answer["data"]["result"]

    def work(self):
        """Of everything that is counted, at least one: loaded, read, refused by a rule, denied, not believed, over HTTP."""
        code, said = self.holdfast("demo", "load", "--if-empty")
        assert code == 0, said
        self.use()

    def use(self):
        console = self.addresses["console"]
        self.holdfast("site", "list")
        self.holdfast("projection", "list")
        self.holdfast("phase", "open", "nowhere", "CLEAR")
        self.holdfast("--as", "community", "site", "create", "--name", "Nowhere")
        fetch(console)
        fetch(f"{console}/{RPC}", b"{}", {"content-type": "application/json", "authorization": "Bearer no"}.items())


@unittest.skipIf(monitoring.yaml is None, "python3-yaml is not installed (Debian: python3-yaml)")
@unittest.skipIf(shutil.which("prometheus") is None, "prometheus is not installed (Debian: prometheus)")
@unittest.skipIf(not (BIN / "holdfast-standalone").exists(), "this tree has no holdfast-standalone")
class LivePrometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.found = monitoring.Monitoring(ROOT)
        folder = tempfile.TemporaryDirectory(prefix="holdfast-ops-")
        cls.addClassCleanup(folder.cleanup)
        cls.house = House(folder.name)
        cls.addClassCleanup(cls.house.close)
        cls.house.watch()
        # Seen once before the load, so that what the load counts is seen to rise.
        wait_for("the first scrape", lambda: cls.house.ask('up{job="holdfast-standalone"} == 1'))
        wait_for("the first commands' counters", lambda: cls.house.ask("holdfast_command_seconds_count"))
        cls.house.work()

    def missing(self, queries, patience=PATIENCE):
        """Those of (where, expression) that have no sample, each asked until there is one, or patience ends."""
        left = list(queries)
        end = time.monotonic() + patience
        while True:
            left = [(where, expression) for where, expression in left if not self.house.ask(expression)]
            if not left or time.monotonic() >= end:
                return left
            self.house.use()  # a series that has just appeared has no rate until its second sample
            time.sleep(0.5)

    def panel_queries(self):
        return [(f"{name}.json, panel '{panel['title']}'", monitoring.as_asked(target["expr"]))
                for name, panel in self.found.panels() for target in panel["targets"]]

    def test_every_panel_has_a_sample(self):
        queries = self.panel_queries()
        self.assertGreater(len(queries), 40)
        self.assertEqual(self.missing(queries), [])

    def test_every_recording_rule_has_a_sample(self):
        queries = []
        for rule in self.found.records:
            labels = ", ".join(f'{key}="{value}"' for key, value in rule.get("labels", {}).items())
            queries.append((rule["record"], f"{rule['record']}{{{labels}}}"))
        self.assertEqual(self.missing(queries), [])

    def test_every_objective_has_a_ratio_and_a_budget(self):
        objectives = {rule["labels"]["slo"] for rule in self.found.records if rule["record"] == "slo:objective:ratio"}
        self.assertEqual(len(objectives), 6)
        self.assertEqual(self.missing((slo, f'{record}{{slo="{slo}"}}') for slo in objectives
                                      for record in ("slo:error_ratio:rate5m", "slo:budget_remaining:ratio")), [])

    def test_every_rule_is_evaluated_without_an_error(self):
        def evaluated():
            groups = json.loads(fetch(f"{self.house.prometheus}/api/v1/rules")[1])["data"]["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            return rules if all(rule["health"] != "unknown" for rule in rules) else None
        rules = wait_for("the first evaluation of every rule", evaluated)
        self.assertEqual(len(rules), len(self.found.alerts) + len(self.found.records))
        self.assertEqual([(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"], [])

    def test_a_healthy_house_wakes_nobody(self):
        # How full the disk is, and how busy the machine, is not the house's doing.
        others = "HoldfastDiskFilling|HoldfastBudgetBurning.*"
        self.assertEqual(self.house.ask(f'ALERTS{{alertstate="firing", alertname!~"{others}"}}'), [])

    def test_a_panel_whose_metric_is_renamed_is_found(self):
        renamed = [(where, expression.replace("holdfast_view_lag_seconds", "holdfast_view_age_seconds"))
                   for where, expression in self.panel_queries()]
        self.assertEqual(self.missing(self.panel_queries()), [])
        self.assertEqual([where for where, _ in self.missing(renamed, patience=0)], ["views.json, panel 'Behind'"])

    def test_the_commands_of_the_runbooks_exist(self):
        unknown = []
        for name in self.found.alert_names():
            for command in monitoring.runbook_commands(self.found.runbooks / f"{name}.md"):
                words = shlex.split(command)
                if words[0] == "bin/holdfast":
                    options = [word for word in words[1:] if not word.startswith("-")]
                    if self.house.holdfast(*options, "--help")[0] != 0:
                        unknown.append(f"{name}.md: {command}")
                elif words[0] == "curl":
                    # The page as the runbook asks for it, and what it looks for is there.
                    status, page = fetch(self.house.addresses["admin"] + re.search(r":8082(/\w+)", command).group(1))
                    sought = re.search(r"grep (?:-E )?\"?([\w_()|]+)", command)
                    if status not in (200, 503) or (sought and not re.search(sought.group(1), page)):
                        unknown.append(f"{name}.md: {command}")
        self.assertEqual(unknown, [])


if __name__ == "__main__":
    report.main("ops_live_test")
