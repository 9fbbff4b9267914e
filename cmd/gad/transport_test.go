package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/redis/go-redis/v9"

	"github.com/grupo-gad/gad/migrations"
	"github.com/grupo-gad/gad/ops/boot"
	"github.com/grupo-gad/gad/ops/config"
	"github.com/grupo-gad/gad/ops/local"
)

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	})
	return a
}

func (a *authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if c.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<60)); err != nil {
		a.t.Fatal(err)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return made, key
}

// pair is a certificate of a server and its key, as PEM.
type pair struct{ cert, key []byte }

// server makes a certificate for an address, good for an hour from then on.
func (a *authority) server(address string, from time.Time) pair {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: address}, IPAddresses: []net.IP{net.ParseIP(address)}, NotBefore: from, NotAfter: from.Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return pair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// secured is a PostgreSQL, a Redis and a NATS of their own that speak TLS at one loopback
// address, and can be given other certificates while they run.
type secured struct {
	t        *testing.T
	dir      string
	address  string
	postgres *local.Postgres
	redis    *local.Redis
	admin    *redis.Client // past TLS
	nats     *server.Server
	cert     atomic.Pointer[tls.Certificate] // of NATS
	roles    local.Roles
}

const (
	redisTLSPort = 6380
	natsTLSPort  = 4443
)

func newSecured(t *testing.T, first pair, address string) *secured {
	t.Helper()
	root, err := local.ScratchDir()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(root, "tls") //nolint:usetesting // a place that the servers' account can reach
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &secured{t: t, dir: dir, address: address}
	s.write(s.path("servidor.pem"), first.cert, 0o600)
	s.write(s.path("servidor.key"), first.key, 0o600)
	if s.postgres, err = local.StartPostgres(t.Context(), local.PostgresOptions{
		Dir: dir, Durable: true, Settings: map[string]string{"listen_addresses": address},
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.postgres.Stop(context.WithoutCancel(t.Context())) })
	if s.redis, err = local.StartRedis(t.Context(), local.RedisOptions{Dir: dir, Settings: map[string]string{
		"bind": address, "tls-port": fmt.Sprint(redisTLSPort), "tls-auth-clients": "no",
		"tls-cert-file": s.path("servidor.pem"), "tls-key-file": s.path("servidor.key"),
	}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.redis.Stop(context.WithoutCancel(t.Context())) })
	options, err := redis.ParseURL(s.redis.URL(0))
	if err != nil {
		t.Fatal(err)
	}
	s.admin = redis.NewClient(options)
	t.Cleanup(func() { _ = s.admin.Close() })
	s.startNATS(first)
	if s.roles, err = local.Provision(t.Context(), s.postgres.URL("postgres", local.Superuser), "gad"); err != nil {
		t.Fatal(err)
	}
	if err := boot.Migrate(t.Context(), s.roles.OwnerURL, boot.MigrateOptions{FS: migrations.FS}); err != nil {
		t.Fatal(err)
	}
	// Whoever comes over the network speaks TLS and shows a password.
	s.write(filepath.Join(s.postgres.Dir(), "pg_hba.conf"), []byte("local all all trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n"), 0o600)
	s.password("gad_app", "primera clave")
	s.serve(first)
	return s
}

func (s *secured) startNATS(first pair) {
	s.t.Helper()
	keys, err := tls.X509KeyPair(first.cert, first.key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cert.Store(&keys)
	if s.nats, err = server.NewServer(&server.Options{
		Host: s.address, Port: natsTLSPort, JetStream: true, StoreDir: s.path("nats"), NoSigs: true, NoLog: true, TLSTimeout: 5,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.cert.Load(), nil
		}},
	}); err != nil {
		s.t.Fatal(err)
	}
	s.nats.Start()
	s.t.Cleanup(func() { s.nats.Shutdown(); s.nats.WaitForShutdown() })
	if !s.nats.ReadyForConnections(patience) {
		s.t.Fatal("NATS does not get ready")
	}
}

func (s *secured) path(name string) string { return filepath.Join(s.dir, name) }

