#include "cli/report/style.h"

namespace holdfast::cli::report {

namespace {

constexpr std::string_view kStyle = R"css(
:root { --ink: #0b0c0c; --quiet: #505a5f; --line: #12436d; --limit: #801650; --signal: #a5330b;
  --rule: #b1b4b6; --soft: #f3f6f9; }
@page { size: A4; margin: 15mm 14mm 17mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt arial, sans-serif; color: #505a5f; } }
* { box-sizing: border-box; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0 auto; padding: 28px 32px; max-width: 1000px; background: #fff; color: var(--ink);
  font: 15px/1.45 arial, helvetica, "Liberation Sans", sans-serif; counter-reset: section; }
h1, h2, h3, p, dl, ul, ol, figure { margin: 0; }
h1 { font-size: 38px; line-height: 1.1; letter-spacing: -0.01em; margin: 2px 0 4px; }
h2 { font-size: 23px; line-height: 1.2; margin: 40px 0 14px; padding-top: 10px;
  border-top: 3px solid var(--line); break-after: avoid; }
h3 { font-size: 17px; line-height: 1.25; break-after: avoid; }
p, li { max-width: 46em; }
p + p, ul { margin-top: 8px; }
ul { padding-left: 20px; }
a { color: var(--line); }
code { font: 0.92em/1.4 "DejaVu Sans Mono", consolas, monospace; overflow-wrap: anywhere; }
header { border-top: 8px solid var(--line); padding-top: 14px; }
.over { color: var(--line); font-weight: 700; }
.under { font-size: 18px; color: var(--quiet); }
.facts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 28px; margin-top: 16px; }
.facts div { display: grid; grid-template-columns: 90px 1fr; padding: 6px 0; border-top: 1px solid var(--rule); }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; font-weight: 700; overflow-wrap: anywhere; }
nav ol { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 12px 0 0; margin: 0; font-size: 13px; }
nav { border-top: 1px solid var(--rule); margin-top: 6px; }
.warning { border-left: 6px solid var(--signal); background: #fdf4f1; padding: 9px 14px; margin-top: 14px;
  max-width: none; break-inside: avoid; overflow-wrap: anywhere; }
.warning + .warning { margin-top: 6px; }
.missing { border-left: 6px solid var(--quiet); background: #f3f2f1; padding: 9px 14px; max-width: none; margin-top: 8px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(205px, 1fr)); gap: 12px; }
.tile { background: var(--soft); border-top: 4px solid var(--line); padding: 10px 14px 12px; break-inside: avoid; }
.tile p { margin: 0; }
.tile-name { font-size: 13px; font-weight: 700; }
.tile-value { font-size: 27px; line-height: 1.25; font-weight: 700; }
.tile-beside { font-size: 12.5px; line-height: 1.35; color: #383f43; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 13px; margin-top: 8px; max-width: 62em; }
figure { margin: 0 0 26px; }
figcaption { margin-bottom: 8px; break-after: avoid; }
.finding { margin-top: 3px; max-width: 54em; }
.recompute { margin-top: 8px; max-width: none; font-size: 11px; color: var(--quiet); break-inside: avoid; }
.recompute code { color: #383f43; font-size: 10.5px; background: var(--soft); padding: 1px 4px; }
.legend { font-size: 12.5px; color: #383f43; margin-bottom: 16px; max-width: none; }
.legend-item { display: inline-block; margin-right: 18px; }
.key { display: inline-block; width: 26px; height: 11px; margin-right: 6px; }
.key-mean { height: 0; border-top: 2px solid var(--quiet); vertical-align: 4px; }
.key-limit { height: 0; border-top: 2px dashed var(--limit); vertical-align: 4px; }
.key-signal { width: 12px; height: 12px; border: 2.5px solid var(--signal); border-radius: 6px; vertical-align: -1px; }
.key-baseline { background: #fff7bf; border: 1px solid #e5d97c; vertical-align: -1px; }
.key-no-data { border: 1px dashed var(--quiet); vertical-align: -1px;
  background: repeating-linear-gradient(135deg, #f3f2f1 0 4px, #b1b4b6 4px 5px); }
table { border-collapse: collapse; width: 100%; margin-top: 10px; font-size: 13px; line-height: 1.35; }
caption { text-align: left; font-weight: 700; padding: 4px 0; break-after: avoid; }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-bottom: 1px solid #dcdfe1;
  font-weight: 400; overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 700; border-bottom: 2px solid var(--ink); vertical-align: bottom; }
tbody tr { break-inside: avoid; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.code { font-family: "DejaVu Sans Mono", consolas, monospace; font-size: 11px; overflow-wrap: anywhere; }
thead .code { font: inherit; font-weight: 700; overflow-wrap: normal; }
.own th, .own td { background: #e8eff6; font-weight: 700; }
th.group { font-weight: 700; padding-top: 9px; background: none; }
.tight { font-size: 11px; line-height: 1.25; }
.tight th, .tight td { padding-top: 1.5px; padding-bottom: 1.5px; padding-right: 6px; }
.tight .code { font-size: 9.5px; }
.tight th:first-child, .tight .number, .tight .code { white-space: nowrap; }
.tight thead th, .wraps th:first-child, .wraps .code { white-space: normal !important; }
.halves { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 28px; align-items: start; }
.halves > table { break-inside: avoid; }
.chart { display: block; width: 100%; height: auto; }
.chart text { font: 13px arial, helvetica, "Liberation Sans", sans-serif; fill: var(--ink); }
.chart .axis { stroke: var(--quiet); }
.chart .grid { stroke: #d8dadb; }
.chart .series { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; }
.chart .mean { stroke: var(--quiet); stroke-width: 1.5; }
.chart .limit { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 6 4; }
.chart .point { fill: var(--line); }
.chart .signal { fill: #fff; stroke: var(--signal); stroke-width: 2.5; }
.chart .baseline { fill: #fff7bf; }
.chart .band { opacity: 0.15; }
.chart .band-PREPARE, .chart .bar-PREPARE { fill: #6f777b; }
.chart .band-CLEAR, .chart .bar-CLEAR { fill: #a5330b; }
.chart .band-HOLD, .chart .bar-HOLD { fill: #12436d; }
.chart .band-BUILD, .chart .bar-BUILD { fill: #28720f; }
.chart .band-SUSTAIN { fill: #5694ca; }
.chart .bar-SUSTAIN { fill: #1d70b8; }
.chart .bar-afterwards { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.chart .label-on-bar { fill: #fff; font-weight: 700; }
.chart .band-label { font-weight: 700; }
.chart .band-label-CLEAR { fill: #8a2a08; }
.chart .band-label-HOLD { fill: #12436d; }
.chart .band-label-BUILD { fill: #1f5a0b; }
.chart .quiet { fill: var(--quiet); }
.chart .no-data { stroke: var(--quiet); stroke-dasharray: 2 3; }
.chart .hatch-ground { fill: #f3f2f1; }
.chart .hatch-line { stroke: #b1b4b6; stroke-width: 2; }
.chart .no-data-label { font-size: 12px; paint-order: stroke; stroke: #f3f2f1; stroke-width: 4; }
.chart .break { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 2 2; }
.chart .break-label { font-weight: 700; }
.chart .interval { stroke-width: 3; opacity: 0.55; stroke-linecap: round; }
.chart .rank-line { fill: none; stroke-width: 2; }
.chart .rank-label { font-weight: 700; stroke: none; }
.chart .rank-0 { stroke: #12436d; } .chart .rank-0.rank-dot, .chart text.rank-0 { fill: #12436d; }
.chart .rank-1 { stroke: #a5330b; } .chart .rank-1.rank-dot, .chart text.rank-1 { fill: #a5330b; }
.chart .rank-2 { stroke: #28720f; } .chart .rank-2.rank-dot, .chart text.rank-2 { fill: #28720f; }
.chart .rank-3 { stroke: #801650; } .chart .rank-3.rank-dot, .chart text.rank-3 { fill: #801650; }
.chart .rank-4 { stroke: #505a5f; } .chart .rank-4.rank-dot, .chart text.rank-4 { fill: #505a5f; }
.chart text.rank-label { stroke: none; }
footer { margin-top: 36px; padding-top: 8px; border-top: 1px solid var(--rule); color: var(--quiet); font-size: 12px; }
@media (max-width: 640px) { body { padding: 16px; } .facts { grid-template-columns: 1fr; } .halves { grid-template-columns: 1fr; }
  figure { overflow-x: auto; } }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  nav { display: none; }
  h1 { font-size: 26pt; } h2 { font-size: 15pt; margin-top: 22pt; } h3 { font-size: 11.5pt; }
  table { font-size: 8.5pt; } .tight { font-size: 7pt; } .tight .code { font-size: 6.3pt; } .quiet, .legend { font-size: 8.5pt; }
  .tile-value { font-size: 18pt; } .tile-beside { font-size: 8pt; } .tiles { grid-template-columns: repeat(4, 1fr); }
  .recompute, .recompute code { font-size: 6.8pt; }
  svg.chart { break-inside: avoid; }
  #annex { break-before: page; }
  a { color: inherit; text-decoration: none; }
}
)css";

}  // namespace

std::string_view Style() {
  return kStyle;
}

}  // namespace holdfast::cli::report
