import { parseArgs } from "node:util";
import { pino } from "pino";
import { isLoopback } from "../addresses.js";
import { SimulatorError } from "../errors.js";
import { nearest } from "../nearest.js";
import { type ReplayOptions, startReplay, type TapePoint } from "./replay.js";

export const REPLAY_USAGE = `Usage: simulator replay FOLDER [options]   play a tape that "hashwatt-agent record" made

Every rig of the tape answers on a loopback address what it answered then, byte by byte, over the transport it had.

  --speed X         how many times as fast as it was recorded, 1 to 1000 (1)
  --from T, --to T  play this part: a time such as 2026-11-26T14:05:00Z, or a distance from the beginning: 90s, 10m, 2h
  --loop            begin anew at the end, for ever; without it the program ends there
  --base ADDRESS    address of the first rig, the others follow (127.20.0.1; where they were, if that was 127.x)
  --port P          port of the cgminer API where it was 4028 (4028)
  --http-port P     port of the web interface where it was 80 or 443 (80)
  --v3-port P       port of WhatsMiner API 3 where it was 4433 (4433)
  --help            print this

A login of any kind opens a web interface: the tape holds no password to compare it with. The format is docs/tape-format.md.
Exit codes: 0 at the end of the tape or stopped by a signal, 1 could not start (one line on stderr says what to do).
`;

const OPTIONS = {
  speed: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  loop: { type: "boolean" },
  base: { type: "string" },
  port: { type: "string" },
  "http-port": { type: "string" },
  "v3-port": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const bad = (message: string): SimulatorError =>
  new SimulatorError("bad-option", `${message} (simulator replay --help lists all options)`);

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

function readPoint(name: string, text: string | undefined): TapePoint | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,7}(?:\.\d{1,3})?)([smh])$/.exec(text) ?? [];
  if (count !== undefined) return { afterMs: Number(count) * UNITS[unit]! };
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const atMs = isInstant ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw bad(`${name} must be a time such as 2026-11-26T14:05:00Z or 10m, not "${text}"`);
  return { atMs };
}

function readNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= least && value <= most))
    throw bad(`${name} must be from ${least} to ${most}, not "${text}"`);
  return value;
}

function readPort(name: string, text: string | undefined): number | undefined {
  const port = readNumber(name, text, 1, 65_535);
  if (port !== undefined && !Number.isInteger(port)) throw bad(`${name} must be a port, not "${text}"`);
  return port;
}

/** Reads what stands behind `replay`; undefined when help was asked for. Throws `bad-option`. */
export function parseReplay(args: readonly string[]): ReplayOptions | undefined {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens)
    if (token.kind === "option") {
      const known = OPTIONS[token.name as keyof typeof OPTIONS];
      if (!known && token.name !== "h")
        throw bad(
          `unknown option ${token.rawName}: did you mean --${nearest(token.name, Object.keys(OPTIONS))}?`,
        );
      if (known?.type === "string" && !token.value) throw bad(`${token.rawName} needs a value`);
    }
  if (values.help === true) return undefined;
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length) throw bad("replay takes one folder");
  const text = (name: keyof typeof OPTIONS): string | undefined =>
    typeof values[name] === "string" ? values[name] : undefined;
  const base = text("base");
  if (base !== undefined && !isLoopback(base))
    throw bad(`--base must be a loopback address like 127.20.0.1, not "${base}"`);
  const [from, to] = [readPoint("--from", text("from")), readPoint("--to", text("to"))];
  const [speed, port] = [readNumber("--speed", text("speed"), 1, 1_000), readPort("--port", text("port"))];
  const [httpPort, v3Port] = [
    readPort("--http-port", text("http-port")),
    readPort("--v3-port", text("v3-port")),
  ];
  return {
    folder,
    loop: values.loop === true,
    base,
    ...(from && { from }),
    ...(to && { to }),
    ...(speed !== undefined && { speed }),
    ...(port !== undefined && { port }),
    ...(httpPort !== undefined && { httpPort }),
    ...(v3Port !== undefined && { v3Port }),
  };
}

/** `simulator replay`: plays a tape until its end or a signal. Throws a SimulatorError when it cannot start. */
export async function replayCommand(
  args: readonly string[],
  endOnSignal: (close: () => Promise<void>) => void,
): Promise<void> {
  const asked = parseReplay(args);
  if (!asked) return void process.stdout.write(REPLAY_USAGE);
  const log = pino({ name: "simulator" }, pino.destination({ dest: 1, sync: true }));
  const onLost = (path: string) =>
    log.warn({ path }, "a file of the tape has changed since the replay began, part of it is left out");
  const replay = await startReplay({ ...asked, onLost });
  endOnSignal(() => replay.close());
  for (const { recordedAt, address, ports } of replay.rigs)
    log.info({ recordedAt, address, ports }, "serving");
  const { rigs, fromMs, toMs, exchanges, damagedBytes } = replay;
  if (damagedBytes) log.warn({ damagedBytes }, "part of the tape is damaged and left out");
  log.info(
    {
      rigs: rigs.length,
      exchanges,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      speed: asked.speed ?? 1,
    },
    "replaying",
  );
  await replay.ended;
  log.info("tape ended");
  await replay.close();
  process.exit(0);
}
