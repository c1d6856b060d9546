import { hostname } from "node:os";
import { toSlug } from "@hashwatt/protocol/slug";

/** The host's name as an agent may be called; `agent` where it has none that can be. */
export function hostSlug(): string {
  try {
    return toSlug(hostname());
  } catch {
    return "agent";
  }
}
