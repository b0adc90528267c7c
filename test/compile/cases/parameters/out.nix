{
  pkgs ? import <nixpkgs> { },
  imgc ? import /imgc/nix { inherit pkgs; },
  release ? throw "imgc[* param release]: `release` has no value; set it with --set release=… (nix build: --argstr release …)",
  most ? 80,
  room ? 262144000,
  wait ? 30000000000,
}:
imgc.image {
  name = "app";
  tag = "v${toString release}";
  config = {
    env = {
      RELEASE = "${toString release}";
      MOST = "${toString most}";
    };
    healthcheck = {
      Test = [
        "CMD"
        "true"
      ];
      Interval = wait;
      Retries = most;
    };
  };
  layers = {
    max = most;
    steps = [
      { group = most; }
      { auto = true; }
    ];
  };
  expect = {
    size = [
      {
        operator = "<=";
        value = room;
      }
    ];
  };
}
