import {
  type AlertMatch,
  type AlertRoute,
  type AlertRouteInput,
  alertRouteInputSchema,
  type ChannelInput,
  type Silence,
  type SilenceInput,
  silenceSchema,
} from "@hashwatt/protocol/alerting";
import { CHANNEL_SECRETS, type ChannelSecret } from "@hashwatt/protocol/channelKinds";
import { ServerError } from "../../error.js";
import type { SecretBox } from "../../sealing/secretBox.js";
import type { StoredDocument } from "../../store/state/documents.js";
import type { StateStore } from "../../store/state/state.js";
import { channelProblem } from "../notifiers/channelProblem.js";
import type { ChannelConfig, Manner, Notifier, NotifierParts } from "../notifiers/notifier.js";
import { NOTIFIERS } from "../notifiers/registry.js";
import { targetGuard } from "../notifiers/targetGuard.js";
import { defaultRoutes } from "./defaultRoutes.js";
import { keptBody, lockedNotifier, lostText, readChannel, secretly } from "./keptChannel.js";
import { type KnownNames, matchProblem, nothingCalled } from "./matchProblem.js";
import type { RouteWorld } from "./route.js";
import { warnOfGone } from "./warnOfGone.js";

const MAX_CHANNELS = 64;
const MAX_ROUTES = 64;
const MAX_SILENCES = 200;
/** A silence that is over is still shown for so long. */
const KEEP_SILENCE_MS = 7 * 86_400_000;

/** A channel that is open. */
export interface OpenChannel {
  config: ChannelConfig;
  origin: "config" | "state";
  manner: Manner;
  notifier: Notifier;
  /** Secrets that it had and that nobody can read any more: they must be told again. */
  lost: readonly ChannelSecret[];
}

/** What the setup is made of. */
export interface SetupParts extends Omit<NotifierParts, "guard"> {
  documents: StateStore["documents"];
  /** Seals the secrets of channels that are kept in the state. */
  box: SecretBox;
  /** Channels of the config. */
  channels: readonly ChannelConfig[];
  privateTargets: boolean;
  zoneOf(site: string): string;
  /** What routes and silences may name. */
  known(): KnownNames;
}

/** Channels, routes and silences: what the config says, and what operators have made of it since. */
export class AlertSetup {
  readonly #parts: SetupParts;
  readonly #channels = new Map<string, OpenChannel>();
  #routes: AlertRoute[] = [];
  #silences: Silence[] = [];
  #world: RouteWorld | undefined;
  /** Hears that something is other than it was. */
  changed: () => void = () => undefined;

  private constructor(parts: SetupParts) {
    this.#parts = parts;
  }

