/** An image for two platforms in a registry that `imgc rebase` put on another base. */
import { expect } from "vitest";
import { build, files, imgc, registry } from "../e2e/tools.ts";

export async function rebasedApp(): Promise<{ reference: string; repository: string; base: string }> {
  const host = await registry();
  // `crane validate` reads layers with gzip only.
  const platforms = "platforms [ linux/amd64 linux/arm64 ] compression gzip";
  const push = async (text: string, reference: string, isOnBase: boolean) => {
    const spec = files({ "a.imgspec": text });
    if (isOnBase) await imgc("lock", spec);
    await imgc("push", (await build(spec)).path, `${host}/${reference}`, "--insecure");
  };
  const base = (version: string) => `image "base" { ${platforms} files { "/etc/version" text "${version}" } }`;
  for (const version of ["1", "2"]) await push(base(version), `base:${version}`, false);
  const app = `image "app" { ${platforms} base registry "${host}/base:1" files { "/srv/greeting" text "hello" } }`;
  await push(app, "app:v1", true);
  const { stderr } = await imgc("rebase", `${host}/app:v1`, "--onto", `${host}/base:2`, "--insecure");
  expect(stderr).toContain("of the base mounted, 0 copied");
  return { reference: `${host}/app:v1`, repository: `${host}/app`, base: `${host}/base:2` };
}
