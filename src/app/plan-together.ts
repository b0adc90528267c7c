/** Plans the images of a file before their first build, so that they share layers from the first build on. */
import { nixBuild } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import type { Lock } from "../lock/lock-file.ts";
import { tracedExpression, type Compiled } from "./compile.ts";
import { withBases } from "./prefetch.ts";
import { mayShare, shareImages, withFirstRecords } from "./sharing.ts";

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
  const sharing = byImage.length < attributes.length ? undefined : shareImages(new Map(byImage), spec, lock.layers);
  return sharing === undefined ? lock : { ...lock, layers: withFirstRecords(sharing, lock.layers) };
}
