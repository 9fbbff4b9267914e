// Package local runs private servers for development and tests: PostgreSQL with PostGIS,
// Redis and NATS.
//
// It promises that
//
//   - nothing of the machine's own is touched: servers live in a directory the caller names
//     and listen on Unix sockets only (NATS in process, or on a loopback port when asked);
//   - whatever was killed, and however, the next Start on the same directory works: an
//     orphan of a killed run is stopped first, stale lock files are removed, and a half-made
//     cluster is thrown away;
//   - servers outlive neither the process that started them (the kernel signals them when it
//     dies, kill -9 included) nor Stop;
//   - a Ctrl-C at the terminal does not reach the servers: they have process groups of their
//     own, so that the caller can stop them last and in order.
//
// One directory is used by one process at a time; a second Start on it is refused with
// ErrInUse. The servers trust everyone who reaches their sockets, and only the owner of the
// directory does: passwords would add nothing.
//
// PostgreSQL refuses to run as root. As root the server therefore runs as the user
// "postgres", and its data is moved to /var/lib/gad when that user cannot reach the
// directory (a checkout below a 0700 home).
package local
