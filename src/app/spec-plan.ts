/**
 * The layers that a build of a description would make: their order, content and sizes. Builds the plan and the bases, but
 * hashes no layer, except with `reuse group` and `reuse image`, which have no plan of their own.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { PlanFile } from "../image/plan-file.ts";
import { Layer, RootEntry, type LayerContent, Permission } from "../layer/recipe.ts";
import { tarSize } from "../layer/tar-size.ts";
import type { Lock } from "../lock/lock-file.ts";
import { nixBuild } from "../nix/build.ts";
import { MACHINE_PLATFORM } from "../oci/machine-platform.ts";
import { platformText } from "../oci/platform.ts";
import { decodeMasked } from "../store/masked-json.ts";
import { explainBuild, type Attempt } from "./build-failure.ts";
import { openCache } from "./build.ts";
import { compileFile, expressionOf, withLock, type Compiled, type SpecOptions } from "./compile.ts";
import { countCopy } from "./copies.ts";
import { evaluateImage, onlyAttribute, type ImageWork } from "./evaluate-image.ts";
import { builtLayer, type PlanLayer, type PlanView } from "./plan-view.ts";
import { planTogether } from "./plan-together.ts";
import { formOf } from "./sharing.ts";
import { withBases } from "./prefetch.ts";
import type { Context, Reporter } from "./reporter.ts";

/** Nix code: the facts about layers in `image.sources` and `image.plans`, as JSON. */
const FACTS = `image: {
  plans = map (plan: toString plan.digests) image.plans;
  sources = map (source: {
    outputs = [ (toString source.digests) source.outPath ];
    label = source.label or "";
    paths = source.paths or null;
    entries = source.entries or [ ];
    permissions = source.permissions or [ ];
  }) image.sources;
}`;

const Source = z.object({
  /** Files with the recipe of the layer, or folders with several recipes; they exist if the derivation is built. */
  outputs: z.array(z.string()),
  label: z.string(),
  /** Null if the derivation makes several layers. */
  paths: z.nullable(z.array(z.string())),
  /** Files outside the store, or the file that lists them. */
  entries: z.union([z.array(RootEntry), z.string()]),
  /** Rules, or the content file with rules, which reach no entry of the layer. */
  permissions: z.union([z.array(Permission), z.string()]),
});
type Source = z.infer<typeof Source>;

const Facts = z.object({ plans: z.array(z.string()), sources: z.array(Source) });
const EntriesFile = z.object({ entries: z.array(RootEntry) });

/** The plans of all images of a file, in the order of the file. */
export async function filePlans(file: string, options: SpecOptions, context: Context): Promise<PlanView[]> {
  const { reporter, signal } = context;
  const compiled = compileFile(file, options, reporter);
  const names = compiled.spec.images.map(({ name }) => name);
  if (names.length < 2)
    return [await viewOf(compileOnePlatform(file, options, quiet(reporter)), file, options, context)];
  using cache = await openCache(file, compiled, options, reporter);
  const lock = await explained(
    () =>
      planTogether(compiled, {
        settings: cache.options,
        root: cache.root,
        signal,
        note: (line) => reporter.line(line),
        onEvent: (event) => reporter.event(event),
      }),
    { compiled, options: cache.options, signal, reporter },
  );
  const views: PlanView[] = [];
  for (const image of names) {
    const one = { ...options, image };
    views.push(await viewOf(compileOnePlatform(file, one, quiet(reporter), lock), file, one, context));
  }
  return views;
}

export async function specPlan(file: string, options: SpecOptions, context: Context): Promise<PlanView> {
  return await viewOf(compileOnePlatform(file, options, context.reporter), file, options, context);
}

/** The same reporter without diagnostics, for a file whose diagnostics are already reported. */
function quiet(reporter: Reporter): Reporter {
  return { ...reporter, diagnostics: () => {} };
}

async function explained<T>(work: () => Promise<T>, attempt: Attempt): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await explainBuild(error, attempt);
  }
}

