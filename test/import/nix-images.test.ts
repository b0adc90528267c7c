import { expect, test } from "vitest";
import { importImages } from "../../src/import/nix-images.ts";
import { markerCode, Unwritable } from "../../src/import/nix-code.ts";
import type { Marker } from "../../src/import/nix-records.ts";
import { specText } from "../../src/import/spec-text.ts";

/** The text that stands for a recorded value, as nix/import/marker.nix makes it. */
const marker = (value: object): string => `@{${JSON.stringify(value).replaceAll("@", "\\u0040")}}@`;
const paths = { file: (path: string) => `.${path}`, stored: (path: string) => `stored ${path}` };
const code = (value: object): string => markerCode(value as Marker, paths);

const HELLO = marker({ kind: "package", attribute: "hello" });
const STORED = `/nix/store/${"a".repeat(32)}-src`;

test("recorded values are written as Nix code", () => {
  expect(code({ kind: "package", attribute: 'xorg.a$"b' })).toBe('xorg."a\\$\\"b"');
  const text = {
    kind: "text",
    name: "a",
    destination: "/bin/a",
    executable: true,
    text: `"\\ $x ${HELLO}\n${STORED}/b`,
  };
  expect(code(text)).toBe(
    `writeTextFile { name = "a"; text = "\\"\\\\ \\$x \${hello}\n\${stored ${STORED}}/b"; executable = true; destination = "/bin/a"; }`,
  );
  const made = {
    kind: "call",
    name: "a",
    function: "runCommand",
    arguments: ["a", { n: 1, "b c": [HELLO, marker(text)], off: false, none: null, empty: [{}, []] }, "x"],
  };
  expect(code(made)).toBe(
    `runCommand "a" { n = 1; "b c" = [ hello (${code(text)}) ]; off = false; none = null; empty = [ { } [ ] ]; } "x"`,
  );
  expect(code({ kind: "expression", code: `f (p: [ ${HELLO} ])` })).toBe("f (p: [ hello ])");
  expect(code({ kind: "path", path: "/src" })).toBe("./src");
  expect(() => code({ kind: "call", name: "a", function: "f", arguments: [marker({ kind: "function" })] })).toThrow(
    Unwritable,
  );
});

function imported(given: object): string {
  const image = { kind: "image", function: "buildImage", arguments: { name: "a", ...given } } as const;
  return specText(importImages([{ name: "a", image }], "/nowhere"));
}

test("a value with a function gets a place for its expression, once", () => {
  const made = marker({ kind: "call", name: "app-1.0", function: "f", arguments: [marker({ kind: "function" })] });
  const text = imported({ copyToRoot: [made], config: { Cmd: [`${made}/bin/app`], Env: [`X=${STORED}`] } });
  expect(text).toContain("# The original makes app-1.0 with a function that imgc cannot import.");
  expect(text.match(/^let .*$/gm)).toEqual([
    `let app-1-0 = nix ''throw "write the expression of app-1.0 here"''`,
    `let src = nix ''throw "write the expression of src here"''`,
  ]);
  expect(text).toContain('cmd [ "${$app-1-0}/bin/app" ]');
  expect(text).toContain('X "${$src}"');
});

test("two values of the same name have different bindings", () => {
  const file = (text: string) => marker({ kind: "text", name: "run", destination: "", executable: false, text });
  const text = imported({ config: { Cmd: [file("1"), file("2"), file("1")] } });
  expect(text).toContain('cmd [ "${$run}" "${$run-2}" "${$run}" ]');
});

test("a health check in lowercase, and settings that imgc lacks", () => {
  const healthcheck = { test: ["CMD", "x"], interval: 1_500_000_000, StartInterval: 1 };
  const text = imported({ config: { healthcheck, Hostname: "h", User: null }, architecture: "arm64", created: "now" });
  expect(text).toContain('healthcheck { test [ "CMD" "x" ] interval 1500ms }');
  expect(text).toContain("# config.Healthcheck.StartInterval = 1 has no setting");
  expect(text).toContain('# config.Hostname = "h" has no setting');
  expect(text).toContain("platforms [ linux/arm64 ]");
  expect(text).toContain("created now");
});

test("commands of scripts become files, permissions and users, from the root of the image", () => {
  const extraCommands = `
    # The server's data.
    mkdir -p data/cache ./log; chmod 700 data/cache
    mkdir -m 700 secret
    ln -s /data/cache ./cache
    chown ann data/cache
    chown -R 1000:1000 log
    cp ${HELLO}/share/a data
    if true; then :; fi
  `;
  const simple = imported({ extraCommands: extraCommands.replace(/if.*/, "") });
  expect(simple).toContain('"/data/cache" directory { mode 0700 }');
  expect(simple).toContain('"/log" directory');
  expect(simple).toContain('"/cache" link "/data/cache"');
  expect(simple).toContain('"/log/**" { owner 1000:1000 }');
  expect(simple).toContain(
    "# extraCommands: mkdir -m 700 secret && chown ann data/cache && cp ${hello}/share/a data\n",
  );
  expect(imported({ extraCommands })).toContain("#     cp ${hello}/share/a data\n");
});
