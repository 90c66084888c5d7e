# shellcheck shell=bash
# The faults. Each is a function fault_NAME (with - as _) run after the server's past was laid down by seed.py;
# the line `#: ` before it is what `lab faults` prints.
list_faults() { awk '/^#: /{t=substr($0,4)} /^fault_[a-z_]+\(\)/{n=$1; sub(/\(\).*/,"",n); sub(/^fault_/,"",n); gsub(/_/,"-",n); printf "%-22s %s\n", n, t; t=""}' "$HERE/faults.sh"; }
