#!/usr/bin/env python3
"""The dashboards, written once and laid out alike: `python3 deploy/grafana/dashboards.py` writes the JSON files beside it.

Each panel has a title, a unit, a description, and a link to the runbook where an alert watches the same thing. The files
are committed; a test makes them again and compares.
"""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 8, 8  # three panels a row
JOB = 'job=~"$job"'
RATE = "$__rate_interval"


def query(expression, legend=""):
    return {"expr": expression, "legend": legend}


def panel(title, unit, description, *queries, alert=None, kind="timeseries"):
    return {"title": title, "unit": unit, "description": description, "queries": queries, "alert": alert, "kind": kind}


def quantile(q, family, by, more=""):
    """The q-quantile of a histogram, by these labels."""
    labels = ", ".join(("le", *by))
    return f"histogram_quantile({q}, sum by ({labels}) (rate({family}_bucket{{{JOB}{more}}}[{RATE}])))"


def per_second(family, by, more=""):
    return f"sum by ({', '.join(by)}) (rate({family}{{{JOB}{more}}}[{RATE}]))"


def greatest(family, by, more=""):
    return f"max by ({', '.join(by)}) ({family}{{{JOB}{more}}})"


CONTEXT = ', context=~"$context"'
READS = ', grpc_type="unary", grpc_method=~"(Get|List|Explain).*"'

OVERVIEW = [
    panel("Budget that is left", "percentunit", "Of the bad events that 28 days allow, how much is not used. Below 0 the objective is missed.",
          query('slo:budget_remaining:ratio{job=~"$job"}', "{{slo}}"), alert="BudgetBurningSlow", kind="stat"),
    panel("Bad events, last hour", "percentunit", "Part of the events of each objective that was bad, over an hour.",
          query('slo:error_ratio:rate1h{job=~"$job"}', "{{slo}}"), alert="BudgetBurningFast"),
    panel("Burn rate, last hour", "none", "How many times faster than 28 days allow the budget is used. 1 uses it up exactly; 14.4 pages.",
          query('slo:error_ratio:rate1h{job=~"$job"} / on (slo) group_left () (1 - slo:objective:ratio)', "{{slo}}"),
          alert="BudgetBurningFast"),
    panel("Events", "ops", "Events a second that each objective counts.",
          query('slo:requests:rate5m{job=~"$job"}', "{{slo}}")),
    panel("Answers Prometheus", "none", "1 while the metrics can be read.",
          query(f"up{{{JOB}}}", "{{instance}}"), alert="TargetDown", kind="stat"),
    panel("Ready", "none", "1 while the process is ready: views caught up once, journal writable, every partition owned.",
          query(greatest("holdfast_ready", ("instance",)), "{{instance}}"), kind="stat"),
    panel("Uptime", "s", "Since the process started.",
          query(f"time() - process_start_time_seconds{{{JOB}}}", "{{instance}}"), kind="stat"),
    panel("Processor", "none", "Cores that the process uses.",
          query(per_second("process_cpu_seconds_total", ("instance",)), "{{instance}}")),
    panel("Memory", "bytes", "Resident memory of the process.",
          query(greatest("process_resident_memory_bytes", ("instance",)), "{{instance}}")),
    panel("File descriptors", "percentunit", "Part of the allowed file descriptors that is open.",
          query(f"process_open_fds{{{JOB}}} / process_max_fds{{{JOB}}}", "{{instance}}")),
    panel("Log lines suppressed", "ops", "Lines of one event beyond its rate are counted, not written.",
          query(per_second("holdfast_log_dropped_total", ("instance",)), "{{instance}}")),
    panel("Series refused", "short", "Metric series beyond the limit of the process, since it started.",
          query(greatest("holdfast_series_dropped_total", ("instance",)), "{{instance}}"), alert="SeriesDropped", kind="stat"),
]

