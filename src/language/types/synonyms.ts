/** Maps the names of settings in other tools (Docker, Kubernetes, dockerTools, nix2container, apko) to those of imgspec. */

const SYNONYMS = new Map(
  Object.entries({
    packages: ["contents", "copyToRoot", "paths", "deps", "dependencies", "install"],
    "packages [ … ], or files { … copy … }": ["rootPaths"],
    base: ["from", "fromImage", "baseImage", "base-image", "parent"],
    tag: ["version", "imageTag"],
    platforms: ["architecture", "arch", "archs", "platform", "os", "system"],
    files: ["copy", "add", "extraFiles"],
    "files { … directory }": ["mkdir", "directories"],
    "files, with a derivation that is copied": [
      "run",
      "runAsRoot",
      "extraCommands",
      "fakeRootCommands",
      "build",
      "script",
    ],
    permissions: ["perms", "chmod", "chown"],
    users: ["accounts", "passwd"],
    "layers { max … }": ["maxLayers", "max-layers"],
    layers: ["layer", "layered"],
    "config { entrypoint … }": ["command", "Entrypoint"],
    "config { cmd … }": ["args", "Cmd"],
    "config { env … }": ["environment", "variables", "Env", "environment-variables"],
    "config { expose … }": ["ports", "port", "ExposedPorts", "containerPort"],
    "config { workdir … }": ["workingDir", "working_dir", "work-dir", "cwd", "working-directory"],
    "config { volumes … }": ["volume", "volumeMounts", "mounts"],
    "config { labels … }": ["label"],
    "config { user … }": ["runAsUser", "run-as", "runAs", "uid"],
    "config { stop-signal … }": ["stopsignal", "stop_signal"],
    "config { healthcheck … }": ["livenessProbe", "readinessProbe", "health-check"],
    author: ["maintainer", "maintainers"],
    annotations: ["annotation"],
    "nix { … }": ["initializeNixDatabase", "includeNixDB"],
  }).flatMap(([setting, synonyms]) => synonyms.map((name) => [normalized(name), setting] as const)),
);

/** The imgspec setting for another tool's name; undefined if imgspec has no such setting. */
export function synonym(name: string): string | undefined {
  return SYNONYMS.get(normalized(name));
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
