import { expect, test } from "vitest";
import { applyFixes } from "../../../src/fixes/index.ts";
import { check } from "../../../src/language/index.ts";
import { configSettings } from "../../../src/language/schema/config.ts";
import { fileSettings } from "../../../src/language/schema/file.ts";
import { imageSettings } from "../../../src/language/schema/image.ts";
import { ADVICE, ROWS, settingAt, synonymsIn } from "../../../src/language/schema/synonyms.ts";
import { settingsByName } from "../../../src/language/types/setting.ts";
import type { Inside, Settings, Type } from "../../../src/language/types/type.ts";
import { hostOf } from "../host.ts";

const path = "/a.imgspec";

/** All tables of settings, at any depth. */
function tablesOf(settings: Settings, found = new Set<Settings>()): Set<Settings> {
  if (found.has(settings)) return found;
  found.add(settings);
  const inside = (each: Inside | undefined): void => {
    if (each?.kind === "settings") tablesOf(each.settings(), found);
    else if (each !== undefined) inType(each.value);
  };
  const inType = (type: Type<unknown>): void => {
    inside(type.inside);
    for (const each of Object.values(type.cases ?? {})) inType(each);
  };
  for (const { type } of Object.values(settings)) inType(type);
  return found;
}

test.each(ROWS.map(({ place, names }) => [place.join(" "), place, names] as const))("%s exists", (_, place, names) => {
  const [first, name = ""] = place;
  const isThere =
    first === "*"
      ? [...tablesOf(fileSettings)].some((settings) => settingsByName(settings).has(name))
      : settingAt(fileSettings, place) !== undefined;
  expect(isThere).toBe(true);
  for (const other of names) {
    if (first !== "image" || place.length < 2) continue;
    // In the image, the answer is this row's place, or a place that is nearer.
    const answers = synonymsIn(imageSettings, other);
    expect(answers.length, other).toBeGreaterThan(0);
    for (const answer of answers)
      if (answer.kind === "setting") expect(settingAt(imageSettings, answer.path), other).toBe(answer.setting);
  }
});

test("no name has advice and a setting", () => {
  const advised = Object.values(ADVICE).flatMap((names) => names.split(" "));
  const known = new Set(ROWS.flatMap(({ names }) => names));
  expect(advised.filter((name) => known.has(name))).toEqual([]);
});

/** The text in the message after "write" for a name in the block of an image, or in its `config`. */
function answersIn(name: string, where: "image" | "config" = "image"): string[] {
  return synonymsIn(where === "image" ? imageSettings : configSettings, name).map((each) =>
    each.kind === "advice" ? "advice" : each.path.join(" "),
  );
}

test.each([
  // Docker: instructions, and fields of the image config.
  ["FROM", "base"],
  ["COPY", "files"],
  ["ADD", "files"],
  ["RUN", "advice"],
  ["Cmd", "config cmd"],
  ["CMD", "config cmd"],
  ["Entrypoint", "config entrypoint"],
  ["ENTRYPOINT", "config entrypoint"],
  ["Env", "config env"],
  ["ENV", "config env"],
  ["EXPOSE", "config expose"],
  ["ExposedPorts", "config expose"],
  ["WorkingDir", "config workdir"],
  ["WORKDIR", "config workdir"],
  ["USER", "config user"],
  ["LABEL", "config labels"],
  ["Labels", "config labels"],
  ["VOLUME", "config volumes"],
  ["StopSignal", "config stop-signal"],
  ["Healthcheck", "config healthcheck"],
  ["HEALTHCHECK", "config healthcheck"],
  ["SHELL", "config shell"],
  ["MAINTAINER", "author"],
  // Kubernetes
  ["args", "config cmd"],
  ["containerPort", "config expose"],
  ["securityContext", "config user"],
  ["runAsUser", "config user"],
  ["livenessProbe", "config healthcheck"],
  // Compose
  ["environment", "config env"],
  ["working_dir", "config workdir"],
  ["stop_signal", "config stop-signal"],
  ["depends_on", "advice"],
  // dockerTools
  ["contents", "packages"],
  ["copyToRoot", "packages"],
  ["fromImage", "base"],
  ["extraCommands", "advice"],
  ["fakeRootCommands", "advice"],
  ["runAsRoot", "advice"],
  ["maxLayers", "layers max"],
  ["architecture", "platforms"],
  // nix2container
  ["deps", "packages"],
  ["perms", "permissions"],
  ["nixUid", "nix user"],
  ["initializeNixDatabase", "nix"],
  // apko
  ["accounts", "users"],
  ["archs", "platforms"],
  ["work-dir", "config workdir"],
  ["cwd", "config workdir"],
])("in an image, %s means %s", (name, expected) => {
  expect(answersIn(name)).toEqual([expected]);
});

test("a name with several meanings is answered with all of them", () => {
  expect(answersIn("command")).toEqual(["config entrypoint", "config cmd"]);
  expect(answersIn("paths")).toEqual(["packages", "files"]);
});

test.each([
  ["Cmd", "cmd"],
  ["ExposedPorts", "expose"],
  ["WorkingDir", "workdir"],
  ["packages", "packages"],
  ["contents", "packages"],
])("in config, %s means %s", (name, expected) => {
  expect(answersIn(name, "config")).toEqual([expected]);
});

const nothing = async (): Promise<[]> => [];
test.each([
  ['image "a" { contents [ bash ] }', 'image "a" { packages [ bash ] }'],
  ['image "a" { Cmd [ "sh" ] }', 'image "a" { config { cmd [ "sh" ] } }'],
  ['image "a" { ExposedPorts [ 80 ] config { user "0" } }', 'image "a" { config { user "0" expose [ 80 ] } }'],
  ['image "a" { ExposedPorts { "80/tcp" { } } }', 'image "a" { config { expose [ 80/tcp ] } }'],
  ['image "a" { config { WorkingDir "/app" } }', 'image "a" { config { workdir "/app" } }'],
  ['image "a" { config { contents [ bash ] user "0" } }', 'image "a" { config { user "0" } packages [ bash ] }'],
  ['image "a" { ENV { A "b" } CMD [ "sh" ] }', 'image "a" { config { env { A "b" } cmd [ "sh" ] } }'],
  ['image "a" { layers { maxLayers 9 } }', 'image "a" { layers { max 9 } }'],
  [
    'image "a" { files { "/x" directory { permissions 0755 } } }',
    'image "a" { files { "/x" directory { mode 0755 } } }',
  ],
  ['image "a" { files { "/x" text "y" { chown 0:0 } } }', 'image "a" { files { "/x" text "y" { owner 0:0 } } }'],
  ['image "a" { users { b { uid 1 gid 1 homeDir "/x" } } }', 'image "a" { users { b { uid 1 gid 1 home "/x" } } }'],
  ['nixpkgs ./set { allowUnfree [ x ] }\nimage "a" { }', 'nixpkgs ./set { allow-unfree [ x ] }\nimage "a" { }'],
])("%s is fixed", async (bad, good) => {
  expect((await applyFixes({ path, text: bad }, hostOf(), nothing)).text.replaceAll(/ +/g, " ")).toBe(good);
});

test.each([
  'image "a" { command [ "sh" ] }',
  'image "a" { runAsRoot "x" }',
  'image "a" { initializeNixDatabase true }',
])("%s is not fixed, since the value or the meaning differs", async (text) => {
  const { diagnostics } = check({ path, text }, hostOf());
  expect(diagnostics[0]?.code).toBe("unknown-setting");
  expect(await applyFixes({ path, text }, hostOf(), nothing)).toEqual({ text, made: [] });
});