async function viewOf(
  compiled: Compiled,
  file: string,
  options: SpecOptions,
  { reporter, signal }: Context,
): Promise<PlanView> {
  const { spec } = compiled;
  const attributes = [onlyAttribute(compiled, "planned")];
  using cache = await openCache(file, compiled, options, reporter);
  const work: ImageWork = {
    compiled,
    settings: cache.options,
    options: { signal, onEvent: (event) => reporter.event(event) },
  };
  const build = () =>
    nixBuild({
      expression: expressionOf(compiled),
      attributes,
      options: ["--no-link", ...cache.options],
      ...work.options,
    });
  const view = async (): Promise<PlanView> => {
    const { lock } = compiled.options;
    const note = (line: string) => reporter.line(line);
    await withBases(build, { spec, lock, options: cache.options, note, signal });
    const { plans: paths, sources } = Facts.parse(await evaluateImage(work, FACTS));
    const plans = paths.map((path) => PlanFile.parse(readJson(cache.root + path)));
    const closure = plans.flatMap((plan) => plan.closure);
    const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
    const image = spec.images.find(({ name }) => options.image === undefined || name === options.image);
    return {
      title: image?.name ?? file,
      layers: sources.flatMap((source) => layersOf(source, cache.root, sizes)),
      closure: closure.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      root: cache.root,
      ...(image === undefined ? {} : { form: formOf(image, spec.images) }),
      ...(image?.base.kind === "image" ? { base: image.base.name } : {}),
      copies: compiled.copies.filter((copy) => copy.image === image?.name).map(countCopy),
      rewritten: plans.at(-1)?.rewritten,
    };
  };
  return await explained(view, { compiled, options: cache.options, signal, reporter });
}

/** Compiles the file for one platform: the given one, that of this machine, or the image's first. */
function compileOnePlatform(file: string, options: SpecOptions, reporter: Reporter, lock?: Lock): Compiled {
  const compiled = withLock(compileFile(file, options, reporter), lock);
  const wanted = options.image ?? compiled.spec.images.at(-1)?.name;
  const platforms = compiled.spec.images.find(({ name }) => name === wanted)?.platforms.map(platformText) ?? [];
  if (platforms.length < 2) return compiled;
  const platform = platforms.find((each) => each === MACHINE_PLATFORM) ?? (platforms[0] as string);
  reporter.line(`the plan for ${platform}; --platform chooses another of ${platforms.join(", ")}`);
  return withLock(compileFile(file, { ...options, platform }, quiet(reporter)), lock);
}

/** The layers of a source, without empty layers. `sizes`: the bytes of store paths. */
function layersOf(source: Source, root: string, sizes: ReadonlyMap<string, number>): PlanLayer[] {
  const output = source.outputs.map((path) => root + path).find((path) => existsSync(path));
  if (output !== undefined) return recipesOf(output).filter(hasContent).map(builtLayer);
  const entries = typeof source.entries === "string" ? entriesOf(root + source.entries) : source.entries;
  const permissions = typeof source.permissions === "string" ? [] : source.permissions;
  const content = { paths: source.paths ?? [], entries, permissions };
  return hasContent({ content })
    ? [{ name: source.label, paths: content.paths, size: sizeOf(content, root, sizes), content }]
    : [];
}

function hasContent({ content: { blob, paths, entries } }: { content: LayerContent }): boolean {
  return blob !== undefined || paths.length + entries.length > 0;
}

function recipesOf(output: string): Layer[] {
  const files = statSync(output).isDirectory()
    ? readdirSync(join(output, "layers"))
        .toSorted()
        .map((name) => join(output, "layers", name))
    : [output];
  return files.map((path) => Layer.parse(readJson(path)));
}

function entriesOf(path: string): RootEntry[] {
  return existsSync(path) ? EntriesFile.parse(readJson(path)).entries : [];
}

function sizeOf(content: LayerContent, root: string, sizes: ReadonlyMap<string, number>): number {
  const sources = [...content.paths, ...content.entries.flatMap((each) => (each.kind === "copy" ? [each.source] : []))];
  if (sources.every((path) => existsSync(root + path))) return tarSize(content, root);
  return content.paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
}

function readJson(path: string): unknown {
  return decodeMasked(readFileSync(path, "utf8"));
}
