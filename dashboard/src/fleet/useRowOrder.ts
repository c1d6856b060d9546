import { useEffect, useMemo, useRef, useState } from "react";
import { useFeed, useRead } from "../feed/useFeed.js";
import { every, screenClock } from "../time.js";
import type { FleetQuery } from "./fleetQuery.js";
import { naturalOrder, rowOrder } from "./rowOrder.js";

/** How often changing values may reorder the table: rows must not run away under the pointer. */
const REORDER_MS = 2_000;

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((rig, at) => rig === b[at]);

/** All rigs of a site (or of all, with the empty string) in natural order; new only when the structure changes. */
export function useNaturalOrder(site: string): readonly number[] {
  const { fleet } = useFeed();
  const structure = useRead(fleet.structure);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table changes in place, structure says when
  return useMemo(() => {
    const { table } = fleet;
    const order = naturalOrder(table);
    return site ? order.filter((rig) => table.text("site", table.row(rig) ?? -1) === site) : order;
  }, [fleet, structure, site]);
}

/** The rigs that a query shows; at once for a new query, at most every two seconds for new values. */
export function useRowOrder(natural: readonly number[], query: FleetQuery): readonly number[] {
  const feed = useFeed();
  const { text, status, model, sort, descending } = query;
  const now = () =>
    rowOrder(
      feed.fleet.table,
      natural,
      { text, status, model, sort, descending, site: "" },
      feed.serverNowMs(),
    );
  const fresh = useMemo(now, [feed, natural, text, status, model, sort, descending]);
  const [later, setLater] = useState<{ of: readonly number[]; order: readonly number[] }>();
  const latest = useRef(now);
  latest.current = now;
  const order = later?.of === fresh ? later.order : fresh;
  const current = useRef(order);
  current.current = order;
  useEffect(
    () =>
      every(screenClock, REORDER_MS, () => {
        const next = latest.current();
        if (!same(next, current.current)) setLater({ of: fresh, order: next });
      }),
    [fresh],
  );
  return order;
}
