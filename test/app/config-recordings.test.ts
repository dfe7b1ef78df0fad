/** Settings of recordings: keys that are keys, and secrets that are never shown. */
import { expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { memoryFiles } from "../support/memory-files.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");

const load = (text: string, environment: Readonly<Record<string, string>> = {}) =>
  loadConfig({
    file: "gateway.yaml",
    environment,
    files: memoryFiles({ "gateway.yaml": text }),
  }).config.recordings;

it("are plain files in a folder that stay, where nothing is said", () => {
  expect(load("{}")).toEqual({
    folder: "./data/recordings",
    format: "pcm16",
    queueSeconds: 5,
    encryption: { keys: [] },
  });
});

it("take keys out of the environment", () => {
  const reference = ["$", "{env:REC_KEY}"].join("");
  const text = `recordings: { encryption: { keys: [{ id: k1, key: "${reference}" }] } }`;
  expect(load(text, { REC_KEY: KEY }).encryption.keys).toEqual([{ id: "k1", key: KEY }]);
});

it.each([
  [`{ encryption: { keys: [{ id: k1, key: c2hvcnQ= }] } }`, "32 bytes as base64"],
  [`{ encryption: { keys: [{ id: "a b", key: ${KEY} }] } }`, "letters, digits"],
  [
    `{ encryption: { keys: [{ id: k1, key: ${KEY} }, { id: k1, key: ${KEY} }] } }`,
    "name of another key",
  ],
  [`{ s3: { bucket: Not_A_Bucket } }`, "name of a bucket"],
  [`{ s3: { bucket: calls, prefix: no-slash } }`, "ends with /"],
  [`{ keepDays: 0 }`, "keepDays"],
])("refuse %s", (text, words) => {
  let message = "";
  try {
    load(`recordings: ${text}`);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain(words);
  expect(message).not.toContain(KEY);
  expect(message).not.toContain("c2hvcnQ=");
});
