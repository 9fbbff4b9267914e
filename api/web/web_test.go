package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

const script = "console.log('hola');"

// built is a folder as the build writes it.
func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := io.WriteString(w, script); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		".gitignore":              {Data: []byte("*")},
		"index.html":              {Data: []byte("<title>tablero</title>")},
		"docs/index.html":         {Data: []byte("<title>api</title>")},
		"assets/index-A1B2.js":    {Data: []byte(script)},
		"assets/index-A1B2.js.gz": {Data: gz.Bytes()},
		"assets/index-A1B2.js.br": {Data: []byte("brotli bytes")},
		"assets/worker-C3.mjs":    {Data: []byte("export {}")},
		"assets/icono-D4.svg":     {Data: []byte("<svg/>")},
	}
}

// serve starts a server with the site beside an API of one route.
func serve(t *testing.T, dist fstest.MapFS) *httptest.Server {
	t.Helper()
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			status = he.Code
		}
		_ = c.Blob(status, "application/problem+json", []byte(`{}`))
	}
	e.POST("/api/v1/tareas", func(c echo.Context) error { return c.NoContent(http.StatusCreated) })
	newSite(dist).register(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server
}

type answer struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, server *httptest.Server, method, path string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	// An explicit header keeps the client from decompressing on its own.
	request.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestPagesAreAskedForAgainAndKeptToTheirOrigin(t *testing.T) {
	t.Parallel()
	server := serve(t, built(t))
	for path, want := range map[string]string{"/": "tablero", "/docs/": "api"} {
		got := ask(t, server, http.MethodGet, path)
		if got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("GET %s = %d %q, want the page %q", path, got.status, got.body, want)
		}
		if cache := got.header.Get("Cache-Control"); cache != "no-cache" {
			t.Errorf("GET %s: Cache-Control %q, want no-cache", path, cache)
		}
		policy := got.header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("GET %s: policy %q lacks %q", path, policy, directive)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: policy %q allows something unsafe", path, policy)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s: no nosniff", path)
		}
	}
}

func TestHashedFilesMayBeKeptForEver(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, built(t)), http.MethodGet, "/assets/index-A1B2.js")
	if got.status != http.StatusOK || got.body != script {
		t.Fatalf("got %d %q", got.status, got.body)
	}
	if diff := cmp.Diff("public, max-age=31536000, immutable", got.header.Get("Cache-Control")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("text/javascript; charset=utf-8", got.header.Get("Content-Type")); diff != "" {
		t.Error(diff)
	}
}

func TestTheSmallestReadableCopyTravels(t *testing.T) {
	t.Parallel()
	server := serve(t, built(t))
	for _, tc := range []struct{ path, accept, want string }{
		{"/assets/index-A1B2.js", "gzip, deflate, br, zstd", "br"},
		{"/assets/index-A1B2.js", "gzip, deflate", "gzip"},
		{"/assets/index-A1B2.js", "br;q=0, gzip;q=0.5", "gzip"},
		{"/assets/index-A1B2.js", "BR", "br"},
		{"/assets/index-A1B2.js", "br; q=nonsense", ""},
		{"/assets/index-A1B2.js", "identity", ""},
		{"/assets/worker-C3.mjs", "br", ""},
	} {
		got := ask(t, server, http.MethodGet, tc.path, "Accept-Encoding", tc.accept)
		if encoding := got.header.Get("Content-Encoding"); encoding != tc.want {
			t.Errorf("%s with %q: encoding %q, want %q", tc.path, tc.accept, encoding, tc.want)
		}
		if !strings.Contains(got.header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s with %q: caches are not told that the answer varies", tc.path, tc.accept)
		}
	}
}

