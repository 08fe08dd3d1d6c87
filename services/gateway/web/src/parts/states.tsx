// What a screen shows while it waits, when it fails, when nothing is there, and when what is there is old.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { failureOf } from "../api";
import { follow } from "../router";

/** Nothing for 300 ms; then grey lines, and a sentence for those who do not see them. */
export function Loading({ what, tall }: { what: string; tall?: boolean }): JSX.Element {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={`hf-loading${tall ? " hf-loading--tall" : ""}`}>
      <p class="govuk-body" role="status">{late ? `Loading ${what}…` : ""}</p>
      {late && <div class="hf-skeleton" aria-hidden="true"><span /><span /><span /></div>}
    </div>
  );
}

export function Failed({ error, retry, what = "this page" }: { error: unknown; retry: () => void; what?: string }): JSX.Element {
  const failure = failureOf(error);
  if (failure.kind === "gone" || failure.kind === "closed") {
    return (
      <Empty>
        <p>{failure.sentence}</p>
        <p><a class="govuk-link" href="/" onClick={follow}>Go to the sites</a></p>
      </Empty>
    );
  }
  return (
    <div class="govuk-error-summary" role="alert">
      <h2 class="govuk-error-summary__title">{`There is a problem with ${what}`}</h2>
      <p class="govuk-body">{failure.sentence}</p>
      {failure.code && <p class="govuk-body-s">{`To report it, say: ${failure.code}.`}</p>}
      <button type="button" class="govuk-button" onClick={retry}>Try again</button>
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <div class="govuk-inset-text">{children}</div>;
}

export type Asked<T> =
  | { state: "loading" }
  | { state: "failed"; error: unknown }
  /** `renewing`: the answer to the question before, while the next is on its way. */
  | { state: "there"; value: T; renewing: boolean };

/**
 * Asks once for each change of `key`; an answer to an older question is dropped. What was there stays until the next
 * answer comes, so that nothing jumps and no focus is lost.
 */
export function useAnswer<T>(key: string, ask: () => Promise<T>): [Asked<T>, () => void] {
  const [asked, setAsked] = useState<Asked<T>>({ state: "loading" });
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    let current = true;
    setAsked((before) => (before.state === "there" ? { ...before, renewing: true } : { state: "loading" }));
    latest.current().then(
      (value) => current && setAsked({ state: "there", value, renewing: false }),
      (error: unknown) => current && setAsked({ state: "failed", error }),
    );
    return () => {
      current = false;
    };
  }, [key, turn]);
  return [asked, () => setTurn(turn + 1)];
}
