// Whom to be, in the demonstration: its issuer hands a token to whoever asks on this machine.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { entitle } from "../router";
import { people, signIn, type Person } from "../session";
import { tenantName, tenantSentence } from "../words";

// Who has the most to look at on this page stands first; every other role is one click away.
const FIRST = ["analyst", "senior-sponsor", "trial"];

export function SignIn(): JSX.Element {
  const [asked, retry] = useAnswer("people", people);
  const [refused, setRefused] = useState("");
  useEffect(() => entitle("Sign in"), []);
  if (asked.state === "loading") return <Loading what="who can sign in" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} what="signing in" />;
  if (asked.value.length === 0) return <Empty><p>Nobody can sign in here. Ask your administrator for an account.</p></Empty>;
  const tenants = [...new Set(asked.value.map((person) => person.tenant))];
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
      {refused && <p class="govuk-error-message" role="alert">{refused}</p>}
      {tenants.map((tenant) => {
        const here = asked.value.filter((person) => person.tenant === tenant);
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
