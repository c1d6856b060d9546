import { readCaptures } from "@hashwatt/simulator/captures/captureFile";
import { type ServedCapture, serveCaptures } from "@hashwatt/simulator/captures/serveCaptures";
import { startOurs } from "../support/program.js";
import { grade, type Vouched } from "./grade.js";
import type { Graded } from "./marks.js";
import type { Printed } from "./printed.js";

/** A capture, what the agent made of it, and how that compares. */
export interface Result {
  id: string;
  /** As the capture names them. */
  model?: string | undefined;
  firmware?: string | undefined;
  /** What the agent printed; absent when there was no reading. */
  printed?: Printed;
  /** Why there is no reading. */
  failure?: string;
  marks: Graded[];
}

/** So many agents at a time: each is a process of its own. */
const AT_ONCE = 4;

/** Serves every capture of a folder on loopback addresses from `base` on and reads it with the agent's own program. */
export async function readAll(folder: string, base: string): Promise<Result[]> {
  const captures = readCaptures(folder);
  const served = await serveCaptures(captures, base, { port: 0, httpPort: 0, v3Port: 0 });
  try {
    const results: Result[] = [];
    const left = [...served.rigs.entries()];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await readOne(next[1]);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return results;
  } finally {
    await served.close();
  }
}

/** A port where nothing listens: what a rig does not have must not be found elsewhere on this machine. */
const CLOSED = 1;

async function readOne({ capture, address, port, httpPort, v3Port }: ServedCapture): Promise<Result> {
  const program = startOurs("agent", [
    "read",
    `${address}:${port ?? CLOSED}`,
    "--json",
    "--http-port",
    String(httpPort ?? CLOSED),
    "--v3-port",
    String(v3Port ?? CLOSED),
  ]);
  const code = await program.exit;
  const vouched = capture as Vouched;
  const { id, model, firmware } = capture as Pick<Result, "id" | "model" | "firmware">;
  const text = program.lines.find((line) => line.startsWith("{"));
  if (code !== 0 || text === undefined)
    return {
      id,
      model,
      firmware,
      failure: program.lines.join(" ") || `exit code ${code}`,
      marks: grade(vouched, {}),
    };
  const printed = JSON.parse(text) as Printed;
  return { id, model, firmware, printed, marks: grade(vouched, printed) };
}