SERVICES = [
    panel("Commands by outcome", "ops", "Commands a second, by what became of them. Overloaded and unavailable count against the objective.",
          query(per_second("holdfast_command_seconds_count", ("outcome",)), "{{outcome}}"), alert="BudgetBurningFast"),
    panel("Commands, 99 %", "s", "Time from the queue to the answer that 99 of 100 commands stay below. Objective: 0.3 s.",
          query(quantile(0.99, "holdfast_command_seconds", ("context",)), "{{context}}"), alert="BudgetBurningFast"),
    panel("Commands refused by a rule", "ops", "By the code of the rule. A refusal is an answer, not a fault.",
          query(per_second("holdfast_command_refused_total", ("context", "reason")), "{{context}} {{reason}}")),
    panel("Reads by code", "ops", "Reads a second (Get, List, Explain) by gRPC's code.",
          query(per_second("grpc_server_handled_total", ("grpc_code",), READS), "{{grpc_code}}"), alert="BudgetBurningFast"),
    panel("Reads, 99 %", "s", "Time that 99 of 100 reads stay below. Objective: 0.25 s.",
          query(quantile(0.99, "grpc_server_handling_seconds", ("grpc_service",), READS), "{{grpc_service}}"),
          alert="BudgetBurningFast"),
    panel("Calls by method", "ops", "Calls a second of every method.",
          query(per_second("grpc_server_started_total", ("grpc_service", "grpc_method")), "{{grpc_method}}")),
    panel("Pages and JSON, by status", "ops", "Requests a second that the gateway answered, by route and status.",
          query(per_second("http_server_request_duration_seconds_count", ("http_route", "http_response_status_code")),
                "{{http_route}} {{http_response_status_code}}")),
    panel("Pages and JSON, 99 %", "s", "Time from a request over HTTP to its answer that 99 of 100 stay below.",
          query(quantile(0.99, "http_server_request_duration_seconds", ("http_route",)), "{{http_route}}")),
    panel("Turned away under load", "ops", "Calls a second that found every thread or every place in a queue taken.",
          query(per_second("holdfast_shed_total", ("class",)), "threads: {{class}}"),
          query(per_second("holdfast_command_seconds_count", ("context",), ', outcome="overloaded"'), "queue: {{context}}"),
          alert="Shedding"),
    panel("Refused at the door", "ops", "Calls a second that did not pass the door, by check and reason.",
          query(per_second("holdfast_door_refused_total", ("check", "reason")), "{{check}} {{reason}}"),
          alert="ForeignTenantNamed"),
    panel("Denied by policy", "ops", "Calls a second of people whose roles do not allow them.",
          query(per_second("holdfast_policy_denied_total", ("rule",)), "{{rule}}")),
    panel("Tokens not believed", "ops", "Tokens a second that were refused, by cause.",
          query(per_second("holdfast_token_rejected_total", ("cause",)), "{{cause}}")),
    panel("Imports, 90 %", "s", "Time of a whole import that nine of ten stay below. Objective: an hour.",
          query(quantile(0.9, "holdfast_import_seconds", ()), "imports"), alert="BudgetBurningSlow"),
    panel("Rows imported", "cps", "Rows a second of imported files, by what became of them.",
          query(per_second("holdfast_import_rows_total", ("profile", "outcome")), "{{profile}} {{outcome}}")),
    panel("Relay behind", "s", "Age of the oldest commit that the public topics lack.",
          query(greatest("holdfast_relay_lag_seconds", ("context",)), "{{context}}"), alert="RelayBehind"),
    panel("Inbound records", "ops", "Records a second of the inbound topics, by what became of them.",
          query(per_second("holdfast_inbound_records_total", ("outcome",)), "{{outcome}}")),
]

