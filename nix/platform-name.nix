# The name of a platform, such as `linux/arm/v7`.
platform:
builtins.concatStringsSep "/" (
  [
    platform.os
    platform.architecture
  ]
  ++ (if platform ? variant then [ platform.variant ] else [ ])
)
