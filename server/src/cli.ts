import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { beginning, writtenOut, writtenOutLines } from "@hashwatt/protocol/plainText";
import { clockAt, systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import type { AccessOptions } from "./cli/accessCommands.js";
import { HELP } from "./cli/help.js";
import type { JobCommand } from "./cli/jobCommands.js";
import { influxAccess, serverAddress } from "./config/clientConfig.js";
import { readableByAll } from "./config/openFiles.js";
import { readText } from "./config/secretFile.js";
import { loadConfig } from "./config.js";
import { ServerError } from "./error.js";
import { type RunningServer, startServer } from "./server.js";

/** After SIGTERM everything must be over by then, whatever hangs. */
const STOP_MS = 3_800;

const readVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
    .version;

/** Prints lines; others have a say in what they hold, and none of it may steer the terminal. */
const print = (text: string): void => {
  process.stdout.write(`${writtenOutLines(text)}\n`);
};

/** Of an error so much is printed: it may quote what a file holds. */
const MOST_SHOWN = 600;

function fail(message: string): never {
  process.stderr.write(
    `hashwatt server: ${writtenOut(beginning(message.replace(/\s*\n\s*/g, " "), MOST_SHOWN))}\n`,
  );
  process.exit(1);
}

async function run(configPath: string | undefined): Promise<void> {
  const config = loadConfig(configPath);
  // What JSON leaves as it is would still steer a terminal: a stranger's text is only text in the log too.
  const log = pino({ base: undefined, level: config.logLevel, hooks: { streamWrite: writtenOutLines } });
  for (const { key, path } of readableByAll(config))
    log.warn({ key, path }, "every user of this machine may read this secret: chmod o-r");
  if (config.clock) log.warn(config.clock, "time is not the machine's own: for trials with simulated rigs");
  const starting = startServer(config, readVersion(), clockAt(config.clock), log);
  let stopping = false;
  let orphaned = false;
  const exit = (code: number) => {
    // An exit flushes the log first and would wait for ever for a reader that is gone with whoever started this program.
    if (orphaned) process.kill(process.pid, "SIGKILL");
    process.exit(code);
  };
  const stop = (signal: NodeJS.Signals | "disconnect") => {
    if (stopping) exit(1);
    stopping = true;
    log.info({ signal }, "stopping");
    systemClock.after(STOP_MS, () => {
      log.error("stopped before everything was closed");
      exit(1);
    });
    starting
      .then((server) => server.close())
      .then(
        () => {
          log.info("stopped");
          exit(0);
        },
        (error: unknown) => {
          log.error({ err: error }, "stopping failed");
          exit(1);
        },
      );
  };
  // At a terminal it means that the terminal is gone; a service manager means the config.
  if (!process.stdin.isTTY) process.on("SIGHUP", () => void starting.then((server) => server.reload()));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (process.channel)
    process.once("disconnect", () => {
      orphaned = true;
      stop("disconnect");
    });
  const server: RunningServer = await starting;
  log.info(
    {
      url: server.url,
      ...(server.mqttUrl !== undefined && { mqtt: server.mqttUrl }),
      version: readVersion(),
    },
    "listening",
  );
}

/** Runs a command against the running server; the first Ctrl-C cancels what it waits for, the second ends it at once. */
async function asClient(
  { config, url, token, ca }: { config?: string; url?: string; token?: string; ca?: string },
  work: (command: JobCommand) => Promise<void>,
): Promise<void> {
  const address = serverAddress({ url, token, ca }, () => loadConfig(config));
  const stop = new AbortController();
  process.on("SIGINT", () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort(new Error("ended by the operator"));
  });
  await work({
    api: (await import("./cli/apiClient.js")).apiClient(address, systemClock),
    clock: systemClock,
    terminal: process.stderr,
    out: print,
    signal: stop.signal,
  });
}

/** A password or a token: the first line of a file, else what is typed or piped in. */
async function readSecretLine(file: string | undefined): Promise<string> {
  if (file !== undefined) return readText(file, "--password-file").split(/\r?\n/, 1)[0] ?? "";
  const { readPassword } = await import("./access/readPassword.js");
  return readPassword(process.stdin, process.stderr);
}

/** Runs `user`, `token` or `audit` against the running server. */
async function access(
  command: "user" | "token" | "audit",
  words: readonly string[],
  values: { config?: string; "password-file"?: string } & Omit<AccessOptions, "password">,
): Promise<void> {
  const { auditCommand, tokenCommand, userCommand } = await import("./cli/accessCommands.js");
  const options = { ...values, password: () => readSecretLine(values["password-file"]) };
  await asClient(values, (client) => {
    if (command === "audit") return auditCommand(client, options);
    return command === "user" ? userCommand(client, words, options) : tokenCommand(client, words, options);
  });
}

/** Words after the command that it takes at most. */
const WORDS: Record<string, number> = {
  export: 1,
  restore: 1,
  store: 1,
  jobs: 2,
  rig: 3,
  register: 3,
  alerts: 5,
  rates: 2,
  settings: 3,
  payouts: 2,
  bills: 2,
  replay: 0,
  user: 2,
  token: 2,
};
const COMMANDS =
  "run, doctor, health, restore, hash-password, backup, export, store, jobs, rig, register, alerts, rates, settings, payouts, bills, replay, user, token and audit";

