// The numbers of a chart as a table, and that table as CSV. Pure.

/** A number stands in the table rounded to `digits`, and in the file as it came. */
export type Cell = string | number;

export interface TableTwin {
  caption: string;
  head: string[];
  rows: Cell[][];
  digits?: number;
}

export const shown = (cell: Cell, digits = 2): string =>
  typeof cell === "string" ? cell : cell.toLocaleString("en-GB", { maximumFractionDigits: digits });

export function toCsv(table: TableTwin): string {
  const field = (cell: Cell) => {
    const text = String(cell);
    // A text that a spreadsheet would run as a formula gets an apostrophe.
    const safe = typeof cell === "string" && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [table.head, ...table.rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}
