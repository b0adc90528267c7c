/** Names in a registry, as the OCI distribution spec v1.1 writes them. */

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
export const REPOSITORY = `${COMPONENT}(?:/${COMPONENT})*`;
export const TAG = "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}";
export const DIGEST = "sha256:[0-9a-f]{64}";

/** Splits `registry.example.org:5000/shop/api` as every client does: a first part with a dot or a port is a host. */
export function splitHost(name: string): { host: string | undefined; repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (/[.:]/.test(first) || first === "localhost") return { host: first, repository: name.slice(slash + 1) };
  return { host: undefined, repository: name };
}
