# A string in the place of a store path: JSON between `@{` and `}@`, without an `@` inside, so that markers nest.
data: "@{${builtins.replaceStrings [ "@" ] [ "\\u0040" ] (builtins.toJSON data)}}@"
