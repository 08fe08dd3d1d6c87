"""The second evaluator of the policy, written from docs/methods/policy.md alone.

It shares the table of classes and roles with libs/security/policy and nothing else; the two must agree on every case.
Plain Python 3, one case a line on stdin, one answer a line on stdout:

    reference.py TABLE < cases > answers

    case      [wants the digest, principal, verb, resource, context], JSON, attributes as arrays in the page's order;
              of a label last whether it holds fields that cannot be read
    answer    1 or 0, rule ids, obligations (bits), digest in hex or nothing; separated by spaces, ids by commas
"""
import hashlib
import json
import struct
import sys

# The vocabulary, as the protos number it.
ROLES = {
    1: "SENIOR_SPONSOR", 2: "SRO", 3: "LRO", 4: "COORDINATOR", 5: "OFFICER", 6: "ANALYST", 7: "INTELLIGENCE",
    8: "SOURCE_HANDLER", 9: "PARTNER", 10: "COMMUNITY", 11: "RECORDS", 12: "AUDITOR", 13: "ADMINISTRATOR",
    14: "INTEGRATOR", 15: "EVALUATOR"}
CLASSES = {1: "SOURCE", 2: "INTEL", 3: "PERSON", 4: "COMMUNITY", 5: "AUDIT", 6: "OPERATIONAL", 7: "PARTNERSHIP"}
COLLECT, ALTER, CONSULT, DISCLOSE, COMBINE, ERASE = 1, 2, 3, 4, 5, 6
READING, WRITING = (CONSULT, DISCLOSE, COMBINE), (COLLECT, ALTER)
LAW_ENFORCEMENT, THREAT_TO_LIFE, CRIMINAL_PROCEEDINGS = 1, 3, 13
PURPOSES_OF_THE_LOG = (10, 11, 12, CRIMINAL_PROCEEDINGS)
PURPOSES_DESPITE_RESTRICTION = (7, 8, 9)
ACTION, REPORT, DISRUPTION, BREACH_OF_ORDER, PACKAGE = 2, 3, 4, 5, 6
HOUR_US = 3_600_000_000
LATER_THAN_EVERYTHING = float("inf")

OBLIGATIONS = ("REDACT", "WATERMARK", "LOG", "SECOND_PERSON", "ROW_CAP", "NO_LOCAL_COPY", "PAGE")
BIT = {name: 1 << position for position, name in enumerate(OBLIGATIONS)}
ABILITIES_OF_READING = {"read", "read-shared", "read-own", "granted"}


class Case:
    """One question, its attributes under their names."""

    def __init__(self, principal, verb, resource, context):
        (self.kind, self.tenant, self.ref, self.agency, self.agency_type, self.regime, self.clearance, self.roles,
         self.areas, self.compartments, self.agreements, self.signed_in_at) = principal
        self.verb = verb
        (self.resource_tenant, self.stream, self.thing, self.record_class, label, self.resource_areas, self.assignees,
         self.from_agency, self.compartment, self.phases, self.resource_operation, self.restricted, self.retention,
         self.min_epoch) = resource
        (self.label_class, self.sensitivity, self.handling, conditions, self.marking, self.source_evaluation,
         self.assessment, self.category, self.condition_ref, self.owners, self.shared_with, self.sanitised,
         self.released, self.unread) = label
        (self.recipients, self.agencies, self.unit_only, self.consent, self.no_onward, self.no_local_copy,
         self.expires_stamp, self.consent_stamp) = conditions
        (self.purpose, self.justified, self.justification, self.phase, self.operation, self.recipient,
         self.method_granted, self.break_glass_at, time, self.epoch) = context
        self.time = time
        self.now = LATER_THAN_EVERYTHING if time is None else time

        self.reading = verb in READING
        self.writing = verb in WRITING
        self.classes = (self.label_class, self.record_class)
        self.given = verb == COLLECT and self.thing in (REPORT, DISRUPTION, BREACH_OF_ORDER)
        self.personal = self.sensitivity in (1, 2) or self.concerns("PERSON")
        self.live = {number for number, until in self.roles if until is None and time is not None
                     or until is not None and self.now < until}
        self.expires_at = self.instant(self.expires_stamp)
        self.consent_until = self.instant(self.consent_stamp)
        self.shared = self.released or self.agency in self.shared_with
        self.own = bool(self.owners) and all(owner == self.agency for owner in self.owners)
        self.own_action = self.thing == ACTION and self.ref in self.assignees
        self.break_glass = self.in_force()

    def concerns(self, name):
        return any(CLASSES.get(number) == name for number in self.classes)

    @staticmethod
    def well_formed(stamp):
        return -62135596800 <= stamp[0] <= 253402300799 and 0 <= stamp[1] <= 999999999

    def instant(self, stamp):
        """In nanoseconds; None where there is none that can be read."""
        return stamp[0] * 10**9 + stamp[1] if stamp is not None and self.well_formed(stamp) else None

    def in_force(self):
        at = self.break_glass_at
        return (at is not None and 0 <= self.now - at < HOUR_US and self.kind == 1 and self.purpose == THREAT_TO_LIFE
                and self.verb == CONSULT and self.justified
                and not self.concerns("SOURCE") and not self.concerns("AUDIT"))

    def passed(self, nanoseconds):
        return self.now * 1000 >= nanoseconds


