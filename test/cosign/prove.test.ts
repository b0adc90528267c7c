/** Runs the commands of docs/prove.md, with real cosign and oras, in their order. */

import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { offline } from "./offline.ts";
import { blocks } from "../docs/pages.ts";
import { failure, files, folder, folderOfImgc, registry, tool } from "../e2e/tools.ts";

test("the commands of docs/prove.md succeed, and cosign finds the description in the provenance", async () => {
  const address = (await registry()).replace("127.0.0.1", "localhost");
  const spec = files({ "shop.imgspec": 'image "shop/api" { packages [ hello ] }' });
  const home = folder();
  files({ ".config/containers/registries.conf": `[[registry]]\nlocation = "${address}"\ninsecure = true\n` }, home);
  const env = { COSIGN_PASSWORD: "secret", HOME: home, PATH: `${folderOfImgc()}:${process.env["PATH"]}` };
  const commands = blocks("docs/prove.md", "sh").join("\n").replaceAll("registry.example.org", address);
  const script = `cd ${dirname(spec)}\nset -ex\n${commands}\n`;
  const { stdout } = await tool("sh", ["-c", script], env);
  const [payload = ""] = [...stdout.matchAll(/"payload":"([^"]+)"/g)].map(([, text]) => text ?? "");
  const statement = JSON.parse(Buffer.from(payload, "base64").toString()) as {
    subject: { digest: { sha256: string } }[];
    predicate: {
      runDetails: object;
      buildDefinition: {
        externalParameters: object;
        resolvedDependencies: { name: string; annotations: { role: string } }[];
      };
    };
  };
  // cosign reads the predicate by the official definitions, and would find a mistake.
  const attest = async (predicate: object, image = "mirror/api:v1") => {
    const file = files({ "predicate.json": JSON.stringify(predicate) });
    const options = ["--key", join(dirname(spec), "cosign.key"), "--type", "slsaprovenance1", "--predicate", file];
    await tool("cosign", ["attest", ...options, ...(await offline("attest")), `${address}/${image}`], env);
  };
  await attest(statement.predicate);
  const { runDetails, buildDefinition } = statement.predicate;
  const broken = attest({ runDetails, buildDefinition: { ...buildDefinition, resolvedDependencies: "all" } });
  expect((await failure(broken)).code).not.toBe(0);

  // A signed provenance covers only the store paths of its own image.
  const more = files({ "more.imgspec": 'image "shop/more" { packages [ hello gnugrep ] }' });
  const cosignKey = join(dirname(spec), "cosign.key");
  await tool("imgc", ["push", more, `${address}/shop/more:v1`, "--sign", cosignKey], env);
  await attest(statement.predicate, "shop/more:v1");
  const proved = tool(
    "imgc",
    ["verify", `${address}/shop/more:v1`, "--key", cosignKey.replace(/key$/, "pub"), "--provenance"],
    env,
  );
  const { code, stdout: findings } = await failure(proved);
  expect(code).toBe(1);
  expect(findings).toMatch(/the provenance does not name \/nix\/store\/\w+-gnugrep-/);
  expect(findings).not.toMatch(/-hello-/);

  const { externalParameters, resolvedDependencies } = statement.predicate.buildDefinition;
  expect(externalParameters).toMatchObject({ image: "shop/api", description: "shop.imgspec" });
  const roles = new Set(resolvedDependencies.map(({ annotations }) => annotations.role));
  expect([...roles].toSorted()).toEqual(["derivation", "description", "fetched", "source"]);
});
