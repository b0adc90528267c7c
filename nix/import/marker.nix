# A string that replaces a store path: JSON between `@{` and `}@`. It contains no other `@`, so that markers nest.
data: "@{${builtins.replaceStrings [ "@" ] [ "\\u0040" ] (builtins.toJSON data)}}@"
