// A chart with what it found in words, what its marks mean, and the same numbers as a table that can be saved.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { shown, toCsv, type TableTwin } from "./table";
import { useWidth } from "./width";

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function Figure(props: {
  title: string;
  finding: string;
  table: TableTwin;
  file: string;
  legend?: LegendEntry[];
  notes?: string[];
  method?: string;
  /** A newer answer is on its way. */
  renewing?: boolean;
  controls?: ComponentChildren;
  children: (describedBy: string, width: number) => ComponentChildren;
}): JSX.Element {
  const id = useId();
  const [ref, width] = useWidth();
  return (
    <figure class="hf-figure" aria-busy={props.renewing ? "true" : undefined}>
      <figcaption>
        <h2 class="govuk-heading-m">{props.title}</h2>
        {props.controls}
        <p class="govuk-body hf-finding" id={id}>{props.finding}</p>
      </figcaption>
      <div ref={ref} class={props.renewing ? "hf-renewing" : undefined}>{width > 0 && props.children(id, width)}</div>
      {props.legend && <Legend entries={props.legend} />}
      {props.notes && props.notes.length > 0 && (
        <ul class="govuk-list govuk-list--bullet govuk-body-s hf-notes">{props.notes.map((note) => <li>{note}</li>)}</ul>
      )}
      {props.method && <p class="govuk-body-s hf-quiet">{props.method}</p>}
      <details class="govuk-details">
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">{`The numbers: ${props.title}`}</span></summary>
        <div class="govuk-details__text">
          <ScrollingTable table={props.table} />
          <button type="button" class="govuk-button govuk-button--secondary hf-controls"
            onClick={() => save(props.file, toCsv(props.table))}>Save as CSV<span class="govuk-visually-hidden">{`: ${props.title}`}</span></button>
        </div>
      </details>
    </figure>
  );
}

export interface LegendEntry {
  /** Drawn 28 wide and 16 high. */
  mark: JSX.Element;
  text: string;
}

export function Legend({ entries }: { entries: LegendEntry[] }): JSX.Element {
  return (
    <ul class="hf-legend" aria-label="What the marks mean">
      {entries.map((entry) => (
        <li>
          <svg class="hf-chart" viewBox="0 0 28 16" width="28" height="16" aria-hidden="true">{entry.mark}</svg>
          <span>{entry.text}</span>
        </li>
      ))}
    </ul>
  );
}

/** A table that scrolls within itself where it has no room; then it can be reached and moved by keyboard. */
export function ScrollingTable({ table }: { table: TableTwin }): JSX.Element {
  return (
    <div class="hf-scroll" tabIndex={0} role="region" aria-label={table.caption}>
      <Table table={table} />
    </div>
  );
}

function Table({ table }: { table: TableTwin }): JSX.Element {
  const numeric = table.head.map((_, i) => i > 0 && table.rows.some((row) => typeof row[i] === "number"));
  return (
    <table class="govuk-table hf-numbers">
      <caption class="govuk-table__caption govuk-table__caption--s">{table.caption}</caption>
      <thead class="govuk-table__head">
        <tr class="govuk-table__row">
          {table.head.map((name, i) => (
            <th scope="col" class={`govuk-table__header${numeric[i] ? " govuk-table__header--numeric" : ""}`}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody class="govuk-table__body">
        {table.rows.map((row) => (
          <tr class="govuk-table__row">
            {row.map((cell, i) => i === 0
              ? <th scope="row" class="govuk-table__header">{shown(cell, table.digits)}</th>
              : <td class={`govuk-table__cell${numeric[i] ? " govuk-table__cell--numeric" : ""}`}>{shown(cell, table.digits)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
