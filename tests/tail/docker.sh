# A docker whose container is two files beside it: `state`, one line as the template of tail.sh prints it, or one of the words
# missing, down, denied; and `log`, the lines with their times. A file `lossy` makes its followers go without their last words.
here=${0%/*}
read -r state <"$here/state"
rest=${state#* }
case $state in
  missing)
    echo
    echo "Error: No such object: web" >&2
    exit 1
    ;;
  down) echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2 && exit 1 ;;
  denied) echo "Got permission denied while trying to connect to the Docker daemon socket" >&2 && exit 1 ;;
esac
verb=$1
shift
[ "$verb" != inspect ] || { echo "WARNING: of the client" >&2 && echo "$state" && exit 0; }
case $state in *' none')
  echo "Error response from daemon: configured logging driver does not support reading" >&2
  exit 1
  ;;
esac
since='' tail=999999 follow=''
while [ "$1" != -- ]; do
  case $1 in
    --since) since=$2 && shift ;;
    --tail) tail=$2 && shift ;;
    --follow) follow=1 ;;
  esac
  shift
done
n=$(wc -l <"$here/log")
head -n "$n" "$here/log" | awk -v since="$since" '$1 >= since' | tail -n "$tail"
[ -n "$follow" ] || exit 0
echo "$$" >>"$here/followers"
while :; do
  read -r is <"$here/state"
  if [ "$is" != "$state" ] && [ -e "$here/lossy" ]; then exit 0; fi
  now=$(wc -l <"$here/log")
  [ "$now" = "$n" ] || sed -n "$((n + 1)),${now}p" "$here/log"
  n=$now
  case $is in "$state") ;; *) exit 0 ;; esac
  case $rest in false*) exit 0 ;; esac
  sleep 0.05
done
