import type { Reading } from "../reading.js";
import { describeHashrate } from "./describeHashrate.js";

/** A reading as lines of text for a person; what was not reported has no line. */
export function describeReading(reading: Reading): string {
  const lines: string[] = [];
  const say = (name: string, value: string | undefined) => {
    if (value) lines.push(`${name.padEnd(12)} ${value}`);
  };
  const unit = (value: number | undefined, name: string, digits = 1) =>
    value === undefined ? undefined : `${round(value, digits)} ${name}`;
  const list = (...parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join(", ");

  say("status", reading.status);
  say("model", list(reading.make, reading.model));
  say("firmware", list(reading.firmware, reading.apiVersion && `API ${reading.apiVersion}`, reading.dialect));
  say("identity", list(reading.mac, reading.serial, reading.hostname));
  say(
    "hashrate",
    list(
      rate(reading.hashrateThs),
      reading.hashrateAvgThs === undefined ? undefined : `average ${rate(reading.hashrateAvgThs)}`,
      reading.nominalThs === undefined ? undefined : `rated ${rate(reading.nominalThs)}`,
      reading.algo,
    ),
  );
  say(
    "power",
    list(
      reading.powerW === undefined
        ? undefined
        : `${round(reading.powerW, reading.powerW < 10 ? 2 : 0)} W (${reading.powerSource})`,
      reading.powerLimitW === undefined ? undefined : `limit ${reading.powerLimitW} W`,
      reading.powerMode && `mode ${reading.powerMode}`,
    ),
  );
  say(
    "temperature",
    list(
      ...(
        [
          ["inlet", reading.inletTempC],
          ["board", reading.boardTempC],
          ["chip", reading.chipTempC],
          ["power supply", reading.psuTempC],
          ["coolant", reading.coolantTempC],
        ] as const
      ).map(([name, tempC]) => (tempC === undefined ? undefined : `${name} ${round(tempC, 1)} °C`)),
    ),
  );
  say("fans", reading.fansRpm && `${reading.fansRpm.join(", ")} rpm`);
  say("uptime", reading.uptimeS === undefined ? undefined : duration(reading.uptimeS));
  for (const fault of reading.faults ?? []) say("fault", list(fault.code, fault.text));
  for (const note of reading.notes ?? []) say("note", note.text ?? note.code);
  for (const board of reading.boards ?? [])
    say(
      `board ${board.slot}`,
      list(
        rate(board.hashrateThs),
        unit(board.boardTempC, "°C board"),
        unit(board.chipTempC, "°C chip"),
        board.chips === undefined ? undefined : `${board.chips} chips`,
        unit(board.frequencyMHz, "MHz", 0),
        board.hwErrors === undefined ? undefined : `${board.hwErrors} hardware errors`,
        board.serial,
      ),
    );
  for (const pool of reading.pools ?? [])
    say(
      pool.active ? "pool, in use" : "pool",
      list(
        pool.url,
        pool.user,
        pool.status,
        pool.accepted === undefined ? undefined : `${pool.accepted} accepted`,
        pool.rejected === undefined ? undefined : `${pool.rejected} rejected`,
      ),
    );
  return lines.join("\n");
}

const round = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

const rate = (ths: number | undefined) => (ths === undefined ? undefined : describeHashrate(ths));

function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  return days
    ? `${days} d ${hours} h`
    : hours
      ? `${hours} h ${minutes} min`
      : `${minutes} min ${Math.floor(seconds % 60)} s`;
}
