/** The public interface of the language: turns text into a syntax tree or a checked Spec. Never throws, and does no IO. */
export { check, paramsOf, type CheckOptions, type CheckResult } from "./check/check.ts";
export { otherLanguage } from "./check/other-language.ts";
export { STRUCTURAL } from "./check/structural.ts";
export { lookUp, lookUpImage, visible, type Binding, type ImageNode, type Module, type Host } from "./check/module.ts";
export { NOT_UTF8 } from "./syntax/read.ts";
export { writePath, writeString } from "./syntax/string.ts";
export { parse } from "./document/parse.ts";
export type { BlockTerm, Document, Setting, Source, Span, StringTerm, Term } from "./syntax/tree.ts";
export { parseArgument } from "./types/number.ts";
export { findPlatform, knownPlatforms } from "./schema/platform.ts";
export type { Nixpkgs, PackageSetOptions, Spec } from "./schema/spec.ts";
export type { ParamSpec } from "./types/values.ts";
