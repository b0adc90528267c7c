# Lets flakes name the package set as an input; they import its default.nix.
{
  outputs = _: { };
}
