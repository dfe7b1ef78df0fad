/** The house rules that a machine can check: who may import whom, what lives where, how a file looks. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;

/** Layer → the layers it may import. `ports` may import the types of the pure layers only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  audio: ["core"],
  rtp: ["core"],
  sdp: ["core"],
  siprec: ["core", "sdp"],
  ports: ["core", "audio", "sdp", "siprec"],
  media: ["core", "audio", "rtp", "ports"],
  assist: ["core", "ports"],
  call: ["core", "sdp", "siprec", "ports", "assist"],
  api: ["core", "ports", "call"],
  provisioning: ["core", "ports", "call"],
  signaling: ["core", "sdp", "siprec", "ports"],
  webhooks: ["core", "ports"],
  anchors: ["core", "sdp", "ports"],
  models: ["core", "audio", "ports"],
  ingress: ["core", "audio", "ports"],
  store: ["core", "ports"],
  recordings: ["core", "audio", "ports"],
  knowledge: ["core", "ports"],
  connect: ["core", "ports"],
  bus: ["core", "ports"],
  cli: ["core", "ports", "provisioning", "app", "media", "rtp", "audio", "sdp"],
  app: [
    ..."core audio rtp sdp siprec ports media assist call api provisioning".split(" "),
    ..."signaling webhooks anchors models ingress store recordings knowledge connect bus".split(
      " ",
    ),
  ],
  main: ["app", "cli", "core"],
};

/** What the pages may import of the gateway: shapes, and what runs in a browser as it is. */
const PAGES_MAY_IMPORT: readonly (readonly [string, "types" | "values"])[] = [
  ["src/ports/", "types"],
  ["src/core/clock.ts", "values"],
];

/** Package → the only folders or files that may import it. */
const PACKAGE_HOME: Record<string, readonly string[]> = {
  "drachtio-srf": ["src/signaling/"],
  "rtpengine-client": ["src/anchors/"],
  "@aws-sdk/client-bedrock-runtime": ["src/models/"],
  "@aws-sdk/client-chime-sdk-voice": ["src/provisioning/"],
  "@aws-sdk/client-transcribe-streaming": ["src/models/"],
  "@aws-sdk/client-connect": ["src/connect/", "src/provisioning/"],
  "@aws-sdk/client-connect-contact-lens": ["src/ingress/"],
  "@aws-sdk/client-kinesis": ["src/ingress/"],
  "@aws-sdk/client-kinesis-video": ["src/ingress/"],
  "@aws-sdk/client-kinesis-video-media": ["src/ingress/"],
  "@aws-sdk/client-kendra": ["src/knowledge/"],
  "@aws-sdk/client-bedrock-agent-runtime": ["src/knowledge/"],
  "@aws-sdk/client-s3": ["src/recordings/"],
  "@aws-sdk/client-kms": ["src/recordings/"],
  "@aws-sdk/client-sts": ["src/provisioning/"],
  "@aws-sdk/client-service-quotas": ["src/provisioning/"],
  "@aws-sdk/client-ec2": ["src/provisioning/"],
  ws: ["src/models/", "src/api/", "src/ingress/"],
  fastify: ["src/api/"],
  pino: ["src/core/logger.ts"],
  alawmulaw: ["src/audio/g711.ts"],
  "sdp-transform": ["src/sdp/"],
  "fast-xml-parser": ["src/siprec/"],
  libsql: ["src/store/"],
  kysely: ["src/store/"],
  pg: ["src/store/"],
  "@fastify/static": ["src/api/"],
  preact: [],
  "@preact/signals": [],
  "playwright-core": [],
  vite: [],
  "@redis/client": ["src/bus/", "src/store/"],
  "prom-client": ["src/api/"],
  commander: ["src/cli/"],
  yaml: ["src/core/yaml-document.ts", "src/models/prompt-library.ts"],
  "node:dgram": ["src/anchors/udp-network.ts", "src/signaling/embedded/", "src/cli/"],
  "node:net": [
    "src/core/ip-address.ts",
    "src/signaling/embedded/",
    "src/cli/",
    "src/app/",
    "src/api/",
  ],
  "node:child_process": ["src/models/"],
  "node:https": ["src/webhooks/"],
};

