/** Code lenses above images: facts about the last build, and commands. */
import type { Module, Span } from "../language/index.ts";
import { quantity, sizeText } from "../util/quantities.ts";

/** The last build of an image. */
export interface LastBuild {
  layers: number;
  /** The bytes of all layers in a registry. */
  size: number;
  /** The bytes that clients will probably pull after the next rebuild. */
  expected: number;
}

/** Finds the last builds of a file's images, by name. */
export type FindLastBuilds = (file: string) => Map<string, LastBuild>;

/** The commands of lenses. Their arguments are the file's URI and the image's name. */
export const COMMANDS = { build: "imgc.build", run: "imgc.run" } as const;
export type CommandName = keyof typeof COMMANDS;

export interface Lens {
  span: Span;
  image: string;
  title: string;
  /** Undefined for a lens that only shows facts. */
  command: CommandName | undefined;
}

/** The lenses of a file. `builds`: the last builds of its images, by name. */
export function codeLenses({ images }: Module, builds: ReadonlyMap<string, LastBuild>): Lens[] {
  return [...images.values()].flatMap(({ name, nameTerm: { span } }) => {
    const build = builds.get(name);
    const facts: Lens[] = build === undefined ? [] : [{ span, image: name, title: factsOf(build), command: undefined }];
    return [
      ...facts,
      { span, image: name, title: "Build", command: "build" as const },
      { span, image: name, title: "Run", command: "run" as const },
    ];
  });
}

function factsOf({ layers, size, expected }: LastBuild): string {
  const pulled = sizeText(Math.round(expected));
  return `${sizeText(size)}, ${quantity(layers, "layer")}; clients will pull about ${pulled} after the next rebuild`;
}
