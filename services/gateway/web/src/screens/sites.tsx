// Every site, with what is open and how its baseline stands.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { boards } from "../api";
import type { ListSiteBoardsResponse_Line } from "../gen/holdfast/board/v1/board_pb";
import { AsOf } from "../parts/as_of";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { entitle, follow } from "../router";
import { areasInWords, phaseName } from "../words";

export function Sites(): JSX.Element {
  const [asked, retry] = useAnswer("sites", () => boards.listSiteBoards({ pageSize: 1000 }));
  useEffect(() => entitle("Sites"), []);
  if (asked.state === "loading") return <Loading what="the sites" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} what="the sites" />;
  return (
    <div>
      <h1 class="govuk-heading-l">Sites</h1>
      {asked.value.sites.length === 0 && (
        <Empty>
          <p>There is no site yet. Load the boundaries of your areas and the crimes, then create a site:</p>
          <p><code>bin/holdfast site create --name "…" --areas …</code></p>
        </Empty>
      )}
      {asked.value.sites.map((site) => <Card site={site} />)}
      <AsOf asOf={asked.value.asOf} />
    </div>
  );
}

function Card({ site }: { site: ListSiteBoardsResponse_Line }): JSX.Element {
  const open = site.closed ? "Closed"
    : site.openPhases.length === 0 ? "No phase is open" : site.openPhases.map(phaseName).join(", ");
  const baseline = !site.baselineLocked ? "None is locked"
    : site.baselineRetrospective ? "Locked, but built after Clear began" : "Locked before Clear began";
  const facts: [string, string][] = [["Open now", open], ["Baseline", baseline],
    ["Areas", areasInWords(site.codes.length, site.set?.kind ?? "", site.set?.vintage ?? "")]];
  if (site.overridesInForce > 0) facts.push(["Gates overridden", String(site.overridesInForce)]);
  return (
    <section class="govuk-summary-card">
      <div class="govuk-summary-card__title-wrapper">
        <h2 class="govuk-summary-card__title">
          <a class="govuk-link" href={`/site/${encodeURIComponent(site.siteId)}`} onClick={follow}>{site.brand || site.name}</a>
        </h2>
      </div>
      <div class="govuk-summary-card__content">
        <dl class="govuk-summary-list">
          {facts.map(([name, value]) => (
            <div class="govuk-summary-list__row">
              <dt class="govuk-summary-list__key">{name}</dt>
              <dd class="govuk-summary-list__value">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
