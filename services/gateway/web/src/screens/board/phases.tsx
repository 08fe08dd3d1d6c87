// The phases of a site as bars over time. One recorded afterwards is marked wherever it is shown.
import type { JSX } from "preact";
import { Timeline } from "../../charts/timeline";
import type { SiteBoard } from "../../gen/holdfast/board/v1/board_pb";
import type { PhaseBand } from "../../gen/holdfast/board/v1/rows_pb";
import { Figure, type LegendEntry } from "../../parts/figure";
import { Empty } from "../../parts/states";
import type { TableTwin } from "../../parts/table";
import { dayName, dayPlace, phaseCode, phaseName, slugName } from "../../words";

export const todayPlace = (): number => {
  const now = new Date();
  return dayPlace({ year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() } as never);
};

export const zoneSuffix = (zone: string): string => (zone && zone !== "site" ? `, ${zone}` : "");

const label = (band: PhaseBand): string =>
  `${phaseName(band.phase)}${zoneSuffix(band.zone)}${band.recordedAfterwards ? " (recorded afterwards)" : ""}${band.to ? "" : " (open)"}`;

const afterwards: LegendEntry = {
  mark: <rect class="bar bar-PREPARE bar-afterwards" x="2" y="3" width="24" height="10" />,
  text: "Dashed outline: recorded afterwards, without a gate",
};

export function Phases({ board }: { board: SiteBoard }): JSX.Element {
  const phases = board.site?.phases ?? [];
  if (phases.length === 0) {
    return (
      <section>
        <h2 class="govuk-heading-m">Phases</h2>
        <Empty>
          <p>No phase has been opened. Ask what the gate of Prepare or Clear still wants:</p>
          <p><code>{`bin/holdfast gate show ${board.site?.siteId ?? "SITE"} CLEAR`}</code></p>
        </Empty>
      </section>
    );
  }
  const now = todayPlace();
  const bars = phases.map((band) => ({
    phase: phaseCode(band.phase), label: label(band), open: !band.to, afterwards: band.recordedAfterwards,
    from: band.from ? dayPlace(band.from) : now, to: band.to ? dayPlace(band.to) : now,
  }));
  const open = phases.filter((band) => !band.to).map((band) => phaseName(band.phase) + zoneSuffix(band.zone));
  const table: TableTwin = {
    caption: "Phases", head: ["Phase", "Zone", "From", "To", "Lead", "Note"],
    rows: phases.map((band) => [phaseName(band.phase), band.zone, band.from ? dayName(band.from) : "",
      band.to ? dayName(band.to) : "still open", band.leadAgency ? slugName(band.leadAgency) : "not named",
      [band.recordedAfterwards ? `recorded afterwards: ${band.source}` : "", band.override ? "gate overridden" : "",
        band.withoutBaseline ? "opened without a baseline" : ""].filter(Boolean).join("; ")]),
  };
  const recorded = phases.filter((band) => band.recordedAfterwards);
  return (
    <Figure title="Phases" file="phases.csv" table={table}
      finding={open.length > 0 ? `Open now: ${open.join(", ")}. Phases may overlap.` : "No phase is open now."}
      notes={recorded.map((band) => `${phaseName(band.phase)} was recorded afterwards, without a gate. Source: ${band.source}`)}
      {...(recorded.length > 0 ? { legend: [afterwards] } : {})}>
      {(id, width) => (
        <Timeline bars={bars} from={Math.floor(Math.min(...bars.map((bar) => bar.from))) - 1}
          to={Math.ceil(Math.max(...bars.map((bar) => bar.to))) + 1} describedBy={id} width={width} />
      )}
    </Figure>
  );
}