// write leaves a file that belongs to the account of the database where it is a file of it.
func (s *secured) write(path string, content []byte, mode os.FileMode) {
	s.t.Helper()
	aside := path + ".new"
	if err := os.WriteFile(aside, content, mode); err != nil {
		s.t.Fatal(err)
	}
	if s.postgres != nil && strings.HasPrefix(path, s.postgres.Dir()) {
		info, err := os.Stat(s.postgres.Dir())
		if err != nil {
			s.t.Fatal(err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		if err := os.Chown(aside, int(owner.Uid), int(owner.Gid)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.Rename(aside, path); err != nil {
		s.t.Fatal(err)
	}
}

// serve has all three show another certificate from now on.
func (s *secured) serve(p pair) {
	s.t.Helper()
	s.write(filepath.Join(s.postgres.Dir(), "servidor.pem"), p.cert, 0o600)
	s.write(filepath.Join(s.postgres.Dir(), "servidor.key"), p.key, 0o600)
	s.superuser(`alter system set ssl_cert_file = 'servidor.pem'`, `alter system set ssl_key_file = 'servidor.key'`, `alter system set ssl = on`, `select pg_reload_conf()`)
	s.write(s.path("servidor.pem"), p.cert, 0o600)
	s.write(s.path("servidor.key"), p.key, 0o600)
	if err := s.admin.Do(s.t.Context(), "config", "set", "tls-cert-file", s.path("servidor.pem"), "tls-key-file", s.path("servidor.key")).Err(); err != nil {
		s.t.Fatal(err)
	}
	keys, err := tls.X509KeyPair(p.cert, p.key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cert.Store(&keys)
	// The postmaster reads its configuration when it gets round to it.
	want := keys.Certificate[0]
	eventually(s.t, "PostgreSQL shows its new certificate", func() bool {
		conn, err := net.Dial("tcp", net.JoinHostPort(s.address, "5432"))
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil { // SSLRequest
			return false
		}
		var yes [1]byte
		if _, err := conn.Read(yes[:]); err != nil || yes[0] != 'S' {
			return false
		}
		// Nobody is trusted: the refusal says what was shown.
		err = tls.Client(conn, &tls.Config{ServerName: s.address, MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}).HandshakeContext(s.t.Context())
		refused, ok := errors.AsType[*tls.CertificateVerificationError](err)
		return ok && bytes.Equal(refused.UnverifiedCertificates[0].Raw, want)
	})
}

func (s *secured) superuser(statements ...string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.postgres.URL("gad", local.Superuser))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(s.t.Context())) }()
	for _, sql := range statements {
		if _, err := conn.Exec(s.t.Context(), sql); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *secured) password(role, password string) {
	s.t.Helper()
	s.superuser(fmt.Sprintf(`alter role %s password '%s'`, role, password))
}

// database is the address of the application's role over the network.
func (s *secured) database(password, ca string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("gad_app", password), Host: net.JoinHostPort(s.address, "5432"), Path: "/gad"}
	u.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {ca}}.Encode()
	return u.String()
}

// loopback returns an address of 127/8 that no other test listens at.
func loopback(t *testing.T) string {
	t.Helper()
	var b [3]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("127.%d.%d.%d", 1+b[0]%250, b[1], 1+b[2]%250)
}

// TestEveryServerProvesItsName: PostgreSQL, Redis and NATS are spoken to only when their
// certificate is of the given authority, for their name and of today.
func TestEveryServerProvesItsName(t *testing.T) {
	t.Parallel()
	address := loopback(t)
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	good := ours.server(address, time.Now().Add(-time.Minute))
	s := newSecured(t, good, address)
	ca := s.path("ca.pem")
	s.write(ca, ours.pem(), 0o400)
	settings, err := config.Load([]string{
		"GAD_DATABASE_URL=" + s.database("primera clave", ca), "GAD_TLS_CA_FILE=" + ca,
		fmt.Sprintf("GAD_REDIS_URL=rediss://%s:%d/0", address, redisTLSPort), fmt.Sprintf("GAD_NATS_URL=tls://%s:%d", address, natsTLSPort),
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		pair pair
		want string // in the errors; "" is success
	}{
		{"good", good, ""},
		{"another authority", theirs.server(address, time.Now().Add(-time.Minute)), "certificate signed by unknown authority"},
		{"another name", ours.server("127.0.0.9", time.Now().Add(-time.Minute)), "certificate is valid for 127.0.0.9"},
		{"expired", ours.server(address, time.Now().Add(-2*time.Hour)), "expired"},
		{"good again", good, ""},
	} {
		s.serve(c.pair)
		for who, err := range map[string]error{
			"PostgreSQL": tryPostgres(t, settings), "Redis": tryRedis(t, settings), "NATS": tryNATS(t, settings),
		} {
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v", c.name, who, err)
			}
		}
	}
	// Plain text is no way out either.
	plain := settings
	plain.DatabaseURL = config.NewSecret(strings.Replace(settings.DatabaseURL.Reveal(), "verify-full", "disable", 1))
	if err := tryPostgres(t, plain); err == nil {
		t.Error("the server takes connections without TLS: this test proves little")
	}
}

func tryPostgres(t *testing.T, settings config.Config) error {
	t.Helper()
	pool, err := openPool(t.Context(), settings.DatabaseURL.Reveal, settings, nil)
	if err == nil {
		pool.Close()
	}
	return err
}

func tryRedis(t *testing.T, settings config.Config) error {
	t.Helper()
	client, err := openRedis(settings, func() *config.Config { return &settings })
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	return client.Ping(t.Context()).Err()
}

func tryNATS(t *testing.T, settings config.Config) (err error) {
	t.Helper()
	s := &system{settings: settings, log: slog.New(slog.DiscardHandler)}
	conn, closeNATS, err := s.openNATS()
	if err != nil {
		return err
	}
	defer closeNATS()
	eventually(t, "NATS says yes or no", func() bool {
		err = conn.LastError()
		return conn.IsConnected() || err != nil
	})
	if conn.IsConnected() {
		return nil
	}
	return err
}

// TestNoWayAroundVerification: no code of the project skips it.
func TestNoWayAroundVerification(t *testing.T) {
	t.Parallel()
	skips := regexp.MustCompile(`InsecureSkip` + `Verify|skip_` + `verify=|sslmode=(require|prefer|allow)|tls_` + `insecure`)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".yml") && !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".env"):
			return nil
		case strings.HasSuffix(path, "safety_test.go"): // what is refused, by name
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if at := skips.FindIndex(text); at != nil {
			t.Errorf("%s:%d: %s", path, 1+bytes.Count(text[:at[0]], []byte("\n")), text[at[0]:at[1]])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