JOURNAL = [
    panel("Owners of each partition", "none", "Processes that write the partition: 1 is right, 0 means that nobody takes its commands.",
          query(f'sum by (context, partition) (holdfast_partition_role{{{JOB}{CONTEXT}, role="owner"}})', "{{context}}/{{partition}}"),
          alert="PartitionWithoutOwner"),
    panel("Frozen partitions", "none", "1 where a record cannot be read and the partition takes no commands.",
          query(greatest("holdfast_partition_frozen", ("context", "partition"), CONTEXT), "{{context}}/{{partition}}"),
          alert="PartitionFrozen"),
    panel("Frozen tenants", "none", "Tenants whose history cannot be read; the others go on.",
          query(greatest("holdfast_tenants_frozen", ("context",), CONTEXT), "{{context}}"), alert="TenantFrozen", kind="stat"),
    panel("Readers that differ", "ops", "Folds of one partition, a second, that came to another result than the same records gave elsewhere.",
          query(per_second("holdfast_fold_digest_mismatch_total", ("context",), CONTEXT), "{{context}}"), alert="FoldDigestMismatch"),
    panel("Journal read-only", "none", "1 once the embedded journal takes no writes: a full or broken disk.",
          query(greatest("holdfast_journal_frozen", ("instance",)), "{{instance}}"), alert="JournalUnwritable", kind="stat"),
    panel("Records appended", "wps", "Records a second that became durable.",
          query(per_second("holdfast_append_seconds_count", ("context",), CONTEXT), "{{context}}"), alert="JournalUnwritable"),
    panel("Append, 99 %", "s", "Time from append to durable that 99 of 100 records stay below.",
          query(quantile(0.99, "holdfast_append_seconds", ("context",), CONTEXT), "{{context}}")),
    panel("Sync, 99 %", "s", "Time of one synced group commit that 99 of 100 stay below: the disk itself.",
          query(quantile(0.99, "holdfast_fsync_seconds", ()), "fsync")),
    panel("Records a sync", "none", "How many records share one sync; more under load.",
          query(f"sum(rate(holdfast_journal_group_records_total{{{JOB}}}[{RATE}])) / sum(rate(holdfast_fsync_seconds_count{{{JOB}}}[{RATE}]))",
                "records")),
    panel("Not yet folded by the owner", "short", "Records of the partition that its owner has not folded.",
          query(f"holdfast_journal_end_offset{{{JOB}{CONTEXT}}} - holdfast_journal_applied_offset{{{JOB}{CONTEXT}}}",
                "{{context}}/{{partition}}")),
    panel("Journal", "short", "The next offset of each partition: how many records it holds.",
          query(greatest("holdfast_journal_end_offset", ("context", "partition"), CONTEXT), "{{context}}/{{partition}}")),
    panel("Step-downs", "ops", "Owners that gave a partition up, a second, by why.",
          query(per_second("holdfast_step_down_total", ("context", "why"), CONTEXT), "{{context}} {{why}}"), alert="StepDownStorm"),
    panel("Void records", "ops", "Records a second that the acceptance fold did not accept: late, doubled or forked ones.",
          query(per_second("holdfast_commit_void_total", ("context", "why"), CONTEXT), "{{context}} {{why}}")),
    panel("Archive behind", "s", "For how long what is recorded is in no archive yet: what would be lost with the brokers.",
          query(greatest("holdfast_archive_lag_seconds", ("context",), CONTEXT), "{{context}}"), alert="ArchiveBehind"),
]

STORES = [
    panel("Writes stopped", "none", "1 while the store takes no write.",
          query(greatest("holdfast_rocksdb_write_stopped", ("store",)), "{{store}}"), alert="StoreStopped"),
    panel("Background errors", "none", "Errors that the store met in the background; it may have stopped writing.",
          query(greatest("holdfast_rocksdb_background_errors", ("store",)), "{{store}}"), alert="StoreStopped"),
    panel("Volume used", "percentunit", "Part of the data folder's volume that is used. 85 % is a ticket, 92 % a page.",
          query(greatest("holdfast_disk_used_ratio", ("volume",)), "{{volume}}"), alert="DiskFilling"),
    panel("Stalls", "percentunit", "Part of the time in which writers of the store were slowed or stopped.",
          query(per_second("holdfast_rocksdb_stall_seconds_total", ("store",)), "{{store}}")),
    panel("Slowed to", "Bps", "Bytes a second to which writes are slowed; 0: not slowed.",
          query(greatest("holdfast_rocksdb_delayed_write_rate", ("store",)), "{{store}}")),
    panel("Waits for compaction", "bytes", "Bytes that wait for compaction, estimated.",
          query(greatest("holdfast_rocksdb_pending_compaction_bytes", ("store",)), "{{store}}")),
    panel("Memtables", "bytes", "Bytes in memtables.",
          query(greatest("holdfast_rocksdb_memtable_bytes", ("store",)), "{{store}}")),
    panel("Block cache", "bytes", "Bytes in the block cache, which all stores of the process share.",
          query(greatest("holdfast_rocksdb_block_cache_bytes", ("instance",)), "{{instance}}")),
]

