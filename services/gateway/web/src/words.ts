// How days, months, phases and codes are said.
import type { Day, Month } from "./gen/holdfast/type/v1/type_pb";
import { Phase_Code } from "./gen/holdfast/initiative/v1/site_pb";
import { Caveat_Code, Undefined_Reason } from "./gen/holdfast/metrics/v1/figure_pb";
import { Gate_Code } from "./gen/holdfast/metrics/v1/words_pb";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

export const monthNumber = (month: Month): number => month.year * 12 + month.month - 1;
export const monthOf = (number: number): Month =>
  ({ year: Math.floor(number / 12), month: (number % 12) + 1 }) as Month;
export const monthName = (month: Month): string => `${MONTHS[month.month - 1] ?? "?"} ${month.year}`;
export const isoMonth = (month: Month): string => `${month.year}-${String(month.month).padStart(2, "0")}`;
export const dayName = (day: Day): string => `${day.day} ${MONTHS[day.month - 1] ?? "?"} ${day.year}`;
/** A day as a number of months since year 0, with its fraction: a place on a monthly axis. */
export const dayPlace = (day: Day): number => day.year * 12 + day.month - 1 + (day.day - 1) / 31;

const PHASES: Record<number, string> = {
  [Phase_Code.PREPARE]: "Prepare", [Phase_Code.CLEAR]: "Clear", [Phase_Code.HOLD]: "Hold",
  [Phase_Code.BUILD]: "Build", [Phase_Code.SUSTAIN]: "Sustain",
};
export const phaseName = (phase: Phase_Code): string => PHASES[phase] ?? "Unnamed phase";
export const phaseCode = (phase: Phase_Code): string => Phase_Code[phase] ?? "PREPARE";

const CAVEATS: Record<number, string> = {
  [Caveat_Code.NO_POPULATION]: "No population is loaded: figures are per area, not per resident.",
  [Caveat_Code.APPROXIMATE]: "Approximate: the data carry crime categories, not offence codes.",
  [Caveat_Code.UNVERIFIED_WEIGHTS]: "The severity weights have not been checked against their source.",
  [Caveat_Code.UNBOUNDED]: "The interval has no upper end.",
  [Caveat_Code.NO_SPREAD]: "The areas differ no more than chance would make them.",
  [Caveat_Code.COVID_BASELINE]: "The baseline includes months of the pandemic.",
  [Caveat_Code.SHORT_BASELINE]: "The baseline is short: fewer than 24 months.",
  [Caveat_Code.RETROSPECTIVE]: "The baseline was built after Clear began.",
  [Caveat_Code.SMALL_COUNTS]: "The counts are small: read the interval, not the percentage.",
  [Caveat_Code.INDICATIVE_ONLY]: "Indicative only: fewer than 100 answers.",
  [Caveat_Code.ASB_NOT_WEIGHTED]: "Anti-social behaviour has no weight and is counted apart.",
  [Caveat_Code.OUTCOMES_CENSORED]: "Outcomes of recent months are not yet complete.",
  [Caveat_Code.SOME_UNLOCATED]: "Some crimes lie in no area and are in no rank.",
  [Caveat_Code.PARTIAL_MONTH]: "A month is not yet complete.",
  [Caveat_Code.REGRESSION_TO_THE_MEAN]: "Chosen because it was high: part of a fall would have come by itself.",
  [Caveat_Code.GATE_WAIVED]: "A condition of the baseline was waived.",
};
export const caveatSentence = (code: Caveat_Code): string => CAVEATS[code] ?? Caveat_Code[code] ?? "";

const UNDEFINED: Record<number, string> = {
  [Undefined_Reason.NO_EVENTS]: "nothing was recorded", [Undefined_Reason.MISSING_PERIOD]: "a month has no data",
  [Undefined_Reason.SERIES_TOO_SHORT]: "there are too few months", [Undefined_Reason.NO_VARIATION]: "every month is equal",
  [Undefined_Reason.INCOMPLETE_POPULATION]: "not every area has data",
  [Undefined_Reason.MISSING_WEIGHTS]: "a crime has no severity weight",
  [Undefined_Reason.BASELINE_TOO_SMALL]: "the earlier count is too small",
  [Undefined_Reason.ZERO_BASELINE]: "the earlier count is zero", [Undefined_Reason.ZERO_EXPOSURE]: "there is no exposure",
};
export const undefinedReason = (reason: Undefined_Reason): string =>
  UNDEFINED[reason] ?? (Undefined_Reason[reason] ?? "").toLowerCase().replaceAll("_", " ");

const RULES: Record<string, string> = {
  OUTSIDE_LIMITS: "outside the limits", SEVEN_ONE_SIDE: "seven in a row on one side of the mean",
  SEVEN_TREND: "seven in a row moving one way", TWO_OF_THREE: "two of three near a limit",
};
export const ruleName = (rule: string): string => RULES[rule] ?? rule;

const GATES: Record<number, string> = {
  [Gate_Code.G1_SOURCES]: "a source for every measure, one not police", [Gate_Code.G2_HISTORY]: "three years of history",
  [Gate_Code.G3_PUNCTUALITY]: "extracts complete and on time", [Gate_Code.G4_GEOCODED]: "crimes placed on the map",
  [Gate_Code.G5_DEFINITIONS]: "definitions fixed", [Gate_Code.G6_COMPARATORS]: "comparison areas chosen and frozen",
  [Gate_Code.G7_DISPLACEMENT_ZONE]: "displacement zone frozen", [Gate_Code.G8_SURVEY]: "survey wave 0 done",
  [Gate_Code.G9_REGISTRATION]: "evaluation registered", [Gate_Code.G10_DIGESTS]: "data digests frozen",
};
export const gateName = (gate: Gate_Code): string => GATES[gate] ?? "a condition";

export const number = (value: number, digits = 1): string =>
  value.toLocaleString("en-GB", { maximumFractionDigits: digits });
export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
