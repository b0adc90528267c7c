/** Plans the images of a file before their first build, so that they share layers from the first build on. */
import { nixBuild } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import type { Lock } from "../lock/lock-file.ts";
import { entryOf } from "../lock/pins.ts";
import type { Spec } from "../language/index.ts";
import { tracedExpression, type Compiled } from "./compile.ts";
import { withBases } from "./prefetch.ts";

interface PlanContext {
  /** Options for Nix. */
  settings: string[];
  /** The prefix of store paths on this machine. */
  root: string;
  signal: AbortSignal | undefined;
  note: (line: string) => void;
  onEvent: (event: NixEvent) => void;
}

/** The lock, with first records for images without any; they have the classes of packages that the images share. */
export async function planTogether(compiled: Compiled, context: PlanContext): Promise<Lock> {
  const {
    spec,
    options: { lock },
    attributes,
  } = compiled;
  if (attributes.length < spec.images.length || !mayShare(spec, lock.layers)) return lock;
  const { settings, root, signal, note, onEvent } = context;
  const plans = new Map<string, string>();
  const build = async () =>
    await nixBuild({
      expression: tracedExpression(compiled, lock),
      attributes: attributes.map((each) => `${each}.evaluated`),
      options: ["--no-link", ...settings],
      signal,
      onEvent: (event) => {
        onEvent(event);
        if (event.kind === "image") plans.set(event.image.attribute, root + event.image.plan);
      },
    });
  await withBases(build, { spec, lock, options: settings, note, signal });
  const byImage = attributes.flatMap((each, i): [string, string][] => {
    const [name, plan] = [spec.images[i]?.name, plans.get(each)];
    return name === undefined || plan === undefined ? [] : [[name, plan]];
  });
  const { shareImages, withFirstRecords } = await import("./sharing.ts");
  const sharing = byImage.length < attributes.length ? undefined : shareImages(new Map(byImage), spec, lock.layers);
  return sharing === undefined ? lock : { ...lock, layers: withFirstRecords(sharing, lock.layers) };
}

/** Whether images of the file can share layers that no lock records yet, so that plans must be made before the build. */
function mayShare({ images }: Spec, layers: Lock["layers"]): boolean {
  const able = images.filter(({ cache, layers: { steps, volatile } }) => {
    return cache.reuse === "layer" && steps.length === 1 && steps[0]?.kind === "auto" && volatile.length === 0;
  });
  return able.length > 1 && able.some(({ name }) => entryOf(layers, name) === undefined);
}
