// Whom to be, in the demonstration: its issuer hands a token to whoever asks on this machine.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Empty, Failed, Loading, useAnswer } from "../parts/states";
import { people, signIn } from "../session";

export function SignIn(): JSX.Element {
  const [asked, retry] = useAnswer("people", people);
  const [refused, setRefused] = useState(false);
  if (asked.state === "loading") return <Loading what="who can sign in" />;
  if (asked.state === "failed") return <Failed error={asked.error} retry={retry} />;
  if (asked.value.length === 0) return <Empty><p>Nobody can sign in here. Ask your administrator for an account.</p></Empty>;
  const tenants = [...new Set(asked.value.map((person) => person.tenant))];
  return (
    <div>
      <h1 class="govuk-heading-l">Choose who to be</h1>
      <p class="govuk-body">This is a demonstration. Nobody in it exists. Start with “Analyst” in Westmoor.</p>
      {refused && <p class="govuk-error-message" role="alert">This sign-in was refused. Choose another, or start the demonstration again.</p>}
      {tenants.map((tenant) => (
        <section>
          <h2 class="govuk-heading-m">{tenant}</h2>
          <ul class="govuk-list">
            {asked.value.filter((person) => person.tenant === tenant).map((person) => (
              <li>
                <button type="button" class="govuk-button govuk-button--secondary"
                  onClick={async () => setRefused(!(await signIn(person.tenant, person.as)))}>
                  {`${person.title}, ${tenant}`}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