VIEWS = [
    panel("Freshness, 99 %", "s", "Time from recorded to shown that 99 of 100 commits stay below. Objective: 5 s.",
          query(quantile(0.99, "holdfast_view_visible_seconds", ("context",), CONTEXT), "{{context}}"), alert="BudgetBurningFast"),
    panel("Shown within 5 s", "percentunit", "Part of the commits that showed within 5 s.",
          query(f'sum by (context) (rate(holdfast_view_visible_seconds_bucket{{{JOB}{CONTEXT}, le=~"5([.]0)?"}}[{RATE}])) / sum by (context) (rate(holdfast_view_visible_seconds_count{{{JOB}{CONTEXT}}}[{RATE}]))',
                "{{context}}"), alert="BudgetBurningFast"),
    panel("Behind", "s", "Age of the oldest commit that the views have not applied; 0 at the end of the journal.",
          query(greatest("holdfast_view_lag_seconds", ("context",), CONTEXT), "{{context}}"), alert="ViewStalled"),
    panel("Commits applied", "ops", "Commits a second that the views took in.",
          query(per_second("holdfast_view_applied_total", ("context",), CONTEXT), "{{context}}"), alert="ViewStalled"),
    panel("Parked rows", "short", "Rows that are left out because an event could not be applied.",
          query(greatest("holdfast_view_parked_rows", ("view",), CONTEXT), "{{view}}"), alert="ViewParked"),
]

BOARDS = {
    "overview": ("Holdfast: overview", OVERVIEW, False),
    "services": ("Holdfast: services and the door", SERVICES, False),
    "journal": ("Holdfast: journal and partitions", JOURNAL, True),
    "stores": ("Holdfast: stores", STORES, False),
    "views": ("Holdfast: views", VIEWS, True),
}


def variables(by_context):
    source = {"type": "prometheus", "uid": "${datasource}"}

    def values(name, label, expression):
        return {"name": name, "label": label, "type": "query", "datasource": source, "refresh": 2, "sort": 1, "multi": True,
                "includeAll": True, "allValue": ".+", "current": {"text": "All", "value": "$__all"},
                "query": {"query": expression, "refId": name}}

    chosen = [
        {"name": "datasource", "label": "Source", "type": "datasource", "query": "prometheus", "current": {}},
        values("job", "Job", 'label_values(up{job=~"holdfast-.*"}, job)'),
    ]
    if by_context:
        chosen.append(values("context", "Context", 'label_values(holdfast_partition_role{job=~"$job"}, context)'))
    return chosen


def drawn(number, one):
    made = {
        "id": number + 1,
        "type": one["kind"],
        "title": one["title"],
        "description": one["description"],
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"x": number % 3 * WIDTH, "y": number // 3 * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": one["unit"]}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "expr": each["expr"], "legendFormat": each["legend"]}
            for i, each in enumerate(one["queries"])
        ],
    }
    if one["alert"]:
        made["links"] = [{"title": f"Runbook: {one['alert']}", "url": f"${{runbooks}}/{one['alert']}.md", "targetBlank": True}]
    return made


def board(name):
    title, panels, by_context = BOARDS[name]
    runbooks = {"name": "runbooks", "label": "Runbooks", "type": "textbox", "query": "file:///usr/share/doc/holdfast/runbooks",
                "current": {"text": "file:///usr/share/doc/holdfast/runbooks", "value": "file:///usr/share/doc/holdfast/runbooks"}}
    return {
        "uid": f"holdfast-{name}",
        "title": title,
        "tags": ["holdfast"],
        "editable": False,
        "schemaVersion": 38,
        "version": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [*variables(by_context), runbooks]},
        "links": [{"title": "Holdfast", "type": "dashboards", "tags": ["holdfast"], "asDropdown": False, "keepTime": True,
                   "includeVars": True}],
        "panels": [drawn(i, one) for i, one in enumerate(panels)],
    }


def text(name):
    """What the file of a dashboard holds."""
    return json.dumps(board(name), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for each in BOARDS:
        (FOLDER / f"{each}.json").write_text(text(each), encoding="utf-8")
