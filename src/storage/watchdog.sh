# Runs a server and ends it when descriptor 3 closes, however the process at its other end died.
# usage: sh -c "$(cat watchdog.sh)" name <folder to remove at the end, or ''> <command> [<argument>...]
# Prints the server's process id, and exits as the server did.
# The signals of a terminal or a service manager reach the owner too, who closes the descriptor when ready.
trap '' HUP INT TERM
leftover=$1
shift
"$@" 1>&2 3<&- &
server=$!
echo "$server"
exec 1>&-
(
  read -r _ <&3
  # Fast shutdown for 30 s, immediate for 5 s, then by force: what was committed is safe in each case.
  elapsed=0
  while kill -0 "$server" && [ $elapsed -lt 800 ]; do
    case $elapsed in
      0) kill -INT "$server" ;;
      600) kill -QUIT "$server" ;;
      700) kill -KILL "$server" ;;
    esac
    elapsed=$((elapsed + 1))
    sleep 0.05
  done
  [ -z "$leftover" ] || rm -rf "$leftover"
) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$watcher" 2>/dev/null
[ -z "$leftover" ] || rm -rf "$leftover"
exit "$status"
