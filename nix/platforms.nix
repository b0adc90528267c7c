# The platforms that images are made for (image-spec, image-index.md), by the system that Nix calls them.
{
  x86_64-linux = {
    os = "linux";
    architecture = "amd64";
  };
  aarch64-linux = {
    os = "linux";
    architecture = "arm64";
  };
  armv7l-linux = {
    os = "linux";
    architecture = "arm";
    variant = "v7";
  };
}
