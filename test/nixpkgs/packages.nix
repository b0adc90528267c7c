# The packages that are not a single Debian archive under its own name.
#
# debs: the archives, of which the first has the package's version; needs: packages that scripts and wrappers run (default:
# bash); without: dependencies that would make a cycle; remove, links, wrap: see unpack.ts.
{
  bash = {
    debs = [ "bash" ];
    links."bin/sh" = "bash";
    needs = [ ];
  };
  busybox = {
    debs = [ "busybox-static" ];
    links."bin/httpd" = "busybox";
    remove = [ "share/initramfs-tools" ];
  };
  cargo = {
    debs = [ "cargo" ];
    without = [
      "binutils"
      "gcc"
    ];
  };
  coreutils.debs = [ "coreutils" ];
  gcc-lib.debs = [ "libstdc++6" ];
  git = {
    debs = [
      "git"
      "git-man"
    ];
    remove = [ "share/bash-completion" ];
    wrap.git = {
      GIT_EXEC_PATH = "@out@/lib/git-core";
      GIT_TEMPLATE_DIR = "@out@/share/git-core/templates";
    };
  };
  glibc = {
    debs = [ "libc6" ];
    needs = [ ];
    without = [
      "libcrypt1"
      "libgcc"
    ];
  };
  glibc-dev = {
    debs = [
      "libc6-dev"
      "linux-libc-dev"
    ];
    needs = [ ];
  };
  gnugrep.debs = [ "grep" ];
  gnused.debs = [ "sed" ];
  gnutar.debs = [ "tar" ];
  libcrypt1 = {
    debs = [ "libcrypt1" ];
    needs = [ ];
  };
  libgcc = {
    debs = [ "libgcc-s1" ];
    needs = [ ];
  };
  ncurses = {
    debs = [
      "libtinfo6"
      "libncursesw6"
    ];
    needs = [ ];
  };
  nginx = {
    debs = [
      "nginx"
      "nginx-common"
      "nginx-light"
      "libnginx-mod-http-echo"
    ];
    # Debian's start scripts, which need a shell.
    remove = [ "etc/init.d" ];
  };
  nix = {
    debs = [ "nix-bin" ];
    remove = [ "etc" ];
    wrap.nix = {
      NIX_BIN_DIR = "@out@/bin";
      NIX_LIBEXEC_DIR = "@out@/lib";
    };
  };
  openssl.debs = [
    "libssl3"
    "openssl"
  ];
  openssl-dev.debs = [ "libssl-dev" ];
  perl = {
    debs = [
      "perl"
      "perl-base"
      "perl-modules-5.36"
      "libperl5.36"
    ];
    wrap.perl.PERL5LIB = "@out@/lib/perl/5.36:@out@/share/perl/5.36:@out@/lib/perl-base";
  };
  python3 = {
    debs = [
      "python3.11"
      "python3.11-minimal"
      "libpython3.11-minimal"
      "libpython3.11-stdlib"
      "python3"
      "python3-minimal"
      "libpython3-stdlib"
      "python3-distutils"
      "python3-lib2to3"
    ];
  };
  python3-gunicorn.debs = [
    "python3-gunicorn"
    "gunicorn"
  ];
  readline.debs = [ "libreadline8" ];
  rustc = {
    debs = [
      "rustc"
      "libstd-rust-1.63"
      "libstd-rust-dev"
    ];
    without = [
      "binutils"
      "gcc"
    ];
  };
  sqlite.debs = [
    "sqlite3"
    "libsqlite3-0"
  ];
  xz.debs = [ "xz-utils" ];
  zlib.debs = [ "zlib1g" ];
}
