#!/bin/sh
# Installs what gad needs on this machine and has not: setup.sh run|test
#
# run   PostgreSQL 15+ with PostGIS, redis-server, a Node new enough for the front end
# test  the same, Chromium and a C compiler (the race detector needs one)
#
# Nothing of the machine is started or changed beyond the packages themselves: no service
# runs or will run at the next boot, no database cluster is made, nothing asks a question.
# Where it may not install, it says what is missing and which command brings it.
set -eu

for_what=${1:?setup.sh run|test}
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=$root/.gad/tools
export PATH="$tools/bin:$PATH"

# Node for the front end's build tool (vite): 20.19 or newer of 20, 22.12 or newer.
node_wanted=22.23.3
npm_wanted=10.9.4

say() { printf '%s\n' "$*" >&2; }

postgres_ready() {
	for bin in /usr/lib/postgresql/*/bin/postgres; do
		version=${bin#/usr/lib/postgresql/}
		version=${version%%/*}
		[ -x "$bin" ] && [ "$version" -ge 15 ] 2>/dev/null &&
			[ -e "/usr/share/postgresql/$version/extension/postgis.control" ] && return 0
	done
	# Elsewhere than Debian: on the PATH, and gad says what it misses.
	command -v postgres >/dev/null && [ ! -d /usr/lib/postgresql ]
}

node_ready() {
	command -v npm >/dev/null || return 1
	node -e '
		const [major, minor] = process.versions.node.split(".").map(Number);
		process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1);
	' 2>/dev/null
}

chromium_ready() {
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

# as_root runs a command as root, without a question where nobody could answer it.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif [ -t 0 ]; then sudo "$@"
	else sudo -n "$@"
	fi
}

may_install() {
	command -v apt-get >/dev/null || return 1
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null || return 1
	# On a terminal sudo itself may ask for its user's password; that is between the two.
	[ -t 0 ] || sudo -n true 2>/dev/null
}

give_up() {
	say ""
	say "gad needs packages that are missing here and may not be installed: $*"
	say "  as an administrator:  apt-get install --no-install-recommends $*"
	say "  or with containers:   docker compose up"
	exit 1
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold install "$@" </dev/null >&2
}

# Debian starts a service when its package is installed, unless policy-rc.d says no.
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.conf
quiet() {
	# What an earlier run left when it was killed is ours, and not what to go back to.
	if [ -e $policy ] && ! grep -q 'gad setup' $policy; then as_root mv $policy $policy.before-gad; fi
	trap restore EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	printf '#!/bin/sh\n# gad setup\nexit 101\n' | as_root tee $policy >/dev/null
	as_root chmod 755 $policy
}
restore() {
	as_root rm -f $policy
	if [ -e $policy.before-gad ]; then as_root mv $policy.before-gad $policy; fi
	if [ -e $clusters.before-gad ]; then as_root mv $clusters.before-gad $clusters; fi
}

install_packages() {
	may_install || give_up "$@"
	say "instalando: $*"
	quiet
	as_root apt-get -qq update </dev/null >&2 || say "apt-get update failed; trying with the lists there are"
	case " $* " in
	*' postgresql '*)
		# The server's package would make and start a cluster of the machine's own.
		apt_install postgresql-common || give_up "$@"
		if [ ! -e $clusters.before-gad ]; then as_root cp -p $clusters $clusters.before-gad; fi
		printf 'create_main_cluster = false\n' | as_root tee -a $clusters >/dev/null
		;;
	esac
	apt_install "$@" || give_up "$@"
	case " $* " in
	*' redis-server '*)
		if [ -d /run/systemd/system ]; then as_root systemctl --quiet disable redis-server.service || true; fi
		;;
	esac
	restore
	trap - EXIT INT TERM
	hash -r
}

# Debian 12 has Node 18: take a newer one from the npm registry into our own directory.
install_node() {
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*)
		say "no Node for $(uname -m) here: install Node $node_wanted or newer, or use docker compose up"
		exit 1
		;;
	esac
	say "instalando: node $node_wanted en .gad/tools"
	mkdir -p "$tools/bin" "$tools/node"
	npm install --loglevel=error --no-audit --no-fund --prefix "$tools/node" \
		"node-linux-$arch@$node_wanted" "npm@$npm_wanted" </dev/null >&2
	ln -sf "../node/node_modules/node-linux-$arch/bin/node" "$tools/bin/node"
	ln -sf "../node/node_modules/npm/bin/npm-cli.js" "$tools/bin/npm"
	ln -sf "../node/node_modules/npm/bin/npx-cli.js" "$tools/bin/npx"
	hash -r # the shell remembers where it found the old ones
	node_ready || { say "the Node just installed does not run: $tools/bin/node"; exit 1; }
}

check_go() {
	wanted=$(sed -n 's/^go //p' "$root/go.mod")
	if ! command -v go >/dev/null; then
		say "Go is missing: install Go $wanted or newer from https://go.dev/dl (or any Go since 1.21, which fetches $wanted by itself)"
		exit 1
	fi
	# Any Go since 1.21 fetches the version that go.mod names, unless it was told not to.
	if ! (cd "$root" && go list -m) >/dev/null 2>&1; then
		say "Go $wanted or newer is needed and $(go version | cut -d' ' -f3) is here:"
		say "  install it from https://go.dev/dl, or let this one fetch it: go env -w GOTOOLCHAIN=auto"
		exit 1
	fi
}

check_go
missing=
postgres_ready || missing="$missing postgresql postgresql-postgis"
command -v redis-server >/dev/null || missing="$missing redis-server"
if ! node_ready && ! command -v npm >/dev/null; then missing="$missing nodejs npm"; fi
if [ "$for_what" = test ]; then
	chromium_ready || missing="$missing chromium"
	command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
fi
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing
node_ready || install_node
