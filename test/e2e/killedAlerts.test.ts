import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Stack, startStack } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";

interface Alert {
  id: string;
  rule: string;
  state: string;
  rigName: string;
  firedMs: number | null;
}

/** A message as the receiver got it: the id that it may be known again by, and the changes that it tells. */
interface Heard {
  delivery: string;
  changes: string[];
  names: string[];
}

describe.skipIf(!stackRuns)("a server that is killed while it tells of alerts", () => {
  let fleet: Fleet;
  let stack: Stack;
  let hook: Server;
  let port = 0;
  const heard: Heard[] = [];
  /** What is done with the next message, instead of taking it. */
  let next: ((answer: ServerResponse) => void) | undefined;

  const listen = () => new Promise<void>((done) => hook.listen(port, "127.0.0.1", done));
  const kill = async () => {
    stack.server.signal("SIGKILL");
    await stack.server.exit;
  };
  const alertOf = async (address: string) =>
    (await stack.get<Alert[]>("/api/alerts")).find(
      ({ rule, rigName, state }) =>
        rule === "overheating" && rigName.startsWith(address) && state === "firing",
    );
  const tellsOf = (address: string) =>
    heard.filter(({ names }) => names.some((name) => name.startsWith(address)));
  const heat = (at: number) => {
    const { address } = hottable()[at]!;
    fleet.rig(address).override({ chipTempC: 112, boardTempC: 97 });
    return address;
  };
  const hottable = () =>
    fleet.addresses.filter(({ address }) =>
      /Antminer S19 Pro|Antminer S21|Whatsminer M[356]0S/.test(fleet.rig(address).identity.model.model),
    );

  beforeAll(async () => {
    hook = createServer((request, answer) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { id, alerts } = JSON.parse(body) as { id: string; alerts: Alert[] };
        expect(request.headers["x-hashwatt-delivery"]).toBe(id);
        heard.push({
          delivery: id,
          changes: alerts.map((alert) => `${alert.id} ${alert.state} ${alert.firedMs}`),
          names: alerts.map(({ rigName }) => rigName ?? ""),
        });
        const todo = next;
        next = undefined;
        if (todo) todo(answer);
        else answer.writeHead(204).end();
      });
    });
    await listen();
    port = (hook.address() as AddressInfo).port;
    fleet = await startFleet({
      rigs: 12,
      seed: 2,
      port: await freePort(),
      base: "127.43.1.1",
      incidents: false,
    });
    expect(hottable().length).toBeGreaterThan(3);
    stack = await startStack({
      rigs: hottable().map((rig) => `${rig.address}:${rig.port}`),
      intervalMs: 1_000,
      server: {
        alerts: {
          resolveHoldMs: 2_000,
          channels: [{ id: "hook", kind: "webhook", url: `http://127.0.0.1:${port}/` }],
        },
      },
    });
    await until("all rigs report", async () => {
      const totals = await stack.get<{ fleet: { reporting: number } }>("/api/totals");
      return totals.fleet.reporting === hottable().length;
    });
  });
  afterAll(async () => {
    await stack?.close();
    await fleet?.close();
    hook?.close();
  });

  test("misses no message, and what it sends twice has the same delivery id", async () => {
    // The receiver has the message, and the server dies before it hears so.
    next = () => void kill();
    const first = heat(0);
    await until("the message has come", () => tellsOf(first)[0]);
    await stack.server.exit;
    await stack.startServer();
    await until("it comes again", () => tellsOf(first)[1]);

    // It dies when it has just been answered: the note of it is written, or not.
    next = (answer) => answer.writeHead(204).end(() => void kill());
    const second = heat(1);
    await until("the message has come", () => tellsOf(second)[0]);
    await stack.server.exit;

    // The receiver is away: what is decided waits, and outlives the server.
    await stack.startServer();
    await new Promise((closed) => {
      hook.close(closed);
      hook.closeAllConnections();
    });
    const third = heat(2);
    const decided = await until("it is decided whom to tell", async () => {
      const alert = await alertOf(third);
      const steps = alert && (await stack.get<{ text: string }[]>(`/api/alerts/${alert.id}/steps`));
      return steps?.some(({ text }) => text.startsWith("Told hook")) ? alert : undefined;
    });
    await kill();
    expect(tellsOf(third)).toEqual([]);
    await listen();
    await stack.startServer();
    const [told] = await until("what was decided is told", () => tellsOf(third).length > 0 && tellsOf(third));
    expect(told?.changes).toContain(`${decided.id} firing ${decided.firedMs}`);

    // It dies in the moment in which an alert fires.
    const fourth = heat(3);
    await until("it fires", () => alertOf(fourth));
    await kill();
    await stack.startServer();
    await until("it is told", () => tellsOf(fourth)[0]);

    for (const address of [first, second, third, fourth]) fleet.rig(address).override(undefined);
    const ended = (address: string) =>
      tellsOf(address).some(({ changes }) => changes.some((change) => change.includes(" resolved ")));
    await until("the end of each is told", () => [first, second, third, fourth].every(ended));

    // Whoever takes each delivery id once hears of each change once.
    const once = new Map(heard.map((message) => [message.delivery, message.changes]));
    for (const { delivery, changes } of heard) expect(once.get(delivery)).toEqual(changes);
    const changes = [...once.values()].flat();
    expect(changes.length).toBeGreaterThanOrEqual(8);
    expect(new Set(changes).size).toBe(changes.length);
    expect(stack.server.lines.join("\n")).not.toMatch(/"level":(50|60)/);
  }, 120_000);
});
