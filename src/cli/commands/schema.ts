/** `imgc schema`: prints the JSON schema of a checked file, for other programs. */
import { jsonSchema } from "../../language/schema/json-schema.ts";

export function schema(): void {
  process.stdout.write(`${JSON.stringify(JSON.parse(jsonSchema()), null, 2)}\n`);
}
