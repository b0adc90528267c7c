/** The `layers` settings, and the ordered list of steps, which may be repeated. */
import limits from "../../../nix/layer-limits.json" with { type: "json" };
import * as z from "zod/mini";
import { nameOf, type Setting as SettingNode, type Span } from "../syntax/tree.ts";
import { blockOf, readSetting, readSettings, settingsSchema } from "../types/block.ts";
import { keyword } from "../types/choice.ts";
import { constant, mapped, optional, optionalWord, sequence } from "../types/combine.ts";
import { entries } from "../types/entries.ts";
import { list } from "../types/list.ts";
import { termText } from "../types/scalar.ts";
import { amount, integer, integerUnit } from "../types/number.ts";
import { packageType } from "../types/package.ts";
import { findSetting, many, setting, type Infer } from "../types/setting.ts";
import { plain } from "../types/text.ts";
import type { Scope, Type, Settings } from "../types/type.ts";
import { packageSchema, stepSchema, type Package, type Step } from "../types/values.ts";

/** The default of `max`, its largest value, and the largest number of layers that Docker can run. */
export const LAYERS = limits;

const step = (): z.ZodMiniType<Step> => stepSchema();
const count = amount(integerUnit, { min: 1, max: LAYERS.most });

const steps = {
  group: many(
    mapped(count, step, (value): Step => ({ kind: "group", count: value })),
    { doc: "The given number of paths, the most popular remaining ones, share a layer.", example: "group 10" },
  ),
  each: many(
    mapped(optional(count, null), step, (value): Step => ({ kind: "each", count: value })),
    {
      doc: "The given number of paths, the most popular remaining ones, have a layer each. Without a number, all remaining paths have one each.",
      example: "each 20",
    },
  ),
  auto: many(constant<Step>({ kind: "auto" }, step), {
    doc: "The remaining paths are split into layers so that updates move few bytes.",
    example: "auto",
  }),
  rest: many(constant<Step>({ kind: "rest" }, step), { doc: "The remaining paths share a layer.", example: "rest" }),
} satisfies Settings;

/** A layer's block: its comment, and nested steps. */
interface LayerBlock {
  comment: string | null;
  steps: Step[];
}

const commentSettings = {
  comment: setting(plain, null, {
    doc: "The comment of the layer in the history of the image.",
    example: 'comment "what the programs need"',
  }),
};

/** All steps, including `layer`. */
const allSteps: Settings = {
  layer: many(
    sequence(
      [
        plain,
        optionalWord("only"),
        list(packageType, "packages"),
        optional(
          blockOf<LayerBlock>(
            () => settingsSchema(commentSettings, { steps: z.array(stepSchema()) }),
            { kind: "settings", settings: () => insideLayer },
            (inner, scope, cursor) => {
              const isComment = (node: SettingNode): boolean => nameOf(node.name) === "comment";
              const owner = { name: termText(cursor.owner), span: cursor.owner.span };
              const comment = readSettings(inner.settings.filter(isComment), commentSettings, scope, owner);
              const others = inner.settings.filter((node) => !isComment(node));
              return { ...comment, steps: readSteps(others, insideLayer, scope) };
            },
          ),
          { comment: null, steps: [] } as LayerBlock,
        ),
      ],
      step,
      (name, only, packages, inner): Step => ({ kind: "layer", name, packages, only: only !== null, ...inner }),
    ),
    {
      doc:
        "A layer with these packages and their closures; with `only`, without the closures. The layer has the outputs that " +
        "the image contains anyway. If the image contains no output of a package, its `lib` output is added, or else `out`. " +
        "Each such layer, those of the bases included, counts towards `max`.",
      example: 'layer "runtime" [ glibc openssl ]',
    },
  ),
  ...steps,
};

const insideLayer: Settings = { ...commentSettings, ...allSteps };

interface Weight {
  package: Package;
  weight: number;
}

const weights = entries<Package, number, Weight>(
  {
    form: packageType.form,
    is: (term) => term.kind === "word" || term.kind === "reference" || term.kind === "expression",
    read: (term, scope) => packageType.readTerm(term, scope),
    same: (key) => JSON.stringify(key),
  },
  integer(-1_000_000_000, 1_000_000_000),
  () => z.strictObject({ package: packageSchema(), weight: z.int() }),
  (key, weight) => ({ package: key, weight }),
);

