import type { RigState } from "../rigState.js";
import type { RigIdentity } from "../site.js";

/** A rig at the moment in which it is asked. */
export interface SpokenRig {
  identity: RigIdentity;
  state: RigState;
  address: string;
  /** The rig's own clock, epoch ms. */
  nowMs: number;
}

/**
 * What goes back on the wire, NUL and all, and the command that it answers (for whoever watches). A text stands for its Latin-1 bytes:
 * a socket writes it without a buffer of its own.
 */
export interface Answer {
  command: string;
  bytes: Buffer | string;
}

export const bytesOf = ({ bytes }: Answer): Buffer =>
  typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;

/** A request to a rig's web interface, as it was read. */
export interface WebRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/**
 * What a web interface answers: 200 and the type that fits the body unless it says otherwise. An object goes as JSON, bytes as they are.
 */
export interface WebReply {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body: string | object | Buffer;
}

/** The body of a reply that is no bytes yet. */
export const bodyText = ({ body }: WebReply): string =>
  typeof body === "string" ? body : JSON.stringify(body);

export const bodyType = ({ body }: WebReply): string =>
  typeof body === "object" ? "application/json" : body.startsWith("<") ? "text/html" : "text/plain";

/** A firmware's web interface. */
export interface WebSpeaker {
  /** Where it listens; `api` is the port of the cgminer API, where ePIC speaks HTTP. */
  ports: readonly (number | "api")[];
  /** undefined: there is no such page. Never throws. */
  answer(rig: SpokenRig, request: WebRequest): WebReply | undefined;
}

/** A firmware's voice: requests in, replies out, from nothing but the rig's state. Never throws. */
export interface Speaker {
  /**
   * The cgminer API on one connection a request; absent where nothing listens there. `request` is what one `recv` brought;
   * empty when the peer hung up without a word.
   */
  answer?(rig: SpokenRig, request: Buffer): Answer;
  web?: WebSpeaker;
  /** The WhatsMiner API 3: the text of one frame in, that of another out. */
  framed?(rig: SpokenRig, request: string): { command: string; text: string };
}

/** A speaker that has the cgminer API. */
export interface TcpSpeaker extends Speaker {
  answer(rig: SpokenRig, request: Buffer): Answer;
}
