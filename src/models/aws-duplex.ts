/** One bidirectional stream with a service of AWS, by its client: what is sent waits in order, and the end is told once. */

/** How a stream failed, in the words of the service's interface; never its message, which may quote what was sent. */
export interface AwsStreamError {
  /** Of the exception, for example `ThrottlingException`. */
  readonly name: string;
  /** Of the answer, where there was one. */
  readonly statusCode: number | undefined;
  /** Of the operating system, for example `ECONNREFUSED`. */
  readonly systemCode: string | undefined;
}

/** Hears of the stream, never synchronously from within a call to it; nothing after `onEnded` or `onError`. */
export interface AwsDuplexListener<Event> {
  /** The service accepted the request. */
  onOpen(): void;
  onEvent(event: Event): void;
  /** The far side ended; a connection that breaks looks the same. */
  onEnded(): void;
  /** @param error as the client threw it. */
  onError(error: unknown): void;
}

/** What a stream is made of. */
export interface AwsDuplexOptions<Piece, Event> {
  readonly listener: AwsDuplexListener<Event>;
  /** From bytes that were sent to what the client takes. */
  readonly wrap: (bytes: Buffer) => Piece;
  /**
   * Sends the request with this body; resolves with the answer, which may be as late as its first event. `onStatus` is told
   * the HTTP status as soon as it is there.
   */
  readonly exchange: (
    body: AsyncIterable<Piece>,
    abortSignal: AbortSignal,
    onStatus: (response: unknown) => void,
  ) => Promise<AsyncIterable<Event> | undefined>;
}

/** Runs from the moment it is made. */
export class AwsDuplex<Piece, Event> {
  /** What was sent and not yet taken by the connection. */
  bufferedBytes = 0;
  readonly #options: AwsDuplexOptions<Piece, Event>;
  readonly #abort = new AbortController();
  readonly #queue: Buffer[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #over = false;

  constructor(options: AwsDuplexOptions<Piece, Event>) {
    this.#options = options;
    void this.#run();
  }

  /** Never waits. */
  send(bytes: Buffer): void {
    if (!this.#ended) {
      this.#queue.push(bytes);
      this.bufferedBytes += bytes.length;
      this.#wake?.();
    }
  }

  /** Nothing more is sent; what was, goes out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Cuts the connection. */
  abort(): void {
    this.#over = true;
    this.#queue.length = 0;
    this.bufferedBytes = 0;
    this.end();
    this.#abort.abort();
  }

  /** Never rejects. Clients answer with the first event only, so that the request goes on beside it. */
  async #run(): Promise<void> {
    const { exchange, listener } = this.#options;
    try {
      const events = await exchange(this.#body(), this.#abort.signal, (response) =>
        this.#onResponse(response),
      );
      for await (const event of events ?? []) {
        if (this.#over) {
          return;
        }
        listener.onEvent(event);
      }
      this.#finish(() => listener.onEnded());
    } catch (error) {
      this.#finish(() => listener.onError(error));
    }
  }

  /** What is sent, as the client asks for it. */
  async *#body(): AsyncGenerator<Piece> {
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes !== undefined) {
        this.bufferedBytes -= bytes.length;
        yield this.#options.wrap(bytes);
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
      }
    }
  }

  #onResponse(response: unknown): void {
    const { statusCode } = response as { readonly statusCode?: number };
    if (statusCode === 200 && !this.#over) {
      this.#options.listener.onOpen();
    }
  }

  #finish(tell: () => void): void {
    if (!this.#over) {
      this.#over = true;
      this.end();
      tell();
    }
  }
}

/** What is known of an error that a client of AWS threw, and its message, to be recognised and never repeated. */
export function readAwsError(error: unknown): AwsStreamError & { readonly message: string } {
  const fields = (typeof error === "object" && error !== null ? error : {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return {
    name: String(fields.name),
    message: String(fields.message),
    statusCode: fields.$metadata?.httpStatusCode,
    systemCode: typeof fields.code === "string" ? fields.code : undefined,
  };
}
