# A journalctl whose journal is a file beside it, one entry of JSON a line; __CURSOR is the first of its fields and
# __REALTIME_TIMESTAMP the second.
here=${0%/*}
echo "$*" >>"$here/asked"
from=1 lines=999999 follow='' since=0
total=$(wc -l <"$here/journal")
while [ $# -gt 0 ]; do
  case $1 in
    -f) follow=1 ;;
    -n) lines=$2 && shift ;;
    --cursor=bad* | --after-cursor=bad*) echo "Failed to seek to cursor: Invalid argument" >&2 && exit 1 ;;
    --cursor=*)
      # without that entry, the one that is nearest
      from=$(grep -nF "\"${1#*=}\"" "$here/journal" | cut -d: -f1)
      sed -n "${from:-1}p" "$here/journal"
      exit 0
      ;;
    --after-cursor=*) from=$(($(grep -nF "\"${1#*=}\"" "$here/journal" | cut -d: -f1) + 1)) ;;
    --since=@*) since=${1#*@} && since=${since%.*}${since#*.} ;;
  esac
  shift
done
[ -n "$follow" ] || exit 64
[ ! -e "$here/broken" ] || { echo "Failed to open the journal: Bad message" >&2 && exit 1; }
sed -n "$from,${total}p" "$here/journal" | awk -F '"' -v since="$since" '$8 + 0 >= since + 0' | tail -n "$lines"
while :; do
  now=$(wc -l <"$here/journal")
  [ "$now" = "$total" ] || sed -n "$((total + 1)),${now}p" "$here/journal"
  total=$now
  sleep 0.05
done
