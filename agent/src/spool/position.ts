import { join } from "node:path";
import { z } from "zod";
import type { Disk } from "./disk.js";
import type { Floors } from "./floors.js";
import type { Outline } from "./outline.js";
import type { Segment } from "./segment.js";

const schema = z.object({
  v: z.literal(1),
  /** Per stream: everything up to this seq is acknowledged or dropped. */
  floors: z.record(z.string(), z.number()),
  /** Per stream: its newest batch, so that one that is cut off is missed. */
  lasts: z.record(z.string(), z.number()).default({}),
  /** Per boot that learned it: server clock minus that boot's monotonic clock, ms. */
  boots: z.record(z.string(), z.number()),
});

const NAME = "position.json";

/**
 * What a spool remembers beside its records: how far each stream is acknowledged, and what each boot knew of the server's
 * clock. Losing it costs that acknowledged batches are sent once more, and that batches cut off at the end are not missed.
 */
export class Position {
  /** The floors as they were read; the spool's own go on from there. */
  readonly floors: Readonly<Record<string, number>>;
  /** The newest batch of each stream, as it was read; some seconds old. */
  readonly lasts: Readonly<Record<string, number>>;
  readonly #boots: Map<string, number>;
  /** The boot that is running, whose offset is kept before its first record. */
  #boot: string | undefined;
  #changed = false;

  /** Reads the position of `folder`; an empty one when there is none or it is unreadable. */
  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
  ) {
    const { floors, lasts, boots } = read(disk, join(folder, NAME));
    this.floors = floors;
    this.lasts = lasts;
    this.#boots = new Map(Object.entries(boots));
  }

  /** The streams that had batches and are in no segment, with what is remembered of them. */
  *missed(outlines: readonly Outline[]): Generator<{ stream: string; floor: number; last: number }> {
    // What an unreadable segment holds may be theirs.
    if (!outlines.every(({ readable }) => readable)) return;
    const there = new Set(outlines.flatMap(({ runs }) => runs.map(({ stream }) => stream)));
    for (const [stream, last] of Object.entries(this.lasts))
      if (!there.has(stream)) yield { stream, floor: this.floors[stream] ?? 0, last };
  }

  /** Notes that there is something to save. */
  touch(): void {
    this.#changed = true;
  }

  /** Notes what `boot`, the running one, knows of the server's clock. Small corrections are not worth a write. */
  remember(boot: string, aheadMs: number): void {
    this.#boot = boot;
    if (Math.abs((this.#boots.get(boot) ?? Number.POSITIVE_INFINITY) - aheadMs) < 100) return;
    this.#boots.set(boot, aheadMs);
    this.#changed = true;
  }

  aheadMs(boot: string): number | undefined {
    return this.#boots.get(boot);
  }

  /** Replaces the file in one step when something changed; forgets the boots and streams that nothing refers to. */
  save(floors: Floors, segments: readonly Segment[], inMemory: Iterable<string>): void {
    if (!this.#changed) return;
    const streams = new Set(inMemory);
    const boots = new Set([this.#boot]);
    for (const { runs } of segments)
      for (const run of runs) {
        streams.add(run.stream);
        boots.add(run.boot);
      }
    for (const boot of this.#boots.keys()) if (!boots.has(boot)) this.#boots.delete(boot);
    const path = join(this.folder, NAME);
    try {
      const held = floors.snapshot(streams);
      const lasts = Object.fromEntries(Object.keys(held).map((stream) => [stream, floors.last(stream)]));
      const json = { v: 1, floors: held, lasts, boots: Object.fromEntries(this.#boots) };
      this.disk.writeText(`${path}.new`, JSON.stringify(json));
      this.disk.rename(`${path}.new`, path);
      this.#changed = false;
    } catch {
      // An old position costs a few batches sent twice, which the server knows; the trouble shows when a record is written.
    }
  }
}

function read(disk: Disk, path: string): Omit<z.infer<typeof schema>, "v"> {
  try {
    return schema.parse(JSON.parse(disk.readText(path)));
  } catch {
    return { floors: {}, lasts: {}, boots: {} };
  }
}
