/** What the processes of the full-path bench tell each other; all counters run from a process's start. */

/** In which form the model takes and gives audio. */
export type WireFormat = "pcmu" | "pcm24";

/** Inclusive bounds of UDP ports. */
export interface Ports {
  readonly min: number;
  readonly max: number;
}

/** Whether the model talks with the caller, or only listens to a stream of a recording session. */
export type BenchMode = "talk" | "listen";

/** Opens the calls, or in the floor the bare sockets. */
export interface OpenCalls {
  readonly format: WireFormat;
  readonly mode: BenchMode;
  /** Streams of each call: one, or those of a recording session. */
  readonly legsPerCall: number;
  readonly modelUrl: string;
  readonly ports: Ports;
  /** Where the callers receive: one leg for each. */
  readonly callerPorts: readonly number[];
}

/** The process under measurement, at one moment. */
export interface SubjectSample {
  readonly wallUs: number;
  /** User and system time of this process, all threads. */
  readonly cpuUs: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** By sequence number, never received; and received too late to be used. */
  readonly packetsLost: number;
  /** Audio for and from the model that was dropped, and sends that failed. */
  readonly dropped: number;
  readonly modelFailures: number;
  /** Ticks per bucket of lateness; empty in the floor. */
  readonly lateCounts: readonly number[];
  /** Upper bounds of the buckets. */
  readonly lateBucketsMs: readonly number[];
}

/** After a collection of garbage. */
export interface MemorySample {
  readonly rssBytes: number;
  /** JavaScript objects and the memory of their buffers. */
  readonly liveBytes: number;
}

/** The callers, at one moment. */
export interface LoadSample {
  readonly sent: number;
  readonly received: number;
  /** By sequence number, never received. */
  readonly lost: number;
  /** Packets that were looked at closely, and those of them that carried the model's tone. */
  readonly examined: number;
  readonly withTone: number;
  /** Packets sent later than planned by more than a ptime. */
  readonly sentLate: number;
}

/** The model service, at one moment. */
export interface ModelSample {
  readonly sessions: number;
  /** Caller's audio received. */
  readonly uplinkMs: number;
  /** Uplink messages that were looked at closely, and those of them that carried a voice. */
  readonly examined: number;
  readonly withVoice: number;
  readonly chunksSent: number;
}
