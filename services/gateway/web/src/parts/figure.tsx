// A chart with what it found in words, and the same numbers as a table that can be copied or saved.
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export interface TableTwin {
  caption: string;
  head: string[];
  rows: string[][];
}

function toCsv(table: TableTwin): string {
  // A text that a spreadsheet would run as a formula gets an apostrophe.
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [table.head, ...table.rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

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
  method?: string;
  children: (describedBy: string) => ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <figure class="hf-figure">
      <figcaption>
        <h2 class="govuk-heading-m">{props.title}</h2>
        <p class="govuk-body hf-finding" id={id}>{props.finding}</p>
      </figcaption>
      {props.children(id)}
      {props.method && <p class="govuk-body-s hf-quiet">{props.method}</p>}
      <details class="govuk-details">
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">{`The numbers: ${props.title}`}</span></summary>
        <div class="govuk-details__text hf-scroll" tabIndex={0} role="region" aria-label={props.table.caption}>
          <Table table={props.table} />
          <button type="button" class="govuk-button govuk-button--secondary hf-controls"
            onClick={() => save(props.file, toCsv(props.table))}>Save as CSV</button>
        </div>
      </details>
    </figure>
  );
}

export function Table({ table }: { table: TableTwin }): JSX.Element {
  return (
    <table class="govuk-table hf-numbers">
      <caption class="govuk-table__caption govuk-table__caption--s">{table.caption}</caption>
      <thead class="govuk-table__head">
        <tr class="govuk-table__row">
          {table.head.map((name) => <th scope="col" class="govuk-table__header">{name}</th>)}
        </tr>
      </thead>
      <tbody class="govuk-table__body">
        {table.rows.map((row) => (
          <tr class="govuk-table__row">
            {row.map((cell, i) => i === 0
              ? <th scope="row" class="govuk-table__header">{cell}</th>
              : <td class="govuk-table__cell">{cell}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
