// How days, months, phases and codes are said.
import type { Day, Month } from "./gen/holdfast/type/v1/type_pb";
import { Phase_Code } from "./gen/holdfast/initiative/v1/site_pb";
import { Caveat_Code, Suppressed_Rule, Undefined_Reason } from "./gen/holdfast/metrics/v1/figure_pb";
import { Gate_Code, Measure_Direction, Measure_Unit } from "./gen/holdfast/metrics/v1/words_pb";
import { Duty_Code } from "./gen/holdfast/type/v1/type_pb";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];

export const monthNumber = (month: Month): number => month.year * 12 + month.month - 1;
export const monthOf = (number: number): Month =>
  ({ year: Math.floor(number / 12), month: (number % 12) + 1 }) as Month;
export const monthName = (month: Month): string => `${MONTHS[month.month - 1] ?? "?"} ${month.year}`;
/** Of a number of months since year 0. */
export const monthNameOf = (number: number): string => monthName(monthOf(number));
export const isoMonth = (month: Month): string => `${month.year}-${String(month.month).padStart(2, "0")}`;
export const dayName = (day: Day): string => `${day.day} ${MONTHS[day.month - 1] ?? "?"} ${day.year}`;
/** A day as a number of months since year 0, with its fraction: a place on a monthly axis. */
export const dayPlace = (day: Day): number => day.year * 12 + day.month - 1 + (day.day - 1) / 31;

/** A moment in words, on the clocks of London. */
export const instantName = (at: Date): string =>
  at.toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });

export const lagInWords = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
};

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
  [Caveat_Code.SOME_WITHOUT_DATA]: "Some areas have no data and are in no rank.",
};
/** What a caveat says beside a rank of many areas, where it means something else than beside one figure. */
export const rankCaveat = (code: Caveat_Code): string =>
  code === Caveat_Code.NO_SPREAD ? "In at least one kind of crime the areas differ no more than chance would make them."
    : code === Caveat_Code.REGRESSION_TO_THE_MEAN
      ? "An area that was chosen because it was high falls in part by itself (regression to the mean)." : caveatSentence(code);
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

export const unitInWords = (unit: Measure_Unit): string =>
  unit === Measure_Unit.SEVERITY ? "Weighted crimes a month" : "Number a month";

const DIRECTIONS: Record<number, string> = {
  [Measure_Direction.UP]: "up", [Measure_Direction.DOWN]: "down", [Measure_Direction.EITHER]: "up or down",
};
/** What was agreed beforehand that each phase should do to a measure. */
export const expectationSentence = (expected: readonly { phase: string; direction: Measure_Direction }[]): string =>
  expected.length === 0 ? ""
    : `Agreed beforehand: ${expected.map((one) => `in ${slugName(one.phase.toLowerCase())} it may go ${DIRECTIONS[one.direction] ?? "either way"}`).join(", ")}.`;

const SUPPRESSED: Record<number, string> = {
  [Suppressed_Rule.BELOW_TEN]: "below ten", [Suppressed_Rule.SECONDARY]: "it would give another figure away",
  [Suppressed_Rule.DIFFERENCING]: "it would give another figure away", [Suppressed_Rule.DOMINANCE]: "one contributes most of it",
  [Suppressed_Rule.SENSITIVE]: "sensitive", [Suppressed_Rule.FEW_REPORTERS]: "few reporters",
};
export const suppressedRule = (rule: Suppressed_Rule): string => `suppressed (${SUPPRESSED[rule] ?? "derived from a suppressed figure"})`;

const DUTIES: Record<number, string> = {
  [Duty_Code.CHIEF_OFFICER]: "chief officer", [Duty_Code.SRO]: "senior responsible officer", [Duty_Code.LRO]: "lead responsible officer",
};
export const dutyName = (duty: Duty_Code): string =>
  DUTIES[duty] ?? (Duty_Code[duty] ?? "").toLowerCase().replaceAll("_", " ").replace("code unspecified", "");

/** "2 wards (boundaries of 2022)" */
export function areasInWords(count: number, kind: string, vintage: string): string {
  if (count === 0) return "None are chosen yet";
  const plural = count === 1 ? kind : `${kind}s`;
  return `${count} ${plural.toUpperCase() === plural ? plural : plural.replaceAll("-", " ")}${vintage ? ` (boundaries of ${vintage})` : ""}`;
}

/** "westmoor-council" as it may be read: "Westmoor Council". */
export const slugName = (slug: string): string =>
  slug.split("-").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join(" ");

const TENANTS: Record<string, string> = {
  westmoor: "An invented police force with four years of invented crime, two sites, and an effect to find.",
  sandbox: "Empty: for trying with data of your own.",
};
export const tenantName = slugName;
export const tenantSentence = (tenant: string): string => TENANTS[tenant] ?? "Another force of the demonstration, which sees nothing of the others.";

/** "2025H2" as it is said: "H2 2025". */
export const halfYear = (period: string): string => period.replace(/^(\d{4})(H[12])$/, "$2 $1");
const HALVES: Record<string, string> = { H1: "January to June", H2: "July to December" };
/** "July to December 2025" */
export const halfYearInWords = (period: string): string =>
  period.replace(/^(\d{4})(H[12])$/, (_, year: string, half: string) => `${HALVES[half] ?? half} ${year}`);

export const number = (value: number, digits = 1): string =>
  value.toLocaleString("en-GB", { maximumFractionDigits: digits });
export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
