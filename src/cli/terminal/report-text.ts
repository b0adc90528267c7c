/** Formats the report of `imgc verify`. */
import { printable, printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import type { Report } from "../../verify/report.ts";
import type { SignatureProof } from "../../app/verify-signature.ts";
import { fact } from "./facts.ts";
import type { Layout } from "./style.ts";
import { wrap } from "../../util/wrap.ts";

/** The result of `imgc verify`. */
export interface VerifyReport extends Omit<Report, "untested"> {
  /** The proof of the signature, if a key was given. */
  signature?: SignatureProof;
  /** The number of layers and store paths that the signed provenance explains, if it was wanted. */
  provenance?: { layers: number; paths: number };
}

export function reportText(path: string, report: VerifyReport, { width, paint }: Layout): string {
  const { form, digests, names, index, layers, paths, unhashed, size, notes, findings, signature, provenance } = report;
  const name = printableLine(path);
  if (findings.length > 0) {
    const lines = findings.flatMap((finding) =>
      printable(finding)
        .split("\n")
        .flatMap((line) => wrap(line, "  ", width)),
    );
    return [...lines, paint("bad", `${name}: ${quantity(findings.length, "finding")}`), ""].join("\n");
  }
  const facts = [form, quantity(layers, "layer"), quantity(paths, "store path"), sizeText(size)];
  const note = `${quantity(unhashed, "store path")} without a NAR hash check: hard links, or an order that Nix does not use`;
  return [
    `${name}: ${paint("good", "OK")}: all digests match`,
    ...fact("image", facts.join(", ")),
    ...(index === undefined ? [] : fact("index", index)),
    ...digests.flatMap((digest, i) => [
      ...(digests.length === 1 || names[i] === "" ? [] : fact("name", printableLine(names[i] ?? ""))),
      ...fact("digest", digest),
    ]),
    ...(signature === undefined ? [] : fact("signed", signatureText(signature))),
    ...(provenance === undefined ? [] : fact("built", provenanceText(provenance))),
    ...(unhashed === 0 ? [] : fact("note", note)),
    ...notes.flatMap((each) => fact("note", printableLine(each))),
    "",
  ].join("\n");
}

function signatureText({ key, forms }: SignatureProof): string {
  return `by ${key} (${forms.join(" and ")}); the transparency log is not checked`;
}

function provenanceText({ layers, paths }: { layers: number; paths: number }): string {
  return `the provenance by this key names ${quantity(paths, "store path")} in ${quantity(layers, "layer")}`;
}
