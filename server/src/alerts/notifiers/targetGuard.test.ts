import type { lookup } from "node:dns";
import { createServer } from "node:http";
import { systemClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { httpPost } from "./httpPost.js";
import { isForbidden, RefusedTarget, targetGuard } from "./targetGuard.js";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.255.1",
  "192.168.0.9",
  "169.254.169.254",
  "100.100.100.200",
  "168.63.129.16",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "fe80::1%eth0",
  "fd00:ec2::254",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:a00:1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
])("%s is no address for a stranger's channel", (address) => {
  expect(isForbidden(address)).toBe(true);
});

test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
  "%s is one",
  (address) => {
    expect(isForbidden(address)).toBe(false);
  },
);

test("a host that is itself such an address is refused in whatever way it is written", () => {
  for (const url of ["http://0x7f.1/", "http://2130706433/", "http://[::1]:9/", "http://[::ffff:7f00:1]/"])
    expect(() => targetGuard().check(new URL(url).hostname), url).toThrow(RefusedTarget);
  expect(() => targetGuard().check("hook.example")).not.toThrow();
});

test("a name is resolved at each connection, and refused as soon as one of its addresses is private", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const resolved: string[] = [];
  // A name that is public when it is looked up first, and leads home from then on.
  const rebinding = ((host: string, _options: unknown, done: (error: null, found: unknown) => void) => {
    resolved.push(host);
    done(
      null,
      resolved.length === 1
        ? [{ address: "192.0.2.1", family: 4 }]
        : [
            { address: "2606:4700::1111", family: 6 },
            { address: "127.0.0.1", family: 4 },
          ],
    );
  }) as unknown as typeof lookup;
  const guard = targetGuard(rebinding);
  const send = () =>
    httpPost(
      { url: `http://hook.example:${port}/x`, text: "{}", guard },
      systemClock,
      new AbortController().signal,
    );
  for (let turn = 0; turn < 2; turn++)
    expect(await send()).toMatchObject({ kind: "refused", reason: expect.stringContaining("private") });
  expect(resolved).toEqual(["hook.example", "hook.example"]);
  expect(asked).toBe(0);
  server.close();
});
