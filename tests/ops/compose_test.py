"""The compose files fit each other, the environments and the programs. They are parsed and asked of the programs that they start;
no engine runs them here."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import chart  # noqa: E402
import report  # noqa: E402

yaml = chart.yaml
ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
TOGETHER = [["compose.yaml"], ["compose.kafka.yaml", "compose.services.yaml"], ["compose.yaml", "compose.observability.yaml"]]
BIN = pathlib.Path(os.environ.get("HOLDFAST_BIN", ROOT / "bin"))
NEEDS_YAML = unittest.skipIf(yaml is None, "python3-yaml is not installed (Debian: python3-yaml)")


def files():
    return {path.name: yaml.safe_load(path.read_text()) for path in sorted(DOCKER.glob("compose*.yaml"))}


def services():
    """Name -> service, of all files."""
    return {name: service for file in files().values() for name, service in file["services"].items()}


def ours():
    return {name: service for name, service in services().items() if service["image"].startswith("holdfast-")}


def program_of(service):
    name = re.sub(r":.*", "", service["image"])
    return BIN / (name if name != "holdfast-cli" else "holdfast")


@NEEDS_YAML
class Compose(unittest.TestCase):
    def test_files_name_no_project_and_state_the_memory_of_each_service(self):
        for name, file in files().items():
            self.assertNotIn("name", file, f"{name}: compose 1 knows no name:")
        for name, service in services().items():
            self.assertRegex(str(service.get("mem_limit")), r"^\d+[mg]$", f"{name}: how much memory may it take?")

    def test_our_services_are_no_root_and_write_nothing_but_their_volume(self):
        for name, service in ours().items():
            self.assertEqual((service["user"], service["read_only"], service["cap_drop"], service["security_opt"]),
                             ("65532:65532", True, ["ALL"], ["no-new-privileges:true"]), name)

    def test_whatever_is_mounted_from_the_tree_is_there(self):
        for name, service in services().items():
            for volume in service.get("volumes", []):
                source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
                if source.startswith(".") and source != "./secrets":
                    self.assertTrue((DOCKER / source).exists(), f"{name}: {source}")

    def test_every_image_of_ours_is_a_target_of_the_dockerfile(self):
        targets = re.findall(r"^FROM run AS ([a-z]+)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
        for name, service in ours().items():
            self.assertIn(re.sub(r"^holdfast-|:.*", "", service["image"]), targets, name)

    def test_every_program_has_an_image_and_a_place_in_the_chart(self):
        programs = {name for path in (ROOT / "services").glob("*/CMakeLists.txt")
                    for name in re.findall(r"^holdfast_service\((\w+)", path.read_text(), re.MULTILINE)}
        # These serve inside the standalone; a deployment does not have them yet.
        programs -= {"audit", "keyvault"}
        targets = set(re.findall(r"^FROM run AS ([a-z]+)$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE))
        self.assertEqual(targets, programs, "docker/Dockerfile: a target `FROM run AS <name>` for each")
        charted = set(yaml.safe_load((ROOT / "helm/holdfast/values.yaml").read_text())["services"])
        self.assertEqual(charted, programs - {"cli"}, "helm/holdfast/values.yaml: an entry of services: for each")

    def test_every_image_says_after_its_program_what_it_is_started_with(self):
        # What stands before an ENTRYPOINT, or in the stage below, is forgotten.
        text = (DOCKER / "Dockerfile").read_text()
        for target in re.findall(r"^FROM run AS ([a-z]+)$", text, re.MULTILINE):
            stage = text.split(f"FROM run AS {target}\n")[1].split("\nFROM")[0]
            self.assertRegex(stage, r'(?s)ENTRYPOINT \["/usr/bin/holdfast.*\nCMD \[', target)

    def test_doors_lead_to_where_the_services_listen(self):
        gateway = services()["gateway"]["command"]
        doors = gateway[gateway.index("--services") + 1]
        for name, service in ours().items():
            settings = dict(item.split("=", 1) for item in service["command"] if "=" in item)
            if "instance.ordinal" not in settings:
                continue
            self.assertEqual(settings["instance.doors"], doors, name)
            of_service = dict(part.split("=", 1) for part in doors.split(";"))[name.rsplit("-", 1)[0]].split(",")
            self.assertEqual(of_service[int(settings["instance.ordinal"])], f"127.0.0.1:{settings['listen.grpc_port']}", name)

    def test_prometheus_is_told_of_every_admin_port(self):
        told = {target for entry in json.loads((DOCKER / "observability/targets-services.json").read_text()) for target in entry["targets"]}
        wanted = {"127.0.0.1:8082"}
        for service in ours().values():
            wanted |= {f"127.0.0.1:{item.split('=')[1]}" for item in service["command"] if item.startswith("listen.admin_port=")}
        self.assertEqual(told, wanted)

    @unittest.skipIf(shutil.which("docker-compose") is None, "docker-compose is not installed (Debian: docker-compose)")
    def test_files_are_taken_by_docker_compose(self):
        for names in TOGETHER:
            command = ["docker-compose"]
            for name in names:
                command += ["-f", str(DOCKER / name)]
            run = subprocess.run([*command, "config", "--quiet"], capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)


@NEEDS_YAML
@unittest.skipUnless((BIN / "holdfast-initiative").exists(), "the services are not built (./dev test builds them)")
class Commands(unittest.TestCase):
    """As they stand, with the files that are mounted read where they are in the tree."""

    def run_as(self, service, words, *more):
        mounts = {}
        for volume in service.get("volumes", []):
            if volume.startswith("../deploy"):
                source, target = volume.split(":")[:2]
                mounts[target] = str(DOCKER / source)
        command = [str(program_of(service)), *[mounts.get(word, word) for word in words], *more]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_are_configurations_that_the_programs_take(self):
        checked = 0
        for name, service in ours().items():
            if "--config" in service["command"]:
                run = self.run_as(service, service["command"], "--check-config")
                self.assertEqual((run.returncode, run.stdout), (0, "The configuration is good.\n"), f"{name}: {run.stderr}")
                checked += 1
        self.assertEqual(checked, 9)

    def test_of_healthchecks_are_understood(self):
        for name, service in ours().items():
            if "healthcheck" in service:
                run = self.run_as(service, service["healthcheck"]["test"][2:])
                # Nothing runs here, or another Holdfast does: what counts is that it asked.
                self.assertTrue(run.returncode == 0 or "/readyz" in run.stderr or "readyz:" in run.stderr, f"{name}: {run.stderr}")


@unittest.skipUnless((BIN / "holdfast-standalone").exists(), "the services are not built (./dev test builds them)")
class Environments(unittest.TestCase):
    def test_are_taken_by_the_program_with_what_a_deployment_adds(self):
        deployment = ["--set", "kafka.bootstrap=127.0.0.1:9092", "--set", "instance.shared_secrets=/run/secrets/holdfast"]
        for path in sorted((ROOT / "deploy/environments").glob("*.json")):
            more = [] if path.stem == "standalone" else deployment
            run = subprocess.run([BIN / "holdfast-standalone", "--config", path, "--check-config", *more], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 0, f"{path.name}: {run.stderr}")

    def test_of_kafka_keep_three_copies_and_a_standby(self):
        for name in ("region", "national"):
            environment = json.loads((ROOT / f"deploy/environments/{name}.json").read_text())
            self.assertGreaterEqual(environment["kafka"]["replication"], 3)
            self.assertGreaterEqual(environment["instance"]["replicas"], 2)


if __name__ == "__main__":
    report.main("ops_compose_test")
