package web

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// asset is one file with the copies of it that were compressed at build time.
type asset struct {
	contentType string
	// variants go from the smallest to the plain one, which is always there.
	variants []variant
}

type variant struct {
	// encoding is the Content-Encoding; empty for the plain bytes.
	encoding string
	etag     string
	body     []byte
}

// contentTypes of all that the build writes. A table of our own: the one of the
// standard library reads the machine's files and differs between machines.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".mjs":  "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
}

// loadAssets reads a folder written by the build. Files it knows no type for,
// the placeholder among them, are not served.
func loadAssets(dist fs.FS) map[string]*asset {
	assets := map[string]*asset{}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return nil
		}
		found := &asset{contentType: contentType}
		for _, copied := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
			body, err := fs.ReadFile(dist, name+copied.suffix)
			if err != nil {
				continue // Small files have no compressed copies.
			}
			found.variants = append(found.variants, variant{
				encoding: copied.encoding,
				etag:     etag(body),
				body:     body,
			})
		}
		assets[name] = found
		return nil
	})
	if err != nil {
		panic(err) // Embedded files cannot fail to be read.
	}
	return assets
}

// etag names exact bytes: each compressed copy has its own, as RFC 9110 asks.
func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

func (a *asset) serve(c echo.Context, cacheControl string) error {
	request, response := c.Request(), c.Response()
	chosen := a.choose(request.Header.Get("Accept-Encoding"))
	header := response.Header()
	header.Set("Cache-Control", cacheControl)
	header.Set("ETag", chosen.etag)
	// Set: the compressing middleware may have said so already.
	header.Set("Vary", "Accept-Encoding")
	if matches(request.Header.Get("If-None-Match"), chosen.etag) {
		return c.NoContent(http.StatusNotModified)
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Content-Length", strconv.Itoa(len(chosen.body)))
	if chosen.encoding != "" {
		header.Set("Content-Encoding", chosen.encoding)
	}
	response.WriteHeader(http.StatusOK)
	if request.Method == http.MethodHead {
		return nil
	}
	_, err := response.Write(chosen.body)
	return err
}

// choose takes the smallest copy that the client can read.
func (a *asset) choose(acceptEncoding string) variant {
	for _, candidate := range a.variants {
		if candidate.encoding == "" || accepts(acceptEncoding, candidate.encoding) {
			return candidate
		}
	}
	return a.variants[len(a.variants)-1]
}

// accepts reads an Accept-Encoding; a weight of zero is a refusal.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		weight, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		if !ok {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}

// matches compares weakly: a proxy that recompresses marks the tag with W/.
func matches(ifNoneMatch, etag string) bool {
	for part := range strings.SplitSeq(ifNoneMatch, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}
