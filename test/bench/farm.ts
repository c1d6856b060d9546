import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";

/** A rig to poll, and what a bare poller asks it for a reading. */
export interface FarmRig {
  host: string;
  port: number;
  request: string;
}

const ANTMINER = '{"command":"summary+stats"}';
const WHATSMINER = '{"command":"summary+devs"}';

/** The simulator as a process of its own, incidents included, and where its rigs are. */
export async function startFarm(
  count: number,
  nodeArgs: readonly string[] = [],
): Promise<{ program: Program; rigs: FarmRig[] }> {
  const port = await freePort();
  // Beyond the rigs of `npm start`, which may run on the same machine.
  const fleet = ["--rigs", `${count}`, "--seed", "soak", "--port", `${port}`, "--base", "127.30.0.1"];
  const list = startOurs("simulator", ["list", ...fleet]);
  if ((await list.exit) !== 0) throw new Error(`no list of rigs: ${list.lines.at(-1)}`);
  const program = startOurs("simulator", ["run", ...fleet], { nodeArgs: [...nodeArgs] });
  await program.waitFor("simulating");
  return {
    program,
    rigs: list.lines.map((line) => {
      const [address = "", maker] = line.split(/\s+/);
      const [host = "", onPort] = address.split(":");
      return { host, port: Number(onPort), request: maker === "Whatsminer" ? WHATSMINER : ANTMINER };
    }),
  };
}
