/** Names that files with secrets mostly have. */

const SECRET = new RegExp(
  [
    String.raw`\.env(?:rc|\..+)?`,
    String.raw`id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?`,
    String.raw`.+\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx)`,
    String.raw`[._]netrc|\.pgpass|\.git-credentials|\.htpasswd|\.dockercfg|\.npmrc|\.pypirc|\.vault-token`,
    String.raw`(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini))?`,
    String.raw`.+\.tfstate`,
  ]
    .map((each) => `^(?:${each})$`)
    .join("|"),
  "i",
);
/** What a repository shows of such a file without the secret. */
const SAMPLE = /[._-](?:example|sample|template|dist|defaults?)$/i;

/** `name`: the last part of a path. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name) && !SAMPLE.test(name);
}
