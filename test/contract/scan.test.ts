import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freePort } from "../support/ports.js";

const AGENT = fileURLToPath(new URL("../../agent/program/main.js", import.meta.url));

test("a scan of 2,046 addresses at 1,024 descriptors finds every rig, and says so on stdout and stderr", async () => {
  const port = await freePort();
  const others = [await freePort(), await freePort()];
  const reply = JSON.stringify({
    STATUS: [{ STATUS: "S", Msg: "CGMiner versions", Description: "cgminer 4.12.0" }],
    VERSION: [{ CGMiner: "4.12.0", API: "3.7" }],
    id: 1,
  });
  const rigs = ["127.81.0.1", "127.81.3.77", "127.81.7.254"];
  const servers = await Promise.all(
    rigs.map(
      (host) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer((socket) => {
            socket.on("error", () => {}).once("data", () => socket.end(`${reply}\0`));
          }).listen({ host, port }, () => resolve(server));
        }),
    ),
  );
  const command = `ulimit -n 1024; exec "${process.execPath}" "${AGENT}" scan 127.81.0.0/21 --port ${port} --http-port ${others[0]} --v3-port ${others[1]} --json`;
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", command], { timeout: 60_000 });
  for (const server of servers) server.close();
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { address: string });
  expect(lines.map(({ address }) => address).sort()).toEqual(rigs);
  expect(stderr).toBe("3 of 2046 addresses answer as rigs\n");
});
