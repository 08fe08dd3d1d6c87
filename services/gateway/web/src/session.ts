// Who is signed in. The token stays in the gateway; the page holds a cookie it cannot read, and a CSRF token.
import { signal } from "@preact/signals";

export interface Person {
  tenant: string;
  as: string;
  title: string;
}

export interface Session {
  tenant: string;
  tenantName: string;
  as: string;
  demonstration: boolean;
  csrf: string;
}

export const session = signal<Session | null | undefined>(undefined); // undefined: not asked yet

export const csrf = (): string => session.value?.csrf ?? "";

export function signOutHere(): void {
  session.value = null;
}

export async function askSession(): Promise<void> {
  const answer = await fetch("/auth/session", { credentials: "same-origin" });
  session.value = answer.ok ? ((await answer.json()) as Session) : null;
}

export async function people(): Promise<Person[]> {
  const answer = await fetch("/auth/people", { credentials: "same-origin" });
  if (!answer.ok) return [];
  return ((await answer.json()) as { people?: Person[] }).people ?? [];
}

export async function signIn(tenant: string, as: string): Promise<boolean> {
  const answer = await fetch("/auth/development", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenant, as }),
  });
  if (answer.ok) await askSession();
  return answer.ok;
}

export async function signOut(): Promise<void> {
  await fetch("/auth/sign-out", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-Holdfast-CSRF": csrf(), "content-type": "application/json" },
    body: "{}",
  });
  signOutHere();
}
