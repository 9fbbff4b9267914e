package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/ops/limit"
)

// bare is the middleware with an echo behind it: POST and GET /api/v1/eco tell
// what the route sees of the request.
func bare(s rest.Settings, l rest.Limiter) *echo.Echo {
	a := rest.Bare(l, s)
	e := a.NewEcho()
	a.Register(e)
	tell := func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		r := c.Request()
		return c.JSON(http.StatusOK, map[string]any{
			"ip": c.RealIP(), "scheme": c.Scheme(), "host": r.Host, "bytes": len(body),
			"xff": r.Header.Get("X-Forwarded-For") + r.Header.Get("X-Real-Ip") + r.Header.Get("Forwarded"),
		})
	}
	e.GET("/api/v1/eco", tell)
	e.POST("/api/v1/eco", tell)
	return e
}

// ask sends a request from an address; headers are name, value, name, value...
func ask(e http.Handler, method, from string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://gad.test/api/v1/eco", nil)
	r.RemoteAddr = from
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func seen(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %d %s", err, w.Code, w.Body)
	}
	return v
}

func TestProxyMatrix(t *testing.T) {
	t.Parallel()
	e := bare(rest.Settings{TrustedProxies: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"),
	}}, nil)
	const (
		proxy, stranger = "10.1.1.1:4000", "203.0.113.9:4000"
		xff, proto      = "X-Forwarded-For", "X-Forwarded-Proto"
		xfh             = "X-Forwarded-Host"
	)
	for name, c := range map[string]struct {
		from             string
		headers          []string
		ip, scheme, host string
	}{
		"nobody forwards":                 {stranger, nil, "203.0.113.9", "http", "gad.test"},
		"a stranger forwards for another": {stranger, []string{xff, "198.51.100.1", proto, "https", xfh, "evil.test"}, "203.0.113.9", "http", "gad.test"},
		"a stranger says Forwarded":       {stranger, []string{"Forwarded", "for=198.51.100.1;proto=https", "X-Real-Ip", "198.51.100.1"}, "203.0.113.9", "http", "gad.test"},
		"a stranger claims to be a proxy": {stranger, []string{xff, "198.51.100.1, 10.1.1.1"}, "203.0.113.9", "http", "gad.test"},
		"one proxy":                       {proxy, []string{xff, "198.51.100.1", proto, "https"}, "198.51.100.1", "https", "gad.test"},
		"the client prepended a lie":      {proxy, []string{xff, "127.0.0.1, 198.51.100.1", proto, "https"}, "198.51.100.1", "https", "gad.test"},
		"the client prepended a proxy":    {proxy, []string{xff, "10.9.9.9, 198.51.100.1"}, "198.51.100.1", "http", "gad.test"},
		"the lie in a line of its own":    {proxy, []string{xff, "127.0.0.1", xff, "198.51.100.1"}, "198.51.100.1", "http", "gad.test"},
		"two proxies":                     {proxy, []string{xff, "198.51.100.1, 10.2.2.2", proto, "https, http"}, "198.51.100.1", "https", "gad.test"},
		"two proxies, the client lied":    {proxy, []string{xff, "1.1.1.1, 198.51.100.1, 10.2.2.2", proto, "https, http, http"}, "198.51.100.1", "http", "gad.test"},
		"the nearest replaced the scheme": {proxy, []string{xff, "198.51.100.1, 10.2.2.2", proto, "https"}, "198.51.100.1", "https", "gad.test"},
		"garbage from the client":         {proxy, []string{xff, "garbage, 198.51.100.1"}, "198.51.100.1", "http", "gad.test"},
		"garbage from a proxy":            {proxy, []string{xff, "198.51.100.1, garbage"}, "10.1.1.1", "http", "gad.test"},
		"an empty list":                   {proxy, []string{xff, ""}, "10.1.1.1", "http", "gad.test"},
		"only proxies":                    {proxy, []string{xff, "10.3.3.3, 10.2.2.2"}, "10.3.3.3", "http", "gad.test"},
		"IPv6 with brackets and port":     {proxy, []string{xff, "[2001:db8::1]:9000"}, "2001:db8::1", "http", "gad.test"},
		"IPv6 bare":                       {proxy, []string{xff, "2001:db8::1"}, "2001:db8::1", "http", "gad.test"},
		"IPv4 with port":                  {proxy, []string{xff, "198.51.100.1:555"}, "198.51.100.1", "http", "gad.test"},
		"IPv4 inside IPv6":                {"[::ffff:10.1.1.1]:4000", []string{xff, "::ffff:198.51.100.1"}, "198.51.100.1", "http", "gad.test"},
		"a proxy of IPv6":                 {"[fd00::5]:4000", []string{xff, "198.51.100.1", xfh, "mesa.test"}, "198.51.100.1", "http", "mesa.test"},
		"a host from the proxy":           {proxy, []string{xff, "198.51.100.1", xfh, "mesa.test"}, "198.51.100.1", "http", "mesa.test"},
		"a scheme in capitals":            {proxy, []string{xff, "198.51.100.1", proto, "HTTPS"}, "198.51.100.1", "https", "gad.test"},
		"a scheme that is none":           {proxy, []string{xff, "198.51.100.1", proto, "javascript"}, "198.51.100.1", "http", "gad.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, map[string]any{"ip": c.ip, "scheme": c.scheme, "host": c.host, "bytes": 0.0, "xff": ""}, seen(t, ask(e, "GET", c.from, c.headers...)))
		})
	}
}

