/** Holds a CloudFormation template against the resource specification, without an account. */
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";

interface SpecProperty {
  readonly required?: boolean;
  readonly type: SpecType;
}
type SpecType =
  | { readonly type: "array" | "map"; readonly element: SpecType }
  | { readonly type: "ref"; readonly reference: { readonly $ref: string } }
  | { readonly type: "union"; readonly types: readonly SpecType[] }
  | { readonly type: string };
type Properties = Readonly<Record<string, SpecProperty>>;

const db = loadAwsServiceSpecSync();

/** What is wrong, one line each: types, properties and required properties, at any depth. */
export function checkTemplate(template: unknown): string[] {
  const { Resources } = template as {
    readonly Resources: Readonly<Record<string, { Type: string; Properties?: object }>>;
  };
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [resource] = db.lookup("resource", "cloudFormationType", "equals", Type);
    return resource === undefined
      ? [`${id}: no resource type ${Type}`]
      : checkProperties(`${id} (${Type})`, Properties, resource.properties as never);
  });
}

function checkProperties(at: string, given: object, known: Properties): string[] {
  const unknown = Object.keys(given).filter((name) => known[name] === undefined);
  const missing = Object.entries(known)
    .filter(([name, { required }]) => required === true && !(name in given))
    .map(([name]) => name);
  return [
    ...unknown.map((name) => `${at}: no property ${name}`),
    ...missing.map((name) => `${at}: ${name} is required`),
    ...Object.entries(given).flatMap(([name, value]) => {
      const property = known[name];
      return property === undefined ? [] : checkValue(`${at}.${name}`, value, property.type);
    }),
  ];
}

function checkValue(at: string, value: unknown, type: SpecType): string[] {
  if (isIntrinsic(value) || value === null || typeof value !== "object") {
    return [];
  }
  if (type.type === "array" && "element" in type) {
    return Array.isArray(value)
      ? value.flatMap((each, index) => checkValue(`${at}[${index}]`, each, type.element))
      : [`${at}: a list is expected`];
  }
  if (type.type === "map" && "element" in type) {
    return Object.entries(value).flatMap(([key, each]) =>
      checkValue(`${at}.${key}`, each, type.element),
    );
  }
  if (type.type === "ref" && "reference" in type) {
    const definition = db.get("typeDefinition", type.reference.$ref as never);
    return checkProperties(at, value, definition.properties as never);
  }
  if (type.type === "union" && "types" in type) {
    const outcomes = type.types.map((each) => checkValue(at, value, each));
    return outcomes.some((problems) => problems.length === 0) ? [] : (outcomes[0] ?? []);
  }
  return [];
}

/** `{ Ref }`, `{ "Fn::…" }` and the like: known at deployment only. */
function isIntrinsic(value: unknown): boolean {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return keys.length === 1 && (keys[0] === "Ref" || (keys[0] as string).startsWith("Fn::"));
}