/** A command's code is loaded when it is asked for: a server that runs for months need not hold all of it. */
async function perform(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string" },
      data: { type: "string" },
      out: { type: "string" },
      url: { type: "string" },
      token: { type: "string" },
      ca: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      restart: { type: "boolean" },
      series: { type: "string" },
      site: { type: "string" },
      pool: { type: "string" },
      account: { type: "string" },
      "dry-run": { type: "boolean" },
      role: { type: "string" },
      name: { type: "string" },
      scope: { type: "string" },
      days: { type: "string" },
      limit: { type: "string" },
      speed: { type: "string" },
      "password-file": { type: "string" },
      "influx-token": { type: "string" },
      "influx-token-file": { type: "string" },
      "influx-user": { type: "string" },
      "influx-password-file": { type: "string" },
      "influx-org": { type: "string" },
      "influx-database": { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  const [command, ...rest] = positionals;
  if (values.version) return void process.stdout.write(`${readVersion()}\n`);
  if (values.help || command === "help") return void process.stdout.write(HELP);
  if (rest.length > (WORDS[command ?? ""] ?? 0)) fail(`"${rest.at(-1)}" is one word too many; see --help`);
  switch (command) {
    case "run":
      return run(values.config);
    case "doctor": {
      const { doctor } = await import("./doctor.js");
      const findings = await doctor(values.config, systemClock);
      for (const { grade, part, text } of findings)
        print(`${grade === "wrong" ? "WRONG" : grade.padEnd(5)} ${part}: ${text}`);
      process.exit(findings.every(({ grade }) => grade !== "wrong") ? 0 : 1);
      break;
    }
    case "health": {
      const { feelPulse } = await import("./doctor/pulse.js");
      const { alive, text } = await feelPulse(loadConfig(values.config), systemClock);
      if (!alive) fail(text);
      print(text);
      return;
    }
    case "restore": {
      const dataDir = values.data ?? loadConfig(values.config).store.dataDir;
      const { restore } = await import("./store/backup/restore.js");
      for (const text of await restore(dataDir, rest[0], systemClock)) print(text);
      return;
    }
    case "backup": {
      const { backupCommand } = await import("./cli/jobCommands.js");
      return asClient(values, (api) => backupCommand(api, values.out));
    }
    case "export": {
      const { exportCommand } = await import("./cli/exportCommand.js");
      return asClient(values, (api) => exportCommand(api, rest[0], values));
    }
    case "store": {
      if (rest[0] !== "copy") fail(`say what to do with the store: copy; see --help`);
      const { from, to, restart } = values;
      const { storeCopyCommand } = await import("./cli/storeCopy.js");
      return asClient(values, (api) =>
        storeCopyCommand(api, { from, to, restart, influx: influxAccess(values) }),
      );
    }
    case "jobs": {
      const { jobsCommand } = await import("./cli/jobCommands.js");
      return asClient(values, (api) => jobsCommand(api, rest));
    }
    case "replay": {
      const { replayCommand } = await import("./cli/replayCommand.js");
      return asClient(values, (api) => replayCommand(api, values));
    }
    case "rig": {
      const { rigCommand } = await import("./cli/rigCommands.js");
      return asClient(values, (api) => rigCommand(api, rest));
    }
    case "register": {
      const { registerCommand } = await import("./cli/registerCommands.js");
      return asClient(values, (api) => registerCommand(api, rest));
    }
    case "alerts": {
      const { alertCommand } = await import("./cli/alertCommands.js");
      return asClient(values, (api) => alertCommand(api, rest, systemClock.nowMs()));
    }
    case "rates": {
      const { ratesCommand } = await import("./cli/ratesCommand.js");
      const { series, "dry-run": dryRun } = values;
      return asClient(values, (api) => ratesCommand(api, rest, { series, dryRun }));
    }
    case "settings": {
      const { settingsCommand, urdbCommand } = await import("./cli/settingsCommand.js");
      if (rest[0] === "urdb") return urdbCommand(print, rest[1], rest[2]);
      return asClient(values, (api) => settingsCommand(api, rest));
    }
    case "payouts":
    case "bills": {
      const { statementCommand } = await import("./cli/statementCommands.js");
      const { "dry-run": dryRun } = values;
      const password = () => readSecretLine(values["password-file"]);
      return asClient(values, (api) => statementCommand(api, command, rest, { ...values, dryRun, password }));
    }
    case "user":
    case "token":
    case "audit":
      return access(command, rest, values);
    case "hash-password": {
      const { readPassword } = await import("./access/readPassword.js");
      const { hashPassword } = await import("./access/passwordHash.js");
      process.stdout.write(`${await hashPassword(await readPassword(process.stdin, process.stderr))}\n`);
      return;
    }
    case undefined:
      return fail(`say what to do: ${COMMANDS}; see --help`);
    default:
      return fail(`there is no command "${command}"; there are ${COMMANDS}, see --help`);
  }
}

/** Does what the command line says. What goes wrong is one line on stderr and exit code 1. */
export async function main(args: string[]): Promise<void> {
  // A reader that had enough (`| head`) ends a command quietly; a server goes on without it.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" && args[0] !== "run") process.exit(0);
  });
  try {
    await perform(args);
  } catch (error) {
    if (error instanceof ServerError) fail(error.message);
    if (error instanceof TypeError && "code" in error) fail(`${error.message}; see --help`);
    const stack = writtenOutLines(String((error as Error).stack));
    process.stderr.write(`hashwatt server: failed; this is a defect\n${stack}\n`);
    process.exit(1);
  }
}
