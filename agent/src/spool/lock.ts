import { join } from "node:path";
import { AgentError } from "../agentError.js";
import { type Disk, diskTrouble, systemCode } from "./disk.js";

/** A process and, where the system tells, when it began: a process id alone is given again after a reboot. */
interface Owner {
  pid: number;
  since?: string;
}

/**
 * Takes the folder for this process until disposed. Throws AgentError `locked` while another living process has it; the
 * lock of a dead one is taken over. On a full disk it goes without a lock, since the alternative is not to watch at all.
 */
export function lockFolder(disk: Disk, folder: string): Disposable {
  const path = join(folder, "lock");
  const mine = JSON.stringify(ownerOf(disk, process.pid));
  for (let attempt = 0; ; attempt++) {
    try {
      disk.writeText(path, mine, true);
      break;
    } catch (cause) {
      if (systemCode(cause) === "ENOSPC" || systemCode(cause) === "EDQUOT") return { [Symbol.dispose]() {} };
      if (systemCode(cause) !== "EEXIST" || attempt > 2)
        throw new AgentError("io", diskTrouble(cause, folder), { cause, retryable: false });
    }
    const owner = readOwner(disk, path);
    if (owner && lives(disk, owner))
      throw new AgentError(
        "locked",
        `another agent (process ${owner.pid}) uses ${folder}: stop it, or give this one its own data folder`,
      );
    try {
      disk.unlink(path);
    } catch (cause) {
      if (systemCode(cause) !== "ENOENT")
        throw new AgentError("io", diskTrouble(cause, folder), { cause, retryable: false });
    }
  }
  return {
    [Symbol.dispose]() {
      try {
        if (disk.readText(path) === mine) disk.unlink(path);
      } catch {
        // A lock that cannot be removed is recognised as a dead process's by the next start.
      }
    },
  };
}

function readOwner(disk: Disk, path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(disk.readText(path));
    if (typeof owner !== "object" || !owner || !("pid" in owner) || typeof owner.pid !== "number")
      return undefined;
    return {
      pid: owner.pid,
      ...("since" in owner && typeof owner.since === "string" && { since: owner.since }),
    };
  } catch {
    return undefined;
  }
}

function lives(disk: Disk, owner: Owner): boolean {
  const { since } = ownerOf(disk, owner.pid);
  if (since !== undefined && owner.since !== undefined) return since === owner.since && alive(owner.pid);
  // Without times of birth: the own id on a lock was left by a former life of the same container.
  return owner.pid !== process.pid && alive(owner.pid);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** Linux tells the boot and the tick at which a process began; elsewhere only the id is known. */
function ownerOf(disk: Disk, pid: number): Owner {
  try {
    const boot = disk.readText("/proc/sys/kernel/random/boot_id").trim();
    // The second field is the program's name in parentheses and may hold anything; the 20th after it is the start time.
    const stat = disk.readText(`/proc/${pid}/stat`);
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? { pid } : { pid, since: `${boot}/${ticks}` };
  } catch {
    return { pid };
  }
}