func TestHostMatrix(t *testing.T) {
	t.Parallel()
	e := bare(rest.Settings{Hosts: []string{"gad.test", "mesa.gad.test:8443"}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, nil)
	for host, ok := range map[string]bool{
		"gad.test": true, "GAD.test": true, "gad.test:8080": true, "mesa.gad.test:8443": true,
		"mesa.gad.test": false, "evil.test": false, "gad.test.evil.test": false, "evilgad.test": false, "gad.test@evil.test": false,
		"127.0.0.1": false, "localhost": false, "[::1]:80": false, "": false, "gad.test.": false, "gad.test\\evil": false,
	} {
		w := ask(e, "GET", "203.0.113.9:1", "Host", host)
		if ok != (w.Code == http.StatusOK) || !ok && (w.Code != http.StatusMisdirectedRequest || !strings.Contains(w.Body.String(), "servidor_desconocido")) {
			t.Errorf("host %q answers %d %s", host, w.Code, w.Body)
		}
		if w.Header().Get("X-Request-Id") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("host %q is answered without request id or security headers", host)
		}
	}
	if w := ask(e, "GET", "10.0.0.1:1", "X-Forwarded-Host", "evil.test"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("a proxy's foreign host answers %d", w.Code)
	}
}

func TestOriginMatrix(t *testing.T) {
	t.Parallel()
	const ours, mesa, evil = "http://gad.test", "https://mesa.test", "https://evil.test"
	e := bare(rest.Settings{CORSOrigins: []string{mesa}}, nil)
	for _, c := range []struct {
		method, origin, site string
		cookie               bool
		status               int
		allowed              string // Access-Control-Allow-Origin
	}{
		{"GET", "", "", false, 200, ""},
		{"GET", mesa, "cross-site", false, 200, mesa},
		{"GET", evil, "cross-site", false, 200, ""},
		{"GET", evil, "cross-site", true, 200, ""}, // safe: it changes nothing and cannot be read
		{"GET", "null", "", false, 200, ""},
		{"GET", "https://mesa.test.evil.test", "", false, 200, ""},
		{"GET", "http://mesa.test", "", false, 200, ""},       // another scheme
		{"GET", "https://mesa.test:8443", "", false, 200, ""}, // another port
		{"GET", "HTTPS://MESA.TEST", "", false, 200, ""},
		{"POST", mesa, "cross-site", false, 200, mesa},
		{"POST", mesa, "cross-site", true, 403, mesa}, // allowed to read, not to ride on a cookie
		{"POST", evil, "cross-site", false, 200, ""},  // without a cookie nobody is impersonated
		{"POST", evil, "cross-site", true, 403, ""},
		{"POST", evil, "same-site", true, 403, ""},
		{"POST", ours, "same-origin", true, 200, ""},
		{"POST", "", "none", true, 200, ""}, // typed by the person
		{"POST", ours, "", true, 200, ""},   // browsers before Sec-Fetch-Site
		{"POST", evil, "", true, 403, ""},
		{"POST", "null", "", true, 403, ""},
		{"POST", "", "", true, 200, ""}, // no browser
		{"OPTIONS", mesa, "", false, 204, mesa},
		{"OPTIONS", evil, "", false, 204, ""},
		{"OPTIONS", "null", "", false, 204, ""},
	} {
		headers := []string{"Access-Control-Request-Method", "POST"}
		if c.method != "OPTIONS" {
			headers = nil
		}
		if c.origin != "" {
			headers = append(headers, "Origin", c.origin)
		}
		if c.site != "" {
			headers = append(headers, "Sec-Fetch-Site", c.site)
		}
		if c.cookie {
			headers = append(headers, "Cookie", "__Host-gad=x")
		}
		w := ask(e, c.method, "203.0.113.9:1", headers...)
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != c.status || got != c.allowed {
			t.Errorf("%+v answers %d, allows %q", c, w.Code, got)
		}
		if w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%+v may bring cookies", c)
		}
	}
}

// TestOrderOfRefusals: what is wrong with who and where is said before what is
// wrong with what was sent.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	e := bare(rest.Settings{Hosts: []string{"gad.test"}}, nil)
	try := func(host, origin string, size int) string {
		r := httptest.NewRequest("POST", "http://"+host+"/api/v1/eco", bytes.NewReader(make([]byte, size)))
		r.Header.Set("Origin", origin)
		r.Header.Set("Cookie", "a=b")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		var p struct{ Codigo string }
		_ = json.Unmarshal(w.Body.Bytes(), &p)
		return fmt.Sprint(w.Code, " ", p.Codigo)
	}
	equal(t, []string{"421 servidor_desconocido", "413 cuerpo_demasiado_grande", "403 origen_no_admitido", "200 "}, []string{
		try("evil.test", "https://evil.test", 2<<20), try("gad.test", "https://evil.test", 2<<20),
		try("gad.test", "https://evil.test", 1), try("gad.test", "http://gad.test", 1),
	})
}

