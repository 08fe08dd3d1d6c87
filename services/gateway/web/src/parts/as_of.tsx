// Up to which fact of each context a page was folded; loud where it is behind, or leaves rows out.
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { JSX } from "preact";
import type { AsOf as Positions } from "../gen/holdfast/type/v1/type_pb";
import { instantName, lagInWords } from "../words";

export function AsOf({ asOf }: { asOf: Positions | undefined }): JSX.Element {
  const contexts = asOf?.contexts ?? [];
  const lag = Math.max(0, ...contexts.map((context) => context.lagS));
  const parked = contexts.reduce((sum, context) => sum + context.parkedRows, 0);
  const last = contexts.map((context) => (context.recordedAt ? timestampDate(context.recordedAt) : undefined))
    .filter((at) => at !== undefined).sort((a, b) => b.getTime() - a.getTime())[0];
  const places = contexts.map((context) => `${context.position?.context} ${context.position?.seq}`).join(", ");
  return (
    <div>
      {lag > 60 && <div class="govuk-inset-text" role="status">{`This page is ${lagInWords(lag)} behind. What it shows was true then.`}</div>}
      {parked > 0 && <div class="govuk-inset-text" role="status">
        {`This page leaves out ${parked === 1 ? "1 row" : `${parked} rows`}, because something recorded could not be applied. Nothing is lost; tell an administrator.`}
      </div>}
      <p class="govuk-body-s hf-quiet">
        {last ? `As of ${instantName(last)}, the last fact recorded (${places}).` : "Nothing is recorded yet."}
      </p>
    </div>
  );
}
