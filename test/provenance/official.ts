/** Compares JSON with the official protobuf definitions, by the rules of protobuf for JSON. */
import { join } from "node:path";
import protobuf from "protobufjs";

const FOLDER = join(import.meta.dirname, "official");

const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith("google/") ? target : join(FOLDER, target));
root.loadSync([
  "in_toto_attestation/v1/statement.proto",
  "in_toto_attestation/predicates/provenance/v1/provenance.proto",
]);
root.resolveAll();

export const STATEMENT = "in_toto_attestation.v1.Statement";
export const PROVENANCE = "in_toto_attestation.predicates.provenance.v1.Provenance";

/** The places at which a value differs from a message; unknown members are differences, too. */
export function differences(message: typeof STATEMENT | typeof PROVENANCE, value: unknown): string[] {
  return ofMessage(root.lookupType(message), value, "$");
}

function ofMessage(type: protobuf.Type, value: unknown, at: string): string[] {
  if (type.fullName === ".google.protobuf.Struct") return isObject(value) ? [] : [at];
  if (type.fullName === ".google.protobuf.Timestamp")
    return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value) ? [] : [at];
  if (!isObject(value)) return [at];
  const fields = new Map(type.fieldsArray.map((field) => [jsonName(field), field.resolve()]));
  return Object.entries(value).flatMap(([name, each]) => {
    const field = fields.get(name);
    return field === undefined ? [`${at}.${name}`] : ofField(field, each, `${at}.${name}`);
  });
}

function ofField(field: protobuf.Field, value: unknown, at: string): string[] {
  if (field.map)
    return isObject(value) ? Object.entries(value).flatMap(([key, each]) => ofOne(field, each, `${at}.${key}`)) : [at];
  if (field.repeated) return Array.isArray(value) ? value.flatMap((each, i) => ofOne(field, each, `${at}.${i}`)) : [at];
  return ofOne(field, value, at);
}

function ofOne({ type, resolvedType }: protobuf.Field, value: unknown, at: string): string[] {
  if (resolvedType instanceof protobuf.Type) return ofMessage(resolvedType, value, at);
  const isBytes = typeof value === "string" && /^[A-Za-z0-9+/]*=*$/.test(value);
  return (type === "string" && typeof value === "string") || (type === "bytes" && isBytes) ? [] : [at];
}

/** The name of a field in JSON: the option `json_name`, otherwise the name in camel case. */
function jsonName({ name, options }: protobuf.Field): string {
  return String(options?.["json_name"] ?? protobuf.util.camelCase(name));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
