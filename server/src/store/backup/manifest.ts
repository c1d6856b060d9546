import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The file that makes a folder a backup; it is written last. */
export const MANIFEST = "manifest.json";

/** What a backup says of itself. The state's export in the folder `state` has a manifest of its own. */
export const backupManifestSchema = z.object({
  backup: z.literal(1),
  /** The program that made it. */
  version: z.string(),
  madeMs: z.number(),
  telemetry: z.union([
    z.object({
      kind: z.literal("duckdb"),
      schema: z.int(),
      tables: z.record(z.string(), z.object({ files: z.array(z.string()), rows: z.number() })),
    }),
    /** Kept by another program, which has its own way to back it up. */
    z.object({ kind: z.string() }),
  ]),
});
export type BackupManifest = z.infer<typeof backupManifestSchema>;

/** The manifest of a backup's folder; undefined where there is none, or none that can be read. */
export async function readBackupManifest(folder: string): Promise<BackupManifest | undefined> {
  try {
    return backupManifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  } catch {
    // This folder is no whole backup, whatever else it may be.
    return undefined;
  }
}
