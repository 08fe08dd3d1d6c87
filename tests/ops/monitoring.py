"""What is watched, as it stands in the repository: rules, their tests, runbooks and dashboards, and what is wrong with them.

Every check answers faults, sentences that name the file and the way out; none means that all is well.
"""

import importlib.util
import json
import pathlib
import re

try:
    import yaml
except ImportError:  # said by the tests that need it
    yaml = None

PREFIX = "Holdfast"
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Escalation"]
ADMIN_PAGES = {"/metrics", "/livez", "/readyz", "/startupz"}
MATCHERS = {"job": 'job=~"holdfast-.*"', "namespace": 'namespace=~".+"'}
# Declared in observability/metrics.h and written by no code yet: 0 for ever, so nothing may be built on them. The list may
# only shrink.
UNWRITTEN = {
    "holdfast_build_info", "holdfast_command_stage_seconds", "holdfast_dead_letters",
    "holdfast_quota_used_ratio", "holdfast_replay_ratio", "holdfast_view_rebuild_ratio",
}
# Made by Prometheus itself.
OF_PROMETHEUS = {"up"}


class Monitoring:
    """The files below one root, read once."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.prometheus = self.root / "deploy/prometheus"
        self.grafana = self.root / "deploy/grafana"
        self.runbooks = self.root / "docs/runbooks"
        self.alerts, self.records = [], []
        for path in sorted(self.prometheus.glob("rules/*.yml")):
            for group in yaml.safe_load(path.read_text())["groups"]:
                for rule in group["rules"]:
                    (self.alerts if "alert" in rule else self.records).append(rule)
        self.dashboards = {path.stem: json.loads(path.read_text()) for path in sorted(self.grafana.glob("*.json"))}

    def alert_names(self):
        return sorted({rule["alert"].removeprefix(PREFIX) for rule in self.alerts})

    def panels(self):
        """(dashboard, panel) of all."""
        return [(name, panel) for name, board in self.dashboards.items() for panel in board["panels"]]


# ------------------------------------------------------------------------------------------------- families

def declared_families(root):
    """Name of the constant in observability/metrics.h -> (name of the family, its kind)."""
    header = (pathlib.Path(root) / "libs/observability/metrics.h").read_text()
    found = re.findall(r'constexpr Family (k\w+)\s*\{\s*Kind::k(\w+),\s*"(\w+)"', header)
    return {constant: (name, kind) for constant, kind, name in found}


def written_families(root):
    """Names of the series of every family that some code writes. One that is only declared stays 0 for ever."""
    sources = "\n".join(
        path.read_text() for folder in ("libs", "services") for path in sorted((pathlib.Path(root) / folder).rglob("*.cc"))
        if not path.name.endswith("_test.cc") and path.name != "metrics.cc" and "node_modules" not in path.parts
    )
    # The registry counts what it refuses itself.
    sources += "kSeriesDropped" if "kSeriesDropped" in (pathlib.Path(root) / "libs/observability/metrics.cc").read_text() else ""
    words = set(re.findall(r"\bk[A-Z]\w+", sources))
    series = set()
    for constant, (name, kind) in declared_families(root).items():
        if constant in words:
            series |= {name + end for end in (("_bucket", "_count", "_sum") if kind == "Histogram" else ("",))}
    return series


def check_written(monitoring):
    written = written_families(monitoring.root)
    return [f"{name} is declared in observability/metrics.h and written by no code; write it, or leave it out"
            for name, kind in declared_families(monitoring.root).values()
            if name not in UNWRITTEN and (f"{name}_count" if kind == "Histogram" else name) not in written]


def families_in(expression):
    """The series that an expression names."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    words = re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()\b(?!\s*\()", bare)
    return {word for word in words if word not in {"and", "or", "unless", "by", "on", "bool"}}


def check_families(monitoring):
    known = written_families(monitoring.root) | OF_PROMETHEUS | {rule["record"] for rule in monitoring.records}
    faults = []
    for where, expression in expressions(monitoring):
        for family in sorted(families_in(expression) - known):
            faults.append(f"{where}: {family} is written by no code; name a family of observability/metrics.h that is")
    return faults


def expressions(monitoring):
    """(where, expression) of all rules and panels."""
    out = [(f"rule {rule.get('alert') or rule['record']}", rule["expr"]) for rule in monitoring.alerts + monitoring.records]
    for name, panel in monitoring.panels():
        out += [(f"{name}.json, panel '{panel['title']}'", target["expr"]) for target in panel["targets"]]
    return out


# ---------------------------------------------------------------------------------------------------- rules

def check_selectors(monitoring):
    faults = []
    for rule in monitoring.alerts + monitoring.records:
        for family, matchers in re.findall(r"\b(holdfast_\w+|grpc_\w+|up)(\{[^}]*\})?", re.sub(r'"grpc_[^"]*"', '""', rule["expr"])):
            if family in {"grpc_type", "grpc_method", "grpc_code"}:
                continue
            for key, wanted in MATCHERS.items():
                if wanted not in matchers:
                    faults.append(f"rule {rule.get('alert') or rule['record']}: {family} lacks the matcher {wanted}")
    return faults