  /** Takes up what was kept; a document that makes no sense is named in the log and left alone. */
  static async open(parts: SetupParts): Promise<AlertSetup> {
    const setup = new AlertSetup(parts);
    const { documents, log } = parts;
    for (const channel of parts.channels) setup.#open(channel, "config");
    const odd = ({ kind, id }: StoredDocument) => log.warn({ kind, id }, "document not understood");
    for (const document of await documents.all("channel")) {
      const kept = readChannel(parts.box, document);
      if (!kept) {
        odd(document);
        continue;
      }
      const { config, lost, clear } = kept;
      if (clear) await setup.#seal(document, clear);
      if (setup.#channels.has(document.id)) continue;
      if (lost.length)
        log.error({ channel: document.id, lost }, "secrets of a channel must be entered again");
      setup.#open(config, "state", lost);
    }
    for (const document of await documents.all("alertRoute")) {
      const parsed = alertRouteInputSchema.safeParse(document.body);
      if (parsed.success) setup.#routes.push({ ...parsed.data, id: document.id });
      else odd(document);
    }
    for (const document of await documents.all("silence")) {
      const parsed = silenceSchema.safeParse(document.body);
      if (parsed.success) setup.#silences.push(parsed.data);
      else odd(document);
    }
    const known = { ...parts.known(), channels: [...setup.#channels.keys()] };
    warnOfGone(setup.#routes, setup.#silences, known, parts.clock.nowMs(), log);
    return setup;
  }

  get channels(): readonly OpenChannel[] {
    return [...this.#channels.values()];
  }

  /** Notifiers of the channels that are on. */
  get notifiers(): Notifier[] {
    return this.channels.filter(({ config }) => !config.off).map(({ notifier }) => notifier);
  }

  channel(id: string): OpenChannel | undefined {
    return this.#channels.get(id);
  }

  /** In the order in which they are asked; those that hold by themselves where nobody has made one. */
  get routes(): readonly AlertRoute[] {
    if (!this.#routes.length)
      return defaultRoutes(
        this.channels.map(({ config, manner }) => ({ id: config.id, human: manner.human })),
      );
    return [...this.#routes].sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }

  /** Newest first. */
  get silences(): readonly Silence[] {
    return [...this.#silences].sort((a, b) => b.atMs - a.atMs);
  }

  /** What routing rests on; the same object until something changes. */
  get world(): RouteWorld {
    this.#world ??= {
      routes: this.routes,
      channels: this.channels.filter(({ config }) => !config.off).map(({ config }) => config.id),
      silences: this.#silences,
      zoneOf: (site) => this.#parts.zoneOf(site),
    };
    return this.#world;
  }

  /** Makes or changes a channel; a secret that is not told stays as it is. Throws ServerError `badRequest`. */
  async putChannel(id: string, input: ChannelInput): Promise<void> {
    const known = this.#channels.get(id);
    this.#refuseConfigured(known, id);
    if (!known && this.#channels.size >= MAX_CHANNELS)
      throw new ServerError("badRequest", `there are ${MAX_CHANNELS} channels: remove one first`);
    const kept: Partial<ChannelInput> = {};
    const lost = known?.lost.filter((key) => input[key] === undefined) ?? [];
    // What is sent elsewhere needs its secrets told again: they were given for another place.
    const stays =
      known?.config.kind === input.kind &&
      known.config.host === input.host &&
      known.config.port === input.port &&
      !input.url;
    if (stays && lost.length) throw new ServerError("badRequest", `${lost[0]}: ${lostText(lost)}`);
    if (stays)
      for (const key of CHANNEL_SECRETS)
        if (input[key] === undefined && known.config[key]) kept[key] = known.config[key].reveal();
    const body: ChannelInput = { ...kept, ...input };
    const config = secretly(id, body);
    const problem = channelProblem(config);
    if (problem) throw new ServerError("badRequest", `${problem.key}: ${problem.message}`);
    await this.#put("channel", id, keptBody(this.#parts.box, id, body));
    this.#open(config, "state");
    this.#tell();
  }

  /** Removes a channel. Throws ServerError `notFound`, and `badRequest` where the config or a route names it. */
  async dropChannel(id: string): Promise<void> {
    const known = this.#channels.get(id);
    if (!known)
      throw new ServerError(
        "notFound",
        `there is no channel ${id}; GET /api/alerts/channels has those there are`,
      );
    this.#refuseConfigured(known, id);
    const user = this.#routes.find(({ channels }) => channels?.includes(id));
    if (user)
      throw new ServerError("badRequest", `route ${user.id} names channel ${id}: change that one first`);
    await this.#drop("channel", id);
    this.#channels.delete(id);
    this.#tell();
  }

  /** Makes or changes a route. Throws ServerError `badRequest` for what it names and that is not there: a channel, a route, a rule, a site. */
  async putRoute(id: string, input: AlertRouteInput): Promise<void> {
    const channel = input.channels?.find((each) => !this.#channels.has(each));
    if (channel !== undefined)
      throw new ServerError(
        "badRequest",
        nothingCalled("channels", "channel", channel, [...this.#channels.keys()]),
      );
    this.#refuseUnknown(input.match);
    const to = input.escalate?.to;
    const others = this.#routes.filter((route) => route.id !== id);
    if (to !== undefined && !others.some((route) => route.id === to))
      throw new ServerError("badRequest", `escalate.to: there is no other route ${to}: make it first`);
    if (others.length >= MAX_ROUTES)
      throw new ServerError("badRequest", `there are ${MAX_ROUTES} routes: remove one first`);
    await this.#put("alertRoute", id, input);
    this.#routes = [...others, { ...input, id }];
    this.#tell();
  }

  async dropRoute(id: string): Promise<void> {
    if (!this.#routes.some((route) => route.id === id))
      throw new ServerError(
        "notFound",
        `there is no route ${id} that could be removed; GET /api/alerts/routes has those there are`,
      );
    const user = this.#routes.find(({ escalate }) => escalate?.to === id);
    if (user)
      throw new ServerError("badRequest", `route ${user.id} escalates to ${id}: change that one first`);
    await this.#drop("alertRoute", id);
    this.#routes = this.#routes.filter((route) => route.id !== id);
    this.#tell();
  }

  /** Begins a silence, or plans one. Throws ServerError `badRequest`, for a rule or a site too that it names and that is not there. */
  async addSilence(id: string, input: SilenceInput, by: string): Promise<Silence> {
    const nowMs = this.#parts.clock.nowMs();
    const { match, fromMs = nowMs, untilMs, note } = input;
    this.#refuseUnknown(match);
    if (untilMs <= Math.max(nowMs, fromMs))
      throw new ServerError("badRequest", "untilMs: must lie after now and after fromMs");
    const old = this.#silences.filter((each) => each.untilMs < nowMs - KEEP_SILENCE_MS);
    if (this.#silences.length - old.length >= MAX_SILENCES)
      throw new ServerError("badRequest", `there are ${MAX_SILENCES} silences: end some first`);
    const silence: Silence = { id, match, fromMs, untilMs, by, atMs: nowMs, ...(note && { note }) };
    await this.#parts.documents.change({
      put: [{ kind: "silence", site: "", id, body: silence, changedMs: nowMs }],
      drop: old.map((each) => ({ kind: "silence", site: "", id: each.id })),
    });
    this.#silences = [...this.#silences.filter((each) => !old.includes(each)), silence];
    this.#tell();
    return silence;
  }

  async dropSilence(id: string): Promise<Silence> {
    const known = this.#silences.find((silence) => silence.id === id);
    if (!known)
      throw new ServerError(
        "notFound",
        `there is no silence ${id}; GET /api/alerts/silences has those there are`,
      );
    await this.#drop("silence", id);
    this.#silences = this.#silences.filter((silence) => silence !== known);
    this.#tell();
    return known;
  }

  #refuseConfigured(known: OpenChannel | undefined, id: string): void {
    if (known?.origin === "config")
      throw new ServerError(
        "badRequest",
        `channel ${id} is declared in the server's config: change it there`,
      );
  }

  /** What fits nothing is most often misspelt: whoever made it would take for told, or for silenced, what is not. */
  #refuseUnknown(match: AlertMatch): void {
    const problem = matchProblem(match, this.#parts.known());
    if (problem !== undefined) throw new ServerError("badRequest", problem);
  }

  #open(config: ChannelConfig, origin: OpenChannel["origin"], lost: readonly ChannelSecret[] = []): void {
    const { clock, log, world, publish, privateTargets } = this.#parts;
    const guard = origin === "state" && !privateTargets ? targetGuard() : undefined;
    const { manner, open } = NOTIFIERS[config.kind];
    const notifier = lost.length
      ? lockedNotifier(config.id, lost)
      : open(config, { clock, log, world, publish, guard });
    this.#channels.set(config.id, { config, origin, manner, notifier, lost });
    this.#world = undefined;
  }

  /** Seals what an older version has kept in clear. What fails is said, and tried again at the next start. */
  async #seal({ kind, site, id, changedMs }: StoredDocument, clear: ChannelInput): Promise<void> {
    const { documents, box, log } = this.#parts;
    try {
      const body = keptBody(box, id, clear);
      await documents.change({ put: [{ kind, site, id, body, changedMs }] });
      log.info({ channel: id }, "secrets of a channel sealed");
    } catch (error) {
      log.error({ err: error, channel: id }, "secrets of a channel stay in clear in the state file");
    }
  }

  #put(kind: string, id: string, body: unknown): Promise<void> {
    const changedMs = this.#parts.clock.nowMs();
    return this.#parts.documents.change({ put: [{ kind, site: "", id, body, changedMs }] });
  }

  #drop(kind: string, id: string): Promise<void> {
    return this.#parts.documents.change({ drop: [{ kind, site: "", id }] });
  }

  #tell(): void {
    this.#world = undefined;
    this.changed();
  }
}
