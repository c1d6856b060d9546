import { readFileSync } from "node:fs";
import { systemClock } from "@hashwatt/protocol/time";
import { type AlertMessage, messagesOf } from "@hashwatt/server/alerts/messages/alertMessage";
import { email } from "@hashwatt/server/alerts/notifiers/email";
import type { ChannelConfig } from "@hashwatt/server/alerts/notifiers/notifier";
import { webhook } from "@hashwatt/server/alerts/notifiers/webhook";
import { testAlert } from "@hashwatt/server/fixtures/alert";
import { Secret } from "@hashwatt/server/secret";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates, signCertificate } from "../support/certificates.js";
import { type MailServer, startMailServer } from "../support/mailServer.js";
import { programs } from "../support/programs.js";
import { scratch } from "../support/stack.js";

const PASSWORD = "mail-s3cret-pass";
const message: AlertMessage = {
  ...messagesOf([testAlert("a", { rule: "offline", severity: "money" })], 100, false, {
    why: "fired",
    sentMs: 1_795_658_000_000,
  })[0]!,
  id: "ops-1",
};

describe.skipIf(!programs.openssl)(
  "mail over an encrypted connection, with an authority of one's own",
  () => {
    const folder = scratch("mail-tls");
    const logged: string[] = [];
    const servers: MailServer[] = [];
    let ca: string;
    let [starttls, implicit, elsewhere, over]: MailServer[] = [];
    const server = async (files: { cert: string; key: string }, isImplicit = false) => {
      const [cert, key] = [readFileSync(files.cert, "utf8"), readFileSync(files.key, "utf8")];
      servers.push(await startMailServer(`ops:${PASSWORD}`, { cert, key, implicit: isImplicit }));
      return servers.at(-1)!;
    };
    const partsOf = () => ({
      clock: systemClock,
      log: pino({ level: "trace" }, { write: (line) => logged.push(line) }),
      world: { siteName: (site: string) => site, zoneOf: () => "UTC" },
      publish: async () => false,
    });
    const send = (to: MailServer, more: Partial<ChannelConfig> = {}, what: AlertMessage = message) =>
      email
        .open(
          {
            id: "mail",
            kind: "email",
            host: "127.0.0.1",
            port: to.port,
            username: "ops",
            password: new Secret(PASSWORD),
            from: "hashwatt@farm.example",
            to: ["ann@farm.example"],
            ca,
            ...more,
          },
          partsOf(),
        )
        .deliver(what, new AbortController().signal);

    beforeAll(async () => {
      const own = makeCertificates(folder.path);
      ca = readFileSync(own.ca, "utf8");
      [starttls, implicit, elsewhere, over] = [
        await server(own),
        await server(own, true),
        await server(signCertificate(folder.path, "other", { names: "DNS:elsewhere.example" })),
        await server(signCertificate(folder.path, "old", { days: 0 }), true),
      ];
    });
    afterAll(async () => {
      for (const each of servers) await each.close();
      folder.remove();
      expect(logged.join("")).not.toContain("s3cret");
    });

    test("STARTTLS and TLS from the first byte carry login and message, and nothing of them goes in clear", async () => {
      expect(await send(starttls!)).toEqual({ kind: "delivered" });
      expect(await send(implicit!, { tls: "tls" })).toEqual({ kind: "delivered" });
      for (const { mails } of [starttls!, implicit!])
        expect(mails).toMatchObject([
          { encrypted: true, login: `ops:${PASSWORD}`, to: ["ann@farm.example"], text: expect.any(String) },
        ]);
      expect(starttls!.inClear.map((line) => line.split(" ")[0])).toEqual(["EHLO", "STARTTLS"]);
    });

    test("a wrong password is final, and says so", async () => {
      for (const [to, tls] of [
        [starttls!, "starttls"],
        [implicit!, "tls"],
      ] as const)
        expect(await send(to, { tls, password: new Secret("s3cret-wrong") })).toEqual({
          kind: "refused",
          reason: "the mail server refuses the login (it answered 535)",
        });
    });

    test("a certificate that is not to be trusted ends it before the login, and says what to do", async () => {
      const said = "no encryption with the mail server: ";
      for (const [went, why] of [
        [await send(starttls!, { ca: undefined }), /not of an authority .* name its own in ca or caFile/],
        [await send(implicit!, { ca: undefined, tls: "tls" }), /not of an authority .* in ca or caFile/],
        [await send(elsewhere!), /of another name/],
        [await send(over!, { tls: "tls" }), /out of date/],
        [await send(starttls!, { tls: "tls" }), /does not speak TLS on this port/],
      ] as const) {
        expect(went).toMatchObject({ kind: "retry", reason: expect.stringMatching(why) });
        expect(JSON.stringify(went)).toContain(said);
        expect(JSON.stringify(went)).not.toMatch(/s3cret|farm\.example|127\.0/);
      }
      expect([...elsewhere!.mails, ...over!.mails]).toEqual([]);
      expect(elsewhere!.inClear.join()).not.toMatch(/AUTH|MAIL/);
    });

    test("what rigs, sites and rules are called adds no header and no receiver", async () => {
      const nasty = "x\r\nBcc: eve@evil.example\r\n\r\n.\r\nMAIL FROM:<eve@evil.example>";
      const alert = testAlert("a", {
        rule: `own-${nasty}`,
        rigName: nasty,
        subject: { kind: "rig", id: "r1", name: nasty },
        reason: nasty,
      });
      const [said] = messagesOf([alert], 100, false, { why: "fired", sentMs: message.sentMs });
      const before = starttls!.mails.length;
      expect(await send(starttls!, {}, { ...said!, id: `ops\r\nBcc: eve@evil.example` })).toEqual({
        kind: "delivered",
      });
      expect(starttls!.mails).toHaveLength(before + 1);
      const { to, text } = starttls!.mails.at(-1)!;
      expect(to).toEqual(["ann@farm.example"]);
      const [head = ""] = text.split("\n\n");
      expect(head).not.toMatch(/^(bcc|mail from)/im);
      expect(
        head
          .match(/^[\w-]+(?=:)/gm)
          ?.map((name) => name.toLowerCase())
          .sort(),
      ).toEqual(
        [
          "auto-submitted",
          "content-type",
          "date",
          "from",
          "message-id",
          "mime-version",
          "subject",
          "to",
        ].sort(),
      );
    });

    test("a webhook trusts an authority of one's own too, and says what is missing without it", async () => {
      const url = new Secret(`https://127.0.0.1:${implicit!.port}/hook`);
      const post = (more: Partial<ChannelConfig>) =>
        webhook
          .open({ id: "hook", kind: "webhook", url, ...more }, partsOf())
          .deliver(message, new AbortController().signal);
      expect(await post({})).toMatchObject({ reason: expect.stringMatching(/name its own in ca or caFile/) });
      // A mail server is no web server: the handshake has gone well, and what it greets with is no answer.
      expect(await post({ ca })).toMatchObject({
        reason: expect.stringMatching(/^connection failed \(HPE_/),
      });
    });
  },
);
