import { expect, test } from "vitest";
import { shortenValues } from "../../src/nix/shorten-values.ts";

test("functions lose their place, and long sets their attributes", () => {
  const lambda = "cannot coerce a function to a string: «lambda f @ «stdin»:22:10» here";
  expect(shortenValues(lambda)).toBe("cannot coerce a function to a string: «lambda» here");
  expect(shortenValues("a set: { a = «thunk»; b = 1; } is")).toBe("a set: { a = «thunk»; b = 1; } is");
  const attributes = Array.from({ length: 20 }, (_, i) => `a${i} = { text = "} ${i} {"; };`).join(" ");
  expect(shortenValues(`a set: { ${attributes} «20 attributes elided» } and { b = 1; }`)).toBe(
    "a set: { … } and { b = 1; }",
  );
  expect(shortenValues(`a set: { ${attributes} …`)).toBe("a set: { … }");
});

test("other text is unchanged, also braces", () => {
  for (const text of ["", "write `{ pkgs }: { hello }` instead", "{ a = 1;", 'say "{ a = 1; }"'])
    expect(shortenValues(text)).toBe(text);
});
