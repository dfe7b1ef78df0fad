#!/usr/bin/env node
// The whole of `npm test`: installs the real peers where it may, then runs format, types, unit and wire suites.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Program → the Debian package that has it, and the suites that need it. */
const PEERS = {
  sipp: ["sip-tester", "wire suites that call with SIPp"],
  baresip: ["baresip", "wire suites that call with baresip"],
  openssl: ["openssl", "wire suites that make certificates"],
  "redis-server": ["redis-server", "wire suites of the bus over Redis"],
  pg_ctlcluster: ["postgresql", "wire suites of the store in PostgreSQL"],
  chromium: ["chromium", "wire suites that look at pages in a browser"],
  flite: ["flite", "speech suite of the local model"],
  pocketsphinx_batch: ["pocketsphinx", "speech suite of the local model"],
};
const EXTRA_PACKAGES = ["pocketsphinx-en-us", "fonts-dejavu-core"];

const isInstalled = (program) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
const missingPeers = () => Object.keys(PEERS).filter((program) => !isInstalled(program));

function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: "inherit", ...options }).status ?? 1;
}

function installPeers() {
  const missing = missingPeers();
  if (missing.length === 0) {
    return;
  }
  if (process.getuid?.() === 0 && isInstalled("apt-get")) {
    console.error(`installing the peers to test against: ${missing.join(", ")}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const packages = [...new Set(missing.map((program) => PEERS[program][0])), ...EXTRA_PACKAGES];
    run("apt-get", ["update", "-qq"], { env });
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  for (const program of missingPeers()) {
    const [name, suites] = PEERS[program];
    console.error(`LEFT OUT: ${suites}: ${program} is not installed (apt-get install ${name})`);
  }
}

const vitest = join("node_modules", "vitest", "vitest.mjs");
const reportFolder = mkdtempSync(join(tmpdir(), "trunkline-test-"));
const totals = { passed: 0, failed: 0, skipped: 0 };

function runSuites(project) {
  const report = join(reportFolder, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = run(process.execPath, [vitest, "run", "--project", project, ...reporters]);
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    totals.skipped += numPendingTests;
  }
  return status;
}

const checkTypes = (project) => run(join("node_modules", ".bin", "tsc"), ["-p", project]);
function runInfra() {
  const infra = ["--prefix", "infra"];
  return (
    run("npm", ["ci", ...infra, "--no-audit", "--no-fund"], {
      stdio: ["ignore", "ignore", "inherit"],
    }) ||
    checkTypes(join("infra", "tsconfig.json")) ||
    runSuites("infra")
  );
}

installPeers();
const steps = [
  ["format and lint", () => run(join("node_modules", ".bin", "biome"), ["ci", "."])],
  ["types", () => checkTypes("tsconfig.json")],
  ["types of the pages", () => checkTypes(join("web", "tsconfig.json"))],
  ["pages", () => run(process.execPath, [join("scripts", "build-pages.mjs")])],
  ["unit and scenario tests", () => runSuites("unit")],
  ["infrastructure", runInfra],
  ["wire tests", () => runSuites("wire")],
];
const failed = steps.filter(([name, step]) => {
  console.error(`\n== ${name}`);
  return step() !== 0;
});
rmSync(reportFolder, { recursive: true, force: true });
for (const [name] of failed) {
  console.error(`FAILED: ${name}`);
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(failed.length === 0 ? 0 : 1);
