# A string that replaces a store path: JSON between `@{` and `}@`. Each `@` inside is
# escaped as \u0040, so that a marker can contain another marker.
data: "@{${builtins.replaceStrings [ "@" ] [ "\\u0040" ] (builtins.toJSON data)}}@"
