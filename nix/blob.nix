# A blob of a registry, as a fixed-output derivation. All these derivations have the same name, so that a layer of several
# bases has a single store path.
{ derive }:
reference: kind: digest:
derive "fetch" "imgc-blob" {
  inherit reference kind digest;
  # The bytes may contain store paths, even those of this derivation's inputs. Nix 2.8 does not know this setting.
  unsafeDiscardReferences.out = true;
  outputHashMode = "flat";
  outputHashAlgo = "sha256";
  outputHash = builtins.substring 7 64 digest;
  impureEnvVars = [
    "http_proxy"
    "https_proxy"
    "no_proxy"
    "HTTP_PROXY"
    "HTTPS_PROXY"
    "NO_PROXY"
    "NIX_SSL_CERT_FILE"
    "SSL_CERT_FILE"
    "NODE_EXTRA_CA_CERTS"
  ];
}
