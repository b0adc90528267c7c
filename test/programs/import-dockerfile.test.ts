import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { importDockerfile } from "../../src/import/dockerfile/import-dockerfile.ts";
import { specText } from "../../src/import/spec-text.ts";
import { onImages } from "../../src/publish/engine-images.ts";
import { cleanUp, folder, imgc, tool } from "../e2e/tools.ts";

const FOLDER = join(import.meta.dirname, "../import/dockerfiles");

interface Config {
  Env?: string[] | null;
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: object | null;
  ExposedPorts?: object | null;
  Labels?: Record<string, string> | null;
  Healthcheck?: Record<string, unknown> | null;
  Shell?: string[] | null;
  User?: string;
  WorkingDir?: string;
  StopSignal?: string;
}

/** The Dockerfile on an empty base, without files of other stages and without commands except those that `keep` matches. */
function offline(text: string, keep: RegExp): string {
  const stages = text.split(/^(?=FROM )/m);
  const head = stages[0]?.startsWith("FROM") === true ? "" : (stages.shift() ?? "");
  const last = (stages.at(-1) ?? "").replace(/^FROM(?: --platform=\S+)? \S+.*$/m, "FROM scratch");
  const instructions = last.replaceAll(/ --chown=[a-z]\S*/g, "").split(/\n(?=[A-Z]+ )/);
  const kept = instructions.filter((each) => keep.test(each) || !/^RUN |^COPY --from|^ADD http|^ONBUILD/.test(each));
  return `${head}${kept.join("\n")}`;
}

/** The configuration in one form: ranges of ports and settings that are empty are written in several ways. */
function comparable(config: Config): object {
  const { "io.buildah.version": _, ...labels } = config.Labels ?? {};
  const ports = Object.keys(config.ExposedPorts ?? {}).flatMap((port) => {
    const [, first = "", last = first, protocol = "tcp"] = /^(\d+)(?:-(\d+))?(?:\/(.*))?$/.exec(port) ?? [];
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (__, i) => `${Number(first) + i}/${protocol}`);
  });
  return {
    env: (config.Env ?? []).toSorted(),
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    // imgc writes the ids of a user of the image.
    user: config.User === "shop" ? "2000:2000" : (config.User ?? ""),
    workdir: (config.WorkingDir ?? "") || "/",
    volumes: Object.keys(config.Volumes ?? {}).toSorted(),
    ports: ports.toSorted(),
    labels,
    healthcheck: config.Healthcheck ?? null,
    stopSignal: config.StopSignal ?? "",
    shell: config.Shell ?? [],
  };
}

test("imported Dockerfiles build, with the configuration that podman gives the image", async () => {
  const context = join(folder(), "context");
  cpSync(join(FOLDER, "context"), context, { recursive: true });
  const names = readdirSync(FOLDER).flatMap((name) => /^(.*)\.Dockerfile$/.exec(name)?.[1] ?? []);
  const texts: string[] = [];
  const expected: Record<string, object> = {};
  for (const name of names) {
    const text = readFileSync(join(FOLDER, `${name}.Dockerfile`), "utf8");
    // The image needs the users that its configuration names; podman does not look them up.
    texts.push(specText(importDockerfile(offline(text, /^RUN (?:groupadd|useradd)/), name, context)));
    const file = join(folder(), "Dockerfile");
    // Debian 12's podman does not support here-documents.
    writeFileSync(file, offline(text, /^$/).replace(/^COPY <<EOF.*?^EOF$/ms, ""));
    const image = `localhost/imgc-import/${name}`;
    cleanUp(() => onImages("podman", ["rmi", "--force", image]));
    await onImages("podman", [
      "build",
      "--quiet",
      "--format",
      "docker",
      "--network",
      "none",
      "--tag",
      image,
      "--file",
      file,
      context,
    ]);
    const { stdout } = await tool("podman", ["image", "inspect", image]);
    const [{ Config: config, Healthcheck }] = JSON.parse(stdout) as [
      {
        Config: Config;
        Healthcheck?: Config["Healthcheck"];
      },
    ];
    if (Healthcheck) config.Healthcheck = Healthcheck;
    // Docker runs the shell form with the shell of SHELL, and records that shell; this podman does neither.
    const shell = /^SHELL (.*)$/m.exec(text)?.[1];
    if (shell !== undefined) config.Shell = JSON.parse(shell) as string[];
    if (shell !== undefined) config.Entrypoint = [...(config.Shell ?? []), ...(config.Entrypoint ?? []).slice(2)];
    expected[name] = comparable(config);
  }
  const path = join(context, "all.imgspec");
  writeFileSync(path, (await format({ path, text: texts.join("\n") })).text);
  const out = join(folder(), "out");
  mkdirSync(out);
  const { stdout } = await imgc("build", path, "--json", "-o", join(out, "result"));
  const { images } = JSON.parse(stdout) as { images: { name: string; output: string }[] };
  const configs = images.map(({ name, output }) => {
    const { config } = JSON.parse(readFileSync(join(output, "config.json"), "utf8")) as { config: Config };
    return [name, comparable(config)] as const;
  });
  expect(Object.fromEntries(configs)).toEqual(expected);
});
