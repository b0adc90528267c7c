echo "started by $(id -un)"
