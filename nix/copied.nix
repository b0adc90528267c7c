# Selects the files of a folder to copy, as a filter of `builtins.path`. src/ignore/copied.ts selects the same files: change
# both.
{
  path,
  # Patterns as in a .gitignore file of the folder. Matching files are not copied.
  exclude ? [ ],
  # Whether to copy all files that `exclude` does not match, also `.git`, links to build results, and ignored files.
  all ? false,
  # If the folder is in no git repository: the topmost folder whose .gitignore file counts.
  within ? null,
  # Throws an error with the given message.
  fail,
}:
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    foldl'
    listToAttrs
    pathExists
    readDir
    readFile
    stringLength
    substring
    ;
  gitignore = import ./gitignore.nix;

  slashed = folder: if folder == /. then "/" else "${toString folder}/";
  startsWith = prefix: text: substring 0 (stringLength prefix) text == prefix;
  root = slashed path;

  # --- rules of .gitignore files, the nearest first, each with the length of the path prefix to drop before matching

  rulesAt = folder: rules: {
    inherit rules;
    skip = stringLength (slashed folder);
  };
  withOwn =
    folder: names: above:
    if names.".gitignore" or "" == "regular" then
      [ (rulesAt folder (gitignore.read (readFile (folder + "/.gitignore")))) ] ++ above
    else
      above;
  isIgnored =
    rules: full: isDirectory:
    foldl' (
      found: each:
      if found != null then
        found
      else
        gitignore.verdict each.rules {
          name = baseNameOf full;
          path = substring each.skip (-1) full;
          inherit isDirectory;
        }
    ) null rules == true;

  # --- rules of the folders above

  # The folders above `path`, from the top of the git repository down.
  above =
    let
      isTop = folder: pathExists (folder + "/.git") || dirOf (toString folder) == builtins.storeDir;
      upTo =
        isEnd: folder: below:
        if isEnd folder then
          [ folder ] ++ below
        else if folder == /. then
          null
        else
          upTo isEnd (dirOf folder) ([ folder ] ++ below);
      inRepository = upTo isTop path [ ];
      inProject =
        if within != null && startsWith (slashed within) root then
          upTo (folder: folder == within) path [ ]
        else
          [ path ];
    in
    if inRepository == null then inProject else inRepository;

  # If a rule from above ignores the copied folder itself, the spec names an ignored folder on purpose: no rules from above
  # apply to its files.
  inherited =
    (foldl'
      (
        { folder, rules }:
        next:
        let
          own = withOwn folder (readDir folder) rules;
        in
        {
          folder = next;
          rules = if rules == null || isIgnored own (toString next) true then null else own;
        }
      )
      {
        folder = builtins.head above;
        rules = [ ];
      }
      (builtins.tail above)
    ).rules;

  # --- the folder

  excluded = [ (rulesAt path (gitignore.rules exclude)) ];

  isOurs =
    name: type:
    name == ".git"
    || name == "imgc.lock"
    # Links to build results. The name must suffice: Nix cannot read a link's target, and following a link to itself would end
    # the evaluation.
    || (type == "symlink" && (name == "result" || startsWith "result-" name))
    || type == "unknown";
  # The first line of flakes that `imgc compile --flake` writes.
  mark = "# Made by `imgc compile --flake`,";
  isFlake =
    folder: names:
    names."flake.nix" or "" == "regular" && startsWith mark (readFile (folder + "/flake.nix"));

  # The copied paths below the folder, absolute.
  walk =
    folder: names: rules:
    let
      own = if all then [ ] else withOwn folder names rules;
    in
    concatMap (
      name:
      let
        type = names.${name};
        child = folder + "/${name}";
        full = "${slashed folder}${name}";
        isDirectory = type == "directory";
        inside = readDir child;
      in
      if
        isIgnored excluded full isDirectory
        || (
          !all && (isOurs name type || isIgnored own full isDirectory || (isDirectory && isFlake child inside))
        )
      then
        [ ]
      else
        [ full ] ++ (if isDirectory then walk child inside own else [ ])
    ) (attrNames names);

  copied = listToAttrs (
    map (name: {
      inherit name;
      value = null;
    }) (walk path (readDir path) (if inherited == null then [ ] else inherited))
  );
in
if all && exclude == [ ] then
  _: _: true
else
  file: _:
  if startsWith root file then
    copied ? ${file}
  else
    fail "${toString path} has a symbolic link among its folders; write the real path"
