// The console: header, banner, the screen of the address. Starts by asking who is signed in.
import { render, type JSX } from "preact";
import { useEffect } from "preact/hooks";
import "@preact/signals";
import { entitle, follow, place } from "./router";
import { NotEnrolled, SignIn } from "./screens/sign_in";
import { SiteBoard } from "./screens/site_board";
import { Sites } from "./screens/sites";
import { askSession, session, signOut } from "./session";
import { Failed, Loading, useAnswer } from "./parts/states";

function Screen({ retry }: { retry: () => void }): JSX.Element {
  if (session.value === null) return <SignIn />;
  if (session.value?.notEnrolled) return <NotEnrolled sentence={session.value.notEnrolled} retry={retry} />;
  const site = /^\/site\/([^/]+)$/.exec(place.value.path);
  const siteId = site?.[1];
  if (siteId) return <SiteBoard key={siteId} siteId={siteId} />;
  if (place.value.path === "/") return <Sites />;
  return <NoSuchPage />;
}

function NoSuchPage(): JSX.Element {
  useEffect(() => entitle("No such page"), []);
  return (
    <div>
      <h1 class="govuk-heading-l">There is no such page</h1>
      <p class="govuk-body"><a class="govuk-link" href="/" onClick={follow}>Go to the sites</a></p>
    </div>
  );
}

function App(): JSX.Element {
  const [asked, retry] = useAnswer("session", askSession);
  const who = session.value;
  return (
    <div>
      <a href="#main" class="govuk-skip-link">Skip to main content</a>
      {who?.demonstration && <div class="hf-demo"><div class="govuk-width-container">Demonstration: nobody in it exists.</div></div>}
      <header class="hf-header">
        <div class="govuk-width-container hf-header__row">
          <a class="hf-header__name" href="/" onClick={follow}>Holdfast</a>
          {who && (
            <p class="hf-header__who">
              {[who.tenantName || who.tenant, who.as].filter(Boolean).join(", ")}
              <button type="button" class="hf-as-link" onClick={() => void signOut().then(() => entitle(""), retry)}>Sign out</button>
            </p>
          )}
        </div>
      </header>
      <div class="govuk-width-container">
        <main class="govuk-main-wrapper" id="main" tabIndex={-1}>
          {asked.state === "failed" ? <Failed error={asked.error} retry={retry} />
            : who === undefined ? <Loading what="your session" /> : <Screen retry={retry} />}
        </main>
      </div>
    </div>
  );
}

// On paper every table is open.
const opened: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) {
    if (!details.open) opened.push(details);
    details.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const details of opened.splice(0)) details.open = false;
});

const root = document.getElementById("app");
if (root) render(<App />, root);
