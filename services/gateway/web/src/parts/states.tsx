// What a screen shows while it waits, when it fails, and when there is nothing.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sentenceOf } from "../api";

export function Loading({ what }: { what: string }): JSX.Element {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return <p class="govuk-body" role="status">{late ? `Loading ${what}…` : ""}</p>;
}

export function Failed({ error, retry }: { error: unknown; retry: () => void }): JSX.Element {
  return (
    <div class="govuk-error-summary" role="alert">
      <h2 class="govuk-error-summary__title">There is a problem</h2>
      <p class="govuk-body">{sentenceOf(error)}</p>
      <button type="button" class="govuk-button" onClick={retry}>Try again</button>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="govuk-inset-text">{children}</div>;
}

export type Asked<T> = { state: "loading" } | { state: "failed"; error: unknown } | { state: "there"; value: T };

/** Asks once for each change of `key`; an answer to an older question is dropped. */
export function useAnswer<T>(key: string, ask: () => Promise<T>): [Asked<T>, () => void] {
  const [asked, setAsked] = useState<Asked<T>>({ state: "loading" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    setAsked({ state: "loading" });
    ask().then(
      (value) => current && setAsked({ state: "there", value }),
      (error: unknown) => current && setAsked({ state: "failed", error }),
    );
    return () => {
      current = false;
    };
  }, [key, turn]);
  return [asked, () => setTurn(turn + 1)];
}
