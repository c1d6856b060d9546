import { systemClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { AgentError } from "../agentError.js";
import { staticRigs } from "../applyConfig.js";
import { loadConfig, plateRules } from "../config.js";
import { descriptorLimit, pollsFor, readLimits } from "../descriptors.js";
import { isRig } from "../discovery/isRig.js";
import { SCAN } from "../discovery/scan.js";
import { expandRanges, parseRigAddress } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { openNeighbours } from "../neighbours.js";
import { startRecorder } from "../tape/recorder.js";
import { type RigTarget, watchFleet } from "../watchFleet.js";
import { watchRanges } from "../watchRanges.js";
import { readArguments, readPort } from "./commandLine.js";
import { loginsOf } from "./readCommand.js";

export const RECORD_HELP = `Watches rigs as hashwatt-agent run does, publishes nothing, and keeps all that they answer, byte by byte and
with its times, as a tape. "simulate replay FOLDER" serves it again.

  hashwatt-agent record --out FOLDER <address[:port] or range…> [--for 10m] [--every 5s] [--http-port P] [--v3-port P]
                        [--config FILE] [--login USER [--password-file FILE] [--basic]] [--no-default-login]

  --out FOLDER  where the tape is kept; what is there stays, up to the bounds of "record" in the config
  --for TIME    ends by itself: 90s, 10m, 2h; until Ctrl-C when not given
  --every TIME  spacing of a rig's polls; 5 s up to 200 rigs, 10 s up to 2,000, 30 s above when not given
  --config FILE the agent's config; without addresses its rigs and ranges are recorded
  the others    as in hashwatt-agent read

To record beside publishing, set "record: { dir: FOLDER }" in the config of hashwatt-agent run.
No password, cookie or token of the agent's own is written. What rigs answer is written as it is, pool accounts, names
and addresses included: the files can be read by their owner alone.`;

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads `90s`, `10m` or `2h` as ms; undefined when it was not given. Throws `config`. */
function readSpan(
  name: string,
  text: string | undefined,
  leastMs: number,
  mostMs: number,
): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)([smh])$/.exec(text) ?? [];
  const ms = Number(count) * UNITS[unit]!;
  if (!(ms >= leastMs && ms <= mostMs))
    throw new AgentError(
      "config",
      `--${name} must be a time such as 90s, 10m or 2h, from ${leastMs / 1_000}s to ${mostMs / 1_000}s, not "${text}"`,
    );
  return ms;
}

/** `agent record`: records until `signal` aborts or the time is over. Throws an AgentError when it cannot start. */
export async function recordCommand(
  args: readonly string[],
  note: (text: string) => void,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    out: { type: "string", short: "o" },
    for: { type: "string" },
    every: { type: "string" },
    "http-port": { type: "string" },
    "v3-port": { type: "string" },
    config: { type: "string", short: "c" },
    login: { type: "string" },
    basic: { type: "boolean" },
    "password-file": { type: "string" },
    "no-default-login": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return note(RECORD_HELP);
  if (values.out === undefined)
    throw new AgentError("config", "record wants --out FOLDER; see hashwatt-agent record --help");
  const forMs = readSpan("for", values.for, 1_000, 365 * 86_400_000);
  const everyMs = readSpan("every", values.every, 1_000, 90_000);
  const ports = {
    httpPort: readPort("http-port", values["http-port"]),
    v3Port: readPort("v3-port", values["v3-port"]),
  };
  const config = loadConfig(values.config);
  const named = positionals.length > 0;
  const { rigs, ranges } = named
    ? targetsOf(positionals, ports)
    : { rigs: staticRigs(config), ranges: config.ranges };
  if (!rigs.length && !ranges.length)
    throw new AgentError(
      "config",
      "nothing to record: give addresses or ranges, or a --config that names some",
    );

  const clock = systemClock;
  const log = pino({ name: "agent", level: config.logLevel });
  const tape = startRecorder({ ...config.record, folder: values.out, clock, log, version });
  const polls = new AbortController();
  const ended = new AbortController();
  const end = () => ended.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  using _over = forMs === undefined ? undefined : clock.after(forMs, end);
  const logins = loginsOf(values, config);
  const links = openRigLinks(clock, config.timeouts, polls.signal, logins, plateRules(config), tape);
  const fleet = watchFleet(
    {
      links,
      clock,
      log: log.child({ part: "watch" }),
      neighbours: openNeighbours(clock),
      // The tape has the answers themselves.
      push: () => {},
      random: Math.random,
    },
    {
      ...((everyMs ?? config.intervalMs) !== undefined && { intervalMs: everyMs ?? config.intervalMs! }),
      concurrency: pollsFor(descriptorLimit(readLimits()), config.concurrency, SCAN.concurrency),
    },
    ended.signal,
  );
  for (const target of rigs) fleet.add(target);
  const looking = watchRanges(
    { ranges, exclude: config.exclude, everyMs: config.scanEveryMs },
    { fleet, isRig: (target) => isRig(target, links, clock), clock, log: log.child({ part: "scan" }) },
    ended.signal,
  );
  log.info({ folder: values.out, rigs: rigs.length, ranges: ranges.length }, "recording");
  await new Promise<void>((resolve) => {
    if (ended.signal.aborted) resolve();
    else ended.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  signal.removeEventListener("abort", end);
  polls.abort();
  await Promise.all([fleet.stop(), looking.done]);
  const watched = fleet.size;
  await tape.close();
  const { exchanges, rawBytes, bytes, lost } = tape.stats();
  log.info({ folder: values.out, rigs: watched, exchanges, rawBytes, bytes, lost }, "recorded");
  if (lost)
    throw new AgentError(
      "io",
      `${lost} answers are not on the tape in ${values.out}: see the log for the reason`,
    );
}

/** What was named on the command line; a range is looked through, an address is watched whether or not it answers. */
function targetsOf(
  texts: readonly string[],
  ports: Pick<RigTarget, "httpPort" | "v3Port">,
): { rigs: RigTarget[]; ranges: ({ range: string; port: number } & typeof ports)[] } {
  const rigs: RigTarget[] = [];
  const ranges: ({ range: string; port: number } & typeof ports)[] = [];
  for (const text of texts) {
    if (/[/-]/.test(text)) {
      expandRanges([text]);
      ranges.push({ range: text, port: 4028, ...ports });
    } else rigs.push({ ...parseRigAddress(text), ...ports });
  }
  return { rigs, ranges };
}
