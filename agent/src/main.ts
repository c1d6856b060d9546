#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { beginning, writtenOutLines } from "@hashwatt/protocol/plainText";
import { AgentError } from "./agentError.js";
import { CAPTURE_HELP, captureCommand } from "./cli/captureCommand.js";
import { HEALTH_HELP, healthCommand } from "./cli/healthCommand.js";
import { READ_HELP, readCommand } from "./cli/readCommand.js";
import { RECORD_HELP, recordCommand } from "./cli/recordCommand.js";
import { RUN_HELP, runCommand } from "./cli/runCommand.js";
import { SCAN_HELP, scanCommand } from "./cli/scanCommand.js";
import { nearestName } from "./nearestName.js";

const HELP = `The Hashwatt agent reads mining rigs on their own network and publishes over MQTT.

  hashwatt-agent run [--config FILE]                watch rigs and publish what they say
  hashwatt-agent scan <address, range or CIDR…>     look for rigs
  hashwatt-agent read <address[:port]> [--json]     read one rig once
  hashwatt-agent capture <address[:port]>           write a rig's raw answers to a file
  hashwatt-agent record --out FOLDER …              keep what rigs answer, with its times, as a tape
  hashwatt-agent health [--config FILE]             whether the agent of a config runs, and how it is
  hashwatt-agent <command> --help                   all about a command
  hashwatt-agent --version`;

const HELP_OF: Record<string, string> = {
  run: RUN_HELP,
  scan: SCAN_HELP,
  read: READ_HELP,
  capture: CAPTURE_HELP,
  record: RECORD_HELP,
  health: HEALTH_HELP,
};

// Rigs have a say in what is printed: none of it may steer the terminal.
const print = (text: string): void => {
  process.stdout.write(`${writtenOutLines(text)}\n`);
};
const note = (text: string): void => {
  process.stderr.write(`${writtenOutLines(text)}\n`);
};

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

async function main([command, ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  switch (command) {
    case "run":
      return runCommand(args, print, version, signal);
    case "scan":
      return scanCommand(args, print, note, signal, process.stderr);
    case "read":
      return readCommand(args, print, signal);
    case "capture":
      return captureCommand(args, print, note, version, signal);
    case "record":
      return recordCommand(args, note, version, signal);
    case "health":
      return healthCommand(args, print);
    case "--version":
    case "-v":
      return print(`hashwatt-agent ${version}`);
    case "help":
      return print(HELP_OF[args[0] ?? ""] ?? HELP);
    case "--help":
    case "-h":
      return print(HELP);
    case undefined:
      throw new AgentError(
        "config",
        `which command? One of run, scan, read, capture, record, health; see hashwatt-agent --help`,
      );
    default: {
      const near = nearestName(command, Object.keys(HELP_OF));
      throw new AgentError(
        "config",
        `unknown command ${command}${near ? `; did you mean ${near}?` : "; see hashwatt-agent --help"}`,
      );
    }
  }
}

/** Of an error so much is printed: it may quote what a file holds. */
const MOST_SHOWN = 600;

const shutdown = new AbortController();
function stop(): void {
  // A second signal means: now.
  if (shutdown.signal.aborted) process.exit(1);
  shutdown.abort();
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
// Whoever started this program over a channel is gone when the channel closes, and the reader of its log with them.
let orphaned = false;
if (process.channel)
  process.once("disconnect", () => {
    orphaned = true;
    stop();
  });
// A reader that had enough (`| head`) ends the program quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

/** Ends the program once what was printed has gone out. */
const end = (code: number): void => {
  // An exit flushes the log first and would wait for ever for a reader that is gone. All else is closed by now.
  if (orphaned) process.kill(process.pid, "SIGKILL");
  process.stdout.write("", () => process.exit(code));
};

main(process.argv.slice(2), shutdown.signal).then(
  () => end(0),
  (error: unknown) => {
    // One line says what to do; only a fault of the program itself shows its stack.
    note(
      error instanceof AgentError
        ? beginning(error.message, MOST_SHOWN)
        : String((error as Error)?.stack ?? error),
    );
    end(1);
  },
);
