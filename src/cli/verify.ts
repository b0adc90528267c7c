/** `imgc verify`. */
import { ImageError } from "../image/read.ts";
import { verify as verifyImage, type Report } from "../image/verify.ts";
import { EXIT, UserError } from "./exit.ts";
import { StatusLine } from "./status-line.ts";

interface Options {
  json?: boolean;
  deep?: boolean;
}

export async function verify(path: string, { json = false, deep = false }: Options): Promise<void> {
  const report = await readable(path, deep);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : words(path, report));
  if (report.findings.length > 0) process.exitCode = EXIT.findings;
}

async function readable(path: string, deep: boolean): Promise<Report> {
  const status = new StatusLine(process.stderr);
  try {
    return await verifyImage(path, { deep, onStep: (step) => status.show(`reading ${step}`) });
  } catch (error) {
    throw error instanceof ImageError ? new UserError(EXIT.findings, error.message) : error;
  } finally {
    status.clear();
  }
}

function words(path: string, { form, digests, layers, paths, size, findings }: Report): string {
  if (findings.length > 0) return [...findings, `${path}: ${count(findings.length, "finding")}`, ""].join("\n");
  const holds = [count(layers, "layer"), count(paths, "store path"), `${(size / 1e6).toFixed(1)} MB`];
  return `${path}: ${form} holds what it claims: ${holds.join(", ")}, ${digests.join(" ")}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
