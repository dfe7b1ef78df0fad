/** The parts of drachtio-srf 5.0.29 that its own type declarations leave out or get wrong. */
import type { EventEmitter } from "node:events";

/** A SIP message as drachtio-srf hands it over. */
export interface DrachtioMessage {
  readonly body: string | undefined;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

/** Options of a request within a dialog of the server, which may be older than the link. */
export interface DrachtioRequestOptions {
  readonly method: string;
  readonly stackDialogId: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Options of a request outside any dialog. */
export interface DrachtioFreshOptions {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** Next hop, where it is not the request's own URI. */
  readonly proxy?: string;
}

/** An incoming request. */
export interface DrachtioRequest extends DrachtioMessage, EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly source_address: string;
  readonly source_port: string;
  readonly protocol: string;
  /** `application` for a request that the server made up, such as the BYE after a missing ACK. */
  readonly source: "network" | "application";
  /** The response object that belongs to this request; emits `finish` once a final response is out. */
  readonly res: EventEmitter;
  cancel(callback?: (error: unknown) => void): void;
}

/** What a response may carry. */
export interface DrachtioResponseOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A response: the one we send to a request, or one that we received. */
export interface DrachtioResponse extends DrachtioMessage {
  readonly status: number;
  readonly reason: string;
  /** Of a received response: the request it answers. */
  readonly req: DrachtioMessage;
  /** Of a received response: whence it came; empty for one that the server made up. */
  readonly source_address: string;
  readonly source_port: string | number;
  send(status: number, options?: DrachtioResponseOptions): void;
  send(status: number, reason: string, options?: DrachtioResponseOptions): void;
  send(
    status: number,
    reason: string,
    options: DrachtioResponseOptions,
    callback: (error: unknown) => void,
  ): void;
}

/** A dialog; emits `destroy`, `modify`, `info`, `ack`, `update`, `refer`, `notify`. */
export interface DrachtioDialog extends EventEmitter {
  readonly id: string;
  readonly type: "uac" | "uas";
  readonly connected: boolean;
  /** The INVITE, and its answer: of `uas` ours, of `uac` the peer's. */
  readonly req: DrachtioMessage;
  readonly res: DrachtioMessage;
  readonly sip: { readonly callId: string };
  readonly local: { sdp: string; readonly contact: string };
  readonly remote: { sdp: string | undefined };
  destroy(options: { headers: Record<string, string> }): Promise<unknown>;
}

/** Options of an outgoing INVITE. */
export interface DrachtioUacOptions {
  localSdp: string;
  callingNumber?: string;
  headers: Record<string, string>;
  /** Next hop, where it is not the request's own URI. */
  proxy?: string;
}

/** A handler of one method. */
export type DrachtioHandler = (request: DrachtioRequest, response: DrachtioResponse) => void;

/** The Srf object. */
export interface DrachtioSrf extends EventEmitter {
  connect(options: {
    host: string;
    port: number;
    secret: string;
    reconnect: { maxAttempts: number };
  }): void;
  disconnect(): void;
  createUAS(
    request: DrachtioRequest,
    response: DrachtioResponse,
    options: { localSdp: string; headers: Record<string, string> },
    callback: (error: unknown, dialog?: DrachtioDialog) => void,
  ): unknown;
  createUAC(
    uri: string,
    options: DrachtioUacOptions,
    progress: {
      cbRequest: (error: unknown, request?: DrachtioRequest) => void;
      cbProvisional: (response: DrachtioResponse) => void;
    },
  ): Promise<DrachtioDialog>;
  invite(handler: DrachtioHandler): void;
  options(handler: DrachtioHandler): void;
  use(method: string, handler: DrachtioHandler): void;
  request(
    uri: string,
    options: DrachtioRequestOptions | DrachtioFreshOptions,
    callback: (error: unknown, request?: DrachtioRequest) => void,
  ): void;
}
