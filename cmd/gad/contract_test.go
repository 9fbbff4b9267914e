package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

// TestContractUnderNonsense asks every operation of the contract things that are nearly right:
// no answer is a failure of the server, every answer is true to the contract, and whoever shows
// no token, or a forged one, gets nowhere. GAD_TEST_FUZZ_CASES and GAD_TEST_FUZZ_SEED ask for
// more, or for the same again.
func TestContractUnderNonsense(t *testing.T) {
	t.Parallel()
	seed, cases := setting(t, "GAD_TEST_FUZZ_SEED", 1), setting(t, "GAD_TEST_FUZZ_CASES", 2)
	t.Logf("GAD_TEST_FUZZ_SEED=%d GAD_TEST_FUZZ_CASES=%d", seed, cases)
	w := newWorld(t)
	f := newFuzzer(w, uint64(seed))
	for range cases {
		for path, item := range f.doc.Model.Paths.PathItems.FromOldest() {
			for method, op := range item.GetOperations().FromOldest() {
				if path == "/ws" || path == "/ws/connect" {
					continue // no request of HTTP: api/live has its own
				}
				f.try(strings.ToUpper(method), path, slices.Concat(item.Parameters, op.Parameters), op)
			}
		}
	}
	t.Logf("%d requests, %d accepted", f.sent, f.accepted)
	if f.accepted < cases*5 {
		t.Errorf("%d requests were accepted: this asks nothing that reaches anything", f.accepted)
	}
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fuzzer makes requests out of the contract.
type fuzzer struct {
	w        *world
	doc      *libopenapi.DocumentModel[v3.Document]
	judge    validator.Validator
	rng      *rand.Rand
	who      *client
	ids      []string // of what there is
	sent     int
	accepted int
}

func newFuzzer(w *world, seed uint64) *fuzzer {
	w.t.Helper()
	document, err := libopenapi.NewDocument(rest.Contract())
	if err != nil {
		w.t.Fatal(err)
	}
	f := &fuzzer{w: w, rng: rand.New(rand.NewPCG(seed, 2)), who: w.as(permiso.Administrador)}
	if f.doc, err = document.BuildV3Model(); err != nil {
		w.t.Fatal(err)
	}
	var errs []error
	if f.judge, errs = validator.NewValidator(document); len(errs) > 0 {
		w.t.Fatal(errs)
	}
	f.ids = append(f.ids, w.newEfectivo(f.who, "FZ-1", -34.6, -58.4), w.supervisorWith(f.who))
	for _, made := range []struct {
		path string
		body map[string]any
	}{
		{"/tareas", map[string]any{"titulo": "Corte de calle", "tipo": "intervencion"}},
		{"/zonas", map[string]any{"nombre": "Obelisco", "clase": "interes", "radio_m": 300, "geometria": map[string]any{"type": "Point", "coordinates": []float64{-58.38, -34.6}}}},
		{"/auditoria/exportaciones", map[string]any{"desde": time.Now().Add(-time.Hour), "hasta": time.Now(), "motivo": "control anual"}},
	} {
		var o order
		f.who.want(http.StatusCreated, f.who.do("POST", "/api/v1"+made.path, made.body), &o)
		f.ids = append(f.ids, o.ID)
	}
	return f
}

// try sends one case as an administrator, as nobody and with a forged token.
func (f *fuzzer) try(method, path string, parameters []*v3.Parameter, op *v3.Operation) {
	target, header := f.address(path, parameters)
	var body []byte
	if op.RequestBody != nil && f.rng.IntN(20) > 0 {
		body = f.body(op.RequestBody, header)
	}
	open := op.Security != nil && !slices.ContainsFunc(op.Security, func(s *base.SecurityRequirement) bool { return !s.ContainsEmptyRequirement })
	if !open {
		f.closed(method, path, target, header, body)
	}
	status := f.send(method, path, target, header, body, f.who.token)
	if status == http.StatusUnauthorized && !open { // he logged himself out
		f.who = f.w.as(permiso.Administrador)
		status = f.send(method, path, target, header, body, f.who.token)
	}
	if status < 300 {
		f.accepted++
	}
}

// closed asks without a token and with one whose signature is of nobody.
func (f *fuzzer) closed(method, path, target string, header http.Header, body []byte) {
	f.w.t.Helper()
	for _, token := range []string{"", f.who.token[:len(f.who.token)-8] + "AAAAAAAA"} {
		if status := f.send(method, path, target, header, body, token); status != http.StatusUnauthorized {
			f.w.t.Errorf("%s %s answers %d to nobody (token %q)", method, target, status, token)
		}
	}
}

// send asks and holds the answer against the contract.
func (f *fuzzer) send(method, path, target string, header http.Header, body []byte, token string) int {
	t := f.w.t
	t.Helper()
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), method, f.w.at.http+target, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(r.Header, header)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return r
	}
	f.sent++
	resp, err := http.DefaultTransport.RoundTrip(request())
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	say := func(format string, args ...any) {
		t.Errorf("%s %s (%s)\n%s\nanswers %d %s\n%s", method, target, path, body, resp.StatusCode, text, fmt.Sprintf(format, args...))
	}
	if resp.StatusCode >= 500 && !bytes.Contains(text, []byte("proyeccion_atrasada")) {
		say("a failure of the server")
	}
	if resp.StatusCode == http.StatusUnprocessableEntity {
		var problem struct {
			Campos []struct{ Campo, Mensaje string }
		}
		if err := json.Unmarshal(text, &problem); err != nil || len(problem.Campos) == 0 || problem.Campos[0].Mensaje == "" {
			say("a refusal of what was sent that does not say what of it")
		}
	}
	if bytes.Contains(text, []byte("ruta_no_existe")) || resp.StatusCode == http.StatusMethodNotAllowed {
		return resp.StatusCode // an empty part of a path makes another one
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	if ok, errs := f.judge.ValidateHttpResponse(request(), resp); !ok {
		for _, e := range errs {
			say("against the contract: %s: %s %v", e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	return resp.StatusCode
}

// address fills in the parameters of a path.
func (f *fuzzer) address(path string, parameters []*v3.Parameter) (target string, header http.Header) {
	header, query := http.Header{}, url.Values{}
	for _, p := range parameters {
		value := fmt.Sprint(f.value(p.Schema.Schema(), 0))
		switch {
		case p.In == "path":
			if f.rng.IntN(10) < 7 {
				value = f.id()
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.Required == nil && f.rng.IntN(10) < 6:
		case p.In == "query":
			query.Set(p.Name, value)
		case p.Name == "X-Gad-Min-Position" && f.rng.IntN(10) > 0: // those beyond the log are waited for
			header.Set(p.Name, fmt.Sprint(f.rng.IntN(20)))
		case p.In == "header":
			header.Set(p.Name, strings.Map(printable, value))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, header
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

func (f *fuzzer) id() string {
	if f.rng.IntN(4) == 0 {
		return uuid.Must(uuid.NewRandomFromReader(chance{f.rng})).String()
	}
	return f.ids[f.rng.IntN(len(f.ids))]
}

// chance reads bytes out of the drawing.
type chance struct{ rng *rand.Rand }

// Read implements io.Reader.
func (c chance) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c.rng.UintN(256))
	}
	return len(p), nil
}

func (f *fuzzer) body(b *v3.RequestBody, header http.Header) []byte {
	for kind, media := range b.Content.FromOldest() {
		header.Set("Content-Type", kind)
		if !strings.Contains(kind, "json") {
			return []byte(fmt.Sprint(f.nonsense()))
		}
		text, err := json.Marshal(f.value(media.Schema.Schema(), 0))
		if err != nil {
			f.w.t.Fatal(err)
		}
		switch f.rng.IntN(25) {
		case 0:
			return text[:len(text)/2]
		case 1:
			return append(text, text...)
		}
		return text
	}
	return nil
}

// value is something that a schema allows, mostly.
func (f *fuzzer) value(s *base.Schema, depth int) any {
	if s == nil || depth > 6 || f.rng.IntN(12) == 0 {
		return f.nonsense()
	}
	for _, choices := range [][]*base.SchemaProxy{s.OneOf, s.AnyOf} {
		if len(choices) > 0 {
			return f.value(choices[f.rng.IntN(len(choices))].Schema(), depth+1)
		}
	}
	if len(s.Enum) > 0 {
		return s.Enum[f.rng.IntN(len(s.Enum))].Value
	}
	kind := ""
	if len(s.Type) > 0 {
		kind = s.Type[f.rng.IntN(len(s.Type))]
	}
	switch kind {
	case "string":
		return f.words(s)
	case "integer":
		return f.rng.IntN(250) - 2
	case "number":
		return f.rng.Float64()*400 - 200
	case "boolean":
		return f.rng.IntN(2) == 0
	case "array":
		list := make([]any, f.rng.IntN(4))
		for i := range list {
			if s.Items != nil && s.Items.IsA() {
				list[i] = f.value(s.Items.A.Schema(), depth+1)
			}
		}
		return list
	case "null":
		return nil
	}
	object := map[string]any{}
	for _, part := range s.AllOf {
		if m, ok := f.value(part.Schema(), depth+1).(map[string]any); ok {
			maps.Copy(object, m)
		}
	}
	if s.Properties != nil {
		for name, property := range s.Properties.FromOldest() {
			if slices.Contains(s.Required, name) || f.rng.IntN(10) < 6 {
				object[name] = f.value(property.Schema(), depth+1)
			}
		}
	}
	if f.rng.IntN(30) == 0 {
		object["nadie_lo_pidió"] = f.nonsense()
	}
	return object
}

func (f *fuzzer) words(s *base.Schema) string {
	switch s.Format {
	case "uuid":
		return f.id()
	case "date-time":
		return time.Date(2026, time.Month(1+f.rng.IntN(12)), 1+f.rng.IntN(28), f.rng.IntN(24), 0, 0, 0, time.UTC).Format(time.RFC3339)
	case "email":
		return fmt.Sprintf("persona%d@ejemplo.gob.ar", f.rng.IntN(1000))
	}
	length := 5 + f.rng.IntN(20)
	if s.MaxLength != nil && f.rng.IntN(8) == 0 {
		length = int(min(*s.MaxLength, 5000)) + f.rng.IntN(2)
	}
	letters := []rune("abcdefghijklmn ñáü0123456789-.'")
	text := make([]rune, length)
	for i := range text {
		text[i] = letters[f.rng.IntN(len(letters))]
	}
	return string(text)
}

// nonsense is what nobody should send.
func (f *fuzzer) nonsense() any {
	list := []any{
		nil, "", " ", -1, 0, 1e308, -0.5, true,
		[]any{},
		map[string]any{},
		"\x00", "'; drop table eventos.log; --", "../../etc/passwd", "%00%ff",
		"2030-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59", strings.Repeat("á", 3000), "💥", "NaN", uint64(1) << 63,
		[]any{[]any{[]any{nil}}},
		map[string]any{"a": map[string]any{"b": nil}},
		"00000000-0000-0000-0000-000000000000",
	}
	return list[f.rng.IntN(len(list))]
}
