/** Reads what agents are helped with: the folder of knowledge and the playbook. */
import { join } from "node:path";
import type { KnowledgeFile } from "../assist/knowledge.ts";
import { EMPTY_PLAYBOOK, type Playbook, playbookSchema } from "../assist/playbook.ts";
import { configInvalid } from "../core/schema-problems.ts";
import { readYamlDocument } from "../core/yaml-document.ts";
import type { Config } from "./config.ts";
import { DEFAULT_KNOWLEDGE, DEFAULT_PLAYBOOK } from "./config-advice.ts";
import { readFailureText, type TextFiles } from "./files.ts";
import { existingPath } from "./shipped-files.ts";

/** What an agent's help is made of. */
export interface AssistScripts {
  readonly knowledge: readonly KnowledgeFile[];
  readonly playbook: Playbook;
}

/**
 * The defaults may be absent; a path that is written may not.
 *
 * @throws GatewayError CONFIG_INVALID with every problem.
 */
export function loadAssist({ assist }: Pick<Config, "assist">, files: TextFiles): AssistScripts {
  const problems: string[] = [];
  const knowledge = readKnowledge(assist.knowledge, files, problems);
  const playbook = readPlaybook(assist.playbook, files, problems);
  if (problems.length > 0) {
    throw configInvalid(problems);
  }
  return { knowledge, playbook };
}

function readKnowledge(path: string, files: TextFiles, problems: string[]): KnowledgeFile[] {
  const folder = existingPath(path, files);
  if (path === DEFAULT_KNOWLEDGE && !files.exists(folder)) {
    return [];
  }
  try {
    const names = files.list(folder).filter((name) => /\.(?:md|markdown)$/i.test(name));
    return names.map((name) => ({ path: name, text: files.read(join(folder, name)) }));
  } catch (error) {
    problems.push(`${folder}  the folder of knowledge ${readFailureText(error)}`);
    return [];
  }
}

function readPlaybook(path: string, files: TextFiles, problems: string[]): Playbook {
  const file = existingPath(path, files);
  if (path === DEFAULT_PLAYBOOK && !files.exists(file)) {
    return EMPTY_PLAYBOOK;
  }
  try {
    const document = readYamlDocument(files.read(file), file, playbookSchema);
    problems.push(...document.problems);
    return document.value ?? EMPTY_PLAYBOOK;
  } catch (error) {
    problems.push(`${file}  the playbook ${readFailureText(error)}`);
    return EMPTY_PLAYBOOK;
  }
}
