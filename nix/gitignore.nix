# Reads and matches patterns of .gitignore files as git does. src/ignore/pattern.ts does the same: change both. A rule joins
# consecutive patterns that are all negated, or all not negated. The rule of the last patterns comes first.
#
#   read      the text of a .gitignore file -> rules
#   rules     [ line ] -> rules
#   verdict   rules -> { name; path; isDirectory; } -> whether the entry is ignored; null if no pattern matches
#
# Patterns are joined into regular expressions. A pattern that could backtrack for long is matched byte by byte instead.
let
  inherit (builtins)
    any
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    fromJSON
    genericClosure
    genList
    head
    isString
    length
    listToAttrs
    match
    replaceStrings
    split
    stringLength
    substring
    ;

  # Bytes. Longer lines are ignored: no path is that long, and Nix's regular expressions recurse over their text.
  longest = 4096;
  # The number of patterns in a regular expression. Nix limits the size of regular expressions.
  together = 50;

  byteAt = text: at: substring at 1 text;
  last = values: elemAt values (length values - 1);

  hex =
    n: byteAt "0123456789abcdef" (n / 16) + byteAt "0123456789abcdef" (n - n / 16 * 16);
  ascii = genList (i: fromJSON ''"\u00${hex (i + 1)}"'') 127;
  # The first byte that is not ASCII.
  high = substring 1 1 (fromJSON ''"\u0080"'');
  byteOrderMark = fromJSON ''"\ufeff"'';

  # --- brackets

  range = from: to: { inherit from to; };
  one = byte: range byte byte;
  classes = rec {
    digit = [ (range "0" "9") ];
    lower = [ (range "a" "z") ];
    upper = [ (range "A" "Z") ];
    alpha = lower ++ upper;
    alnum = alpha ++ digit;
    xdigit = digit ++ [
      (range "a" "f")
      (range "A" "F")
    ];
    blank = map one [
      " "
      "\t"
    ];
    space = blank ++ map one [
      "\n"
      "\r"
    ];
    punct = [
      (range "!" "/")
      (range ":" "@")
      (range "[" "`")
      (range "{" "~")
    ];
    graph = [ (range "!" "~") ];
    print = [ (range " " "~") ];
    cntrl = [
      (range (head ascii) (elemAt ascii 30))
      (one (last ascii))
    ];
  };

  # The token of the brackets whose content begins at `from`; null if they are not closed or have an unknown class.
  bracket =
    pattern: from:
    let
      isNegated = elem (byteAt pattern from) [
        "!"
        "^"
      ];
      start = if isNegated then from + 1 else from;
      # `previous`: the byte before `at`. If the byte at `at` is `-`, a range starts with `previous`. "" if `previous` cannot
      # start a range.
      item =
        at: previous:
        let
          byte = byteAt pattern at;
          next = byteAt pattern (at + 1);
          to = if next == "\\" then byteAt pattern (at + 2) else next;
          upTo = match "([^]]*)].*" (substring (at + 2) (-1) pattern);
          named = head upTo;
          class = substring 0 (stringLength named - 1) named;
          literal = byte: next: {
            inherit next;
            previous = byte;
            ranges = [ (one byte) ];
          };
        in
        if byte == "" || (byte == "]" && at > start) then
          null
        else if byte == "\\" then
          if next == "" then null else literal next (at + 2)
        else if byte == "-" && previous != "" && next != "" && next != "]" then
          if to == "" then
            null
          else
            {
              next = at + (if next == "\\" then 3 else 2);
              previous = "";
              ranges = [ (range previous to) ];
            }
        else if byte != "[" || next != ":" then
          literal byte (at + 1)
        else if upTo == null then
          null
        else if named == "" || byteAt named (stringLength named - 1) != ":" then
          literal "[" (at + 1)
        else if classes ? ${class} then
          {
            next = at + stringLength named + 3;
            previous = "";
            ranges = classes.${class};
          }
        else
          null;
      state = at: previous: {
        key = at;
        item = item at previous;
      };
      states = genericClosure {
        startSet = [ (state start "") ];
        operator = { item, ... }: if item == null then [ ] else [ (state item.next item.previous) ];
      };
      close = (last states).key;
      regex = setRegex isNegated (concatMap ({ item, ... }: item.ranges or [ ]) states);
    in
    if byteAt pattern close == "]" && close > start && regex != null then
      {
        next = close + 1;
        tokens = [ (single regex) ];
      }
    else
      null;

  # A regular expression for a single byte inside (or outside) these ranges, never a slash; null if no byte matches.
  setRegex =
    isNegated: ranges:
    let
      has = byte: any ({ from, to }: from <= byte && byte <= to) ranges;
      when = byte: if has byte then byte else "";
      # These bytes are special at some positions in brackets.
      special = [
        "]"
        "["
        "^"
        "-"
        "/"
      ];
      body = concatStringsSep "" (
        [ (when "]") ]
        ++ filter (byte: !elem byte special && has byte) ascii
        ++ map ({ from, to }: "${if from < high then high else from}-${to}") (
          filter ({ from, to }: from <= to && high <= to) ranges
        )
        ++ (if isNegated then [ "/" ] else [ ])
        ++ map when [
          "["
          "^"
          "-"
        ]
      );
    in
    if isNegated then
      "[^${body}]"
    else if body == "" then
      null
    else if body == "^" then
      "\\^"
    else if body == "^-" then
      "(\\^|-)"
    else
      "[${body}]";

  # --- tokens of a pattern: { kind, regex, byte }. The pattern's regular expression is the concatenation of its tokens'.
  # A token of the kind `single` matches one byte, and `byte` is the regular expression for this byte. `byte` equals `regex`,
  # except in `folders` below, where `regex` also closes a group.

  single = regex: {
    kind = "single";
    inherit regex;
    byte = regex;
  };
  star = {
    kind = "star";
    regex = "[^/]*";
  };
  deep = {
    kind = "deep";
    regex = ".*";
  };
  # `**/` matches folders, or nothing: `(.*/)?`.
  folders = [
    {
      kind = "maybe";
      regex = "(";
    }
    deep
    {
      kind = "single";
      regex = "/)?";
      byte = "/";
    }
  ];

  escape =
    let
      special = [
        "\\"
        "^"
        "$"
        "."
        "["
        "|"
        "("
        ")"
        "?"
        "*"
        "+"
        "{"
      ];
    in
    replaceStrings special (map (byte: "\\${byte}") special);

  # The tokens of a pattern; null if no path can match.
  tokensOf =
    hasSlash: pattern:
    let
      end = stringLength pattern;
      # git compares the bytes before the first special byte separately. So a `**` directly after them counts as if it were at
      # the start of the pattern.
      plain = stringLength (head (match "([^*?[\\]*).*" pattern));
      token =
        at:
        let
          byte = byteAt pattern at;
          stars = stringLength (head (match "([*]*).*" (substring at (-1) pattern)));
          behind = substring (at + stars) 2 pattern;
          isDeep =
            hasSlash
            && stars > 1
            && (at <= plain || byteAt pattern (at - 1) == "/")
            && (behind == "" || byteAt behind 0 == "/" || behind == "\\/");
        in
        if byte == "*" then
          if isDeep && byteAt behind 0 == "/" then
            {
              next = at + stars + 1;
              tokens = folders;
            }
          else
            {
              next = at + stars;
              tokens = [ (if isDeep then deep else star) ];
            }
        else if byte == "?" then
          {
            next = at + 1;
            tokens = [ (single "[^/]") ];
          }
        else if byte == "[" then
          bracket pattern (at + 1)
        else if byte != "\\" then
          {
            next = at + 1;
            tokens = [ (single (escape byte)) ];
          }
        else if at + 1 < end then
          {
            next = at + 2;
            tokens = [ (single (escape (byteAt pattern (at + 1)))) ];
          }
        else
          null;
      state = at: {
        key = at;
        token = if at < end then token at else null;
      };
      states = genericClosure {
        startSet = [ (state 0) ];
        operator = { token, ... }: if token == null then [ ] else [ (state token.next) ];
      };
    in
    if end > 0 && (last states).key == end then
      concatMap ({ token, ... }: token.tokens or [ ]) states
    else
      null;

  regexOf = tokens: concatStringsSep "" (map (token: token.regex) tokens);

  # The leading tokens that match exactly one byte.
  start =
    tokens:
    (foldl'
      (
        { before, isOver }:
        token:
        if isOver || token.kind != "single" then
          {
            inherit before;
            isOver = true;
          }
        else
          {
            before = before ++ [ token ];
            isOver = false;
          }
      )
      {
        before = [ ];
        isOver = false;
      }
      tokens
    ).before;

  # Whether a regular expression could backtrack for long. Each `**`, and each `*` after another `*` in the same part of a path,
  # multiplies the number of possible matches.
  isSlow =
    tokens:
    let
      count =
        { stars, ways }:
        token:
        {
          stars =
            if token.byte or "" == "/" then
              0
            else if token.kind == "star" then
              stars + 1
            else
              stars;
          ways = if token.kind == "deep" || (token.kind == "star" && stars > 0) then ways + 1 else ways;
        };
    in
    (foldl' count {
      stars = 0;
      ways = 0;
    } tokens).ways > 2;

  # Matches without backtracking, by following all possible matches at once. A state is the index of the next token.
  follow =
    tokens: text:
    let
      end = length tokens;
      # The state, and the states reachable from it without a byte.
      reach =
        state:
        let
          inherit (elemAt tokens state) kind;
        in
        if state == end then
          [ state ]
        else if kind == "maybe" then
          reach (state + 1) ++ reach (state + 3)
        else if kind == "single" then
          [ state ]
        else
          [ state ] ++ reach (state + 1);
      step =
        byte: state:
        let
          token = elemAt tokens state;
        in
        if state == end then
          [ ]
        else if token.kind == "deep" || (token.kind == "star" && byte != "/") then
          reach state
        else if token.kind == "single" && match token.byte byte != null then
          reach (state + 1)
        else
          [ ];
      unique = states: map ({ key }: key) (genericClosure {
        startSet = map (key: { inherit key; }) states;
        operator = _: [ ];
      });
      bytes = genList (byteAt text) (stringLength text);
    in
    elem end (foldl' (states: byte: unique (concatMap (step byte) states)) (reach 0) bytes);

  # --- lines

  # Trailing spaces are dropped, unless a backslash protects them.
  trim =
    line:
    let
      parts = match "(.*[^ ])? +" line;
      body = if head parts == null then "" else head parts;
      keepsOne = match "(.*[^\\])?(\\\\\\\\)*\\\\" body != null;
    in
    if parts == null then
      line
    else if keepsOne then
      "${body} "
    else
      body;

  # A list with the line's pattern; empty for comments and for patterns that no path can match.
  pattern =
    line:
    let
      trimmed = trim line;
      isNegated = byteAt trimmed 0 == "!";
      whole = if isNegated then substring 1 (-1) trimmed else trimmed;
      directoriesOnly = match ".*/" whole != null;
      body = if directoriesOnly then substring 0 (stringLength whole - 1) whole else whole;
      hasSlash = match "[^/]*/.*" body != null;
      glob = if byteAt body 0 == "/" then substring 1 (-1) body else body;
      tokens = tokensOf hasSlash glob;
    in
    if stringLength line > longest || byteAt line 0 == "#" then
      [ ]
    else if match "[^*?[\\]+" glob != null then
      [
        {
          inherit isNegated directoriesOnly hasSlash;
          literal = glob;
        }
      ]
    else if tokens == null then
      [ ]
    else
      [
        {
          inherit
            isNegated
            directoriesOnly
            hasSlash
            tokens
            ;
        }
      ];

  # --- rules

  # A function: whether any of the patterns matches a path.
  matcher =
    patterns:
    let
      part =
        hasSlash:
        let
          own = filter (each: each.hasSlash == hasSlash) patterns;
          globs = map (each: each.tokens) (filter (each: each ? tokens) own);
          regexes = map regexOf (filter (tokens: !isSlow tokens) globs);
        in
        {
          literals = listToAttrs (
            map (each: {
              name = each.literal;
              value = null;
            }) (filter (each: each ? literal) own)
          );
          regexes = map (regexes: concatStringsSep "|" regexes) (chunks regexes);
          slow = map (tokens: {
            inherit tokens;
            # A cheap first test: few names start like the pattern.
            start = "${regexOf (start tokens)}.*";
          }) (filter isSlow globs);
        };
      names = part false;
      paths = part true;
      fits =
        part: text:
        part.literals ? ${text}
        || any (regex: match regex text != null) part.regexes
        || any ({ start, tokens }: match start text != null && follow tokens text) part.slow;
    in
    { name, path, ... }: fits names name || fits paths path;
  chunks =
    values:
    genList (
      i:
      genList (k: elemAt values (i * together + k)) (
        if (i + 1) * together > length values then length values - i * together else together
      )
    ) ((length values + together - 1) / together);

  rules =
    lines:
    let
      patterns = concatMap pattern lines;
      # Groups patterns into runs, the last run first.
      runs = foldl' (
        runs: each:
        if runs != [ ] && (head runs).isNegated == each.isNegated then
          [ ((head runs) // { patterns = (head runs).patterns ++ [ each ]; }) ] ++ builtins.tail runs
        else
          [
            {
              inherit (each) isNegated;
              patterns = [ each ];
            }
          ]
          ++ runs
      ) [ ] patterns;
    in
    map (run: {
      isIgnored = !run.isNegated;
      anything = matcher (filter (each: !each.directoriesOnly) run.patterns);
      directories = matcher (filter (each: each.directoriesOnly) run.patterns);
    }) runs;
in
{
  inherit rules;

  read =
    text:
    let
      content = if substring 0 3 text == byteOrderMark then substring 3 (-1) text else text;
    in
    rules (filter isString (split "\r?\n" "${content}\n"));

  verdict =
    rules: entry:
    foldl' (
      found: rule:
      if found != null then
        found
      else if rule.anything entry || (entry.isDirectory && rule.directories entry) then
        rule.isIgnored
      else
        null
    ) null rules;
}
