// Addresses: "/" lists sites, "/site/<id>?measure=…&half=…" is a board. What a page shows stands in its address.
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

/** Another page: the focus goes to its beginning. */
export function go(address: string): void {
  history.pushState(null, "", address);
  place.value = here();
  scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** The same page showing something else: the focus stays. */
export function choose(name: string, value: string): void {
  const query = new URLSearchParams(location.search);
  query.set(name, value);
  history.pushState(null, "", `${location.pathname}?${query}`);
  place.value = here();
}

/** A click that stays in the page, unless the person wants a new tab. */
export function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.currentTarget as HTMLAnchorElement;
  event.preventDefault();
  go(link.getAttribute("href") ?? "/");
}

/** The name of the page in the browser's tab; never a person's. */
export function entitle(title: string): void {
  document.title = title ? `${title} – Holdfast` : "Holdfast";
}
