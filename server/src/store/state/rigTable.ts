import type { DuckDBAppender } from "@duckdb/node-api";
import { literals, type Session } from "../duck/session.js";
import type { Alias, RigRecord } from "./state.js";

/** All rigs with their aliases, by key. */
export async function readRigs(session: Session): Promise<RigRecord[]> {
  const aliases = new Map<number, Alias[]>();
  for (const row of await session.rows("SELECT * FROM aliases ORDER BY rowid")) {
    const of = aliases.get(Number(row.rig)) ?? [];
    const { kind, value, since_ms: sinceMs } = row;
    of.push({
      kind: String(kind) as Alias["kind"],
      value: String(value),
      ...(sinceMs !== null && { sinceMs: Number(sinceMs) }),
    });
    aliases.set(Number(row.rig), of);
  }
  const rows = await session.rows("SELECT * FROM rigs ORDER BY rig");
  return rows.map((row) => ({
    rig: Number(row.rig),
    site: String(row.site),
    agent: String(row.agent),
    handle: String(row.handle),
    name: String(row.name),
    evidence: JSON.parse(String(row.evidence)),
    aliases: aliases.get(Number(row.rig)) ?? [],
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
  }));
}

/** Inserts or replaces rigs by key, in one transaction; of several of one key the last counts. */
export async function writeRigs(session: Session, rigs: readonly RigRecord[]): Promise<void> {
  if (rigs.length === 0) return;
  const kept = [...new Map(rigs.map((rig) => [rig.rig, rig])).values()];
  await session.transaction(async (connection) => {
    const keys = literals(kept.map(({ rig }) => rig));
    await connection.run(`DELETE FROM rigs WHERE rig IN (${keys})`);
    await connection.run(`DELETE FROM aliases WHERE rig IN (${keys})`);
    const into = await connection.createAppender("rigs");
    const aliases = await connection.createAppender("aliases");
    for (const rig of kept) {
      appendRig(into, rig);
      for (const alias of rig.aliases) appendAlias(aliases, rig.rig, alias);
    }
    into.closeSync();
    aliases.closeSync();
  });
}

function appendRig(into: DuckDBAppender, rig: RigRecord): void {
  into.appendInteger(rig.rig);
  for (const value of [rig.site, rig.agent, rig.handle, rig.name, JSON.stringify(rig.evidence)])
    into.appendVarchar(value);
  into.appendBigInt(BigInt(Math.trunc(rig.firstSeenMs)));
  into.appendBigInt(BigInt(Math.trunc(rig.lastSeenMs)));
  into.endRow();
}

function appendAlias(into: DuckDBAppender, rig: number, { kind, value, sinceMs }: Alias): void {
  into.appendInteger(rig);
  into.appendVarchar(kind);
  into.appendVarchar(value);
  if (sinceMs === undefined) into.appendNull();
  else into.appendBigInt(BigInt(Math.trunc(sinceMs)));
  into.endRow();
}
