#!/bin/sh
# make-image.sh DIRECTORY: a container image of some 2 MB, as a directory: busybox, and the program `lifetime`.
# Needs a busybox that is statically linked (Debian: busybox-static; busybox itself is one, too).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
image=$1
busybox=$(command -v busybox) || { echo 'make-image.sh: there is no busybox; install busybox-static' >&2; exit 1; }
mkdir -p "$image/bin"
cp "$busybox" "$image/bin/busybox"
cp "$here/lifetime" "$image/bin/lifetime"
for name in $(busybox --list); do
    [ "$name" = busybox ] || ln -sf busybox "$image/bin/$name"
done
echo "$image: an image with busybox and lifetime"