func TestUnchangedFilesDoNotTravelTwice(t *testing.T) {
	t.Parallel()
	server := serve(t, built(t))
	tags := map[string]bool{}
	for _, encoding := range []string{"br", "gzip", "identity"} {
		first := ask(t, server, http.MethodGet, "/assets/index-A1B2.js", "Accept-Encoding", encoding)
		tag := first.header.Get("ETag")
		tags[tag] = true
		for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := ask(t, server, http.MethodGet, "/assets/index-A1B2.js", "Accept-Encoding", encoding, "If-None-Match", known)
			if again.status != http.StatusNotModified || again.body != "" {
				t.Errorf("%s, If-None-Match %s: %d with %d bytes", encoding, known, again.status, len(again.body))
			}
		}
		if other := ask(t, server, http.MethodGet, "/assets/index-A1B2.js", "Accept-Encoding", encoding, "If-None-Match", `"other"`); other.status != http.StatusOK {
			t.Errorf("%s: another tag got %d", encoding, other.status)
		}
	}
	if len(tags) != 3 {
		t.Errorf("three different bodies share tags: %v", tags)
	}
}

func TestHeadSaysWhatGetWould(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, built(t)), http.MethodHead, "/")
	if got.status != http.StatusOK || got.body != "" || got.header.Get("Content-Length") == "" {
		t.Errorf("HEAD / = %d %q, length %q", got.status, got.body, got.header.Get("Content-Length"))
	}
}

func TestOnlyPagesFallBackToTheDashboard(t *testing.T) {
	t.Parallel()
	server := serve(t, built(t))
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, tc := range []struct {
		method, path, accept string
		want                 int
	}{
		{http.MethodGet, "/tareas/T-2026-000001", browser, http.StatusOK},
		{http.MethodGet, "/tareas", "application/json", http.StatusNotFound},
		{http.MethodGet, "/api/v1/nada", browser, http.StatusNotFound},
		{http.MethodGet, "/api", browser, http.StatusNotFound},
		{http.MethodPost, "/api/v1/nada", browser, http.StatusNotFound},
		{http.MethodPost, "/api/v1/tareas", browser, http.StatusCreated},
		{http.MethodGet, "/metrics", browser, http.StatusNotFound},
		{http.MethodGet, "/assets/nada.js", browser, http.StatusNotFound},
		{http.MethodGet, "/assets/", browser, http.StatusNotFound},
		{http.MethodGet, "/assets/../.gitignore", browser, http.StatusNotFound},
		{http.MethodGet, "/assets/index-A1B2.js.br", browser, http.StatusNotFound},
		{http.MethodGet, "/wp-login.php", browser, http.StatusNotFound},
		{http.MethodGet, "/docs", browser, http.StatusMovedPermanently},
	} {
		if got := ask(t, server, tc.method, tc.path, "Accept", tc.accept); got.status != tc.want {
			t.Errorf("%s %s = %d, want %d", tc.method, tc.path, got.status, tc.want)
		}
	}
}

func TestWithoutAssetsThePageSaysHowToBuildThem(t *testing.T) {
	t.Parallel()
	server := serve(t, fstest.MapFS{".gitignore": {Data: []byte("*")}})
	for _, path := range []string{"/", "/docs/"} {
		got := ask(t, server, http.MethodGet, path)
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "make ui") {
			t.Errorf("GET %s = %d %q", path, got.status, got.body)
		}
	}
	if got := ask(t, server, http.MethodPost, "/api/v1/tareas"); got.status != http.StatusCreated {
		t.Errorf("the API answers %d", got.status)
	}
}

// TestTheEmbeddedBuildServes runs on what this very binary carries: either the
// whole dashboard, every file of its page included, or the page without it.
func TestTheEmbeddedBuildServes(t *testing.T) {
	t.Parallel()
	e := echo.New()
	Register(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	got := ask(t, server, http.MethodGet, "/")
	if !Built() {
		if got.status != http.StatusServiceUnavailable {
			t.Fatalf("no assets are embedded, and GET / = %d", got.status)
		}
		return
	}
	files := 0
	for part := range strings.SplitSeq(got.body, `"`) {
		if !strings.HasPrefix(part, "/assets/") {
			continue
		}
		files++
		if file := ask(t, server, http.MethodGet, part, "Accept-Encoding", "br"); file.status != http.StatusOK {
			t.Errorf("the page asks for %s, which answers %d", part, file.status)
		}
	}
	if files == 0 {
		t.Errorf("the page asks for no file: %s", got.body)
	}
}
