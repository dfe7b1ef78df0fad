/** The signals that end the process. */

/** TERM asks to finish, INT to stop at once. */
export type Termination = "SIGTERM" | "SIGINT";

/** The first TERM or INT. */
export function terminationSignal(): Promise<Termination> {
  return new Promise((resolve) => {
    const forget = onTermination((signal) => {
      forget();
      resolve(signal);
    });
  });
}

/** Calls `listener` for every TERM or INT until the returned function is called. */
export function onTermination(listener: (signal: Termination) => void): () => void {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const listeners = signals.map((signal) => [signal, () => listener(signal)] as const);
  for (const [signal, onSignal] of listeners) {
    process.on(signal, onSignal);
  }
  return () => {
    for (const [signal, onSignal] of listeners) {
      process.off(signal, onSignal);
    }
  };
}
