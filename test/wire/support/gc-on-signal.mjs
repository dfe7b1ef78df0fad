// Loaded into a gateway under test with `node --import`: SIGUSR2 collects garbage, so that memory can be compared.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
process.on("SIGUSR2", () => collectGarbage());
