// The console: header, banner, the screen of the address. Starts by asking who is signed in.
import { render, type JSX } from "preact";
import { useEffect } from "preact/hooks";
import "@preact/signals";
import { follow, place } from "./router";
import { SignIn } from "./screens/sign_in";
import { SiteBoard } from "./screens/site_board";
import { Sites } from "./screens/sites";
import { askSession, session, signOut } from "./session";
import { Empty, Loading } from "./parts/states";

function Screen(): JSX.Element {
  if (session.value === undefined) return <Loading what="your session" />;
  if (session.value === null) return <SignIn />;
  const site = /^\/site\/([^/]+)$/.exec(place.value.path);
  if (site) return <SiteBoard siteId={decodeURIComponent(site[1] ?? "")} />;
  if (place.value.path === "/") return <Sites />;
  return <Empty><p>There is no such page. <a class="govuk-link" href="/" onClick={follow}>Go to the sites.</a></p></Empty>;
}

function App(): JSX.Element {
  useEffect(() => {
    void askSession();
  }, []);
  const who = session.value;
  return (
    <div>
      <a href="#main" class="govuk-skip-link">Skip to main content</a>
      {who?.demonstration && <div class="hf-demo"><div class="govuk-width-container">Demonstration: nobody in it exists.</div></div>}
      <header class="hf-header">
        <div class="govuk-width-container">
          {who && (
            <span class="hf-header__who govuk-body-s">
              {`${who.tenantName || who.tenant}, ${who.as} `}
              <button type="button" class="govuk-link" onClick={() => void signOut()}>Sign out</button>
            </span>
          )}
          <a href="/" onClick={follow}>Holdfast</a>
        </div>
      </header>
      <div class="govuk-width-container">
        <main class="govuk-main-wrapper" id="main" tabIndex={-1}><Screen /></main>
      </div>
    </div>
  );
}

const root = document.getElementById("app");
if (root) render(<App />, root);
