import { systemClock } from "@hashwatt/protocol/time";
import { afterEach, expect, it } from "vitest";
import { realServers } from "../fixtures/realServers.js";
import { openRigLinks } from "../links/rigLinks.js";
import { isRig } from "./isRig.js";

const servers = realServers();
const abort = new AbortController();
afterEach(() => servers.close());

it("a Bitaxe is a rig by its web interface alone, and a router's or printer's page is none", async () => {
  const info = {
    ASICModel: "BM1370",
    asicCount: 1,
    hashRate: 1184.2,
    frequency: 600,
    stratumURL: "pool.example",
    version: "v2.9.0",
  };
  const links = openRigLinks(systemClock, {}, abort.signal);
  const ask = async (page: string, told?: object) => {
    const web = await servers.http(({ url }, response) => {
      if (told && url === "/api/system/info") response.end(JSON.stringify(told));
      else response.writeHead(url === "/" ? 200 : 404).end(page);
    });
    const port = await servers.closedPort();
    return isRig({ address: "127.0.0.1", port, httpPort: web.port, v3Port: port }, links, systemClock);
  };
  expect(await ask("<title>AxeOS</title>", info)).toBe(true);
  expect(await ask("<title>RouterOS</title>")).toBe(false);
  expect(await ask("")).toBe(false);
  links.close();
});
