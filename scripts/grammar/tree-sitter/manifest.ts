/** The file that tells tree-sitter's tools where grammar and queries are. */
import root from "../../../package.json" with { type: "json" };

export function treeSitterManifest(): string {
  return JSON.stringify({
    grammars: [
      {
        name: "imgspec",
        scope: "source.imgspec",
        path: ".",
        "file-types": ["imgspec"],
        highlights: "queries/highlights.scm",
        injections: "queries/injections.scm",
      },
    ],
    metadata: {
      version: root.version,
      license: root.license,
      description: "Container image descriptions of imgc",
      links: { repository: root.repository.url.replace(/^git\+/, "") },
    },
  });
}
