import { gradeBoards } from "./gradeBoards.js";
import { asMac, asWords, byRatio, exactly, type Graded, mark, near } from "./marks.js";
import type { Printed } from "./printed.js";

/** What a capture says of its rig besides the replies: see docs/capture-format.md. */
export interface Vouched {
  source?: { fidelity?: string };
  expected?: Record<string, unknown> | null;
  disputed?: Record<string, { asserted?: unknown; alternative?: unknown; alternatives?: unknown }>;
  derived?: { hashrate_candidates_ths?: Record<string, number> };
}

type Grade = (want: unknown, printed: Printed, vouched: Vouched) => Graded[];

const sum = (values: readonly (number | undefined)[] | undefined): number | undefined => {
  const known = values?.filter((value) => value !== undefined);
  return known?.length ? known.reduce((a, b) => a + b, 0) : undefined;
};
const one =
  <T>(field: string, read: (printed: Printed) => T | undefined, same: (want: T, got: T) => boolean): Grade =>
  (want, printed) => [mark(field, want as T, read(printed), same)];
/** A promise about a value, like "is positive", in place of the value. */
const holds =
  (
    field: string,
    read: (printed: Printed) => number | undefined,
    test: (got: number, want: number) => boolean,
  ): Grade =>
  (want, printed) => {
    const got = read(printed);
    if (got === undefined) return [{ field, mark: "missing", want, got }];
    return [{ field, mark: test(got, Number(want)) ? "right" : "wrong", want, got }];
  };
const isPositive = (got: number, want: number) => got > 0 === (want === 1);

const candidates = ({ derived }: Vouched): number[] => Object.values(derived?.hashrate_candidates_ths ?? {});

const accepted = ({ pools, shares }: Printed) => sum(pools?.map((pool) => pool.accepted)) ?? shares?.accepted;

/** How each asserted field is read from what the agent prints. */
const GRADES: Record<string, Grade> = {
  mac: one("mac", ({ mac }) => mac, asMac),
  serial: one("serial", ({ serial }) => serial, exactly),
  hostname: one("hostname", ({ hostname }) => hostname, exactly),
  model: one("model", ({ model }) => model, asWords),
  api_ver: one("api_ver", ({ apiVersion }) => apiVersion, asWords),
  fw_ver: one("fw_ver", ({ firmware }) => firmware, asWords),
  uptime_s: one("uptime_s", ({ uptimeS }) => uptimeS, near(0, 1)),
  power_w: one("power_w", ({ powerW }) => powerW, byRatio),
  power_positive: holds("power_positive", ({ powerW }) => powerW, isPositive),
  power_w_min: holds(
    "power_w_min",
    ({ powerW }) => powerW,
    (got, want) => got >= want,
  ),
  power_limit_w: one("power_limit_w", ({ powerLimitW }) => powerLimitW, byRatio),
  hashrate_ths: (want, printed, vouched) => [
    mark("hashrate_ths", want as number, printed.hashrateThs, byRatio, candidates(vouched)),
  ],
  hashrate_ths_min: holds(
    "hashrate_ths_min",
    ({ hashrateThs }) => hashrateThs,
    (got, want) => got >= want,
  ),
  hashrate_positive: holds("hashrate_positive", ({ hashrateThs }) => hashrateThs, isPositive),
  current_hashrate_positive: holds("current_hashrate_positive", ({ hashrateThs }) => hashrateThs, isPositive),
  avg_hashrate_positive: holds("avg_hashrate_positive", ({ hashrateAvgThs }) => hashrateAvgThs, isPositive),
  expected_hashrate_ths: one("expected_hashrate_ths", ({ nominalThs }) => nominalThs, byRatio),
  is_mining: (want, { status }) => [
    mark("is_mining", want, status === undefined ? undefined : status === "mining", exactly),
  ],
  healthy: (want, { status }) => [
    mark("healthy", want, status === undefined ? undefined : status === "mining", exactly),
  ],
  fan_count: one("fan_count", ({ fansRpm }) => fansRpm?.length, exactly),
  fans_rpm: (want, { fansRpm }) => [
    mark<unknown>("fans_rpm", want, fansRpm, (a, b) => JSON.stringify(a) === JSON.stringify(b)),
  ],
  board_count: one("board_count", ({ boards }) => boards?.length, exactly),
  device_count: one("device_count", ({ boards }) => boards?.length, exactly),
  board_count_min: holds(
    "board_count_min",
    ({ boards }) => boards?.length,
    (got, want) => got >= want,
  ),
  device_count_min: holds(
    "device_count_min",
    ({ boards }) => boards?.length,
    (got, want) => got >= want,
  ),
  total_chips: one("total_chips", ({ boards }) => sum(boards?.map(({ chips }) => chips)), exactly),
  expected_chips: one(
    "expected_chips",
    ({ boards }) => sum(boards?.map(({ chipsExpected }) => chipsExpected)),
    exactly,
  ),
  boards: (want, printed) => gradeBoards(want as never, printed.boards),
  all_board_temps_nonzero: (want, { boards }) => {
    const temps = boards?.map(({ boardTempC, chipTempC }) => boardTempC ?? chipTempC);
    const got = temps?.length ? temps.every((temp) => temp !== undefined && temp !== 0) : undefined;
    return [mark("all_board_temps_nonzero", want, got || undefined, exactly)];
  },
  temperature_positive: (want, { boards, boardTempC, chipTempC }) => {
    const temps = [
      boardTempC,
      chipTempC,
      ...(boards ?? []).flatMap((board) => [board.boardTempC, board.chipTempC]),
    ];
    const known = temps.filter((temp) => temp !== undefined);
    return [mark("temperature_positive", want, known.length ? Math.max(...known) > 0 : undefined, exactly)];
  },
  pool_count: one("pool_count", ({ pools }) => pools?.length, exactly),
  pool_urls: (want, { pools }) => [
    mark<unknown>(
      "pool_urls",
      want,
      pools?.map(({ url }) => url),
      (a, b) => JSON.stringify(a) === JSON.stringify(b),
    ),
  ],
  first_pool_url_nonempty: (want, { pools }) => [
    mark(
      "first_pool_url_nonempty",
      want,
      pools?.[0]?.url === undefined ? undefined : pools[0].url !== "",
      exactly,
    ),
  ],
  accepted_positive: holds("accepted_positive", accepted, isPositive),
  pools: (want, { pools }) =>
    (want as Record<string, unknown>[]).flatMap((pool, i) =>
      (["url", "user", "active", "accepted", "rejected"] as const)
        .filter((key) => pool[key] !== undefined && pool[key] !== null)
        .map((key) => mark<unknown>(`pools[${i}].${key}`, pool[key], pools?.[i]?.[key], exactly)),
    ),
  errors: (want, { faults }) =>
    (want as { code: unknown }[]).map(({ code }, i) => {
      const codes = faults?.map((fault) => String(fault.code));
      const got = codes === undefined ? undefined : codes.includes(String(code)) ? code : codes;
      return mark<unknown>(`errors[${i}].code`, code, got, exactly);
    }),
  stats_is_useless: (want, { hashrateThs }) => [mark("stats_is_useless", want, hashrateThs !== 0, exactly)],
};