// TestBodyThatLies: a length that is not said is counted all the same.
func TestBodyThatLies(t *testing.T) {
	t.Parallel()
	e := bare(rest.Settings{}, nil)
	for size, want := range map[int]int{1 << 20: 200, 1<<20 + 1: 413} {
		r := httptest.NewRequest("POST", "http://gad.test/api/v1/eco", io.MultiReader(bytes.NewReader(make([]byte, size))))
		if r.ContentLength != -1 {
			t.Fatal("the length is known")
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes answer %d", size, w.Code)
		}
	}
}

// rates is ops/limit as the face asks for it.
type rates struct{ *limit.Limiter }

func (r rates) Take(ctx context.Context, name, key string, rule rest.Rule) (rest.Taken, error) {
	t, err := r.Limiter.Take(ctx, name, key, limit.Rule(rule))
	return rest.Taken(t), err
}

// TestSmuggling: what stands behind a body that can be measured in two ways is not answered,
// whoever refuses the first request.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(bare(rest.Settings{Hosts: []string{"gad.test"}}, nil))
	t.Cleanup(s.Close)
	const second = "GET /api/v1/eco HTTP/1.1\r\nHost: gad.test\r\n\r\n"
	for _, host := range []string{"gad.test", "evil.test"} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(conn, "POST /api/v1/eco HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"+second)
		if err != nil {
			t.Fatal(err)
		}
		answers, err := io.ReadAll(conn)
		_ = conn.Close()
		if err != nil || strings.Count(string(answers), "HTTP/1.1 ") != 1 {
			t.Errorf("%s: %s (%v)", host, answers, err)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	l := rates{limit.New(limit.Options{Now: func() time.Time { return now }})}
	e := bare(rest.Settings{Limits: rest.Limits{
		Public: rest.Rule{Limit: 2, Per: time.Minute}, Reads: rest.Rule{Limit: 3, Per: time.Minute},
	}}, l)
	get := func(path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w
	}
	w := get("/openapi.yaml", "203.0.113.9:1")
	equal(t, []string{`"publico";q=2;w=60`, `"publico";r=1;t=30`}, []string{w.Header().Get("RateLimit-Policy"), w.Header().Get("RateLimit")})
	get("/openapi.yaml", "203.0.113.200:1") // the same block
	w = get("/openapi.yaml", "203.0.113.9:2")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), "demasiadas_peticiones") {
		t.Errorf("the third answers %d, Retry-After %s: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if w := get("/openapi.yaml", "203.0.114.9:1"); w.Code != http.StatusOK {
		t.Errorf("another block answers %d", w.Code)
	}
	now = now.Add(30 * time.Second)
	if w := get("/openapi.yaml", "203.0.113.9:1"); w.Code != http.StatusOK {
		t.Errorf("after Retry-After it answers %d", w.Code)
	}
	var codes []int
	for range 4 { // tokens that are none
		codes = append(codes, get("/api/v1/tareas", "203.0.113.9:1").Code)
	}
	equal(t, []int{401, 401, 401, 429}, codes)
	for addr, want := range map[string]string{
		"203.0.113.9:1": "203.0.113.0/24", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64", "[::ffff:203.0.113.9]:1": "203.0.113.0/24", "x": "",
	} {
		equal(t, want, rest.Block(&http.Request{RemoteAddr: addr}))
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	const id, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	var out bytes.Buffer
	a := rest.Bare(nil, rest.Settings{})
	a.Logger = slog.New(rest.Traced(slog.NewJSONHandler(&out, nil)))
	e := a.NewEcho()
	e.GET("/api/v1/eco", func(c echo.Context) error {
		a.Logger.InfoContext(c.Request().Context(), "deep inside")
		return c.NoContent(http.StatusNoContent)
	})
	for given, keeps := range map[string]bool{
		"00-" + id + "-" + parent + "-01": true, "01-" + id + "-" + parent + "-01-more": true,
		"": false, "00-" + id + "-" + parent + "-01-more": false, "ff-" + id + "-" + parent + "-01": false,
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01": false, "00-" + id + "-" + strings.Repeat("0", 16) + "-01": false,
		"00-" + strings.ToUpper(id) + "-" + parent + "-01": false, "00-" + id[1:] + "-" + parent + "-01": false, "garbage": false,
	} {
		out.Reset()
		w := ask(e, "GET", "203.0.113.9:1", "Traceparent", given, "X-Request-Id", "mi-pedido")
		var line map[string]any
		must(t, json.Unmarshal(out.Bytes(), &line))
		kept := line["trace_id"] == id && line["parent_id"] == parent
		if kept != keeps || len(line["trace_id"].(string)) != 32 || len(line["span_id"].(string)) != 16 || line["request_id"] != "mi-pedido" || w.Header().Get("X-Request-Id") != "mi-pedido" {
			t.Errorf("traceparent %q is logged as %v", given, line)
		}
	}
}
