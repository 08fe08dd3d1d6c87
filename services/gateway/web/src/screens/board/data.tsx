// Which data stand behind the page: how many rows of how many months, what is missing, what waits for a person.
import type { JSX } from "preact";
import type { SiteBoard } from "../../gen/holdfast/board/v1/board_pb";
import type { DatasetMonths } from "../../gen/holdfast/board/v1/rows_pb";
import { ScrollingTable } from "../../parts/figure";
import { Empty } from "../../parts/states";
import type { Cell } from "../../parts/table";
import { monthName, monthNumber } from "../../words";
import { monthsInWords } from "./findings";

export function monthsWithout(dataset: DatasetMonths): number[] {
  const present = dataset.months.filter((month) => month.current > 0 && month.month).map((month) => monthNumber(month.month!));
  const out: number[] = [];
  for (let at = Math.min(...present); at <= Math.max(...present); at++) if (!present.includes(at)) out.push(at);
  return out;
}

export function DataBehind({ board }: { board: SiteBoard }): JSX.Element {
  const rows = board.datasets.map((dataset): Cell[] => {
    const counted = dataset.months.flatMap((month) => month.revisions.filter((revision) => revision.revision === month.current));
    const sum = (pick: (revision: (typeof counted)[number]) => bigint) => Number(counted.reduce((total, revision) => total + pick(revision), 0n));
    return [dataset.title || dataset.datasetId, dataset.months.filter((month) => month.current > 0).length,
      monthsInWords(monthsWithout(dataset)) || "none", sum((one) => one.rows), sum((one) => one.rejected), sum((one) => one.withPoint)];
  });
  const notes = board.datasets.flatMap((dataset) => [
    ...dataset.gaps.map((gap) => `${dataset.title || dataset.datasetId}, ${gap.from ? monthName(gap.from) : ""} to ${gap.to ? monthName(gap.to) : ""}: no data. ${gap.reason}`),
    ...dataset.months.filter((month) => month.revisions.some((revision) => revision.quarantined && !revision.accepted) && month.month)
      .map((month) => `${dataset.title || dataset.datasetId}, ${monthName(month.month!)}: a newer extract is held until a person accepts it.`),
  ]);
  return (
    <section>
      <h2 class="govuk-heading-m">Data behind this page</h2>
      {rows.length === 0
        ? <Empty><p>No police data is loaded:</p><p><code>bin/holdfast import police-uk FILE</code></p></Empty>
        : <ScrollingTable table={{ caption: "Datasets that decide whether a month is there", rows,
            head: ["Dataset", "Months", "Months without data", "Rows", "Rejected", "With a place"] }} />}
      {notes.length > 0 && <ul class="govuk-list govuk-list--bullet govuk-body-s">{notes.map((note) => <li>{note}</li>)}</ul>}
    </section>
  );
}
