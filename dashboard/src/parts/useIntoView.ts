import { type RefObject, useEffect, useRef } from "react";

/**
 * What a dialog finds out stands at its end, which may be below the edge: it comes into view as soon as it is there, and again when
 * `what` changes. On a page nothing moves.
 */
export function useIntoView<T extends HTMLElement>(what: unknown): RefObject<T | null> {
  const ref = useRef<T>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of it is what brings it into view
  useEffect(() => {
    if (ref.current?.closest("dialog")) ref.current.scrollIntoView({ block: "nearest" });
  }, [what]);
  return ref;
}
