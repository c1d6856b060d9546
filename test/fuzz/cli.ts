import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Found, type Report, runSurface } from "./run.js";
import { SURFACES } from "./surfaces/registry.js";

const [surfaces, inputs, seed, index, folder] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const names = surfaces === "all" ? SURFACES.map(({ name }) => name) : surfaces.split(",");
const chosen = names.map((name) => {
  const surface = SURFACES.find((one) => one.name === name);
  if (!surface) {
    console.error(`no surface is called ${name}; there are ${SURFACES.map((one) => one.name).join(", ")}`);
    process.exit(1);
  }
  return surface;
});

function keep(found: Found): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${found.surface}-${found.seed}-${found.index}.json`);
  const { about, bytes } = found.input;
  writeFileSync(
    file,
    JSON.stringify(
      {
        surface: found.surface,
        seed: found.seed,
        index: found.index,
        about,
        base64: bytes.toString("base64"),
      },
      null,
      1,
    ),
  );
  console.error(`${found.message}\nkept in ${file}`);
}

const row = (report: Report): string => {
  const { surface, inputs: given, accepted, refused, seconds, cpuSeconds, slowestMs, rssMb, codes } = report;
  const reasons = Object.entries(codes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`);
  return (
    `${surface.padEnd(12)} ${given} inputs, ${accepted} accepted, ${refused} refused in ${seconds} s, ${cpuSeconds} s of CPU; ` +
    `slowest ${slowestMs} ms, RSS ${rssMb.early} → ${rssMb.end} MB\n             ${reasons.join(", ")}`
  );
};

const one = index !== "-";
for (const surface of chosen)
  try {
    const report = await runSurface(
      surface,
      one
        ? { inputs: 1, seed: Number(seed), from: Number(index) }
        : { inputs: Number(inputs), seed: Number(seed) },
      (done) => {
        if (done && done % 50_000 === 0) console.error(`${surface.name}: ${done}`);
      },
    );
    console.log(row(report));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof Found) keep(error);
    else console.error(error);
  }
process.exit();
