import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../support/program.js";

test.each(["server", "agent"])(
  "a command of the %s whose reader had enough ends without a word",
  async (name) => {
    const child = spawn(process.execPath, [`${root}${name}/program/main.js`, "--help"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect([code, said]).toEqual([0, ""]);
  },
);
