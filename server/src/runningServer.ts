/** A running server. */
export interface RunningServer {
  readonly url: string;
  readonly mqttUrl: string | undefined;
  /** Everything that can be asked over HTTP and WebSocket, as the table of roles names it. */
  readonly endpoints: ReadonlySet<string>;
  /** Reads again what can change while it runs: certificates. */
  reload(): void;
  /** Takes in nothing more, commits and acknowledges what it has, and closes in reverse order of opening. */
  close(): Promise<void>;
}