/** Fields that say the same once more, or of what the agent does not read: not compared. */
export const NOT_READ = new Set(
  [
    "fault_light psu_fan_count pool_group_count pools_per_group control_board fan_mode fan_target_temp_c messages messages_count",
    "temps_by_key nameplate_power_w efficiency_pct_of_ideal mm_fields hb0 scaled_power_target_w voltages frequencies",
    "detected_as chips_listed_per_board expected_boards hashrate hashrate_field hashrate_rounded work_mode",
  ].flatMap((line) => line.split(" ")),
);

/** A capture that somebody wrote, not a rig: its versions and names fit nothing, and only its shape counts. */
const isMadeUp = ({ source }: Vouched): boolean => /^(looks )?synthetic/.test(source?.fidelity ?? "");
const IDENTITY = new Set(["fw_ver", "api_ver"]);

/** Compares all that a capture vouches for with what was read. Throws on a field that nobody has thought of. */
export function grade(vouched: Vouched, printed: Printed): Graded[] {
  const marks: Graded[] = [];
  for (const [field, want] of Object.entries(vouched.expected ?? {})) {
    if (want === null || want === undefined || NOT_READ.has(field)) continue;
    if (isMadeUp(vouched) && IDENTITY.has(field)) continue;
    const how = GRADES[field];
    if (!how)
      throw new Error(`${field} is asserted, and test/conformance/grade.ts does not say how to compare it`);
    marks.push(...how(want, printed, vouched));
  }
  // A dispute is settled by neither side: any of its values is right, and not to read it costs nothing.
  for (const [field, { asserted, alternative, alternatives }] of Object.entries(vouched.disputed ?? {})) {
    const how = GRADES[field];
    if (!how || field === "fw_ver") continue;
    const values = [asserted, alternative, ...Object.values((alternatives as object | undefined) ?? {})];
    const tries = values
      .filter((value) => value !== undefined && value !== null)
      .map((value) => how(value, printed, vouched)[0])
      .filter((graded) => graded !== undefined);
    const best = tries.find((graded) => graded.mark === "right") ?? tries[0];
    if (best && best.mark !== "missing") marks.push({ ...best, field: `${field} (disputed)` });
  }
  return marks;
}
