/** The `oci` output: an OCI image layout whose blobs are links to derivations of their own. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { ImageFile } from "../image/image-file.ts";
import { descriptor, encode, Manifest, sha256 } from "../image/oci.ts";
import { checksums } from "../image/checksums.ts";
import { attributes, phase, readJson } from "./attributes.ts";

const Attributes = z.object({
  image: z.string(),
  /** Folders of layers, each file named after its digest. */
  blobs: z.array(z.string()),
});

export function layout(): void {
  const { image, blobs, out } = attributes(Attributes);
  phase("writing the layout");
  const { name, tag } = ImageFile.parse(readJson(join(image, "image.json")));
  const manifest = readFileSync(join(image, "manifest.json"));
  const config = readFileSync(join(image, "config.json"));
  const mediaType = Manifest.parse(JSON.parse(manifest.toString())).mediaType ?? "";

  const folder = join(out, "blobs/sha256");
  mkdirSync(folder, { recursive: true });
  const place = (digest: string) => join(folder, digest.slice("sha256:".length));
  writeFileSync(place(sha256(manifest)), manifest);
  writeFileSync(place(sha256(config)), config);
  const digests = new Map(blobs.flatMap((each) => readdirSync(each).map((digest) => [digest, basename(each)])));
  for (const [digest, from] of digests) symlinkSync(`../../../${from}/${digest}`, join(folder, digest));
  // image-spec, image-layout.md; the reference's name is the tag, the full name is what containerd and podman read.
  const annotations = { "org.opencontainers.image.ref.name": tag, "io.containerd.image.name": `${name}:${tag}` };
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...descriptor(mediaType, manifest), annotations }],
  };
  writeFileSync(join(out, "index.json"), encode(index));
  writeFileSync(join(out, "oci-layout"), encode({ imageLayoutVersion: "1.0.0" }));
  symlinkSync(`../${basename(image)}/image.json`, join(out, "image.json"));
  // Blobs are named after their digests; these are not.
  writeFileSync(join(out, "SHA256SUMS"), checksums(out, ["image.json", "index.json", "oci-layout"]));
}
