/** `imgc verify`. */
import { ImageError } from "../image/read.ts";
import { verify as verifyImage, type Report } from "../image/verify.ts";
import { EXIT, UserError } from "./exit.ts";

export async function verify(path: string, { json }: { json?: boolean }): Promise<void> {
  const report = await readable(path);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : words(path, report));
  if (report.findings.length > 0) process.exitCode = EXIT.findings;
}

async function readable(path: string): Promise<Report> {
  try {
    return await verifyImage(path);
  } catch (error) {
    throw error instanceof ImageError ? new UserError(EXIT.findings, error.message) : error;
  }
}

function words(path: string, { form, digests, layers, paths, size, findings }: Report): string {
  if (findings.length > 0) return [...findings, `${path}: ${findings.length} findings`, ""].join("\n");
  const megabytes = (size / 1e6).toFixed(1);
  return `${path}: ${form} holds what it claims: ${layers} layers, ${paths} store paths, ${megabytes} MB, ${digests.join(" ")}\n`;
}
