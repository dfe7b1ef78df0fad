/** Options that many commands share, always under the same name. */

/** Which configuration is meant. */
export const CONFIG_FLAG = "--config <file>";
export const CONFIG_HELP =
  "configuration file; else TRUNKLINE_CONFIG, else ./gateway.yaml if it exists";
/** What `--json` does. */
export const JSON_HELP = "print JSON";
