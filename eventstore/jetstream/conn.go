package jetstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrServerTooOld refuses a server whose JetStream has not the behaviour that
// the sequence check stands on.
var ErrServerTooOld = errors.New("NATS server is older than 2.12")

// oldest accepted server: major, minor.
var oldest = [2]int{2, 12}

// Options returns what every connection of ours is opened with: it is looked
// for again for ever, also when nobody answered the first time, and a publish
// while it is away fails at once instead of arriving late.
func Options(name string) []nats.Option {
	return []nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 500*time.Millisecond),
		nats.ReconnectBufSize(-1),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
	}
}

// Verified is how TLS is spoken to servers whose address asks for it (tls://). Unlike
// nats.Secure it asks for nothing by itself: a server without TLS stays reachable where its
// address says so.
func Verified(c *tls.Config) nats.Option {
	return func(o *nats.Options) error {
		o.TLSConfig = c
		return nil
	}
}

// Trusting asks for the authorities anew at every connection, so that they can be replaced
// while the process runs.
func Trusting(authorities func() (*x509.CertPool, error)) nats.Option {
	return func(o *nats.Options) error {
		o.RootCAsCB = authorities
		return nil
	}
}

// Connect opens a connection to a server by address, with Options and more. It
// succeeds also while the server is away.
func Connect(url, name string, more ...nats.Option) (*nats.Conn, error) {
	conn, err := nats.Connect(url, append(Options(name), more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return conn, nil
}

// CheckServer refuses a server older than 2.12 with ErrServerTooOld. Without a
// connection there is nothing to refuse yet, which is nats.ErrDisconnected.
func CheckServer(conn *nats.Conn) error {
	version := conn.ConnectedServerVersion()
	if version == "" {
		return nats.ErrDisconnected
	}
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	if errA != nil || errB != nil {
		return fmt.Errorf("%w: version %q", ErrServerTooOld, version)
	}
	if a < oldest[0] || a == oldest[0] && b < oldest[1] {
		return fmt.Errorf("%w: version %s", ErrServerTooOld, version)
	}
	return nil
}
