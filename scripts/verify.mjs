// `npm run verify`: installs the real programs the tests run against, where it may, and runs the checks meanwhile, then every suite.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { missingPrograms } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command and shows what it prints: as it comes, or with `later` in one piece at the end. Ends this program where it fails. */
async function run(command, args, { env = {}, later = false } = {}) {
  const line = `\n> ${[command, ...args].join(" ")}`;
  if (!later) console.log(line);
  const child = spawn(command, args, {
    cwd: root,
    stdio: later ? ["ignore", "pipe", "pipe"] : "inherit",
    env: { ...process.env, ...env },
  });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes) => printed.push(bytes));
  const code = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (status) => done(status ?? 1));
  });
  if (later) {
    console.log(line);
    process.stdout.write(Buffer.concat(printed));
  }
  if (code !== 0) process.exit(code);
}

// Most of an installation is waiting for the network and the disk.
const check = run("npm", ["run", "-s", "check"], { later: true });
const missing = missingPrograms();
if (missing.length) {
  const packages = [...new Set(missing.map((program) => program.package))];
  const debian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  if (debian && process.getuid?.() === 0) {
    console.log(`installing ${packages.join(", ")} from the distribution's packages; no service is started`);
    // RUNLEVEL=1 keeps the packages' own scripts from starting their services.
    const env = { RUNLEVEL: "1", DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
  } else {
    console.log(
      debian
        ? `to run every suite: sudo RUNLEVEL=1 apt-get install -y --no-install-recommends ${packages.join(" ")}`
        : `to run every suite, install ${packages.join(", ")} or set ${missing.map((p) => p.env).join(", ")}`,
    );
  }
}

await check;
await run("npm", ["test", "-s"]);
