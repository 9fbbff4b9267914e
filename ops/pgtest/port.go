package pgtest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Port returns a free TCP port of 127.0.0.1 that the kernel gives to nobody by itself: a server
// that stops comes back on it, whoever connects to whom meanwhile.
func Port(t testing.TB) int {
	t.Helper()
	var err error
	for range 100 {
		// Below the ports of connections that name none (32768 on Linux).
		port := 20_000 + rand.IntN(12_000) //nolint:gosec // no secret
		var l net.Listener
		if l, err = new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatalf("no free port: %v", err)
	return 0
}
