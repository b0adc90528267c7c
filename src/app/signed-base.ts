/** Checks the signatures of bases in registries, for `signed-base`. */
import { SIGNED_BASE } from "../compile/index.ts";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult, Spec } from "../language/index.ts";
import type { Lock } from "../lock/lock-file.ts";
import { entryOf, isSignatureRecorded, signedDigests, type PinnedBase } from "../lock/pins.ts";
import { sha256 } from "../oci/digest.ts";
import { Index } from "../oci/documents.ts";
import { exactly, parseReference } from "../oci/reference.ts";
import { manifestAt, type ReadOptions } from "../registry/manifest.ts";
import { fingerprintOf, type PublicKey } from "../sign/public-key.ts";
import { verifySignature } from "../sign/verify-signature.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

interface CheckOptions {
  locate: CheckResult["locate"];
  signal: AbortSignal;
  onRetry: (message: string) => void;
  /** Called before the signature of a base is checked. */
  onCheck: (reference: string) => void;
}

/**
 * Checks the signatures that `bases` does not record, and records the valid ones. `by`: the file of the key. `exitCode`: the exit
 * code if a check failed. References without a pin are ignored.
 */
export async function checkSignatures(
  { images }: Spec,
  bases: Lock["bases"],
  keys: ReadonlyMap<string, PublicKey>,
  { locate, onCheck, ...options }: CheckOptions,
): Promise<{ valid: { reference: string; by: string }[]; failed: Diagnostic[]; exitCode: number }> {
  const valid: { reference: string; by: string }[] = [];
  const failed: Diagnostic[] = [];
  let exitCode: number = EXIT.findings;
  for (const { name, base, expect } of images) {
    const key = expect.signedBase === null ? undefined : keys.get(expect.signedBase);
    if (base.kind !== "registry" || key === undefined) continue;
    const { reference } = base;
    const pinned = entryOf(bases, reference);
    const fingerprint = fingerprintOf(key.key);
    if (pinned === undefined || isSignatureRecorded(pinned, fingerprint)) continue;
    onCheck(reference);
    try {
      const reason = await baseFinding(reference, pinned, key, options);
      if (reason !== undefined) {
        failed.push(diagnostic("unsigned-base", locate(SIGNED_BASE, name), { reference, reason }));
        continue;
      }
      bases[reference] = { ...pinned, signedBy: { ...pinned.signedBy, [fingerprint]: signedDigests(pinned) } };
      valid.push({ reference, by: key.file });
    } catch (error) {
      if (!(error instanceof ImgcError)) throw error;
      failed.push(diagnostic("cannot-pin", locate(SIGNED_BASE, name), { reason: error.message }));
      exitCode = Math.max(exitCode, error.exitCode);
    }
  }
  return { valid, failed, exitCode };
}

/** Why the key did not sign a pinned base; undefined if it signed the pinned digest, or the images of all pinned platforms. */
async function baseFinding(
  text: string,
  { digest, platforms }: PinnedBase,
  key: PublicKey,
  options: Omit<ReadOptions, "insecure" | "use">,
): Promise<string | undefined> {
  const reference = parseReference(text);
  const read = { ...options, insecure: reference.isLocal, use: "fetch" as const };
  const findingOf = async (each: string) => (await verifySignature(reference, each, key, read)).finding;
  const manifests = Object.values(platforms).map(({ manifest }) => manifest);
  const finding = await findingOf(digest);
  if (finding === undefined) {
    const others = manifests.filter((each) => each !== digest);
    return others.length === 0 ? undefined : await indexFinding(exactly(reference, digest), digest, others, read);
  }
  if (manifests.every((each) => each === digest)) return finding;
  for (const manifest of manifests) if ((await findingOf(manifest)) !== undefined) return finding;
  return undefined;
}

/** Why an index does not list the manifests; undefined if it does. A signature of an index covers only these. */
async function indexFinding(
  exact: string,
  digest: string,
  manifests: string[],
  options: ReadOptions,
): Promise<string | undefined> {
  const text = (await manifestAt(exact, options)) ?? "";
  if (sha256(text) !== digest) return `the registry has no index ${digest}`;
  const index = Index.parse(JSON.parse(text));
  const foreign = manifests.find((each) => index.manifests.every((entry) => entry.digest !== each));
  return (
    foreign && `the signed index ${digest} does not list the image ${foreign} of imgc.lock; run \`imgc lock --update\``
  );
}
