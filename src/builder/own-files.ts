/**
 * Reads files that other builders of imgc wrote. The files are not checked, since Nix gives each builder the files of the same
 * version of imgc, and checks take longer than reading.
 */
import type { ContentFile } from "../image/content-file.ts";
import { decodePlan, type PlanFile, type PlanText } from "../image/plan-file.ts";
import { readJson } from "./derivation.ts";

export function readContent(path: string): ContentFile {
  return readJson(path) as ContentFile;
}

export function readPlan(path: string): PlanFile {
  return decodePlan(readJson(path) as PlanText);
}
