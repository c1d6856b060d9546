import type { Clock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import type { Logger } from "pino";
import type { Hearing } from "../intake/hearing.js";
import type { RigTopics } from "../rigTopics.js";
import type { StreamMarks } from "../streams/streamMarks.js";
import { type BrokerAddress, BrokerLink, type LinkEvents } from "./link.js";

/** What a session with the broker begins and ends for the rest of the server. */
export interface LinkParts {
  message: LinkEvents["message"];
  hearing: Pick<Hearing, "connected">;
  marks: Pick<StreamMarks, "acksAtStart">;
  topics: Pick<RigTopics, "all">;
  clock: Clock;
}

/** Starts the server's session: each time it is there, all agents are told what is stored of theirs, and rigs' topics are set. */
export function startLink(
  address: BrokerAddress,
  { message, hearing, marks, topics, clock }: LinkParts,
  log: Logger,
): BrokerLink {
  const link: BrokerLink = new BrokerLink(
    address,
    {
      message,
      up() {
        hearing.connected(true, clock.nowMs());
        for (const { site, agent, ack } of marks.acksAtStart(clock.nowMs()))
          link.publish(agentTopic(site, agent, "ack"), ack, false);
        topics.all();
      },
      down: () => hearing.connected(false, clock.nowMs()),
    },
    clock,
    log,
  );
  return link;
}
