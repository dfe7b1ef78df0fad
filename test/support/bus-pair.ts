/** Two nodes' buses as one, so that the contract is kept from node to node. */
import type { Bus } from "../../src/ports/bus.ts";

/** Publishes on one and listens on the other. */
export function busPair(publisher: Bus, listener: Bus): Bus {
  return {
    publish: (topic, message) => publisher.publish(topic, message),
    subscribe: (pattern, handler) => listener.subscribe(pattern, handler),
    close: async () => {
      await Promise.all([publisher.close(), listener.close()]);
    },
    toJSON: () => listener.toJSON(),
  };
}
