/** Files of YAML that the gateway does not start without. */
import { configInvalid } from "../core/schema-problems.ts";
import { readYamlTree, type YamlTree } from "../core/yaml-document.ts";
import { readFailureText, type TextFiles } from "./files.ts";

/** @throws GatewayError CONFIG_INVALID where the file cannot be read or is no YAML. */
export function readYamlFile(file: string, files: TextFiles): YamlTree {
  let text: string;
  try {
    text = files.read(file);
  } catch (error) {
    throw configInvalid([`${file}  ${readFailureText(error)}`]);
  }
  const tree = readYamlTree(text, file);
  if (tree.kind === "bad") {
    throw configInvalid(tree.problems);
  }
  return tree;
}
