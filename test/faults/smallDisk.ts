import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { basename, join } from "node:path";

/** A file system of its own under a folder, so small that it can be filled, and that can go read-only as a failing disk does. */
export interface SmallDisk {
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives the room back. */
  free(): void;
  /** From now on every write fails with EROFS, also through files that are open. */
  fail(): void;
  /** Checks and mounts it anew; nothing may hold a file of it open. */
  repair(): void;
  close(): void;
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  // 1 of e2fsck: errors were corrected.
  if (status !== 0 && !(command === "e2fsck" && status === 1))
    throw new Error(`${command} ${args.join(" ")}: ${stderr || stdout}`);
  return stdout.trim();
}

/** Makes one in a file; where this user or this system may not, says why. */
export function smallDisk(folder: string, mb: number): SmallDisk | { lacks: string } {
  if (process.getuid?.() !== 0) return { lacks: "only root may mount a small disk" };
  const image = `${folder}.img`;
  let device = "";
  const mount = () => run("mount", "-o", "errors=remount-ro", device, folder);
  const unmount = () => {
    spawnSync("umount", ["-l", folder], { stdio: "ignore" });
    if (device) spawnSync("losetup", ["-d", device], { stdio: "ignore" });
  };
  try {
    writeFileSync(image, "");
    truncateSync(image, mb * 1024 * 1024);
    // Without a journal the system itself writes nothing that a full disk would refuse.
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", image);
    device = run("losetup", "--find", "--show", image);
    mount();
  } catch (error) {
    unmount();
    rmSync(image, { force: true });
    return { lacks: `no small disk can be mounted: ${(error as Error).message}` };
  }
  // A run that is broken off must leave no mount behind.
  process.once("exit", unmount);
  const filler = join(folder, "filler");
  return {
    fill() {
      const file = openSync(filler, "w");
      for (let size = 16 * 1024 * 1024; size >= 4_096; ) {
        try {
          writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          size /= 2;
        }
      }
      closeSync(file);
    },
    free: () => rmSync(filler, { force: true }),
    fail() {
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "1");
    },
    repair() {
      run("umount", folder);
      // The system lets go of a device some moments after it was unmounted.
      for (let attempt = 1; ; attempt++) {
        try {
          run("e2fsck", "-fy", device);
          break;
        } catch (error) {
          if (attempt === 20) throw error;
          spawnSync("sleep", ["0.25"]);
        }
      }
      mount();
    },
    close() {
      process.off("exit", unmount);
      unmount();
      rmSync(image, { force: true });
    },
  };
}
