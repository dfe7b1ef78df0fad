/** Three projects: `unit` runs on virtual time without sockets; `wire` runs real peers, one file at a time; `infra` makes the template. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/wire/**", "test/live/**"],
          testTimeout: 15_000,
        },
      },
      {
        test: {
          name: "infra",
          include: ["infra/test/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "wire",
          include: ["test/wire/**/*.test.ts"],
          fileParallelism: false,
          // Real clocks and peers on a machine that others share: what fails is tried once more, and the report says "retry x1".
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
