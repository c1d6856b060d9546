/**
 * What the bare rig servers say: the shapes of a stock Antminer of the X19 family (`summary+stats` joined) and of a
 * Whatsminer with API 2.0.5, filled with values that move as a hashing rig's do. `n` is the rig, `poll` how often it
 * answered, `ghs` (Antminer) its hashrate in GH/s.
 */
export interface RigMoment {
  n: number;
  poll: number;
  ghs?: number;
}

const ASICS = ` ${Array.from({ length: 38 }, () => "ooo").join(" ")}`;
const XTIME = Array.from({ length: 26 }, (_, i) => `X${i * 9}=${(i * 7) % 5}`).join(",");
const BOARDS = [1, 2, 3] as const;

/** A number in −1…1 from two others: the same moment of the same rig always says the same. */
export function jitter(n: number, poll: number, salt: number): number {
  let x =
    (Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(poll + 1, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
  return ((x ^ (x >>> 15)) >>> 0) / 0x7fffffff - 1;
}

const head = (code: number, msg: string) =>
  `"STATUS":[{"Code":${code},"Description":"cgminer 1.0.0","Msg":"${msg}","STATUS":"S","When":1755615294}]`;

function antminerSummary({ n, poll, ghs }: RigMoment): string {
  const rate = ghs ?? 110_000 + 2_000 * jitter(n, poll, 1);
  const accepted = 4_000 + (poll >> 2) + (n % 1_000);
  return (
    `{${head(11, "Summary")},"SUMMARY":[{"Accepted":${accepted},"Best Share":12904207043,"Device Hardware%":0.0,` +
    `"Device Rejected%":0.0,"Difficulty Accepted":${accepted * 524_288}.0,"Difficulty Rejected":2490368.0,` +
    `"Difficulty Stale":0.0,"Discarded":4528177,"Elapsed":${50_000 + n + poll * 5},"Found Blocks":0,` +
    `"GHS 30m":${(110_000 + 150 * jitter(n, poll >> 4, 2)).toFixed(2)},"GHS 5s":${rate.toFixed(2)},` +
    `"GHS av":${(110_000 + 60 * jitter(n, poll >> 6, 3)).toFixed(2)},"Get Failures":1,"Getwork":3957,` +
    `"Hardware Errors":${562 + (poll >> 3)},"Last getwork":1755615295,"Local Work":4532155,"Network Blocks":82,` +
    `"Pool Rejected%":0.0,"Pool Stale%":0.0,"Rejected":11,"Remote Failures":0,"Stale":1,` +
    `"Total MH":5643633754730.0,"Utility":4.82,"Work Utility":1554353.85}],"id":1}`
  );
}

function antminerStats({ n, poll, ghs }: RigMoment): string {
  const rate = ghs ?? 110_000 + 2_000 * jitter(n, poll, 1);
  const pcb = (board: number, corner: number) =>
    Math.round(
      62 + 5 * jitter(n, 0, board * 4 + corner) + 1.5 * jitter(n, poll >> 2, 40 + board * 4 + corner),
    );
  const corners = (rise: number, board: number) => [0, 1, 2, 3].map((c) => pcb(board, c) + rise).join("-");
  const chains = (key: string, value: (board: number) => string | number, absent: string | number) =>
    [...BOARDS.map((b) => `"${key}${b}":${value(b)}`), `"${key}4":${absent}`].join(",");
  const fan = (i: number) => 10 * Math.round(550 + 40 * jitter(n, 0, 60 + i) + 6 * jitter(n, poll, 70 + i));
  return (
    `{"STATS":[{"BMMiner":"1.0.0","CompileTime":"Tue Dec  6 16:12:30 CST 2022","Miner":"49.0.1.3",` +
    `"Type":"Antminer S19 Pro"},{"Calls":0,"Elapsed":${50_000 + n + poll * 5},"GHS 5s":${rate.toFixed(2)},` +
    `"GHS av":${(110_000 + 60 * jitter(n, poll >> 6, 3)).toFixed(2)},"ID":"BTM_SOC0","Max":0,"Min":99999999,"Mode":2,` +
    `"STATS":0,"Wait":0,${chains("chain_acn", () => 114, 0)},${chains("chain_acs", () => `"${ASICS}"`, '""')},` +
    `${chains("chain_hw", (b) => 183 + b + (poll >> 5), 0)},` +
    `${chains("chain_rate", (b) => `"${(rate / 3 + 400 * jitter(n, poll, 10 + b)).toFixed(2)}"`, '""')},` +
    `${[1, 2, 3, 4].map((i) => `"fan${i}":${fan(i)}`).join(",")},"fan_num":4,${chains("freq", () => 525, 0)},` +
    `"frequency":525,"miner_count":3,"miner_id":"${(0x8144d5ca + n).toString(16)}79104814",` +
    `"miner_version":"49.0.1.3","no_matching_work":${562 + (poll >> 3)},` +
    `"rate_30m":${(110_000 + 150 * jitter(n, poll >> 4, 2)).toFixed(2)},"rate_unit":"GH",` +
    `${chains("chain_avgrate", (b) => `"${(36_700 + 30 * jitter(n, poll >> 4, 20 + b)).toFixed(2)}"`, '""')},` +
    `${chains("chain_rateideal", () => '"36666.67"', '"0.00"')},${chains("freq_avg", () => 525, 0)},` +
    `${chains("chain_vol", () => 1_280, 0)},${chains("chain_hwp", () => '"0.0003"', '"0.0000"')},` +
    `${chains("chain_xtime", () => `"{${XTIME}}"`, '"{}"')},${chains("chain_offside_", () => '"0"', '""')},` +
    `${chains("chain_opencore_", () => '"1"', '""')},"fan5":0,"fan6":0,"fan7":0,"fan8":0,"psu_fan1":0,` +
    `${BOARDS.map((b) => `"temp${b}":${pcb(b, 0)},"temp2_${b}":${pcb(b, 0) + 5}`).join(",")},` +
    `${chains("temp_chip", (b) => `"${corners(6, b)}"`, '"0-0-0-0"')},"temp_max":0,"temp_num":3,` +
    `${chains("temp_pcb", (b) => `"${corners(0, b)}"`, '"0-0-0-0"')},` +
    `${chains("temp_pic", (b) => `"${corners(-10, b)}"`, '"0-0-0-0"')},` +
    `"total rate":${(110_000 + 60 * jitter(n, poll >> 6, 3)).toFixed(2)},"total_acn":342,"total_freqavg":525,` +
    `"total_rateideal":110000.0}],${head(70, "CGMiner stats")},"id":1}`
  );
}

const pools = (n: number, accepted: number) =>
  `{"POOLS":[${[0, 1, 2]
    .map(
      (i) =>
        `{"Accepted":${i ? 0 : accepted},"Best Share":12904207043.0,"Diff":"524K","Diff1 Shares":0,` +
        `"Difficulty Accepted":${i ? 0 : accepted * 524_288}.0,"Difficulty Rejected":0.0,"Difficulty Stale":0.0,` +
        `"Discarded":4528183,"Get Failures":0,"Getworks":3951,"Has GBT":false,"Has Stratum":true,` +
        `"Last Share Difficulty":524288.0,"Last Share Time":"0:00:03","Long Poll":"N","POOL":${i},` +
        `"Pool Rejected%":0.0,"Pool Stale%%":0.0,"Priority":${i},"Proxy":"","Proxy Type":"","Quota":1,"Rejected":0,` +
        `"Remote Failures":0,"Stale":0,"Status":"Alive","Stratum Active":${i === 0},` +
        `"Stratum URL":"${i ? "" : "pool.example.com"}","URL":"stratum+tcp://pool${i}.example.com:3333",` +
        `"User":"farm.rig${n}"}`,
    )
    .join(",")}],${head(7, "3 Pool(s)")},"id":1}`;

/** Reply of a stock Antminer; undefined for a command that it does not know. A join is answered as cgminer answers it. */
export function antminerReply(command: string, moment: RigMoment): string | undefined {
  if (command.includes("+"))
    return `{${command
      .split("+")
      .map((part) => `"${part}":[${antminerReply(part, moment) ?? UNKNOWN_COMMAND}]`)
      .join(",")},"id":1}`;
  switch (command) {
    case "summary":
      return antminerSummary(moment);
    case "stats":
      return antminerStats(moment);
    case "pools":
      return pools(moment.n, 4_000 + (moment.poll >> 2) + (moment.n % 1_000));
    case "version":
      return (
        `{${head(22, "CGMiner versions")},"VERSION":[{"API":"3.1","BMMiner":"1.0.0",` +
        `"CompileTime":"Tue Dec  6 16:12:30 CST 2022","Miner":"49.0.1.3","Type":"Antminer S19 Pro"}],"id":1}`
      );
    default:
      return undefined;
  }
}

const mac = (n: number) =>
  `D4:01:${[24, 16, 8, 0].map((shift) => ((n >>> shift) & 255).toString(16).padStart(2, "0").toUpperCase()).join(":")}`;
const message = (body: string) =>
  `{"STATUS":"S","When":1773871985,"Code":131,"Msg":${body},"Description":""}`;

/** Reply of a Whatsminer with API 2.0.5; undefined for a command that it does not know. */
export function whatsminerReply(command: string, { n, poll }: RigMoment): string | undefined {
  const rate = (salt: number, of: number) => (of * (1 + 0.02 * jitter(n, poll, salt))).toFixed(2);
  const accepted = 5_000 + (poll >> 2) + (n % 1_000);
  switch (command) {
    case "summary":
      return (
        `{${head(11, "Summary")},"SUMMARY":[{"Elapsed":${25_000 + n + poll * 5},"MHS av":${rate(1, 125e6)},` +
        `"MHS 5s":${rate(2, 124.5e6)},"MHS 1m":${rate(3, 124.5e6)},"MHS 5m":${rate(4, 124.5e6)},` +
        `"MHS 15m":${rate(5, 124.5e6)},"HS RT":${rate(6, 124.5e6)},"Accepted":${accepted},"Rejected":3,` +
        `"Total MH":3124000000000.0,"Temperature":${(66 + jitter(n, poll >> 2, 7)).toFixed(2)},"freq_avg":600,` +
        `"Fan Speed In":${5_400 + Math.round(4 * jitter(n, poll, 8)) * 15},` +
        `"Fan Speed Out":${5_280 + Math.round(4 * jitter(n, poll, 9)) * 15},"Voltage":1250,` +
        `"Power":${Math.round(3_200 + 25 * jitter(n, poll, 10))},"Power_RT":${Math.round(3_200 + 25 * jitter(n, poll, 11))},` +
        `"Device Hardware%":0.0,"Device Rejected%":0.02,"Pool Rejected%":0.02,"Pool Stale%":0.0,"Last getwork":0,` +
        `"Uptime":${25_500 + n + poll * 5},"Security Mode":0,"Hash Stable":true,"Hash Stable Cost Seconds":1024,` +
        `"Hash Deviation%":0.12,"Target Freq":600,"Target MHS":126000000,"Env Temp":28.50,"Power Mode":"Normal",` +
        `"Factory GHS":126000,"Power Limit":3300,"Chip Temp Min":62.00,"Chip Temp Max":81.00,"Chip Temp Avg":72.50,` +
        `"Error Code Count":0,"Factory Error Code Count":0,"Liquid Cooling":false,"MAC":"${mac(n)}",` +
        `"Firmware Version":"20230803.11.REL","CB Platform":"ALLWINNER_H616","CB Version":"V10","Debug":"",` +
        `"Btminer Fast Boot":"disable","Upfreq Complete":1}],"id":1}`
      );
    case "devs":
    case "edevs":
      return `{${head(9, "3 ASC(s)")},"DEVS":[${[0, 1, 2]
        .map(
          (b) =>
            `{"ASC":${b},"Name":"SM","ID":${b},"Slot":${b},"Enabled":"Y","Status":"Alive",` +
            `"Temperature":${(65 + b + jitter(n, poll >> 2, 20 + b)).toFixed(2)},"Chip Frequency":600,"Fan Speed In":5400,` +
            `"Fan Speed Out":5280,"MHS av":${rate(24 + b, 41.6e6)},"MHS 5s":${rate(28 + b, 41.5e6)},` +
            `"MHS 1m":${rate(32 + b, 41.5e6)},"MHS 5m":${rate(36 + b, 41.5e6)},"MHS 15m":${rate(40 + b, 41.5e6)},` +
            `"HS RT":${rate(44 + b, 41.5e6)},"Accepted":${Math.floor(accepted / 3)},"Rejected":1,"Hardware Errors":0,` +
            `"Last Valid Work":1773871980,"Factory GHS":42000,"Upfreq Complete":1,"Effective Chips":135,` +
            `"PCB SN":"BHM5CSD1302803K${String(n * 3 + b).padStart(8, "0")}","Chip Data":"K83C105-2248    BINV21-195003B",` +
            `"Chip Temp Min":62.00,"Chip Temp Max":${(80 + b).toFixed(2)},"Chip Temp Avg":71.50,"chip_vol_diff":7}`,
        )
        .join(",")}],"id":1}`;
    case "pools":
      return pools(n, accepted);
    case "get_version":
      return message(`{"api_ver":"2.0.5","fw_ver":"20230803.11.REL","platform":"H616","chip":"K83C105"}`);
    case "get_psu":
      return message(
        `{"name":"P222B","hw_version":"V01","sw_version":"230208.220429","model":"P222B","iin":"1420","vin":"22850",` +
          `"fan_speed":"6000","vendor":"0","temp0":"38.5","serial_no":"P222B${n}"}`,
      );
    case "status":
      return message(
        `{"btmineroff":"false","mineroff":"false","mineroff_reason":"","mineroff_time":"","FirmwareVersion":"20230803.11.REL",` +
          `"power_mode":"normal","power_limit_set":"3300","hash_percent":"0"}`,
      );
    case "get_miner_info":
      return message(
        `{"ip":"127.0.0.1","proto":"dhcp","netmask":"255.255.255.0","gateway":"127.0.0.1","dns":"127.0.0.1",` +
          `"hostname":"WhatsMiner","mac":"${mac(n)}","ledstat":"auto","minersn":"HTM${n}","powersn":"P222B${n}"}`,
      );
    case "get_error_code":
      return message(`{"error_code":[]}`);
    case "devdetails":
      return `{${head(69, "Device Details")},"DEVDETAILS":[${[0, 1, 2]
        .map(
          (b) =>
            `{"DEVDETAILS":${b},"Name":"SM","ID":${b},"Driver":"bitmicro","Kernel":"","Model":"M50SVH50"}`,
        )
        .join(",")}],"id":1}`;
    default:
      return undefined;
  }
}

/** The eight questions that other readers ask of a Whatsminer v2 for every reading. */
export const WHATSMINER_EIGHT = [
  "summary",
  "devs",
  "pools",
  "get_version",
  "get_psu",
  "status",
  "get_miner_info",
  "get_error_code",
] as const;

/** What cgminer says to a command that it does not know. */
export const UNKNOWN_COMMAND = `{"STATUS":[{"STATUS":"E","When":1755615294,"Code":14,"Msg":"Invalid command","Description":"cgminer 1.0.0"}],"id":1}`;