class Policy:
    def __init__(self, table_bytes):
        table = json.loads(table_bytes)
        self.digest_of_table = hashlib.sha256(table_bytes).digest()
        self.fresh_sign_in = table["sign_in_max_age_s"]
        self.cells = {(name, role): frozenset(abilities)
                      for name, row in table["cells"].items() for role, abilities in row.items()}

    # ------------------------------------------------------------------------------------------------- permits

    def cell(self, class_number, role_number):
        return self.cells.get((CLASSES.get(class_number), ROLES.get(role_number)), frozenset())

    def abilities(self, case, class_number, role):
        found = self.cell(class_number, role)
        if "by-record" in found:
            found = found - {"by-record"}
            if CLASSES.get(case.record_class) != "PERSON":
                found = found | self.cell(case.record_class, role)
        return found

    def reaches(self, case, class_number, role):
        can = self.abilities(case, class_number, role)
        if case.break_glass and can & ABILITIES_OF_READING:
            return True
        if case.reading:
            return ("read" in can or "read-shared" in can and case.shared or "read-own" in can and case.own
                    or "granted" in can and case.method_granted)
        if case.writing:
            if ("write" in can or "write-own" in can and case.own or "write-own-action" in can and case.own_action
                    or "granted" in can and case.method_granted):
                return True
            wanted = {REPORT: "submit", DISRUPTION: "claim", BREACH_OF_ORDER: "report-breach"}.get(case.thing)
            return case.verb == COLLECT and wanted in can
        return case.verb == ERASE and "dispose" in can

    def permitting(self, case, roles):
        return [role for role in sorted(roles) if role in ROLES
                and self.reaches(case, case.label_class, role) and self.reaches(case, case.record_class, role)]

    # ----------------------------------------------------------------------------------------------- unknowns

    @staticmethod
    def unknown(case):
        say = []

        def known(name, holds):
            if not holds:
                say.append("U:" + name)

        known("principal.kind", 1 <= case.kind <= 4)
        known("principal.tenant", case.tenant != "")
        known("principal.ref", case.ref not in ("", "-"))
        known("principal.agency", case.agency not in ("", "-"))
        known("principal.agency_type", 1 <= case.agency_type <= 23)
        known("principal.regime", 1 <= case.regime <= 2)
        known("principal.clearance", 1 <= case.clearance <= 4)
        known("principal.roles", all(role in ROLES for role, _ in case.roles))
        known("verb", COLLECT <= case.verb <= ERASE)
        known("resource.tenant", case.resource_tenant != "")
        known("resource.stream", case.stream != "")
        known("resource.thing", 1 <= case.thing <= 6)
        known("resource.record_class", case.record_class in CLASSES)
        known("label.class", case.label_class in CLASSES)
        known("label.sensitivity", 0 <= case.sensitivity <= 2)
        known("label.handling", case.handling in (1, 2))
        for name, stamp in (("expires_at", case.expires_stamp), ("consent_until", case.consent_stamp)):
            known("label.conditions." + name, stamp is None or Case.well_formed(stamp))
        known("label.marking", 1 <= case.marking <= 4)
        known("label.source_evaluation", case.source_evaluation <= 3)
        known("label.intelligence_assessment", case.assessment <= 5)
        known("label.category", 0 <= case.category <= 5)
        known("label.condition_ref", case.sensitivity != 2 or case.condition_ref not in ("", "-"))
        known("label.fields", not case.unread)
        known("resource.areas", len(case.resource_areas) > 0)
        known("resource.retention", 1 <= case.retention <= 3)
        known("context.purpose", 1 <= case.purpose <= 13)
        known("context.justification", 1 <= case.justification <= 3)
        known("context.time", case.time is not None)
        return say

    # ------------------------------------------------------------------------------------------------ forbids

    @staticmethod
    def conditions_broken(case):
        asked = [
            (case.recipients, case.ref in case.recipients),
            (case.agencies, case.agency in case.agencies),
            (case.unit_only, 7 in case.live and case.agency_type in (1, 2)),
            (case.consent, case.consent_until is not None and not case.passed(case.consent_until)),
            (case.no_onward, case.verb != DISCLOSE),
            (case.no_local_copy, case.verb != DISCLOSE),
            (case.expires_at is not None, case.expires_at is not None and not case.passed(case.expires_at)),
        ]
        holds = [held for wanted, held in asked if wanted]
        return not holds or not all(holds)

    @staticmethod
    def agreements(case):
        """Of those that cover the package: which have not expired."""
        to = case.recipient if case.verb == DISCLOSE else case.agency
        states = []
        if case.from_agency and to:
            for from_agency, to_agency, classes, purposes, areas, signed, expires_at in case.agreements:
                if (signed and from_agency == case.from_agency and to_agency == to and case.record_class in classes
                        and case.purpose in purposes
                        and ("*" in areas or all(area in areas for area in case.resource_areas))):
                    states.append(case.time is not None if expires_at is None else case.now < expires_at)
        return states

    @staticmethod
    def needs_agreement(case):
        to = case.recipient if case.verb == DISCLOSE else case.agency
        return case.thing == PACKAGE and (to != case.from_agency or not to)

    def forbidden(self, case, permitting):
        glass = case.break_glass
        foreign = case.tenant != case.resource_tenant
        covering = self.agreements(case) if self.needs_agreement(case) else [True]
        exempt = case.given or case.writing and case.own_action
        alone_as = {role for role in (9, 10) if role in case.live and not set(permitting) - {role}}
        expired_label = (case.expires_at is not None and case.passed(case.expires_at)
                         and case.verb != ERASE and not case.given)
        late_grant = not permitting and bool(self.permitting(case, {role for role, _ in case.roles}))
        areas_meet = ("*" in case.areas or "*" in case.resource_areas
                      or any(area in case.areas for area in case.resource_areas))
        text_wanted = (case.verb == DISCLOSE
                       or (case.concerns("INTEL") or case.concerns("SOURCE")) and not case.given)
        stale = False
        for name, seconds in self.fresh_sign_in.items():
            if case.concerns(name):
                age = None if case.signed_in_at is None else case.now - case.signed_in_at
                stale = stale or age is None or age < 0 or age > seconds * 1_000_000
        rules = (
            ("F1", case.restricted and case.purpose not in PURPOSES_DESPITE_RESTRICTION),
            ("F2", foreign or not any(covering)),
            ("F3", case.concerns("SOURCE")
             and (foreign or not case.compartment or case.compartment not in case.compartments)),
            ("F4", case.handling == 2 and not glass and not case.given and case.verb != ERASE
             and self.conditions_broken(case)),
            ("F5", 10 in alone_as and any(CLASSES.get(number) != "COMMUNITY" for number in case.classes)
             and not case.released and not exempt),
            ("F6", 9 in alone_as and not exempt
             and ((case.concerns("OPERATIONAL") or case.concerns("INTEL")) and not case.shared
                  or case.concerns("INTEL") and not case.sanitised)),
            ("F7", case.epoch[0] < case.min_epoch[0] or case.epoch[1] < case.min_epoch[1]),
            ("F8", case.concerns("AUDIT") and case.purpose not in PURPOSES_OF_THE_LOG),
            ("F9", case.marking > 2 or case.marking > case.clearance),
            ("F10", expired_label or bool(covering) and not any(covering) or late_grant),
            ("F11", case.stream.startswith("influencer/")
             and (bool(case.live & {5, 6, 7, 8}) or case.purpose in (LAW_ENFORCEMENT, CRIMINAL_PROCEEDINGS))),
            ("N1", not glass and not areas_meet),
            ("N2", not glass and bool(case.phases) and case.phase not in case.phases),
            ("N3", not glass and case.resource_operation != "" and case.operation != case.resource_operation),
            ("N4", case.purpose == LAW_ENFORCEMENT and case.regime != 1),
            ("N5", case.purpose in PURPOSES_OF_THE_LOG and not case.concerns("AUDIT")),
            ("N6", case.kind == 1 and stale and not case.given),
            ("N7", not case.justified and text_wanted and case.justification == 1),
            ("N8", case.retention == 3 or case.retention == 2 and case.verb == ERASE),
        )
        return [name for name, fires in rules if fires]

    # ----------------------------------------------------------------------------------------------- decision

    def obligations(self, case, permitting):
        hidden = case.concerns("SOURCE") or case.concerns("AUDIT")
        intel, source = case.concerns("INTEL"), case.concerns("SOURCE")
        sees_persons = any(self.cell(3, role) for role in permitting)
        duties = {
            "REDACT": case.reading and case.personal and not hidden and not sees_persons,
            "WATERMARK": case.verb == DISCLOSE or case.reading and (case.marking == 2 or case.handling == 2),
            "LOG": case.personal or intel or hidden or case.break_glass,
            "SECOND_PERSON": (case.verb == ERASE or case.verb == DISCLOSE and (intel or source)
                              or case.verb == COMBINE and source),
            "ROW_CAP": case.reading and case.personal,
            "NO_LOCAL_COPY": case.reading and case.handling == 2 and case.no_local_copy,
            "PAGE": case.break_glass,
        }
        return sum(BIT[name] for name, owed in duties.items() if owed)

    def decide(self, case):
        permitting = self.permitting(case, case.live)
        against = self.unknown(case) + self.forbidden(case, permitting)
        if permitting and not against:
            rules = [f"{CLASSES[case.record_class]}/{ROLES[role]}" for role in permitting]
            if case.break_glass:
                rules.append("BREAK_GLASS")
            return True, rules, self.obligations(case, permitting)
        return False, against + ([] if permitting else ["DEFAULT"]), BIT["LOG"]

    # ------------------------------------------------------------------------------------------------- digest

    def digest(self, case, decision):
        permit, rules, duties = decision
        parts = [item(b"holdfast/policy/1"), item(self.digest_of_table)]
        parts += [number(case.kind), text(case.tenant), text(case.ref), text(case.agency), number(case.agency_type),
                  number(case.regime), number(case.clearance),
                  members(number(role) + instant(until) for role, until in case.roles), texts(case.areas),
                  texts(case.compartments), members(map(agreement, case.agreements)), instant(case.signed_in_at)]
        parts += [number(case.verb)]
        parts += [text(case.resource_tenant), text(case.stream), number(case.thing), number(case.record_class)]
        parts += [number(case.label_class), number(case.sensitivity), number(case.handling),
                  texts(case.recipients), texts(case.agencies), truth(case.unit_only), truth(case.consent),
                  truth(case.no_onward), truth(case.no_local_copy), stamp(case.expires_stamp),
                  stamp(case.consent_stamp), number(case.marking), number(case.source_evaluation),
                  number(case.assessment), number(case.category), text(case.condition_ref), texts(case.owners),
                  texts(case.shared_with), truth(case.sanitised), truth(case.released)]
        parts += [texts(case.resource_areas), texts(case.assignees), text(case.from_agency), text(case.compartment),
                  texts(case.phases), text(case.resource_operation), truth(case.restricted), number(case.retention),
                  number(case.min_epoch[0]), number(case.min_epoch[1])]
        parts += [number(case.purpose), truth(case.justified), number(case.justification), text(case.phase),
                  text(case.operation), text(case.recipient), truth(case.method_granted), instant(case.break_glass_at),
                  instant(case.time), number(case.epoch[0]), number(case.epoch[1])]
        parts += [truth(permit), number(len(rules)), *map(text, rules), number(duties)]
        return hashlib.sha256(b"".join(parts)).hexdigest()