const layerSettings = {
  max: setting(amount(integerUnit, { min: 1, max: LAYERS.most }), LAYERS.default, {
    doc: `The largest number of layers, those of the base included. Docker loads images with at most ${LAYERS.docker} layers, and Podman before 4.4 runs images with at most 128.`,
    example: "max 80",
  }),
  order: setting(keyword("popularity", "size"), "popularity", {
    doc: "How `group` and `each` rank paths: by the number of paths that depend on them, or by size.",
    example: "order size",
  }),
  volatile: setting(list(packageType, "packages"), [] as Package[], {
    doc: "Packages that change often. Their layers are above all others.",
    example: "volatile [ myapp ]",
  }),
  weights: setting(weights, [] as Weight[], {
    doc: "A number for each package, which is added to its popularity before ranking.",
    example: "weight { openssl +50 }",
    spelling: "weight",
  }),
};

/** The settings and steps of an image's layers. */
export type LayersSpec = Infer<typeof layerSettings> & { steps: Step[] };

export const layersDefault: LayersSpec = {
  max: LAYERS.default,
  order: "popularity",
  steps: [{ kind: "auto" }],
  volatile: [],
  weights: [],
};

/** `known`: the names that the block accepts, for suggestions when a step is unknown. */
function readSteps(nodes: readonly SettingNode[], known: Settings, scope: Scope): Step[] {
  const read: Step[] = [];
  const names = new Map<string, Span>();
  let last: SettingNode | undefined;
  for (const node of nodes) {
    if (last !== undefined) {
      const [text, before] = [stepText(node), stepText(last)];
      if (text === before) {
        const related = [{ message: "first written here", file: scope.file, span: last.span }];
        scope.report("doubled-setting", node.name.span, { name: text }, { related });
        continue;
      }
      const related = [{ message: "this takes everything that remains", file: scope.file, span: last.span }];
      scope.report("unreachable-step", node.span, { step: text, before, takesAll: isLast(node) }, { related });
      continue;
    }
    const found = findSetting(allSteps, nameOf(node.name) ?? "");
    if (found === undefined) {
      readSettings([node], known, scope, { name: "layer", span: node.name.span });
      continue;
    }
    const value = readSetting(node, found[1], scope) as Step | undefined;
    if (value === undefined) continue;
    if (value.kind === "layer") {
      const before = names.get(value.name);
      const at = node.values[0]?.span ?? node.span;
      if (before !== undefined) {
        const related = [{ message: "first written here", file: scope.file, span: before }];
        scope.report("doubled-entry", at, { name: `layer "${value.name}"` }, { related });
        continue;
      }
      names.set(value.name, at);
    }
    read.push(value);
    if (takesAll(value)) last = node;
  }
  return read;
}

function stepText({ name, values }: SettingNode): string {
  return [name, ...values].map(termText).join(" ");
}

/** Whether a step takes all remaining paths, so that only the last step can be one of its kind. */
function isLast({ name, values }: SettingNode): boolean {
  const kind = nameOf(name);
  return kind === "auto" || kind === "rest" || (kind === "each" && values.length === 0);
}

function takesAll(value: Step): boolean {
  return value.kind === "auto" || value.kind === "rest" || (value.kind === "each" && value.count === null);
}

const inside: Settings = { ...layerSettings, ...allSteps };

export const layers: Type<LayersSpec> = blockOf<LayersSpec>(
  () => settingsSchema(layerSettings, { steps: z.array(stepSchema()) }),
  { kind: "settings", settings: () => inside },
  (term, scope, cursor) => {
    const isStep = (node: SettingNode): boolean => findSetting(allSteps, nameOf(node.name) ?? "") !== undefined;
    const read = readSettings(
      term.settings.filter((node) => !isStep(node)),
      layerSettings,
      scope,
      { name: termText(cursor.owner), span: cursor.owner.span },
    );
    const taken = readSteps(term.settings.filter(isStep), allSteps, scope);
    const last = taken.at(-1);
    if (last === undefined || !takesAll(last)) taken.push({ kind: "auto" });
    return { ...read, steps: taken };
  },
);
