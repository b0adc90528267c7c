# Runs the compiler with the C library of the store; what it links is pointed there, too.
output=a.out
link=yes
for argument; do
  case ${previous-} in -o) output=$argument ;; esac
  case $argument in -c | -E | -r | -shared | -run | -v | -h) link=no ;; esac
  previous=$argument
done
if [ $link = no ]; then exec $tcc/bin/tcc $flags -L$dev -L$glibc "$@"; fi
$tcc/bin/tcc $flags -L$dev -L$glibc -nostdlib $dev/crt1.o $dev/crti.o "$@" $tcc/lib/tcc/libtcc1.a -lc $dev/crtn.o || exit
$patchelf --set-interpreter $glibc/ld-linux-x86-64.so.2 --set-rpath $glibc "$output"
