package accept_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/accept"
	"github.com/grupo-gad/gad/eventstore/codec"
)

var (
	errA  = fault.New(fault.Conflict, "tomado_a", "")
	enero = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

func id(n int) eventstore.CommandID { return eventstore.CommandID{byte(n), byte(n >> 8), 15: 1} }

// command writes n events to each stream it expects.
func command(number, n int, expected ...eventstore.Expectation) *accept.Command {
	c := &accept.Command{ID: id(number), Expected: expected}
	for _, e := range expected {
		for range n {
			c.Events = append(c.Events, accept.Event{Stream: e.Stream})
		}
	}
	return c
}

func at(stream string, v eventstore.Version) eventstore.Expectation {
	return eventstore.Expectation{Stream: eventstore.StreamID(stream), Version: v}
}

func decide(s *accept.State, c *accept.Command) accept.Verdict {
	return s.Decide(c, new(eventstore.Receipt))
}

func TestTrustingBelievesTheFirst(t *testing.T) {
	t.Parallel()
	s := accept.NewState(true)
	if v := decide(s, command(1, 2, at("a", 7))); v.Err != nil || !slices.Equal(v.Versions, []eventstore.Version{8, 9}) {
		t.Fatalf("first: %+v", v)
	}
	if v := decide(s, command(2, 1, at("a", 7))); !errors.Is(v.Err, eventstore.ErrStale) {
		t.Errorf("decided on the same version: %+v", v)
	}
	if v := decide(s, command(3, 1, at("a", 9), at("b", 3))); v.Err != nil {
		t.Errorf("decided on the version after: %+v", v)
	}
	if v := decide(s, command(4, 0, at("c", 5))); v.Err != nil || v.Repeat != nil {
		t.Errorf("no events: %+v", v)
	}
	if v := decide(s, command(5, 1, at("d", 1), at("d", 2))); !errors.Is(v.Err, eventstore.ErrStale) {
		t.Errorf("a contradiction: %+v", v)
	}
	want := []accept.Touched{{Stream: "a", Base: 7, Version: 10}, {Stream: "b", Base: 3, Version: 4}, {Stream: "c", Base: 5, Version: 5}}
	if diff := cmp.Diff(want, s.Touched()); diff != "" {
		t.Errorf("guards (-want +got):\n%s", diff)
	}
}

func TestCompleteKnowsBetter(t *testing.T) {
	t.Parallel()
	s := accept.NewState(false)
	s.SetVersion("a", 7)
	receipt := &eventstore.Receipt{Command: id(9), Head: 3}
	s.SetCommand(id(9), &accept.Known{Receipt: receipt, Fingerprint: []byte("x")})
	for _, c := range []*accept.Command{command(1, 1, at("a", 6)), command(1, 1, at("b", 1)), command(1, 1, at("a", 7), at("b", 1))} {
		if v := decide(s, c); !errors.Is(v.Err, eventstore.ErrStale) {
			t.Errorf("%v: %+v", c.Expected, v)
		}
	}
	again := command(9, 1, at("a", 0))
	if v := decide(s, again); v.Repeat == nil || v.Repeat.Receipt != receipt {
		t.Errorf("a known id: %+v", v)
	}
	again.Fingerprint = []byte("y")
	if v := decide(s, again); !errors.Is(v.Err, eventstore.ErrCommandReused) {
		t.Errorf("a known id with another content: %+v", v)
	}
	if v := decide(s, command(2, 1, at("a", 7), at("b", 0))); v.Err != nil {
		t.Errorf("as it is: %+v", v)
	}
	if v := decide(s, command(2, 1, at("a", 8))); v.Repeat == nil {
		t.Errorf("an id of the same batch: %+v", v)
	}
}

func TestPhasesKeepTheOrderOfASpace(t *testing.T) {
	t.Parallel()
	op := func(release bool, space, key string) accept.Op {
		return accept.Op{Release: release, Held: accept.Held{Space: space, Key: key, Stream: "s"}}
	}
	got := accept.Phases([]accept.Op{
		op(false, "x", "1"), op(true, "y", "2"), op(false, "y", "3"), op(true, "x", "4"), op(false, "x", "5"), op(false, "y", "6"),
	})
	want := [][]accept.Op{
		{op(true, "y", "2")}, {op(false, "x", "1"), op(false, "y", "3"), op(false, "y", "6")}, {op(true, "x", "4")}, {op(false, "x", "5")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

// naive is what claims mean, told as simply as possible.
type naive []accept.Held

func (n naive) apply(list []accept.Claim) (naive, bool) {
	out := slices.Clone(n)
	for _, c := range list {
		if c.Release {
			out = slices.DeleteFunc(out, func(h accept.Held) bool {
				return h.Stream == c.Stream && h.Space == c.Space && (c.Key == "" || h.Key == c.Key)
			})
			continue
		}
		for _, h := range out {
			if h.Space == c.Space && h.Key == c.Key && h.Stream != c.Stream && h.From.Before(c.To) && c.From.Before(h.To) {
				return n, false
			}
		}
		if !slices.Contains(out, c.Held) {
			out = append(out, c.Held)
		}
	}
	return out, true
}

// TestClaimsEqualTheNaive: whatever the commands, the claims held are those of the naive
// telling, a refused command leaves nothing, and the phases written one after the other come
// to the same.
func TestClaimsEqualTheNaive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var (
			s       = accept.NewState(false)
			want    naive
			n       = rapid.IntRange(1, 12).Draw(t, "commands")
			streams = rapid.SampledFrom([]eventstore.StreamID{"a", "b", "c"})
			spaces  = rapid.SampledFrom([]string{"x", "y"})
			keys    = rapid.SampledFrom([]string{"1", "2"})
		)
		for i := range n {
			c := &accept.Command{ID: id(i)}
			for range rapid.IntRange(0, 3).Draw(t, "claims") {
				x := accept.Claim{Refusal: errA}
				x.Stream, x.Space, x.Key = streams.Draw(t, "stream"), spaces.Draw(t, "space"), keys.Draw(t, "key")
				if x.Release = rapid.Bool().Draw(t, "release"); x.Release {
					x.Key = rapid.SampledFrom([]string{"", "1"}).Draw(t, "of")
				} else {
					from := rapid.IntRange(0, 4).Draw(t, "from")
					x.From, x.To = enero.Add(time.Duration(from)*time.Hour), enero.Add(time.Duration(from+rapid.IntRange(1, 3).Draw(t, "for"))*time.Hour)
				}
				c.Claims = append(c.Claims, x)
			}
			next, ok := want.apply(c.Claims)
			if v := decide(s, c); (v.Err == nil) != ok {
				t.Fatalf("command %d: %v, the naive says %v", i, v.Err, ok)
			}
			want = next
		}
		check := func(what string, got []accept.Held) {
			order := func(h accept.Held) string { return fmt.Sprint(h) }
			byText := func(a, b accept.Held) int { return cmpText(order(a), order(b)) }
			sorted := slices.Clone(want)
			slices.SortFunc(sorted, byText)
			slices.SortFunc(got, byText)
			if !slices.Equal([]accept.Held(sorted), got) {
				t.Fatalf("%s:\nwant %v\ngot  %v", what, sorted, got)
			}
		}
		check("held", slices.Collect(s.Claims().All))
		var written naive
		for i, phase := range accept.Phases(s.Ops()) {
			for _, op := range phase {
				if op.Release != (i%2 == 0) {
					t.Fatalf("phase %d holds %+v", i, op)
				}
				written, _ = written.apply([]accept.Claim{{Op: op}})
			}
		}
		check("written", written)
	})
}

func cmpText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestPrepareResolvesSecrets(t *testing.T) {
	t.Parallel()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	c := codec.New(catalog)
	text := sealed.Text{Owner: "s", Field: "email", Value: "A@b.c", Index: "a@b.c"}
	a := eventstore.Append{
		Command: id(1), Expected: []eventstore.Expectation{at("usuario-s", 0)}, Secrets: []sealed.Text{{}, text},
		Claims: []eventstore.Claim{{Stream: "usuario-s", Change: claim.Change{Space: "usuario.email", Secret: text.Commitment()}}},
	}
	cmd, err := accept.Prepare(c, a, func(space, normal string) []byte { return []byte(space + "|" + normal) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cmd.Claims[0].Key, "hmac:7573756172696f2e656d61696c7c6140622e63"; got != want {
		t.Errorf("key %s, want %s", got, want)
	}
	if len(cmd.Secrets) != 1 {
		t.Errorf("%d secrets, the empty one is none", len(cmd.Secrets))
	}
	if _, err := accept.Prepare(c, a, nil); !errors.Is(err, accept.ErrNoVault) {
		t.Errorf("without a vault: %v", err)
	}
	for name, change := range map[string]func(*eventstore.Append){
		"no id":           func(a *eventstore.Append) { a.Command = eventstore.CommandID{} },
		"unread stream":   func(a *eventstore.Append) { a.Events = []eventstore.Draft{{Stream: "otra", Event: tarea.Iniciada{}}} },
		"negative":        func(a *eventstore.Append) { a.Expected[0].Version = -1 },
		"not UTF-8":       func(a *eventstore.Append) { a.Metadata.Correlation = "\xff" },
		"no key":          func(a *eventstore.Append) { a.Claims[0].Secret = sealed.Commitment{} },
		"text missing":    func(a *eventstore.Append) { a.Secrets = nil },
		"no normal form":  func(a *eventstore.Append) { a.Secrets[1].Index = "" },
		"empty time span": func(a *eventstore.Append) { a.Claims[0].From, a.Claims[0].To = enero, enero },
		"too large":       func(a *eventstore.Append) { a.Answer = make([]byte, accept.MaxSize) },
	} {
		b := a
		b.Expected, b.Claims, b.Secrets = slices.Clone(a.Expected), slices.Clone(a.Claims), slices.Clone(a.Secrets)
		change(&b)
		if _, err := accept.Prepare(c, b, func(string, string) []byte { return []byte{1} }); err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}
