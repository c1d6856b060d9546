import type { BraiinsBuild } from "../makes/braiins.js";
import type { SpokenRig, WebReply, WebRequest, WebSpeaker } from "./speaker.js";

const LUCI = "/cgi-bin/luci";

/** What all builds of Braiins OS show: the page, and what is left of OpenWrt's interface. `more` comes first. */
export function braiinsPages(
  more: (rig: SpokenRig, request: WebRequest) => WebReply | undefined,
): WebSpeaker {
  return {
    ports: [80],
    answer(rig, request) {
      const own = more(rig, request);
      if (own !== undefined) return own;
      const { path, method } = request;
      if (path === "/")
        return { body: "<html><head><title>Braiins OS</title></head><body>Braiins OS</body></html>" };
      if (path === `${LUCI}/admin/network/iface_status/lan`) return { body: [{ macaddr: rig.identity.mac }] };
      if (path === `${LUCI}/bos/info`) {
        const { full } = rig.identity.model.build as Partial<BraiinsBuild>;
        return full === undefined ? undefined : { body: { version: full } };
      }
      if (path.replace(/\/$/, "") !== LUCI) return undefined;
      if (method === "POST")
        return { status: 302, headers: { location: LUCI, "set-cookie": "sysauth=1; path=/" }, body: "" };
      return { body: "<html><head><title>LuCI</title></head><body></body></html>" };
    },
  };
}
