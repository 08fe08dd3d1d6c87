// Who is signed in. The token stays in the gateway; the page holds a cookie it cannot read, and a CSRF token.
import { signal } from "@preact/signals";

export interface Person {
  tenant: string;
  as: string;
  title: string;
}

/** With whom a person can sign in. */
export interface Provider {
  id: string;
  name: string;
}

export interface Session {
  tenant: string;
  tenantName: string;
  as: string;
  demonstration: boolean;
  csrf: string;
  /** Of somebody whom the provider knows and the directory does not: what to do, with their enrolment code. */
  notEnrolled?: string;
}

/** undefined: not known yet. null: nobody. */
export const session = signal<Session | null | undefined>(undefined);

export const csrf = (): string => session.value?.csrf ?? "";

export function signOutHere(): void {
  session.value = null;
}

async function ask(address: string): Promise<unknown> {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

const send = (address: string, body: unknown): Promise<Response> =>
  fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-Holdfast-CSRF": csrf(), "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Rejects where nothing answers. */
export async function askSession(): Promise<void> {
  session.value = (await ask("/auth/session")) as Session | null;
}

export async function people(): Promise<Person[]> {
  return ((await ask("/auth/people")) as { people?: Person[] }).people ?? [];
}

export async function providers(): Promise<Provider[]> {
  return ((await ask("/auth/providers")) as { providers?: Provider[] }).providers ?? [];
}

/** Where signing in with that provider begins: a page of its own, which leads back here. */
export const signInAddress = (provider: Provider): string => `/auth/sign-in?provider=${encodeURIComponent(provider.id)}`;

/** False where the sign-in was refused. Rejects where nothing answers. */
export async function signIn(tenant: string, as: string): Promise<boolean> {
  const answer = await send("/auth/development", { tenant, as });
  if (answer.ok) await askSession();
  return answer.ok;
}

export async function signOut(): Promise<void> {
  await send("/auth/sign-out", {});
  signOutHere();
}
