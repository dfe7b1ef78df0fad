/** A voice session of Amazon Connect on virtual time: Connect's side, our session, and the gateway behind it; no socket. */
import { after } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import type { A2aClosing } from "../../../src/ingress/a2a/a2a-peer.ts";
import { A2aSession } from "../../../src/ingress/a2a/a2a-session.ts";
import type { A2aParts } from "../../../src/ingress/a2a/a2a-session-options.ts";
import { Scenario, type ScenarioOptions } from "../scenario.ts";
import { SeededRandom } from "../seeded-random.ts";
import { ConnectSide, type ConnectSideOptions } from "./connect-side.ts";

/** What may differ. */
export interface A2aLabOptions {
  readonly connect?: Omit<ConnectSideOptions, "send">;
  readonly scenario?: ScenarioOptions;
  readonly parts?: Partial<A2aParts>;
  readonly flow?: string;
}

/** The arrangement. */
export class A2aLab {
  readonly scenario: Scenario;
  readonly connect: ConnectSide;
  readonly session: A2aSession;
  readonly dropped = { in: 0, out: 0 };
  closed: A2aClosing | undefined;
  pings = 0;
  bufferedBytes = 0;

  constructor({ connect, scenario, parts, flow = "agent" }: A2aLabOptions = {}) {
    this.scenario = new Scenario(scenario);
    this.connect = new ConnectSide({ ...connect, send: (text) => this.session.receive(text) });
    const { clock, metrics, pcm, door } = this.scenario;
    const lab = this;
    this.session = new A2aSession({
      clock,
      random: new SeededRandom(11),
      logger: silentLogger,
      metrics,
      exchange: pcm,
      door,
      rates: { inputRateHz: undefined, outputRateHz: undefined },
      spanText: true,
      ...parts,
      peer: {
        get bufferedBytes() {
          return lab.bufferedBytes;
        },
        send: (text) => this.connect.receive(text),
        ping: () => {
          this.pings += 1;
        },
        close: (reason) => {
          this.closed = reason;
          after(clock, 1, () => this.session.gone(true));
        },
      },
      handshake: {
        traceparent: "00-550e8400e29b41d4a716446655440000-00f067aa0ba902b7-01",
        tracestate: "connect=parentSpanId:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      },
      target: { key: "test", flow, model: undefined },
      onDropped: (direction, ms) => {
        this.dropped[direction] += ms;
      },
    });
  }

  /** A session that talks. */
  async open(): Promise<void> {
    await this.scenario.start();
    this.session.start();
    this.connect.init();
    await this.pass(100);
    this.connect.ready();
    await this.pass(100);
  }

  /** Time goes on, for Connect too. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      await this.scenario.clock.advanceMs(20);
      this.connect.play(20);
    }
  }

  /** The caller says a tone, in slices as Connect sends them. */
  async speakTone(tone: number, ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 20) {
      this.connect.speakTone(tone, 20, at);
      await this.pass(20);
    }
  }

  /** What is left over. */
  async close(): Promise<readonly string[]> {
    const left = await this.scenario.close();
    return [...left, ...this.connect.complaints];
  }
}
