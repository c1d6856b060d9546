import type { RigAlias } from "@hashwatt/protocol/identity";

/** A handle as an agent makes it of an IPv4 address, with a port or without. */
const HANDLE = /^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?:-(\d{1,5}))?$/;
const USUAL_PORT = "4028";

/** A name as people write it: of an address `site/agent/10-0-0-5-4028` that is `10.0.0.5`, with a port that is not the usual one. */
export function nameText({ kind, value }: Pick<RigAlias, "kind" | "value">): string {
  if (kind !== "address") return value;
  const handle = value.slice(value.lastIndexOf("/") + 1);
  const parts = HANDLE.exec(handle);
  if (!parts) return handle;
  const [, a, b, c, d, port] = parts;
  const address = [a, b, c, d].join(".");
  return port === undefined || port === USUAL_PORT ? address : `${address}:${port}`;
}

/** Which agent reads at an address, with its site: `farm/a1`; undefined for other names. */
export const nameAgent = ({ kind, value }: Pick<RigAlias, "kind" | "value">): string | undefined =>
  kind === "address" ? value.slice(0, value.lastIndexOf("/")) : undefined;
