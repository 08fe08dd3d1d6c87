// The baseline that holds: its months, what was waived, what was locked, and the digest that proves it.
import type { JSX } from "preact";
import type { SiteBoard } from "../../gen/holdfast/board/v1/board_pb";
import type { BoardBaseline } from "../../gen/holdfast/board/v1/rows_pb";
import type { ListMeasuresResponse } from "../../gen/holdfast/metrics/v1/queries_pb";
import { Gate_Outcome } from "../../gen/holdfast/metrics/v1/words_pb";
import { ScrollingTable } from "../../parts/figure";
import { Empty } from "../../parts/states";
import type { Cell, TableTwin } from "../../parts/table";
import { caveatSentence, dayName, dutyName, gateName, hex, monthName, suppressedRule, undefinedReason } from "../../words";

const OUTCOMES: Record<number, string> = { [Gate_Outcome.PASSED]: "Met", [Gate_Outcome.WAIVED]: "Waived" };

export function Baseline({ board, current, measures }: {
  board: SiteBoard; current: BoardBaseline | undefined; measures: ListMeasuresResponse;
}): JSX.Element {
  const superseded = board.baselines.filter((baseline) => baseline.superseded);
  return (
    <section>
      <h2 class="govuk-heading-m">Baseline</h2>
      {current ? <Locked current={current} measures={measures} /> : (
        <Empty>
          <p>No baseline is locked. Until one is, the gate of Clear stays shut, and limits are drawn from the first twelve months with data.</p>
          <p><code>{`bin/holdfast baseline lock ${board.site?.siteId ?? "SITE"} …`}</code></p>
        </Empty>
      )}
      {superseded.map((baseline) => <p class="govuk-body">{`Baseline ${baseline.number} was superseded: ${baseline.supersededReason}`}</p>)}
    </section>
  );
}

function Locked({ current, measures }: { current: BoardBaseline; measures: ListMeasuresResponse }): JSX.Element {
  const facts: [string, JSX.Element | string][] = [
    ["Months", `${current.from ? monthName(current.from) : ""} to ${current.to ? monthName(current.to) : ""}`],
    ["Locked on", current.lockedOn ? dayName(current.lockedOn) : "an unknown day"],
    ["Kind", current.retrospective ? "Retrospective: built after Clear began" : "Built before Clear began"],
    ["Data digest", <code class="hf-digest">{hex(current.digest)}</code>],
  ];
  if (current.caveats.length > 0) facts.push(["Mind", current.caveats.map(caveatSentence).join(" ")]);
  const gates: TableTwin = {
    caption: "The ten conditions of a baseline", head: ["Condition", "Outcome", "Found"],
    rows: current.gates.map((gate) => [sentence(gateName(gate.gate)), OUTCOMES[gate.outcome] ?? "Not met", gate.finding]),
  };
  return (
    <div>
      <dl class="govuk-summary-list">
        {facts.map(([name, value]) => (
          <div class="govuk-summary-list__row">
            <dt class="govuk-summary-list__key">{name}</dt>
            <dd class="govuk-summary-list__value">{value}</dd>
          </div>
        ))}
        {current.waived.map((waiver) => (
          <div class="govuk-summary-list__row">
            <dt class="govuk-summary-list__key">Waived</dt>
            <dd class="govuk-summary-list__value">
              {`${sentence(gateName(waiver.gate))}. Reason: ${waiver.reason}`}
              <br />
              <span class="hf-quiet">{`By the ${dutyName(waiver.duty) || "officer"} `}<code class="hf-digest">{waiver.by}</code></span>
            </dd>
          </div>
        ))}
      </dl>
      <ScrollingTable table={lockedTable(current, measures)} />
      <details class="govuk-details">
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">The ten conditions of a baseline</span></summary>
        <div class="govuk-details__text"><ScrollingTable table={gates} /></div>
      </details>
    </div>
  );
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function lockedTable(current: BoardBaseline, measures: ListMeasuresResponse): TableTwin {
  return {
    caption: "What was locked", digits: 1,
    head: ["Measure", "Average", "95 % interval, from", "to", "Unit", "Smallest fall it can show, %"],
    rows: current.values.map((figure, i): Cell[] => {
      const id = figure.measure?.measureId ?? "";
      const title = measures.measures.find((one) => one.measureId === id)?.definition?.title ?? id;
      const fall = current.detectableFallPercent[i] ?? 0;
      const seen = fall > 0 ? Math.round(fall) : "none";
      switch (figure.outcome.case) {
        case "value": {
          const value = figure.outcome.value;
          return [title, value.estimate, value.lower ?? "", value.upper ?? "no upper end", perMonth(value.unit), seen];
        }
        case "suppressed": return [title, suppressedRule(figure.outcome.value.rule), "", "", "", seen];
        case "undefined": return [title, `not defined: ${undefinedReason(figure.outcome.value.reason)}`, "", "", "", seen];
        default: return [title, "", "", "", "", seen];
      }
    }),
  };
}

/** "weighted crimes/1000 residents/month" as it is said. */
const perMonth = (unit: string): string => unit.replaceAll("/1000 ", " per 1,000 ").replaceAll("/", " per ");
