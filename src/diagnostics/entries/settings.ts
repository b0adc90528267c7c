/** Diagnostics of settings: unknown, repeated and missing settings, conflicts, numbers of values. */
import type { Span } from "../source.ts";
import { didYouMean, error, quoted, short, warning } from "./entry.ts";

interface UnknownSetting {
  name: string;
  owner: string;
  suggestion: string | undefined;
  known: string[];
  /** Settings that the name may mean, as text. */
  ours?: string[];
  /** The first of these settings: the names of the blocks around it, and its own. */
  path?: readonly string[];
  /** Whether the setting belongs outside of the block. */
  isOuter?: boolean;
  /** The edits after which the setting accepts the values; absent if it does not accept them. */
  edits?: readonly { span: Span; text: string }[];
  /** The advice if imgspec has no such setting. */
  advice?: string | undefined;
}

export const settingEntries = {
  "missing-name": error(
    (_nothing: object) => "this value belongs to no setting; write the name of a setting before it",
    "A block consists of settings: a name, then its values. This value follows no name.",
    'image "a" {\n  [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "unknown-setting": error(
    ({ name, owner, suggestion, known, ours, isOuter, advice }: UnknownSetting) => {
      if (advice !== undefined) return `imgspec has no setting \`${short(name)}\`: ${advice}`;
      const place = owner === "a file" ? owner : `\`${short(owner)}\``;
      if (ours !== undefined) {
        const written = ours.map((each) => `\`${each}\``).join(" or ");
        return `\`${short(name)}\` is not a setting of ${place}; write ${written}${isOuter === true ? " in the image instead" : ""}`;
      }
      const all = known.length <= 12 ? `; the settings are ${known.map((each) => `\`${each}\``).join(", ")}` : "";
      return `\`${short(name)}\` is not a setting of ${place}${didYouMean(suggestion) || all}`;
    },
    "Each block has its own settings. The reference lists them. For names of other tools, such as `contents` or `Cmd`, the message shows ours.",
    'image "a" {\n  pakages [ hello ]\n}\n',
    'image "a" {\n  packages [ hello ]\n}\n',
  ),
  "flag-value": error(
    ({ name, input, isYes }: { name: string; input: string; isYes: boolean; unneeded: Span }) =>
      `\`${name}\` takes no value; ${isYes ? `remove \`${input}\`` : `remove \`${name} ${input}\``}`,
    "Some settings take no value: write the name to turn the setting on, and leave the setting out to turn it off.",
    'image "a" {\n  expect { no-setuid true }\n}\n',
    'image "a" {\n  expect { no-setuid }\n}\n',
  ),
  "doubled-setting": error(
    ({ name }: { name: string }) => `\`${name}\` is set twice; join the two into one`,
    "A setting can be given only once. With two values, it would be unclear which one counts.",
    'image "a" {\n  packages [ hello ]\n  packages [ jq ]\n}\n',
    'image "a" {\n  packages [ hello jq ]\n}\n',
  ),
  "doubled-entry": error(
    ({ name }: { name: string }) => `\`${short(name)}\` has two entries; keep one of them`,
    "Each key of a block, such as a path in `files`, can be given only once.",
    'image "a" {\n  files { "/x" directory "/x/" directory }\n}\n',
    'image "a" {\n  files { "/x" directory }\n}\n',
  ),
  "missing-setting": error(
    ({ owner, name }: { owner: string; name: string }) => `\`${short(owner)}\` needs the setting \`${name}\`; add it`,
    "A few settings have no default value.",
    'image "a" {\n  users { api { uid 1000 } }\n}\n',
    'image "a" {\n  users { api { uid 1000 gid 1000 } }\n}\n',
  ),
  "missing-value": error(
    ({ name, expected }: { name: string; expected: string }) => `\`${short(name)}\` needs ${expected}; add it`,
    "The setting has fewer values than it needs.",
    'image "a" {\n  tag\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "unexpected-value": error(
    ({ name, expected }: { name: string; expected: string }) =>
      `\`${short(name)}\` takes ${expected}; remove this, or write its setting before it`,
    "The setting has more values than it takes, or a value of another kind. Remove the value, or write the name of the setting that it belongs to before it.",
    'image "a" {\n  tag "v1" "v2"\n}\n',
    'image "a" {\n  tag "v1"\n}\n',
  ),
  "misplaced-block": error(
    ({ name, word, other, inner }: { name: string; word: string; other: string; inner: string }) =>
      `\`${inner}\` is a setting of \`${short(name)} ${other}\`, not of \`${short(name)} ${word}\`; write \`${other}\` in place of \`${word}\`, or remove the block`,
    "The word after the name of the setting decides which block may follow. The settings in this block belong to another word.",
    'image "a" {\n  compression gzip 6 { chunked }\n}\n',
    'image "a" {\n  compression zstd 6 { chunked }\n}\n',
  ),
  "unreachable-step": error(
    ({ step, before, takesAll }: { step: string; before: string; takesAll: boolean }) =>
      takesAll
        ? `\`${before}\` and \`${step}\` each take all remaining paths; keep one of them, as the last step`
        : `\`${before}\` takes all remaining paths, so none are left for \`${step}\`; move \`${step}\` before \`${before}\``,
    "`auto`, `rest`, and `each` without a number take all remaining paths, so they must be the last step.",
    'image "a" {\n  layers { rest group 5 }\n}\n',
    'image "a" {\n  layers { group 5 rest }\n}\n',
  ),
  "too-many-layers": error(
    ({ max, named, below }: { max: number; named: number; below: number }) =>
      `the image has ${named} named layers${below === 0 ? "" : `, ${below} of them in its base`}, more than the limit of ${max}; raise \`max\`, or join some of the layers`,
    "Each named `layer` is a layer of its own, and the layers of a base count as well.",
    'image "a" {\n  layers { max 1 layer "x" [ hello ] layer "y" [ jq ] }\n}\n',
    'image "a" {\n  layers { max 3 layer "x" [ hello ] layer "y" [ jq ] }\n}\n',
  ),
  "too-many-for-docker": warning(
    ({ max, docker }: { max: number; docker: number }) =>
      `with \`max ${max}\` the image may have more layers than Docker can load; use at most ${docker} if Docker must run the image`,
    "Docker loads images of at most 125 layers, and Podman before 4.4 runs images of at most 128. Podman 4.4 runs images of up to 500 layers.",
    'image "a" {\n  layers { max 200 }\n}\n',
    'image "a" {\n  layers { max 125 }\n}\n',
  ),
  "lost-healthcheck": warning(
    (_nothing: object) =>
      "podman drops the health check of an image with an OCI manifest; write `manifest docker`, which keeps it",
    "The OCI image config does not define a health check. Docker reads one from there nevertheless, podman does not.",
    'image "a" {\n  config { healthcheck { test [ "CMD" "/bin/true" ] } }\n}\n',
    'image "a" {\n  manifest docker\n  config { healthcheck { test [ "CMD" "/bin/true" ] } }\n}\n',
  ),
  "empty-rule": error(
    ({ glob }: { glob: string }) =>
      `the rule for \`${short(glob)}\` changes nothing; give it a \`mode\`, an \`owner\` or \`capabilities\``,
    "A rule of `permissions` sets the mode, the owner or the capabilities of the files that match its glob.",
    'image "a" {\n  permissions { "/app/**" { } }\n}\n',
    'image "a" {\n  permissions { "/app/**" { mode 0755 } }\n}\n',
  ),
  "bad-removal": error(
    ({ path, reason }: { path: string; reason: string }) => `\`${short(path)}\` cannot be removed: ${reason}`,
    "`remove` takes a file or folder of the base out of the image. To drop one of the image's own files, delete its entry.",
    'image "a" {\n  files { "/etc/legacy" remove }\n}\n',
    "image \"a\" {\n  base nix ''import ./base.nix''\n  files { \"/etc/legacy\" remove }\n}\n",
  ),
  "shared-id": warning(
    ({ name, other, id, value }: { name: string; other: string; id: string; value: number }) =>
      `\`${short(name)}\` has the ${id} ${value} of \`${short(other)}\`, so each owns the other's files; give it another id`,
    "A file system knows users and groups by their ids only.",
    'image "a" {\n  users { api { uid 1000 gid 1000 } web { uid 1000 gid 1001 } }\n}\n',
    'image "a" {\n  users { api { uid 1000 gid 1000 } web { uid 1001 gid 1001 } }\n}\n',
  ),
  conflict: error(
    ({ name, other, instead }: { name: string; other: string; instead: string }) =>
      `${quoted(name)} cannot be combined with ${quoted(other)}; ${instead}`,
    "Each of the two is valid, but an image cannot have both.",
    'image "a" {\n  manifest docker\n  annotations { "a" "b" }\n}\n',
    'image "a" {\n  manifest docker\n  config { labels { "a" "b" } }\n}\n',
  ),
  "inside-file": error(
    ({ path, outer }: { path: string; outer: string }) =>
      `\`${short(path)}\` is inside \`${short(outer)}\`, which is not a directory; change one of the two paths`,
    "A file or a link cannot contain other files.",
    'image "a" {\n  files { "/x" text "y" "/x/y" directory }\n}\n',
    'image "a" {\n  files { "/x" directory "/x/y" directory }\n}\n',
  ),
  "not-pinned": error(
    ({ reference, description }: { reference: string; description: string }) =>
      `\`${short(reference)}\` is not pinned in imgc.lock; run \`imgc lock ${description}\``,
    "A tag or a branch can point to something else tomorrow. `imgc lock` writes what it points to now into the lock file beside the description, so that the same description and lock file give the same image everywhere.",
    'image "a" {\n  base registry "example.org/base:1"\n}\n',
    'image "a" {\n  base scratch\n}\n',
  ),
  "cannot-pin": error(
    ({ reason }: { reason: string }) => reason,
    "`imgc lock` resolves the references of a description with registries and Nix. The lock file does not change until all references are resolved.",
    'image "a" {\n  base registry "unreachable.example.org/base:1"\n}\n',
    'image "a" {\n  base scratch\n}\n',
  ),
  "stale-lock": error(
    ({ reference, misfit, description }: { reference: string; misfit: string; description: string }) =>
      `imgc.lock does not match \`${short(reference)}\`: ${misfit}; run \`imgc lock ${description}\` to pin it again`,
    "The description changed after `imgc lock`, or the lock file was edited. imgc never ignores an entry that does not match.",
    `image "a" {\n  base registry "example.org/stale@sha256:${"0".repeat(64)}"\n}\n`,
    'image "a" {\n  base scratch\n}\n',
  ),
  "bad-key": error(
    ({ reason }: { reason: string }) => reason,
    "`signed-base` names a file with a public key in PEM: ECDSA on P-256, P-384 or P-521, Ed25519, or RSA. `cosign generate-key-pair` and `openssl pkey -pubout` write such files.",
    'image "a" {\n  base registry "example.org/unchecked:1"\n  expect { signed-base ./src }\n}\n',
    'image "a" {\n  base registry "example.org/base:1"\n  expect { signed-base ./cosign.pub }\n}\n',
  ),
  "unchecked-base": error(
    ({
      reference,
      file,
      fingerprint,
      description,
    }: {
      reference: string;
      file: string;
      fingerprint: string;
      description: string;
    }) =>
      `imgc.lock does not record that the key \`${file}\` (${fingerprint}) signed the pinned digests of \`${short(reference)}\`; run \`imgc lock ${description}\` to check the signature`,
    "`imgc lock` checks that the key of `signed-base` signed the base, and records the fingerprint of the key with the digests of the base. A build only reads this record, so that it needs no registry. The record does not match if `signed-base`, the content of the key file or a pinned digest changed after `imgc lock`.",
    'image "a" {\n  base registry "example.org/unchecked:1"\n  expect { signed-base ./cosign.pub }\n}\n',
    'image "a" {\n  base registry "example.org/unchecked:1"\n}\n',
  ),
  "unsigned-base": error(
    ({ reference, reason }: { reference: string; reason: string }) =>
      `\`${short(reference)}\` is not pinned: ${reason}`,
    "The key of `signed-base` must have signed the digest to which the reference of the base leads: that of the index, or those of the images of all pinned platforms. `imgc lock` pins no base without this signature.",
    'image "a" {\n  base registry "unsigned.example.org/base:1"\n  expect { signed-base ./cosign.pub }\n}\n',
    'image "a" {\n  base scratch\n}\n',
  ),
};
