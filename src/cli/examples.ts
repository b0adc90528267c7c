/** The examples in the help of each command. */

const EXAMPLES: Record<string, readonly string[]> = {
  init: ["imgc init", "imgc init shop.imgspec --from python --name shop/api"],
  import: ["imgc import Dockerfile -o app.imgspec", "imgc import image.nix --from nix"],
  check: ["imgc check .", "imgc check --fix shop.imgspec", "imgc check --format sarif . > report.sarif"],
  explain: ["imgc explain unknown-setting"],
  fmt: ["imgc fmt", "imgc fmt --check ."],
  lsp: [],
  schema: ["imgc schema > spec.schema.json"],
  lock: ["imgc lock shop.imgspec", "imgc lock --update ."],
  compile: ["imgc compile shop.imgspec | nix build -f -", "imgc compile shop.imgspec -o images.nix"],
  build: [
    "imgc build .",
    "imgc build shop.imgspec --image shop/api -o api",
    "imgc build shop.imgspec --set release=v2 -- -L --max-jobs 4",
  ],
  plan: ["imgc plan .", "imgc plan result --why openssl", "imgc plan shop.imgspec --before result --html plan.html"],
  verify: ["imgc verify result --deep", "imgc verify registry.example.org/shop/api:v1"],
  serve: ["imgc serve result --listen 127.0.0.1:5000"],
  push: ["imgc push result registry.example.org/shop/api:v1", "imgc push . registry.example.org/shop/api --dry-run"],
  rebase: ["imgc rebase registry.example.org/api:v1 --onto docker.io/library/debian:13"],
  load: ["imgc load result", "imgc load . --into docker"],
  run: [
    "imgc run . -p 8080:80",
    "imgc run result -e LOG=debug -v ./data:/data -- serve --verbose",
    "imgc run result --engine-option --network=none --engine-option --read-only",
  ],
  export: ["imgc export result --to oci-archive -o api.tar", "imgc export result --to tar | tar -t"],
  diff: ["imgc diff old-result result", "imgc diff registry.example.org/shop/api:v1 shop.imgspec"],
  sbom: ["imgc sbom result", "imgc sbom result --format cyclonedx -o bom.json", "imgc sbom result --format openvex"],
  completion: ["source <(imgc completion bash)"],
  version: ["imgc version"],
};

/** The end of a command's help. */
export function examplesText(command: string): string {
  const lines = EXAMPLES[command] ?? [];
  if (lines.length === 0) return "";
  return `\nExample${lines.length === 1 ? "" : "s"}:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

/** The steps of a newcomer, in the help of the program. */
export const FIRST_STEPS = `
First steps:
  imgc init        write image.imgspec for the project in this folder
  imgc check .     show mistakes
  imgc build .     build the image; \`result\` links to it
  imgc run result  run it in podman or docker`;
