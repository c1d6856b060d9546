import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const TICKS_PER_S = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU and memory of a process as the kernel accounts them. */
export interface Usage {
  /** User and system time of all its threads since it started, µs. */
  cpuUs: number;
  /** Resident now, and at its highest, MB (10^6 bytes). */
  rssMb: number;
  peakRssMb: number;
}

/** Reads what a process has used; throws when it is gone. */
export function processUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold anything, so fields count from its end: utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kb = (key: string) => Number(status.match(new RegExp(`^${key}:\\s+(\\d+) kB`, "m"))?.[1]);
  return {
    cpuUs: ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S) * 1e6,
    rssMb: (kb("VmRSS") * 1024) / 1e6,
    peakRssMb: (kb("VmHWM") * 1024) / 1e6,
  };
}

/** Sum over a process and all its descendants, for programs that fork helpers. */
export function treeUsage(pid: number): Usage {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean);
    } catch {
      return [];
    }
  });
  return children.map(Number).reduce((sum, child) => {
    const usage = treeUsage(child);
    return {
      cpuUs: sum.cpuUs + usage.cpuUs,
      rssMb: sum.rssMb + usage.rssMb,
      peakRssMb: sum.peakRssMb + usage.peakRssMb,
    };
  }, processUsage(pid));
}

/** How many files, sockets and pipes a process holds open. */
export const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Bytes that the files of a folder take on the disk, folders in it included; 0 where there is none. */
export function diskBytes(folder: string): number {
  let bytes = 0;
  // A file may go while it is looked at.
  for (const name of existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [])
    bytes += (statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  return bytes;
}
