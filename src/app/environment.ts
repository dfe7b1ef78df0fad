/** The environment of the process: the only place that reads it. */

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables this process was started with. Clients of AWS are told not to write that they will want a newer Node:
 * it would stand between the lines of a command that somebody reads. docs/deployment.md says it.
 */
export function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: the environment's only home
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  // biome-ignore lint/style/noProcessEnv: the environment's only home
  return process.env;
}
