import type { JobView } from "@hashwatt/protocol/jobs";
import { useEffect, useState } from "react";
import type { FetchError } from "../feed/fetchApi.js";
import { useFetched } from "../feed/useFeed.js";
import { fetchJob } from "./deskApi.js";

const REFRESH_MS = 1_500;

/** A job that is followed. */
export interface FollowedJob {
  /** As it was last heard of. */
  job: JobView;
  /** Whether more will be heard of it: not once it has ended, nor when the server no longer knows it, as after a restart. */
  goesOn: boolean;
  /** Why nothing was heard of it last. */
  error: FetchError | undefined;
}

/** Follows a job from how it stood at `first` until it has ended. */
export function useJob(first: JobView): FollowedJob {
  const [job, setJob] = useState(first);
  const [lost, setLost] = useState<FetchError>();
  const goesOn = job.state === "running" && lost === undefined;
  const { data, error } = useFetched(
    goesOn ? `job ${first.id}` : undefined,
    (signal) => fetchJob(first.id, signal),
    REFRESH_MS,
  );
  // What was heard last stays when nothing more is asked for.
  useEffect(() => {
    if (data) setJob(data);
  }, [data]);
  useEffect(() => {
    if (error?.code === "missing") setLost(error);
  }, [error]);
  return { job, goesOn, error: lost ?? error };
}
