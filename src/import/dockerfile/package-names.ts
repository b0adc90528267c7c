/** Maps the names of packages in Debian, Ubuntu, Alpine and Fedora to attributes of nixpkgs. */

/** Packages that have one name everywhere. */
const SAME =
  "autoconf automake bash bison brotli busybox bzip2 ccache clang cmake coreutils cowsay cpio cronie cups curl dbus diffutils " +
  "dos2unix dumb-init exiftool expat fd ffmpeg file findutils fish flex fontconfig freetype gawk gcc gdb gettext ghostscript git " +
  "gnumake gnugrep gnupg gnused gnutar go gperf graphviz gzip haproxy hello htop hugo imagemagick inetutils iproute2 iptables jq krb5 " +
  "less libffi libtool libuv libxml2 libxslt libyaml lsof lua make man mariadb mc memcached mercurial meson moreutils nano ncdu " +
  "ncurses netcat nettools nginx ninja nmap nodejs nspr nss openldap openssh openssl openvpn pandoc parallel patch pcre2 perl php " +
  "pkg-config poppler postgresql procps protobuf psmisc pv pwgen python3 rabbitmq-server rclone readline redis ripgrep rsync ruby rustc " +
  "screen shadow socat sqlite strace stunnel subversion sudo supervisor swig tini tmux tree tzdata unbound unzip util-linux valgrind " +
  "varnish vim wget which wireguard-tools xz yarn yq zip zlib zsh zstd cargo su-exec s6 gosu iputils bat bc libpq tcpdump dnsmasq nftables";

const OTHER: Record<string, string> = {
  "apache2-utils": "apacheHttpd",
  "apt-transport-https": "",
  "aws-cli": "awscli2",
  awscli: "awscli2",
  "bind-tools": "dnsutils",
  "bind-utils": "dnsutils",
  "bind9-dnsutils": "dnsutils",
  "build-base": "stdenv.cc",
  "build-essential": "stdenv.cc",
  "ca-certificates": "cacert",
  "default-jdk": "jdk",
  "default-jre": "jre",
  "default-jre-headless": "jre_headless",
  "default-mysql-client": "mariadb.client",
  dnsutils: "dnsutils",
  "docker-cli": "docker-client",
  "docker.io": "docker",
  "fonts-dejavu": "dejavu_fonts",
  "font-dejavu": "dejavu_fonts",
  "fonts-liberation": "liberation_ttf",
  fuse3: "fuse3",
  "g++": "gcc",
  "git-core": "git",
  "git-lfs": "git-lfs",
  glibc: "glibc",
  gnupg2: "gnupg",
  golang: "go",
  "golang-go": "go",
  grep: "gnugrep",
  "inotify-tools": "inotify-tools",
  "iputils-ping": "iputils",
  libcurl4: "curl",
  "libffi-dev": "libffi.dev",
  libgl1: "libGL",
  "libgl1-mesa-glx": "libGL",
  "libglib2.0-0": "glib",
  "libjpeg-dev": "libjpeg.dev",
  "libjpeg62-turbo-dev": "libjpeg.dev",
  "libpng-dev": "libpng.dev",
  libpq5: "libpq",
  "libpq-dev": "libpq.dev",
  libsqlite3: "sqlite",
  libssl3: "openssl",
  "libssl-dev": "openssl.dev",
  "libxml2-dev": "libxml2.dev",
  "libxslt1-dev": "libxslt.dev",
  "libyaml-dev": "libyaml.dev",
  "linux-headers": "linuxHeaders",
  locales: "glibcLocales",
  lsb: "lsb-release",
  "lsb-release": "lsb-release",
  "mysql-client": "mariadb.client",
  "mariadb-client": "mariadb.client",
  "musl-dev": "musl.dev",
  "net-tools": "nettools",
  "netcat-openbsd": "netcat",
  "netcat-traditional": "netcat",
  "nodejs-npm": "nodejs",
  npm: "nodejs",
  "openjdk-17-jdk": "jdk17",
  "openjdk-17-jre-headless": "jdk17_headless",
  openjdk17: "jdk17",
  "openjdk-21-jdk": "jdk21",
  "openjdk-21-jre-headless": "jdk21_headless",
  openjdk21: "jdk21",
  "openssh-client": "openssh",
  "openssh-server": "openssh",
  "openssl-dev": "openssl.dev",
  pkgconf: "pkg-config",
  "poppler-utils": "poppler-utils",
  "postgresql-client": "postgresql",
  "postgresql-dev": "libpq.dev",
  "procps-ng": "procps",
  "py3-pip": "python3Packages.pip",
  python: "python3",
  "python3-dev": "python3",
  "python3-pip": "python3Packages.pip",
  "python3-venv": "python3",
  "redis-tools": "redis",
  "ruby-dev": "ruby",
  sed: "gnused",
  shellcheck: "shellcheck",
  "software-properties-common": "",
  sqlite3: "sqlite",
  "sqlite-libs": "sqlite",
  tar: "gnutar",
  "vim-tiny": "vim",
  wkhtmltopdf: "wkhtmltopdf",
  "xz-utils": "xz",
  "zlib1g-dev": "zlib.dev",
  "zlib-dev": "zlib.dev",
};

const names = new Map([...SAME.split(" ").map((name) => [name, name] as const), ...Object.entries(OTHER)]);

/** The attribute in nixpkgs; "" if an image made with Nix does not need the package; undefined if the name is unknown. */
export function nixpkgsName(name: string): string | undefined {
  return names.get(name.replace(/[=<>~:@].*$/, ""));
}
