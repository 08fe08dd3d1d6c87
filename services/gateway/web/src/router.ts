// Addresses: "/" lists sites, "/site/<id>?measure=…" is a board. What a page shows stands in its address.
import { signal } from "@preact/signals";

export interface Place {
  path: string;
  query: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = signal<Place>(here());

addEventListener("popstate", () => {
  place.value = here();
});

export function go(address: string): void {
  history.pushState(null, "", address);
  place.value = here();
  document.getElementById("main")?.focus();
}

/** A click that stays in the page, unless the person wants a new tab. */
export function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.currentTarget as HTMLAnchorElement;
  event.preventDefault();
  go(link.getAttribute("href") ?? "/");
}
