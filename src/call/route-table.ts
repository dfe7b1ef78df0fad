/** Which flow takes an invitation: the routes of the operator first, then the names everybody can dial. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { HeaderLookup } from "../ports/signaling-server.ts";
import { compilePattern, type Matcher, patternProblem } from "./route-pattern.ts";

/** The flow that takes what no route names. */
export const DEFAULT_FLOW = "agent";
/** The flow that takes recording sessions that no route names. */
export const RECORDING_FLOW = "assist";
/** How long `ring` rings. */
const RING_MS = 4_000;
const MAX_RING_MS = 60_000;
const RING = /^(?:ring|early)(?:-(\d{1,9}))?$/;

const patternSchema = z
  .string()
  .min(1)
  .max(200)
  .superRefine((pattern, context) => {
    const problem = patternProblem(pattern);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: `expected ${problem}` });
    }
  })
  .describe("Exact text, a prefix with * at its end, or /a regular expression/.");

const routeSchema = z.strictObject({
  match: z
    .strictObject({
      trunk: z.string().min(1).optional().describe("Name of a trunk."),
      called: patternSchema.optional().describe("User part of the Request-URI."),
      calling: patternSchema.optional().describe("User part of From."),
      headers: z
        .record(
          z.string().regex(/^[A-Za-z0-9!%*_+`'~.-]{1,64}$/, "the name of a SIP header"),
          patternSchema,
        )
        .optional()
        .describe("SIP header → pattern; every header must be there and fit."),
    })
    .describe("All of it must fit; an empty match fits every call."),
  flow: z
    .string()
    .min(1)
    .describe(
      "A flow of the folder flows, or echo, ring, early, ring- or early-MILLISECONDS to test a trunk.",
    ),
  model: z.string().min(1).optional().describe("A configured model, in place of the flow's own."),
});

/** An ordered list of routes; the first that fits takes the call. */
export const routesSchema = z.array(routeSchema).max(1000);

/** One entry of `sip-config/routes.yaml`. */
export type Route = z.output<typeof routeSchema>;

/** What is known of an invitation when its flow is sought. */
export interface RouteQuestion {
  readonly calledUser: string;
  readonly callingUser: string;
  /** `undefined`: it came over no trunk. */
  readonly trunk: string | undefined;
  readonly header: HeaderLookup;
  /** It is a recording session (SIPREC). Absent: it is not. */
  readonly isRecording?: boolean;
}

/** Who takes the call. */
export type RouteDecision =
  | { readonly kind: "flow"; readonly flow: string; readonly model: string | undefined }
  /** Rings for `ringMs`, then answers and echoes; `early`: echoes from the beginning, as early media. */
  | { readonly kind: "echo"; readonly ringMs: number; readonly early?: boolean };

interface CompiledRoute {
  readonly fits: (question: RouteQuestion) => boolean;
  readonly decision: RouteDecision;
}

/** How long the built-in service `name` rings before it echoes; `undefined` when there is no such service. */
export function builtInRingMs(name: string): number | undefined {
  if (name === "echo") {
    return 0;
  }
  const match = RING.exec(name);
  if (match === null) {
    return undefined;
  }
  const ringMs = match[1] === undefined ? RING_MS : Number(match[1]);
  return ringMs <= MAX_RING_MS ? ringMs : undefined;
}

/** Whether a flow or model of this name could never be dialled. */
export function isReservedName(name: string): boolean {
  return name === "echo" || RING.test(name);
}

/** The routes, compiled once. */
export class RouteTable {
  readonly #routes: readonly CompiledRoute[];
  readonly #models: ReadonlySet<string>;
  readonly #listeners: ReadonlySet<string>;

  /** @param models names of the configured models. @param listeners those of them that never speak. */
  constructor(
    routes: readonly Route[],
    models: ReadonlySet<string>,
    listeners: ReadonlySet<string> = new Set(),
  ) {
    this.#routes = routes.map(compileRoute);
    this.#models = models;
    this.#listeners = listeners;
  }

  /** Throws ROUTE_NOT_FOUND when this model only listens: nobody would answer the caller. */
  requireSpeaker(model: string): void {
    if (this.#listeners.has(model)) {
      const reason = `the model "${model}" only listens, and answers no calls`;
      throw new GatewayError("ROUTE_NOT_FOUND", { reason });
    }
  }

  /** Throws ROUTE_NOT_FOUND for a ring time out of range or a model that only listens; everything else finds a flow. */
  resolve(question: RouteQuestion): RouteDecision {
    const route = this.#routes.find(({ fits }) => fits(question));
    return (
      route?.decision ??
      (question.isRecording === true
        ? { kind: "flow", flow: RECORDING_FLOW, model: undefined }
        : this.#byName(question.calledUser))
    );
  }

  /** The place of the first route that fits, from 0; `undefined` when none does. */
  placeOf(question: RouteQuestion): number | undefined {
    const place = this.#routes.findIndex(({ fits }) => fits(question));
    return place === -1 ? undefined : place;
  }

  #byName(name: string): RouteDecision {
    const ringMs = builtInRingMs(name);
    if (ringMs !== undefined) {
      return echoDecision(name, ringMs);
    }
    if (isReservedName(name)) {
      throw new GatewayError("ROUTE_NOT_FOUND", { reason: `ring takes 0 to ${MAX_RING_MS} ms` });
    }
    this.requireSpeaker(name);
    return { kind: "flow", flow: DEFAULT_FLOW, model: this.#models.has(name) ? name : undefined };
  }
}

function compileRoute({ match, flow, model }: Route): CompiledRoute {
  const called = compileOptional(match.called);
  const calling = compileOptional(match.calling);
  const headers = Object.entries(match.headers ?? {}).map(
    ([name, pattern]) => [name, compilePattern(pattern)] as const,
  );
  const ringMs = builtInRingMs(flow);
  return {
    fits: ({ calledUser, callingUser, trunk, header }) =>
      (match.trunk === undefined || match.trunk === trunk) &&
      called(calledUser) &&
      calling(callingUser) &&
      headers.every(([name, fits]) => headerFits(header(name), fits)),
    decision: ringMs === undefined ? { kind: "flow", flow, model } : echoDecision(flow, ringMs),
  };
}

function echoDecision(name: string, ringMs: number): RouteDecision {
  return { kind: "echo", ringMs, ...(name.startsWith("early") ? { early: true } : {}) };
}

function compileOptional(pattern: string | undefined): Matcher {
  return pattern === undefined ? () => true : compilePattern(pattern);
}

function headerFits(value: string | undefined, fits: Matcher): boolean {
  return value !== undefined && fits(value.trim());
}
