/** The environment of the process: the only place that reads it. */

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables this process was started with. */
export function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: the environment's only home
  return process.env;
}
