// Every site, with what is open and how its baseline stands.
import type { JSX } from "preact";
import { boards } from "../api";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { follow } from "../router";
import { phaseName } from "../words";

export function Sites(): JSX.Element {
  const [asked, retry] = useAnswer("sites", () => boards.listSiteBoards({ pageSize: 200 }));
  if (asked.state === "loading") return <Loading what="the sites" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} />;
  return (
    <div>
      <h1 class="govuk-heading-l">Sites</h1>
      {asked.value.sites.length === 0 && (
        <Empty>
          <p>There is no site yet. Create the first with:</p>
          <p><code>bin/holdfast site create --name "…" --areas …</code></p>
        </Empty>
      )}
      {asked.value.sites.map((site) => (
        <section class="govuk-summary-card">
          <div class="govuk-summary-card__title-wrapper">
            <h2 class="govuk-summary-card__title">
              <a class="govuk-link" href={`/site/${encodeURIComponent(site.siteId)}`} onClick={follow}>{site.brand || site.name}</a>
            </h2>
          </div>
          <div class="govuk-summary-card__content">
            <p class="govuk-body">
              {site.closed ? "Closed." : site.openPhases.length === 0 ? "No phase is open."
                : `Open: ${site.openPhases.map(phaseName).join(", ")}.`}
              {" "}
              {site.baselineLocked
                ? site.baselineRetrospective ? "The baseline was built after Clear began." : "The baseline is locked."
                : "No baseline is locked."}
              {site.overridesInForce > 0 && ` Gates overridden: ${site.overridesInForce}.`}
            </p>
          </div>
        </section>
      ))}
    </div>
  );
}
