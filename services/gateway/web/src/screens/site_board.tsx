// One site: phases, a measure by month against its limits, the rank of its areas, the baseline, and the gaps in the data.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { boards, metrics } from "../api";
import type { SiteBoard as Board } from "../gen/holdfast/board/v1/board_pb";
import type { ListMeasuresResponse } from "../gen/holdfast/metrics/v1/queries_pb";
import { AsOf } from "../parts/as_of";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { entitle, follow, place } from "../router";
import { areasInWords, dayName, phaseName, slugName } from "../words";
import { Baseline } from "./board/baseline";
import { DataBehind } from "./board/data";
import { Phases } from "./board/phases";
import { Ranks } from "./board/ranks";
import { Series } from "./board/series";

export function SiteBoard({ siteId }: { siteId: string }): JSX.Element {
  const [asked, retry] = useAnswer(siteId, async () => {
    const [board, measures] = await Promise.all([boards.getSiteBoard({ siteId: decodeURIComponent(siteId) }), metrics.listMeasures({})]);
    return { board, measures };
  });
  const name = asked.state === "there" ? asked.value.board.site?.brand || asked.value.board.site?.name : undefined;
  useEffect(() => entitle(name ?? "Site"), [name]);
  return (
    <div>
      <a class="govuk-back-link hf-controls" href="/" onClick={follow}>All sites</a>
      {asked.state === "loading" ? <Loading what="the board" tall />
        : asked.state === "failed" ? <div><h1 class="govuk-heading-l">Site</h1><Failed error={asked.error} retry={retry} what="the board" /></div>
          : <Loaded {...asked.value} />}
    </div>
  );
}

function Loaded({ board, measures }: { board: Board; measures: ListMeasuresResponse }): JSX.Element {
  const site = board.site;
  const current = board.baselines.filter((baseline) => !baseline.superseded).pop();
  const measure = place.value.query.get("measure") ?? "crime";
  const placed = (site?.codes.length ?? 0) > 0;
  return (
    <div>
      <h1 class="govuk-heading-l hf-close">{site?.brand || site?.name}</h1>
      <p class="govuk-body hf-quiet">
        {[site?.brand && site.brand !== site.name ? `Site ${site.name}` : "",
          placed ? areasInWords(site?.codes.length ?? 0, site?.set?.kind ?? "", site?.set?.vintage ?? "") : "",
          site?.agencies.length ? `signed up: ${site.agencies.map(slugName).join(", ")}` : "",
          site?.closedOn ? `closed on ${dayName(site.closedOn)}` : ""].filter(Boolean).join("; ")}
      </p>
      {site?.overrides.filter((override) => !override.ended).map((override) => (
        <div class="govuk-warning-text">
          <span class="govuk-warning-text__icon" aria-hidden="true">!</span>
          <strong class="govuk-warning-text__text">
            <span class="govuk-visually-hidden">Warning</span>
            {`The gate of ${phaseName(override.phase)} was overridden${override.until ? ` until ${dayName(override.until)}` : ""}: ${override.rationale}`}
          </strong>
        </div>
      ))}
      {current?.retrospective && (
        <div class="govuk-inset-text">
          The baseline was built after Clear began. It is retrospective for good: what came before was chosen knowing what came after.
        </div>
      )}
      <Phases board={board} />
      {placed ? (
        <div>
          <Series board={board} baseline={current} measure={measure} measures={measures} />
          <Ranks board={board} />
        </div>
      ) : (
        <Empty>
          <p>The site has no areas yet, so nothing can be counted for it. Set its boundary:</p>
          <p><code>{`bin/holdfast site boundary ${site?.siteId ?? "SITE"} --areas …`}</code></p>
        </Empty>
      )}
      <Baseline board={board} current={current} measures={measures} />
      <DataBehind board={board} />
      <AsOf asOf={board.asOf} />
    </div>
  );
}
