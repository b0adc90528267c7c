/** A machine with Nix and an empty store. */
import { folder, IMGC, tool, type Output } from "./tools.ts";

export interface Fresh {
  /** The folder mounted at /nix. */
  nix: string;
  imgc(...args: string[]): Promise<Output>;
  run(program: string, ...args: string[]): Promise<Output>;
}

/** `settings`: lines of nix.conf. */
export function freshMachine(settings: string, env: Record<string, string> = {}): Fresh {
  const nix = folder();
  const run = (...args: string[]) =>
    tool("unshare", ["--mount", "bash", "-c", 'mount --bind "$0" /nix && exec "$@"', nix, ...args], {
      ...env,
      NIX_CONFIG: `${process.env["NIX_CONFIG"]}\n${settings}`,
    });
  return { nix, run, imgc: (...args) => run(process.execPath, IMGC, ...args) };
}
