/** `imgc schema`: the JSON schema of what `imgc check` makes of a file, for programs that read it. */
import { jsonSchema } from "../../language/schema/json-schema.ts";

export function schema(): void {
  process.stdout.write(`${JSON.stringify(JSON.parse(jsonSchema()), null, 2)}\n`);
}