def check_alerts(monitoring):
    faults = []
    boards = {board["uid"] for board in monitoring.dashboards.values()}
    for rule in monitoring.alerts:
        name = rule["alert"]
        notes = rule.get("annotations", {})
        if not name.startswith(PREFIX):
            faults.append(f"alert {name}: its name must begin with {PREFIX}")
        if "for" not in rule:
            faults.append(f"alert {name}: say for how long (`for`), 0m where it is at once")
        if rule.get("labels", {}).get("severity") not in ("page", "ticket"):
            faults.append(f"alert {name}: severity is page or ticket")
        if not rule.get("labels", {}).get("team"):
            faults.append(f"alert {name}: it names no team")
        if not notes.get("summary"):
            faults.append(f"alert {name}: it has no summary")
        if "{{ $value" not in notes.get("description", ""):
            faults.append(f"alert {name}: its description must show the value")
        if not notes.get("runbook_url", "").endswith(f"/runbooks/{name.removeprefix(PREFIX)}.md"):
            faults.append(f"alert {name}: runbook_url must end with /runbooks/{name.removeprefix(PREFIX)}.md")
        if notes.get("dashboard_url", "").rpartition("/d/")[2] not in boards:
            faults.append(f"alert {name}: dashboard_url names no dashboard of deploy/grafana")
    return faults


def check_one_to_one(monitoring):
    alerts = set(monitoring.alert_names())
    tests = {path.stem for path in (monitoring.prometheus / "tests").glob("[A-Z]*.yaml")}
    books = {path.stem for path in monitoring.runbooks.glob("[A-Z]*.md")} - {"README"}
    faults = [f"alert {name} has no test: write deploy/prometheus/tests/{name}.yaml" for name in sorted(alerts - tests)]
    faults += [f"alert {name} has no runbook: write docs/runbooks/{name}.md" for name in sorted(alerts - books)]
    faults += [f"deploy/prometheus/tests/{name}.yaml tests no alert" for name in sorted(tests - alerts)]
    faults += [f"docs/runbooks/{name}.md belongs to no alert" for name in sorted(books - alerts)]
    return faults


def check_rule_tests(monitoring):
    """Each test of an alert sees it fire and resolve, and sees a case in which it does not fire."""
    faults = []
    for name in monitoring.alert_names():
        path = monitoring.prometheus / f"tests/{name}.yaml"
        if not path.exists():
            continue
        fires = resolves = stays = False
        for group in yaml.safe_load(path.read_text())["tests"]:
            seen = [bool(check.get("exp_alerts")) for check in group["alert_rule_test"]]
            fires |= any(seen)
            resolves |= any(before and not after for before, after in zip(seen, seen[1:]))
            stays |= not any(seen)
        for ok, what in ((fires, "fires"), (resolves, "resolves"), (stays, "does not fire just below")):
            if not ok:
                faults.append(f"{path.name}: no case in which it {what}")
    return faults


def mutants(expression):
    """The expression with one threshold a little higher or lower, for each threshold."""
    for match in re.finditer(r"(?:[<>]=?|==) (?:on \(\w+\) group_left \(\) \()?(\d+(?:\.\d+)?)", expression):
        value = match.group(1)
        more, less = (0.01, 0.01) if value.startswith("0.") else (0.5, 0.5) if "." in value else (1, 0.5)
        for other in (float(value) + more, float(value) - less):
            yield expression[: match.start(1)] + f"{other:g}" + expression[match.end(1):]


# ------------------------------------------------------------------------------------------------- runbooks

def check_runbooks(monitoring):
    faults = []
    for name in monitoring.alert_names():
        path = monitoring.runbooks / f"{name}.md"
        if not path.exists():
            continue
        found = re.findall(r"^## (.+)$", path.read_text(), re.M)
        if found != HEADINGS:
            faults.append(f"{path.name}: its headings must be {', '.join(HEADINGS)}")
        if not runbook_commands(path):
            faults.append(f"{path.name}: Diagnosis has no command to copy")
        for command in runbook_commands(path):
            page = re.search(r"127\.0\.0\.1:8082(/\w+)", command)
            if command.startswith("curl ") and (page is None or page.group(1) not in ADMIN_PAGES):
                faults.append(f"{path.name}: `{command}` asks for no page of the admin port")
    return faults


def runbook_commands(path):
    """Lines of the ```console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", path.read_text(), re.S)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


# ----------------------------------------------------------------------------------------------- dashboards

def generator(monitoring):
    spec = importlib.util.spec_from_file_location("dashboards", monitoring.grafana / "dashboards.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_dashboards(monitoring):
    faults = []
    made = generator(monitoring)
    for name in sorted(set(made.BOARDS) | set(monitoring.dashboards)):
        path = monitoring.grafana / f"{name}.json"
        if name not in made.BOARDS or not path.exists() or path.read_text() != made.text(name):
            faults.append(f"{name}.json is not what dashboards.py writes; run python3 deploy/grafana/dashboards.py")
    alerts = set(monitoring.alert_names())
    linked = set()
    for name, panel in monitoring.panels():
        where = f"{name}.json, panel '{panel.get('title')}'"
        for part in ("title", "description"):
            if not panel.get(part):
                faults.append(f"{where} has no {part}")
        if not panel["fieldConfig"]["defaults"].get("unit"):
            faults.append(f"{where} has no unit")
        for link in panel.get("links", []):
            book = link["url"].rpartition("/")[2].removesuffix(".md")
            linked.add(book)
            if book not in alerts:
                faults.append(f"{where} links the runbook {book}, which belongs to no alert")
    faults += [f"alert {name}: no panel shows what it watches" for name in sorted(alerts - linked)]
    return faults


CHECKS = [check_written, check_families, check_selectors, check_alerts, check_one_to_one, check_rule_tests, check_runbooks,
          check_dashboards]


def faults_of(root):
    monitoring = Monitoring(root)
    return [fault for check in CHECKS for fault in check(monitoring)]


def as_asked(expression):
    """A panel's query as Grafana would send it, with every variable at All."""
    for variable, value in {"$__rate_interval": "1m", "$job": ".+", "$context": ".+"}.items():
        expression = expression.replace(variable, value)
    return expression
