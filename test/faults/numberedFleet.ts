import { type Fleet, startFleet } from "@hashwatt/simulator/listener";

/** Numbers lie from here on; a firmware that sums boards rounded to 10 MH/s still says which one it means. */
export const BASE_THS = 100;
export const STEP_THS = 1e-4;

/** The number that a hashrate stands for; undefined where a rig never said it. */
export const numberOf = (hashrateThs: number): number => Math.round((hashrateThs - BASE_THS) / STEP_THS);

/** A fleet in which no two answers say the same hashrate, so that a reading is known wherever it turns up, whatever its time. */
export interface NumberedFleet {
  readonly fleet: Fleet;
  /** When the answer of a number left its rig, epoch ms by the true clock; undefined for one that was not given. */
  answeredMs(number: number): number | undefined;
  readonly answers: number;
  close(): Promise<void>;
}

/** Starts it; after each answer a rig's hashrate moves on to the next free number. */
export async function startNumberedFleet(options: {
  rigs: number;
  seed: number;
  port: number;
  base: string;
}): Promise<NumberedFleet> {
  const fleet = await startFleet({ ...options, incidents: false });
  const times: (number | undefined)[] = [];
  const shown = new Map<string, number>();
  const handles = new Map(fleet.addresses.map(({ address, port }) => [address, fleet.rig(address, port)]));
  const next = (address: string): void => {
    const number = times.length;
    times.push(undefined);
    shown.set(address, number);
    handles.get(address)?.override({ hashrateThs: BASE_THS + number * STEP_THS });
  };
  for (const address of handles.keys()) next(address);
  const stop = fleet.onAnswer((address, _command, atMs) => {
    times[shown.get(address) as number] = atMs;
    next(address);
  });
  return {
    fleet,
    answeredMs: (number) => times[number],
    get answers() {
      return times.length;
    },
    async close() {
      stop();
      await fleet.close();
    },
  };
}
