// With whom to sign in; and whom to be, in the demonstration, whose issuer hands a token to whoever asks on this machine.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { entitle, place } from "../router";
import { people, providers, signIn, signInAddress, type Person, type Provider } from "../session";
import { tenantName, tenantSentence } from "../words";

// Who has the most to look at on this page stands first; every other role is one click away.
const FIRST = ["analyst", "senior-sponsor", "trial"];

// Why the provider's page led back without a sign-in: the word in the address, said for a person.
const REFUSED: Record<string, string> = {
  refused: "Your provider refused the sign-in. Try again, or ask your administrator.",
  away: "Your provider did not answer. Nothing is lost: try again in a moment.",
  again: "The sign-in took too long, or was begun in another window. Sign in again.",
};

async function everybody(): Promise<{ some: Person[]; providers: Provider[] }> {
  const [some, others] = await Promise.all([people(), providers()]);
  return { some, providers: others };
}

export function SignIn(): JSX.Element {
  const [asked, retry] = useAnswer("people", everybody);
  const [refused, setRefused] = useState("");
  useEffect(() => entitle("Sign in"), []);
  if (asked.state === "loading") return <Loading what="who can sign in" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} what="signing in" />;
  const { some, providers: providersHere } = asked.value;
  if (some.length + providersHere.length === 0) {
    return <Empty><p>Nobody can sign in here. Ask your administrator for an account.</p></Empty>;
  }
  const cameBack = REFUSED[place.value.query.get("sign-in") ?? ""] ?? "";
  if (some.length === 0) {
    return (
      <div>
        <h1 class="govuk-heading-l">Sign in</h1>
        {cameBack && <p class="govuk-error-message" role="alert">{cameBack}</p>}
        <Providers providers={providersHere} />
      </div>
    );
  }
  const tenants = [...new Set(some.map((person) => person.tenant))];
  const choose = (person: Person) => {
    signIn(person.tenant, person.as).then(
      (taken) => setRefused(taken ? "" : "This sign-in was refused. Choose another, or start the demonstration again."),
      () => setRefused("The service did not answer. Try again in a moment."),
    );
  };
  return (
    <div>
      <h1 class="govuk-heading-l">Choose who to be</h1>
      <p class="govuk-body">This is a demonstration. Nobody in it exists. Start as the analyst of Westmoor.</p>
      {(refused || cameBack) && <p class="govuk-error-message" role="alert">{refused || cameBack}</p>}
      {providersHere.length > 0 && <Providers providers={providersHere} />}
      {tenants.map((tenant) => {
        const here = some.filter((person) => person.tenant === tenant);
        const first = FIRST.flatMap((as) => here.filter((person) => person.as === as));
        const others = here.filter((person) => !first.includes(person));
        return (
          <section class="hf-tenant">
            <h2 class="govuk-heading-m">{tenantName(tenant)}</h2>
            <p class="govuk-body">{tenantSentence(tenant)}</p>
            <People people={first} choose={choose} />
            {others.length > 0 && (
              <details class="govuk-details">
                <summary class="govuk-details__summary">
                  <span class="govuk-details__summary-text">{`Other roles in ${tenantName(tenant)}`}</span>
                </summary>
                <div class="govuk-details__text"><People people={others} choose={choose} /></div>
              </details>
            )}
          </section>
        );
      })}
    </div>
  );
}

function Providers({ providers: some }: { providers: Provider[] }): JSX.Element {
  return (
    <ul class="govuk-list hf-people">
      {some.map((provider) => (
        <li><a class="govuk-button" role="button" draggable={false} href={signInAddress(provider)}>{`Sign in with ${provider.name}`}</a></li>
      ))}
    </ul>
  );
}

/** Somebody whom the provider knows and the directory does not. */
export function NotEnrolled({ sentence, retry }: { sentence: string; retry: () => void }): JSX.Element {
  useEffect(() => entitle("Not enrolled yet"), []);
  return (
    <div>
      <h1 class="govuk-heading-l">You are not enrolled yet</h1>
      <p class="govuk-body">{sentence}</p>
      <button type="button" class="govuk-button" onClick={retry}>Look again</button>
    </div>
  );
}

function People({ people: some, choose }: { people: Person[]; choose: (person: Person) => void }): JSX.Element {
  return (
    <ul class="govuk-list hf-people">
      {some.map((person) => (
        <li>
          <button type="button" class="govuk-button govuk-button--secondary" onClick={() => choose(person)}>
            {`${person.title}, ${tenantName(person.tenant)}`}
          </button>
        </li>
      ))}
    </ul>
  );
}
