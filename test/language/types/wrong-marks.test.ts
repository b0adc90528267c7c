/** Brackets and quotes around values that need none, and values that stand twice. */
import { expect, test } from "vitest";
import { applyFixes } from "../../../src/fixes/index.ts";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

const source = (settings: string) => ({ path: "/a.imgspec", text: `image "a" { ${settings} }` });

test.each([
  ["manifest [ oci ]", /expected `oci` or `docker`, but this is a list; write `oci`, without brackets/, "manifest oci"],
  ["created [ now ]", /write `now`, without brackets/, "created now"],
  ['created "now"', /write `now`, without quotes/, "created now"],
  ["output [ oci raw ]", /but this is a list; write one value, without brackets/, undefined],
  ['config { stop-signal [ "SIGTERM" ] }', /write `"SIGTERM"`, without brackets/, 'config { stop-signal "SIGTERM" }'],
  ['files { "/a" link [ "/b" ] }', /write `"\/b"`, without brackets/, 'files { "/a" link "/b" }'],
  ["expect { size <= [ 5MiB ] }", /write `5MiB`, without brackets/, "expect { size <= 5MiB }"],
  ["layers { layer [ hello ] }", /expected a string, but this is a list$/, undefined],
  ['base "scratch"', /write `scratch`, without quotes/, "base scratch"],
  [
    'base [ registry "docker.io/library/alpine:3" ]',
    /remove the brackets/,
    'base registry "docker.io/library/alpine:3"',
  ],
  ["provide [ [ sh ] env ]", /remove the inner brackets/, "provide [ sh env ]"],
  ['provide "[ sh env ]"', /write `\[ sh env \]`, without quotes/, "provide [ sh env ]"],
  ['packages "[ hello ]"', /write `\[ hello \]`, without quotes/, "packages [ hello ]"],
  [
    'config { cmd "[ \\"/bin/api\\" ]" }',
    /write `\[ "\/bin\/api" \]`, without quotes/,
    'config { cmd [ "/bin/api" ] }',
  ],
  ['config { cmd "[ -f /x ]" }', /must be a list/, 'config { cmd [ "[ -f /x ]" ] }'],
])("%s: wrong brackets or quotes", async (settings, message, fixed) => {
  const { diagnostics } = check(source(settings), hostOf());
  expect(diagnostics.map((each) => each.message)).toEqual([expect.stringMatching(message)]);
  const { text } = await applyFixes(source(settings), hostOf(), async () => []);
  expect(text).toBe(source(fixed ?? settings).text);
});

test.each([
  ["output oci raw", /^`output` takes `raw`, .*; remove this/, undefined],
  ["base scratch registry", /^`base` takes .*; remove this/, undefined],
  ["layers { auto auto }", /^`auto` is set twice/, "layers { auto }"],
  ["layers { each each 5 }", /none are left for `each 5`; move `each 5` before `each`/, undefined],
  [
    "platforms [ linux/amd64 linux/amd64 ]",
    /^`linux\/amd64` has two entries; keep one of them/,
    "platforms [ linux/amd64  ]",
  ],
  [
    'files { "/a" copy ./src { mode 0755 } { mode 0755 } }',
    /^`"\/a" copy` takes .*; remove this/,
    'files { "/a" copy ./src { mode 0755 } }',
  ],
  [
    'permissions { "/a" { capabilities [ NET_RAW ] } }',
    /did you mean `net-raw`/,
    'permissions { "/a" { capabilities [ net-raw ] } }',
  ],
])("%s: a value too many", async (settings, message, fixed) => {
  const { diagnostics } = check(source(settings), hostOf());
  expect(diagnostics.map((each) => each.message)).toEqual([expect.stringMatching(message)]);
  const { text } = await applyFixes(source(settings), hostOf(), async () => []);
  expect(text).toBe(source(fixed ?? settings).text);
});
