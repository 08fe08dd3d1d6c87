// A mark for each series, told apart by its shape as well as by its colour.
import type { JSX } from "preact";

const SHAPES = [
  "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z", // circle
  "M-5 -5H5V5H-5Z", // square
  "M0 -6L6 5H-6Z", // triangle
  "M0 -7L6 0L0 7L-6 0Z", // diamond
  "M-6 -5H6L0 6Z", // triangle, upside down
];

export function Marker({ series, x, y, children }: { series: number; x: number; y: number; children?: JSX.Element }): JSX.Element {
  return (
    <path class="rank" d={SHAPES[series % SHAPES.length]} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>{children}</path>
  );
}
