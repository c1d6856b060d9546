import type { WebSpeaker } from "./speaker.js";

/** MicroBT's page sends everybody to LuCI behind TLS, which is not simulated. */
export const whatsminerWeb: WebSpeaker = {
  ports: [80],
  answer: ({ address }) => ({
    status: 307,
    headers: { location: `https://${address}/cgi-bin/luci` },
    body: '<html><body><a href="/cgi-bin/luci">LuCI</a></body></html>',
  }),
};
