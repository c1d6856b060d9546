import { useMemo } from "react";
import { useFeed, useRead } from "../feed/useFeed.js";
import { shortestInterval } from "./freshness.js";

/** The shortest interval at which any rig is read, ms, renewed with the fleet's structure; undefined while unknown. */
export function useShortestInterval(): number | undefined {
  const { fleet } = useFeed();
  const structure = useRead(fleet.structure);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the table changes in place; its structure says when
  return useMemo(() => shortestInterval(fleet.table), [fleet, structure]);
}
