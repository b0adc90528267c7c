/** Bytes that images with common packages save by sharing layers, by planner. */
import { autoLayer } from "../layers/auto-layer.ts";
import { chunkah } from "../layers/chunkah.ts";
import { fourImages, mixedImages, services, sharedShare, type FamilyImage } from "../layers/families.ts";
import { imgc } from "../layers/imgc.ts";
import { nix2container } from "../layers/ranked.ts";
import type { Planner } from "../layers/replay.ts";
import { together } from "../layers/together.ts";
import type { Section } from "../section.ts";

const BUDGETS = [25, 60, 100];
const PEERS: [name: string, Planner][] = [
  ["nix2container", nix2container],
  ["nixpkgs, auto-layer", autoLayer],
  ["chunkah", chunkah],
  ["`auto`, each image alone", imgc],
];

export const section: Section = {
  title: "Bytes saved by sharing",
  about:
    "The numbers are the bytes that images save by sharing layers, divided by the bytes that they would save with one " +
    "layer for each path. The four images are node, Python web, scientific Python and the JVM at one date; the trace of " +
    "the JVM is from Debian's stable suite, so each of its packages that another image also holds is replaced by the " +
    "package of that image. The five services differ only in their application. Each of the ten images needs a pseudo-random third of the packages that the " +
    "applications of the four images need. We wrote the planners of other tools from descriptions.",
  document: "layers.md",
  async run() {
    const families: [string, FamilyImage[]][] = [
      ["four images", fourImages()],
      ["five services", services(5)],
      ["ten images", mixedImages(10)],
    ];
    return families.flatMap(([images, family]) =>
      BUDGETS.map((layers) => {
        const share = (planners: Planner[]) =>
          sharedShare(
            family,
            family.map(({ closure }, i) => planners[i]?.({ maxLayers: layers, closure, previous: null }).layers ?? []),
          ).toFixed(2);
        const peers = PEERS.map(([name, planner]) => [name, share(family.map(() => planner))]);
        return {
          images,
          layers: String(layers),
          ...Object.fromEntries(peers),
          "`auto`, planned together": `**${share(together(family, layers))}**`,
        };
      }),
    );
  },
};
