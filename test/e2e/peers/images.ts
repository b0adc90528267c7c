/** Builds many images of one file at once as OCI layouts, and reads their documents. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { files, folder, imgc, loadLayout, podman, tool } from "../tools.ts";

interface Config {
  created: string;
  author?: string;
  architecture: string;
  config: { Env?: string[]; Labels?: Record<string, string> };
  history: { created_by?: string; comment?: string; author?: string }[];
}

interface Manifest {
  config: { digest: string };
  layers: { digest: string }[];
}

export class Images {
  /** Layouts by the last part of the image's name. */
  readonly #layouts = new Map<string, { path: string; name: string; manifest: string }>();

  /** Builds the images of the spec that have these attributes. */
  async build(spec: string, attributes: string[]): Promise<void> {
    const { stdout } = await imgc("compile", spec);
    const expression = files({ "images.nix": stdout });
    const links = folder();
    const outputs = attributes.map((each) => `${each}.oci`);
    await tool("nix", ["build", "-f", expression, ...outputs, "-o", join(links, "result")]);
    for (const link of readdirSync(links)) {
      const path = join(links, link);
      const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as {
        manifests: { digest: string; annotations: Record<string, string> }[];
      };
      const [entry] = index.manifests;
      const name = entry?.annotations["io.containerd.image.name"] ?? "";
      const last = /([^/]+):[^/:]*$/.exec(name)?.[1] ?? "";
      this.#layouts.set(last, { path, name, manifest: entry?.digest ?? "" });
    }
  }

  /** With its registry and tag. */
  nameOf(image: string): string {
    return this.#find(image).name;
  }

  digestOf(image: string): string {
    return this.#find(image).manifest;
  }

  config(image: string): Config {
    return this.#blob(image, this.#manifest(image).config.digest) as Config;
  }

  /** Digests, deepest first. */
  layers(image: string): string[] {
    return this.#manifest(image).layers.map(({ digest }) => digest);
  }

  /** The standard output of a container; `options`: options of `podman run`. */
  async run(image: string, args: string[] = [], ...options: string[]): Promise<string> {
    return (await podman(await loadLayout(this.#find(image).path), args, options)).stdout;
  }

  #manifest(image: string): Manifest {
    return this.#blob(image, this.#find(image).manifest) as Manifest;
  }

  #blob(image: string, digest: string): unknown {
    return JSON.parse(readFileSync(join(this.#find(image).path, "blobs", digest.replace(":", "/")), "utf8"));
  }

  #find(image: string): { path: string; name: string; manifest: string } {
    const found = this.#layouts.get(image);
    if (found === undefined) throw new Error(`no image ${image} was built`);
    return found;
  }
}
