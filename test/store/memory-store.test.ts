/** The store that other tests use keeps the contract too. */
import { callStoreContract } from "../contract/call-store.ts";
import { MemoryStore } from "../support/memory-store.ts";

callStoreContract("MemoryStore", () => Promise.resolve(new MemoryStore()));
