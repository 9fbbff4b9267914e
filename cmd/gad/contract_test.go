package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/api/rest/contracttest"
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
		// Those to sockets are no requests of HTTP: api/live has its own tests.
		for c := range f.drawing.Cases("GET /ws", "GET /ws/connect") {
			f.try(c)
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

// fuzzer sends what is drawn out of the contract.
type fuzzer struct {
	w        *world
	drawing  contracttest.Drawing
	who      *client
	sent     int
	accepted int
}

func newFuzzer(w *world, seed uint64) *fuzzer {
	w.t.Helper()
	contract, err := contracttest.Open(rest.Contract())
	if err != nil {
		w.t.Fatal(err)
	}
	f := &fuzzer{w: w, who: w.as(permiso.Administrador)}
	f.drawing = contracttest.Drawing{Contract: contract, Rng: rand.New(rand.NewPCG(seed, 2))}
	f.drawing.IDs = append(f.drawing.IDs, w.newEfectivo(f.who, "FZ-1", -34.6, -58.4), w.supervisorWith(f.who))
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
		f.drawing.IDs = append(f.drawing.IDs, o.ID)
	}
	return f
}

// try sends one case as an administrator, as nobody and with a forged token.
func (f *fuzzer) try(c contracttest.Case) {
	if !c.Open {
		f.closed(c)
	}
	status := f.send(c, f.who.token)
	if status == http.StatusUnauthorized && !c.Open { // he logged himself out
		f.who = f.w.as(permiso.Administrador)
		status = f.send(c, f.who.token)
	}
	if status < 300 {
		f.accepted++
	}
}

// closed asks without a token and with one whose signature is of nobody. An address longer than
// any head may be is refused before anybody asks who is there.
func (f *fuzzer) closed(c contracttest.Case) {
	f.w.t.Helper()
	want := http.StatusUnauthorized
	if len(c.Target) > rest.ServerHeaderBytes/4 {
		want = http.StatusRequestHeaderFieldsTooLarge
	}
	for _, token := range []string{"", f.who.token[:len(f.who.token)-8] + "AAAAAAAA"} {
		if status := f.send(c, token); status != want {
			f.w.t.Errorf("%s %.500s answers %d to nobody (token %q)", c.Method, c.Target, status, token)
		}
	}
}

// send asks and holds the answer against the contract.
func (f *fuzzer) send(c contracttest.Case, token string) int {
	t := f.w.t
	t.Helper()
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), c.Method, f.w.at.http+c.Target, bytes.NewReader(c.Body))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(r.Header, c.Header)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return r
	}
	f.sent++
	resp, err := http.DefaultTransport.RoundTrip(request())
	if err != nil {
		t.Fatalf("%s %s: %v", c.Method, c.Target, err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatalf("%s %s: %v", c.Method, c.Target, err)
	}
	say := func(format string, args ...any) {
		t.Errorf("%s %s (%s)\n%s\nanswers %d %s\n%s", c.Method, c.Target, c.Path, c.Body, resp.StatusCode, text, fmt.Sprintf(format, args...))
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
	for _, found := range f.drawing.Contract.Answer(request(), resp) {
		say("against the contract: %s", found)
	}
	return resp.StatusCode
}
