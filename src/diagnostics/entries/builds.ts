// What only a build can find, in packages, bases and files.
import { error } from "./entry.ts";

export const buildEntries = {
  "build-finding": error(
    ({ message }: { message: string }) => message,
    "Some of what a description says can only be held against the packages and files that the image is made of. `imgc build` shows what does not fit at its place.",
    'image "a" {\n  permissions { "/nowhere/*" { mode 0755 } }\n}\n',
    'image "a" { }\n',
  ),
};