/** What has exactly one home, and where. */
const GLOBAL_HOME: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/\b(?:setTimeout|setInterval|setImmediate)\(/, "timers", ["src/core/clock.ts"]],
  [/\bDate\.now\(|\bperformance\.now\(|\bhrtime\b/, "time", ["src/core/clock.ts"]],
  [/\bMath\.random\(|\brandom(?:Bytes|UUID|Int)\(/, "randomness", ["src/core/random.ts"]],
  [/\bprocess\.env\b/, "the environment", ["src/app/environment.ts"]],
  [/\bconsole\.\w+\(/, "console", []],
];

interface SourceFile {
  readonly path: string;
  readonly layer: string;
  readonly text: string;
  /** The text without comments, so that prose about `Date.now()` is allowed. */
  readonly code: string;
  readonly imports: readonly {
    readonly target: string;
    readonly typeOnly: boolean;
    /** By `import(…)`, when it is needed. */
    readonly lazy: boolean;
  }[];
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : /\.tsx?$/.test(path) ? [path] : [];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statement = /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^;'"]*?from\s+["']([^"']+)["']/g;
  const imports = [...code.matchAll(statement)].map((match) => ({
    target: match[2] as string,
    typeOnly: match[1] !== undefined,
    lazy: false,
  }));
  for (const match of code.matchAll(/import\(\s*["']([^"']+)["']/g)) {
    imports.push({ target: match[1] as string, typeOnly: false, lazy: true });
  }
  const [, second, third] = path.split("/");
  const layer = third === undefined ? (second as string).replace(/\.ts$/, "") : (second as string);
  return { path, layer, text, code, imports };
}

const SOURCES = filesUnder("src").map(readSource);
const PAGES = filesUnder("web").map(readSource);

function layerOf(importer: string, target: string): string {
  const resolved = posix.join(posix.dirname(importer), target);
  const [, second, third] = resolved.split("/");
  return third === undefined ? (second as string).replace(/\.ts$/, "") : (second as string);
}

function packageOf(target: string): string {
  const parts = target.split("/");
  return target.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] as string);
}

describe("the house", () => {
  it("imports downwards only, as the layer table says", () => {
    const wrong = SOURCES.flatMap((file) =>
      file.imports
        .filter(({ target }) => target.startsWith("."))
        .map(({ target, typeOnly }) => ({ to: layerOf(file.path, target), typeOnly }))
        .filter(({ to }) => to !== file.layer)
        .filter(({ to, typeOnly }) => {
          const allowed = MAY_IMPORT[file.layer]?.includes(to) ?? false;
          return !allowed || (file.layer === "ports" && to !== "core" && !typeOnly);
        })
        .map(({ to }) => `${file.path} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps every third-party package in its home", () => {
    const wrong = SOURCES.flatMap((file) =>
      file.imports
        .filter(({ target }) => !target.startsWith("."))
        .map(({ target }) => (target.startsWith("node:") ? target : packageOf(target)))
        .filter((name) => {
          const homes = PACKAGE_HOME[name];
          return homes !== undefined && !homes.some((home) => file.path.startsWith(home));
        })
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("gives time, randomness, environment and console one home each", () => {
    const wrong = SOURCES.flatMap((file) =>
      GLOBAL_HOME.filter(
        ([pattern, , homes]) => pattern.test(file.code) && !homes.includes(file.path),
      ).map(([, name]) => `${file.path} uses ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("loads the clients of other services only where they are configured", () => {
    const late = /^(?:@aws-sdk\/|@smithy\/|@redis\/|pg$)/;
    const byPath = new Map(SOURCES.map((file) => [file.path, file]));
    const seen = new Set<string>(["src/main.ts"]);
    const found: string[] = [];
    for (const path of seen) {
      for (const { target, typeOnly, lazy } of byPath.get(path)?.imports ?? []) {
        if (typeOnly || lazy) {
          continue;
        }
        if (target.startsWith(".")) {
          seen.add(posix.join(posix.dirname(path), target));
        } else if (late.test(packageOf(target))) {
          found.push(`${path} imports ${target}`);
        }
      }
    }
    expect(seen.size).toBeGreaterThan(300);
    expect(found).toEqual([]);
  });

  it("keeps files short and opens each with what it knows", () => {
    const wrong = [...SOURCES, ...PAGES].flatMap((file) => {
      const lineCount = file.text.split("\n").length - 1;
      const opening = file.text.replace(/^#!.*\n/, "");
      return [
        ...(lineCount > 250 ? [`${file.path} has ${lineCount} lines`] : []),
        ...(opening.startsWith("/**") ? [] : [`${file.path} does not open with a doc comment`]),
        ...(/(?:^|\/)index\.ts$/.test(file.path) ? [`${file.path} is a barrel`] : []),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it("keeps the pages apart: of the gateway they know shapes only, of packages Preact only", () => {
    const packages = new Set(["preact", "@preact/signals", "amazon-connect-streams"]);
    const wrong = PAGES.filter(({ path }) => path.startsWith("web/src/")).flatMap((file) =>
      file.imports
        .filter(({ target, typeOnly }) => {
          if (!target.startsWith(".")) {
            return !packages.has(packageOf(target));
          }
          const resolved = posix.join(posix.dirname(file.path), target);
          return (
            !resolved.startsWith("web/src/") &&
            !PAGES_MAY_IMPORT.some(
              ([place, what]) => resolved.startsWith(place) && (typeOnly || what === "values"),
            )
          );
        })
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("gives chance, sockets and requests of the pages one home", () => {
    const pattern = /\bMath\.random\(|getRandomValues|new WebSocket\(|\bfetch\(|\bsetTimeout\(/;
    const wrong = PAGES.filter(
      ({ path, code }) => path !== "web/src/browser.ts" && pattern.test(code),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("lets nothing of the pages be read as HTML", () => {
    const wrong = PAGES.filter(({ code }) =>
      /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(code),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it("has a rule for every folder it has", () => {
    const layers = [...new Set(SOURCES.map((file) => file.layer))];
    expect(layers.filter((layer) => MAY_IMPORT[layer] === undefined)).toEqual([]);
  });
});
