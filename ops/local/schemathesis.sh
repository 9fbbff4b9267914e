#!/bin/sh
# Schemathesis against a running gad dev, as its administrator.
# $1: the virtual environment; $2: the data directory of gad dev; the rest goes to Schemathesis.
set -eu
venv=$1 data=$(cd "$2" && pwd) here=$(cd "$(dirname "$0")" && pwd)
shift 2
[ -x "$venv/bin/schemathesis" ] || {
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet "schemathesis==4.32.5"
}
base=$(sed -n 's/^GAD_HTTP_ADDR=//p' "$data/gad.env")
token=$("$venv/bin/python" - "$data/dev-credentials.json" "http://$base" <<'PY'
import json, sys, urllib.request

users = json.load(open(sys.argv[1]))["usuarios"]
who = next(u for u in users if u["rol"] == "administrador")
ask = urllib.request.Request(
    sys.argv[2] + "/api/v1/auth/login",
    json.dumps({"email": who["email"], "password": who["password"]}).encode(),
    {"Content-Type": "application/json"},
)
print(json.load(urllib.request.urlopen(ask))["access_token"])
PY
)
cd "$data" # what it remembers stays there
# /ws is no request of HTTP; /auth would end the session that asks.
exec "$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" run "http://$base/openapi.yaml" --url "http://$base" -H "Authorization: Bearer $token" \
	--phases examples,fuzzing --exclude-path-regex '^/ws$|/auth/' --exclude-checks positive_data_acceptance "$@"
