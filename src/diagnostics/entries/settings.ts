// Settings: which there are, how often, with how many values.
import { didYouMean, error, short, warning } from "./entry.ts";

export const settingEntries = {
  "missing-name": error(
    (_nothing: object) => "a value stands here without a setting; write the setting's name before it",
    "A block is made of settings: a name, then its values. Here is a value that follows no name.",
    'image "a" {\n  [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unknown-setting": error(
    ({
      name,
      owner,
      suggestion,
      known,
      ours,
      elsewhere,
    }: {
      name: string;
      owner: string;
      suggestion: string | undefined;
      known: string[];
      ours?: string | undefined;
      elsewhere?: string | undefined;
    }) => {
      if (ours !== undefined) return `other tools' \`${short(name)}\` is \`${ours}\` in imgspec`;
      if (elsewhere !== undefined)
        return `\`${name}\` stands inside \`${elsewhere}\`; write \`${elsewhere} { ${name} … }\``;
      const all = known.length <= 12 ? `; there are ${known.map((each) => `\`${each}\``).join(" ")}` : "";
      return `\`${short(name)}\` is not a setting of ${owner === "a file" ? owner : `\`${owner}\``}${didYouMean(suggestion) || all}`;
    },
    "Each block has settings of its own; the reference lists them.",
    'image "a" {\n  pakages [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "flag-value": error(
    ({ name, written, isYes }: { name: string; written: string; isYes: boolean }) =>
      `\`${name}\` takes no value; ${isYes ? `remove \`${written}\`` : `remove the setting for \`${written}\``}`,
    "Some settings take no value: write the name to turn the setting on, and leave the setting out to turn it off.",
    'image "a" {\n  expect { no-setuid true }\n}\n',
    'image "a" {\n  expect { no-setuid }\n}\n',
  ),
  "doubled-setting": error(
    ({ name }: { name: string }) => `\`${name}\` is written twice; each setting stands once, so join the two`,
    "Where a setting stood twice, it would be unclear which one counts.",
    'image "a" {\n  packages [ hello ]\n  packages [ jq ]\n}\n',
    'image "a" {\n  packages [ hello jq ]\n}\n',
  ),
  "doubled-entry": error(
    ({ name }: { name: string }) => `\`${short(name)}\` has two entries; keep one of them`,
    "Each key of a block, such as a path of `files`, stands once.",
    'image "a" {\n  files { "/x" directory "/x/" directory }\n}\n',
    'image "a" {\n  files { "/x" directory }\n}\n',
  ),
  "missing-setting": error(
    ({ owner, name }: { owner: string; name: string }) => `\`${short(owner)}\` needs the setting \`${name}\``,
    "A few settings have no default.",
    'image "a" {\n  users { api { uid 1000 } }\n}\n',
    'image "a" {\n  users { api { uid 1000 gid 1000 } }\n}\n',
  ),
  "missing-value": error(
    ({ name, expected }: { name: string; expected: string }) => `\`${short(name)}\` needs ${expected}`,
    "The setting's name stands there, and not all that must follow it.",
    'image "a" {\n  tag\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unexpected-value": error(
    ({ name, expected }: { name: string; expected: string }) =>
      `\`${short(name)}\` takes ${expected}; this does not belong to it`,
    "A setting has more values than it takes, or one of another kind. Remove it, or write the setting it belongs to before it.",
    'image "a" {\n  tag "v1" "v2"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unreachable-step": error(
    ({ step, before }: { step: string; before: string }) =>
      `nothing is left for \`${step}\`: \`${before}\` takes all that remains; put it before \`${before}\``,
    "`auto`, `rest` and `each` without a number take everything, so they end the steps.",
    'image "a" {\n  layers { rest group 5 }\n}\n',
    'image "a" {\n  layers { group 5 rest }\n}\n',
  ),
  "too-many-layers": error(
    ({ max, named, below }: { max: number; named: number; below: number }) =>
      `there are ${named} named layers${below === 0 ? "" : `, ${below} of them the base's`}, but no more than ${max} may be made; raise \`max\`, or join some`,
    "Each `layer` with a name is a layer of its own, and a base's layers count as well.",
    'image "a" {\n  layers { max 1 layer "x" [ hello ] layer "y" [ jq ] }\n}\n',
    'image "a" {\n  layers { max 3 layer "x" [ hello ] layer "y" [ jq ] }\n}\n',
  ),
  "too-many-for-docker": warning(
    ({ max, docker }: { max: number; docker: number }) =>
      `with \`max ${max}\` the image may have more layers than Docker can run; use at most ${docker} if Docker must run the image`,
    "Docker runs images of at most 127 layers. Podman and containerd allow more.",
    'image "a" {\n  layers { max 200 }\n}\n',
    'image "a" {\n  layers { max 127 }\n}\n',
  ),
  "lost-healthcheck": warning(
    (_nothing: object) =>
      "podman drops the health check of an image with an OCI manifest; write `manifest docker`, which keeps it",
    "The OCI image config has no health check. Docker reads one from it nevertheless, podman does not.",
    'image "a" {\n  config { healthcheck { test [ "CMD" "/bin/true" ] } }\n}\n',
    'image "a" {\n  manifest docker\n  config { healthcheck { test [ "CMD" "/bin/true" ] } }\n}\n',
  ),
  "empty-rule": error(
    ({ glob }: { glob: string }) =>
      `the rule for \`${short(glob)}\` changes nothing; give it a \`mode\`, an \`owner\` or \`capabilities\``,
    "A rule of `permissions` gives the files that it fits another mode, another owner or capabilities.",
    'image "a" {\n  permissions { "/app/**" { } }\n}\n',
    'image "a" {\n  permissions { "/app/**" { mode 0755 } }\n}\n',
  ),
  "bad-removal": error(
    ({ path, reason }: { path: string; reason: string }) => `\`${short(path)}\` cannot be removed: ${reason}`,
    "`remove` takes a file or folder of the base out of the image. To drop one of the image's own files, delete its entry.",
    'image "a" {\n  files { "/etc/legacy" remove }\n}\n',
    "image \"a\" {\n  base nix ''import ./base.nix''\n  files { \"/etc/legacy\" remove }\n}\n",
  ),
  conflict: error(
    ({ name, other, instead }: { name: string; other: string; instead: string }) =>
      `\`${name}\` cannot go with \`${other}\`; ${instead}`,
    "Each of the two is right, but no image can have both.",
    'image "a" {\n  manifest docker\n  annotations { "a" "b" }\n}\n',
    'image "a" {\n  manifest docker\n  config { labels { "a" "b" } }\n}\n',
  ),
  "inside-file": error(
    ({ path, outer }: { path: string; outer: string }) =>
      `\`${short(path)}\` cannot be made, since \`${short(outer)}\` is no directory; change one of the two paths`,
    "A file or a link holds no other files.",
    'image "a" {\n  files { "/x" text "y" "/x/y" directory }\n}\n',
    'image "a" {\n  files { "/x" directory "/x/y" directory }\n}\n',
  ),
  "not-pinned": error(
    ({ reference }: { reference: string }) =>
      `\`${short(reference)}\` is not pinned in imgc.lock; \`imgc lock FILE\` finds out what it stands for now`,
    "What a reference stands for changes. The lock file beside the spec says what is meant, so that the same spec and lock give the same image anywhere.",
    'image "a" {\n  base registry "example.org/base:1"\n}\n',
    'image "a" {\n  base scratch\n}\n',
  ),
  "cannot-pin": error(
    ({ reason }: { reason: string }) => reason,
    "`imgc lock` asks registries and Nix what the references of a spec stand for. The lock file stays as it was until all are known.",
    'image "a" {\n  base registry "unreachable.example.org/base:1"\n}\n',
    'image "a" {\n  base scratch\n}\n',
  ),
  "stale-lock": error(
    ({ reference, misfit }: { reference: string; misfit: string }) =>
      `imgc.lock does not fit \`${short(reference)}\`: ${misfit}; \`imgc lock FILE\` pins it again`,
    "The spec has changed since it was pinned, or the lock was edited. A lock that does not fit is never ignored.",
    `image "a" {\n  base registry "example.org/stale@sha256:${"0".repeat(64)}"\n}\n`,
    'image "a" {\n  base scratch\n}\n',
  ),
};
