/** Runs every stand-in for AWS by hand, on one port: `npx tsx test/support/aws/run.ts --port 4566`. */
import { parseArgs } from "node:util";
import { allServices } from "./all-services.ts";
import { startAwsStandIn } from "./aws-stand-in.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "4566" } } });
const services = allServices();
const standIn = await startAwsStandIn({ port: Number(values.port), services });
console.log(`stand-ins of ${services.map(({ service }) => service).join(", ")}`);
console.log(`at ${standIn.endpoint}: nothing they do costs anything, and all is lost with ^C`);
console.log(`  export TRUNKLINE_AWS_ENDPOINT=${standIn.endpoint}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void standIn.close());
}
