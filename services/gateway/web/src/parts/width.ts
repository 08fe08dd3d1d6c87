// How wide an element is, so that a chart is drawn for the room it has and its letters keep their size.
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0); // 0: not laid out yet
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(240, Math.round(element.clientWidth)));
    measure();
    // In the next frame: a change of size while sizes are reported would be an error on the console.
    const observer = new ResizeObserver(() => requestAnimationFrame(measure));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
