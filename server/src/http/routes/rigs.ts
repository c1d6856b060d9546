import { apiErrorSchema, RIG_SERIES_FIELDS, rigDetailSchema, seriesSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ServerError } from "../../error.js";
import { rigOfId } from "../../fleet/rigDetail.js";
import type { BoardPoint } from "../../store/store.js";
import type { ApiParts, Route } from "../apiParts.js";
import { durationMs, fields, instant, noQuery } from "../query.js";
import { rangeOf } from "../range.js";

const params = z.object({ id: z.string().max(32) });
const maybe = z.number().nullable();

/** Boards and fans over time: `boards[i].columns` are parallel to its `tMs`. */
const boardsSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  stepMs: z.number(),
  boards: z.array(
    z.object({ slot: z.int(), tMs: z.array(z.number()), columns: z.record(z.string(), z.array(maybe)) }),
  ),
});

const BOARD_COLUMNS = [
  "hashrateThs",
  "boardTempC",
  "chipTempC",
  "chips",
  "chipsExpected",
  "hwErrors",
  "frequencyMHz",
  "voltageV",
] as const;
/** A minute is what older boards are kept at, and as fine as a chart of them needs. */
const BOARD_STEP_MS = 60_000;
const BOARD_POINTS = 1_500;

/** `GET /api/rigs/:id`, its `/series` and its `/boards`. */
export const rigRoutes: Route = (app, parts) => {
  app.get<{ Params: z.infer<typeof params> }>(
    "/api/rigs/:id",
    {
      schema: {
        summary: "Everything known of one rig now",
        params,
        querystring: noQuery,
        response: { 200: rigDetailSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    (request) => {
      const { id } = request.params;
      knownRig(parts, id);
      return parts.overview.rig(id, parts.clock.nowMs());
    },
  );

  const seriesQuery = z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    fields: fields(RIG_SERIES_FIELDS),
    step: durationMs.optional(),
  });
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof seriesQuery> }>(
    "/api/rigs/:id/series",
    {
      schema: {
        summary:
          "History of one rig; the answer says its step, tier and coverage. By default the last 24 hours",
        params,
        querystring: seriesQuery,
        response: { 200: seriesSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    (request) =>
      parts.history.rig(
        knownRig(parts, request.params.id),
        rangeOf(request.query, parts.clock.nowMs()),
        request.query.fields,
      ),
  );

  const boardsQuery = z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    step: durationMs.optional(),
  });
  app.get<{ Params: z.infer<typeof params>; Querystring: z.infer<typeof boardsQuery> }>(
    "/api/rigs/:id/boards",
    {
      schema: {
        summary: "History of one rig's boards. By default the last 24 hours",
        params,
        querystring: boardsQuery,
        response: { 200: boardsSchema, 400: apiErrorSchema, 404: apiErrorSchema },
      },
    },
    async (request): Promise<z.infer<typeof boardsSchema>> => {
      const rig = knownRig(parts, request.params.id);
      const { fromMs, toMs, stepMs: wished } = rangeOf(request.query, parts.clock.nowMs());
      const least = Math.ceil((toMs - fromMs) / BOARD_POINTS / BOARD_STEP_MS) * BOARD_STEP_MS;
      const stepMs = Math.max(
        wished ?? least,
        wished === undefined ? BOARD_STEP_MS : Math.min(least, BOARD_STEP_MS),
        least,
      );
      const bySlot = new Map<number, BoardPoint[]>();
      const told = new Set<string>();
      for (const each of [rig, ...parts.handovers.joined(rig)])
        for (const point of await parts.telemetry.boards({ rig: each, fromMs, toMs, stepMs })) {
          // Where two keys of one rig tell of a step, its own counts.
          if (told.has(`${point.slot} ${point.atMs}`)) continue;
          told.add(`${point.slot} ${point.atMs}`);
          bySlot.set(point.slot, [...(bySlot.get(point.slot) ?? []), point]);
        }
      for (const rows of bySlot.values()) rows.sort((a, b) => a.atMs - b.atMs);
      return {
        fromMs,
        toMs,
        stepMs,
        boards: [...bySlot]
          .sort(([a], [b]) => a - b)
          .map(([slot, rows]) => ({
            slot,
            tMs: rows.map((row) => row.atMs),
            columns: Object.fromEntries(
              BOARD_COLUMNS.map((column) => [column, rows.map((row) => row[column] ?? null)]),
            ),
          })),
      };
    },
  );
};

/** The key of a rig by its public id. Throws ServerError `notFound`. */
export function knownRig({ index }: ApiParts, id: string): number {
  const rig = rigOfId(id);
  if (rig === undefined || !index.record(rig))
    throw new ServerError("notFound", `There is no rig "${id}"; rigs are named r1, r2, …, see /api/fleet`);
  return rig;
}
