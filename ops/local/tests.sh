#!/bin/sh
# go test, and a second question for a test that falls: tests.sh "go test and flags" more flags and packages
#
# Hundreds of tests over real servers share a few processors, and some of them wait for what the
# clock does. One or two that fell in that crowd are asked three times more, alone: they count as
# passed when they hold each time, and are named either way. Races, panics, tests that never end,
# packages that fall without naming a test and a third fall get no second question (ADR 0014).
set -eu

test=$1
shift
said=$(mktemp)
trap 'rm -f "$said" "$said.rc"' EXIT

# shellcheck disable=SC2086 # the command is several words
{ $test "$@" 2>&1 && echo 0 >"$said.rc" || echo $? >"$said.rc"; } | tee "$said"
code=$(cat "$said.rc")
[ "$code" != 0 ] || exit 0

! grep -qE '^(WARNING: DATA RACE|panic: |fatal error: |FAIL	.*\[(build|setup) failed\])|^signal: |\(unknown\)$' "$said" || exit "$code"
fell=$(awk '
	/^--- FAIL: / { names[++n] = $3 }
	/^(ok|FAIL|\?)[ \t]/ {
		if ($1 == "FAIL") { if (!n) print $2, "?"; for (i = 1; i <= n; i++) print $2, names[i] }
		n = 0
	}' "$said")
case $fell in "" | *" ?"*) exit "$code" ;; esac
[ "$(echo "$fell" | wc -l)" -le 2 ] || exit "$code"

echo "$fell" | while read -r package name; do
	echo "$name of $package fell among the others: asked three times more, alone"
	# shellcheck disable=SC2086
	$test -p 1 -timeout 15m -count 3 -run "^$name\$" "$package" </dev/null || exit 1
	echo "$name of $package held three times alone; look into why it fell"
done
