package rest_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/limit"
)

// BenchmarkChain is the whole way through the middleware with a token that was verified
// seconds ago, to a route that does nothing: what gad itself spends on a request, the making of
// the request and the recording of the answer included. At most 60 µs of CPU.
func BenchmarkChain(b *testing.B) {
	keys, err := auth.LoadKeys(b.TempDir()+"/keys", true, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	issuer, err := auth.NewIssuer(keys, "gad", "gad", auth.MaxTTL, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	often := rest.Rule{Limit: 1_000_000, Per: time.Minute}
	a := rest.Bare(rates{limit.New(limit.Options{})}, rest.Settings{
		Production: true, Hosts: []string{"gad.test"}, CORSOrigins: []string{"https://mesa.test"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Limits:         rest.Limits{Public: often, Reads: often, Orders: often, Telemetry: often},
	})
	a.Door.Issuer = issuer
	e := a.NewEcho()
	a.Register(e)
	token, _, err := issuer.Issue(auth.Identity{
		Autor: permiso.Autor{Usuario: ident.Usuario(uuid.NewString()), Rol: permiso.Administrador}, Session: uuid.NewString(),
	})
	if err != nil {
		b.Fatal(err)
	}
	header := http.Header{
		"Authorization": {"Bearer " + token}, "Origin": {"https://mesa.test"}, "X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"},
		"Traceparent": {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}, "Accept": {"application/json"},
	}
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "http://gad.test/api/v1/ws/estado", nil)
		r.Header, r.RemoteAddr = header.Clone(), "10.1.1.1:4000"
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// cpuTime is the CPU time of this process so far: what a busy machine makes others wait is not ours.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
