# A package that is only named, never built: what must be absent is no reason to fetch it.
package: {
  name = package.pname or (builtins.parseDrvName package.name).name;
  paths = map (output: builtins.unsafeDiscardStringContext package.${output}.outPath) (
    package.outputs or [ "out" ]
  );
}