def item(data):
    return struct.pack(">I", len(data)) + data


def number(value):
    return item((value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big"))


def truth(value):
    return number(1 if value else 0)


def text(value):
    return item(value.encode())


def instant(value):
    return item(b"") if value is None else number(value)


def stamp(value):
    if value is None:
        return item(b"")
    return item(b"".join((part & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big") for part in value))


def members(encoded):
    unique = sorted(set(encoded))
    return number(len(unique)) + b"".join(unique)


def texts(values):
    return members(map(text, values))


def agreement(given):
    from_agency, to_agency, classes, purposes, areas, signed, expires_at = given
    return (text(from_agency) + text(to_agency) + members(map(number, classes)) + members(map(number, purposes))
            + texts(areas) + truth(signed) + instant(expires_at))


def main():
    with open(sys.argv[1], "rb") as file:
        policy = Policy(file.read())
    answers = []
    for line in sys.stdin:
        wants_digest, *inputs = json.loads(line)
        case = Case(*inputs)
        decision = policy.decide(case)
        permit, rules, duties = decision
        digest = policy.digest(case, decision) if wants_digest else ""
        answers.append(f"{int(permit)} {','.join(rules)} {duties} {digest}\n")
    sys.stdout.write("".join(answers))


if __name__ == "__main__":
    main()
