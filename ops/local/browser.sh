#!/bin/sh
# Runs the browser tests against a whole system of their own: browser.sh path/to/gad
#
# gad dev starts on a free port with data that is thrown away, with its demo operation moving;
# it must also stop in order when asked to. SHOT_DIR keeps pictures. Exit code 3: a step fell, and
# the system itself said nothing worse; whoever calls may ask once more (ADR 0014).
set -eu

gad=${1:?browser.sh path/to/gad}
root=$(cd "$(dirname "$0")/../.." && pwd)
data=$root/.gad/browser
out=$root/.gad/browser.out

# Data that the postgres user cannot reach lies elsewhere, behind a link.
clear() {
	if [ -L "$data/postgres" ]; then rm -rf "$(dirname "$(readlink -f "$data/postgres")")"; fi
	rm -rf "$data"
}
clear
mkdir -p "$data"
: >"$out" # the shell in the background may be slow to make it
# What the pages wait for here is not how fast the machine is.
GAD_HANDLER_TIMEOUT=2m GAD_DATABASE_CONNECT_TIMEOUT=1m GAD_DATABASE_STATEMENT_TIMEOUT=1m GAD_DATABASE_LOCK_TIMEOUT=1m \
	"$gad" dev --http 127.0.0.1:0 --data "$data" >"$out" 2>"$out.err" </dev/null &
pid=$!
stop() {
	kill -INT "$pid" 2>/dev/null || true
	wait "$pid" && code=0 || code=$?
}
trap 'stop; clear' EXIT
trap 'exit 130' INT TERM

url=
tries=0
while [ -z "$url" ]; do
	url=$(sed -n 's/^listo //p' "$out")
	tries=$((tries + 1))
	if [ $tries -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
		echo "gad dev did not start:" >&2
		tail -n 30 "$out.err" >&2
		exit 1
	fi
	sleep 0.2
done

for chromium in chromium chromium-browser google-chrome; do
	if command -v $chromium >/dev/null; then CHROMIUM=$(command -v $chromium); break; fi
done
cd "$root/api/web/ui"
BASE_URL=$url CREDENTIALS_FILE=$data/dev-credentials.json CHROMIUM=${CHROMIUM:?no Chromium} npm run e2e || {
	echo "what gad dev said last:" >&2
	tail -n 15 "$out.err" >&2
	! grep -qE '^(WARNING: DATA RACE|panic: |fatal error: )' "$out.err" || exit 1
	exit 3
}

trap clear EXIT
stop
if [ "$code" != 0 ]; then
	echo "gad dev ended with $code after Ctrl-C:" >&2
	tail -n 30 "$out.err" >&2
	exit 1
fi
