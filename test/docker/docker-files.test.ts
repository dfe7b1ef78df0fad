/** The files of docker/ as far as they can be checked without a Docker engine. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/app/config.ts";
import { METRICS } from "../../src/core/metrics.ts";
import { memoryFiles } from "../support/memory-files.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

interface Service {
  readonly image: string;
  readonly network_mode: string;
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
const COMPOSE = parse(read("docker/compose.yaml"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
};
const ENV_EXAMPLE = [...read("docker/env.example").matchAll(/^([A-Z_]+)=/gm)].map(
  ([, name]) => name,
);

/** Names of metrics in an expression; series of a histogram by the name of the histogram. */
function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\btrunkline_\w+/g)].map(([name]) =>
    name.replace(/_(?:bucket|sum|count)$/, ""),
  );
}

/** Labels in selectors and in `by (…)`, without those that Prometheus itself adds. */
function labelsIn(expression: string): string[] {
  const selected = [...expression.matchAll(/trunkline_\w+\{([^}]*)\}/g)].flatMap(([, inside]) =>
    [...(inside ?? "").matchAll(/(\w+)\s*[=!]/g)].map(([, name]) => name as string),
  );
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside]) =>
    (inside ?? "").split(",").map((name) => name.trim()),
  );
  return [...selected, ...grouped].filter((name) => name !== "le");
}

function expressions(): readonly (readonly [string, string])[] {
  const rules = parse(read("docker/prometheus/alerts.yml")) as {
    readonly groups: readonly { readonly rules: readonly { alert: string; expr: string }[] }[];
  };
  const board = JSON.parse(read("docker/grafana/dashboards/trunkline.json")) as {
    readonly panels: readonly { title: string; targets: readonly { expr: string }[] }[];
  };
  return [
    ...rules.groups.flatMap((group) =>
      group.rules.map(({ alert, expr }) => [alert, expr] as const),
    ),
    ...board.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => [title, expr] as const),
    ),
  ];
}

describe("dashboards and alerts", () => {
  it.each(expressions())("%s asks for metrics and labels that exist", (_title, expression) => {
    const names = metricsIn(expression);
    const table = METRICS as Readonly<
      Record<string, { labels?: object; configuredLabels?: readonly string[] } | undefined>
    >;
    expect(names.filter((name) => table[name] === undefined)).toEqual([]);
    const known = names.flatMap((name) => [
      ...Object.keys(table[name]?.labels ?? {}),
      ...(table[name]?.configuredLabels ?? []),
    ]);
    const gauges = ["quantile", "state"];
    expect(labelsIn(expression).filter((label) => ![...known, ...gauges].includes(label))).toEqual(
      [],
    );
  });

  it("has expressions to check at all", () => {
    expect(expressions().length).toBeGreaterThan(30);
  });
});

describe("docker/compose.yaml", () => {
  it("keeps every service on the machine's own network and pins every image", () => {
    for (const [name, service] of Object.entries(COMPOSE.services)) {
      expect(service.network_mode, name).toBe("host");
      expect(name === "gateway" || /:[\w.-]*\d/.test(service.image), name).toBe(true);
    }
  });

  it("asks only for variables that docker/env.example names", () => {
    const asked = [...read("docker/compose.yaml").matchAll(/\$\{([A-Z_]+)/g)].map(
      ([, name]) => name,
    );
    expect(asked.filter((name) => !ENV_EXAMPLE.includes(name))).toEqual([]);
  });

  it("mounts files that are there, or that a comment says how to make", () => {
    const text = read("docker/compose.yaml");
    for (const { volumes = [] } of Object.values(COMPOSE.services)) {
      for (const [source] of volumes.map((volume) => volume.split(":"))) {
        const isPath = source?.startsWith(".") ?? false;
        const path = join(ROOT, "docker", source ?? "");
        expect(
          !isPath || existsSync(path) || text.includes(`> docker/${source?.slice(2)}`),
          source,
        ).toBe(true);
      }
    }
  });
});

describe("docker/gateway.yaml", () => {
  it("is a configuration that the gateway takes, with the variables of docker/env.example", () => {
    const environment = Object.fromEntries(
      ENV_EXAMPLE.map((name) => [name as string, "0123456789abcdef0123456789abcdef"]),
    );
    const { config } = loadConfig({
      file: "gateway.yaml",
      environment: { ...environment, PUBLIC_ADDRESS: "203.0.113.9" },
      files: memoryFiles({ "gateway.yaml": read("docker/gateway.yaml") }),
    });
    expect(config.sip.advertise).toBe("203.0.113.9");
    expect(config.http.tokens.map(({ role }) => role)).toEqual(["read", "operate"]);
  });
});

describe("docker/Dockerfile", () => {
  const text = read("docker/Dockerfile");

  it("copies only what is in the repository and not left out of the context", () => {
    const ignored = read(".dockerignore").split("\n");
    const copied = [...text.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)].flatMap(
      ([, sources]) => (sources as string).split(" "),
    );
    expect(copied.length).toBeGreaterThan(5);
    for (const source of copied) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(ignored, source).not.toContain(source.split("/")[0]);
    }
  });

  it("runs as a user without rights, with a health check", () => {
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^HEALTHCHECK .*docker\/health\.mjs"\]$/m);
    expect(readdirSync(join(ROOT, "docker"))).toContain("health.mjs");
  });

  it("starts Node with the options of npm start", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: { start: string } };
    const options = scripts.start.split(" ").filter((word) => word.startsWith("--"));
    for (const option of options) {
      expect(text).toContain(`"${option}"`);
    }
  });
});
