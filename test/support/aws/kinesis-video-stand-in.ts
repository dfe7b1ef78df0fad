/** A stand-in for Kinesis Video Streams: the endpoint of a stream, and its media as a live response. */
import { after, type Clock, SystemClock, sleep } from "../../../src/core/clock.ts";
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

/** A connection that gets no fragment for so long ends, as the service's does. */
const IDLE_MS = 1500;

interface StoredFragment {
  readonly number: string;
  readonly bytes: Buffer;
}

/** One stream, as a test fills it. */
export class StandInStream {
  readonly #clock: Clock;
  readonly fragments: StoredFragment[] = [];
  /** The connection breaks in the middle of this fragment, once each time that it is set. */
  cutIn: string | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Appears at once to whoever reads. */
  add(number: string, bytes: Buffer): void {
    this.fragments.push({ number, bytes });
    for (const wake of [...this.#waiting]) {
      wake();
    }
  }

  /** From the fragment behind `after` on; `undefined`: what comes from now on. */
  async *read(after: string | undefined): AsyncIterable<Buffer> {
    const known = this.fragments.findIndex(({ number }) => number === after);
    let next = after === undefined ? this.fragments.length : known + 1;
    for (;;) {
      const fragment = this.fragments[next];
      if (fragment === undefined) {
        if (!(await this.#another())) {
          return;
        }
      } else {
        next += 1;
        yield* this.#bytesOf(fragment);
      }
    }
  }

  async *#bytesOf({ number, bytes }: StoredFragment): AsyncIterable<Buffer> {
    const half = Math.floor(bytes.length / 2);
    yield bytes.subarray(0, half);
    if (this.cutIn === number) {
      this.cutIn = undefined;
      // What was written before arrives before the connection breaks.
      await sleep(this.#clock, 100);
      throw new Error("cut on request");
    }
    yield bytes.subarray(half);
  }

  #another(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (came: boolean): void => {
        timer.cancel();
        this.#waiting.delete(wake);
        resolve(came);
      };
      const wake = (): void => settle(true);
      const timer = after(this.#clock, IDLE_MS, () => settle(false));
      this.#waiting.add(wake);
    });
  }
}

/** Both services are signed for by one name. */
export class KinesisVideoStandIn implements AwsServiceStandIn {
  readonly service = "kinesisvideo";
  readonly streams = new Map<string, StandInStream>();
  /** Selectors that media were asked for with. */
  readonly selectors: Readonly<Record<string, string>>[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock = new SystemClock()) {
    this.#clock = clock;
  }

  /** Makes it when it is not there. */
  stream(arn: string): StandInStream {
    let stream = this.streams.get(arn);
    if (stream === undefined) {
      stream = new StandInStream(this.#clock);
      this.streams.set(arn, stream);
    }
    return stream;
  }

  operationOf({ path }: AwsRequest): string {
    return path === "/getDataEndpoint"
      ? "GetDataEndpoint"
      : path === "/getMedia"
        ? "GetMedia"
        : path;
  }

  handle(operation: string, request: AwsRequest): AwsAnswer {
    const body = readJson(request.body);
    const stream = this.streams.get(String(body["StreamARN"]));
    if (stream === undefined) {
      return awsError(404, "ResourceNotFoundException", "The requested stream is not found.");
    }
    if (operation === "GetDataEndpoint") {
      return body["APIName"] === "GET_MEDIA"
        ? { status: 200, body: { DataEndpoint: `http://${request.headers["host"]}` } }
        : awsError(400, "InvalidArgumentException", "APIName");
    }
    if (operation !== "GetMedia") {
      return awsError(400, "InvalidArgumentException", "no such operation");
    }
    const selector = (body["StartSelector"] ?? {}) as Readonly<Record<string, string>>;
    this.selectors.push(selector);
    const { StartSelectorType: type, AfterFragmentNumber: behind } = selector;
    if (type === "FRAGMENT_NUMBER" && behind === undefined) {
      return awsError(400, "InvalidArgumentException", "AfterFragmentNumber");
    }
    const headers = { "content-type": "video/webm" };
    return { status: 200, headers, body: stream.read(type === "NOW" ? undefined : (behind ?? "")) };
  }
}

function readJson(body: Buffer): Readonly<Record<string, unknown>> {
  return JSON.parse(body.toString("utf8") || "{}") as Readonly<Record<string, unknown>>;
}
