package codec

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		// RFC 8785, 3.2.2 and 3.2.3.
		`{
		  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
		  "literals": [null, true, false]
		}`: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`: "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		` [ ] `: `[]`, `{ }`: `{}`, `-0`: `0`, `0.0`: `0`, `1e0`: `1`, `9007199254740992`: `9007199254740992`,
		`{"b":{"z":1,"a":[{"d":1,"c":2}]},"a":"<&>\u2028"}`: "{\"a\":\"<&>\u2028\",\"b\":{\"a\":[{\"c\":2,\"d\":1}],\"z\":1}}",
		// RFC 8785, appendix B.
		`5e-324`: `5e-324`, `-5e-324`: `-5e-324`, `1.7976931348623157e308`: `1.7976931348623157e+308`,
		`295147905179352830000`: `295147905179352830000`, `1e23`: `1e+23`, `9.999999999999997e22`: `9.999999999999997e+22`,
		`0.000001`: `0.000001`, `0.0000001`: `1e-7`, `1e21`: `1e+21`, `999999999999999700000`: `999999999999999700000`,
		`333333333.3333332`: `333333333.3333332`, `-0.0000033333333333333333`: `-0.0000033333333333333333`,
		`1424953923781206.2`: `1424953923781206.2`,
	} {
		got, err := Canonical(nil, []byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]error{
		``: errSyntax, `{`: errSyntax, `{"a"}`: errSyntax, `[1,]`: errSyntax, `{"a":1,}`: errSyntax, `1 2`: errSyntax, `"a`: errSyntax,
		`nul`: errSyntax, `01`: errSyntax, `1.`: errSyntax, `.5`: errSyntax, `+1`: errSyntax, `1e`: errSyntax, `-`: errSyntax, `"\x"`: errSyntax,
		"\"a\nb\"": errSyntax, `NaN`: errSyntax, `0x10`: errSyntax,
		`{"a":1,"a":2}`: errDuplicate, `{"a":1,"b":2,"\u0061":3}`: errDuplicate,
		`1e400`: errNumber, `9007199254740993`: errNumber, `-123456789012345678901`: errNumber,
		`"\ud800"`: errText, `"\udc00\ud800"`: errText, `"\ud800x"`: errText, "\"\xff\"": errText, "\"\\n\xff\"": errText, `"\ufffd"`: errText,
		strings.Repeat("[", 100) + strings.Repeat("]", 100): errDepth,
	} {
		if got, err := Canonical(nil, []byte(in)); !errors.Is(err, want) {
			t.Errorf("%q: got %s, %v; want %v", in, got, err, want)
		}
	}
}

// FuzzCanonical: what comes out means the same, and is its own canonical form.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-7,"x\n\u00e9"],"A":{}}`, `"\ud83d\ude00"`, `-1e-9`, `[[],null]`, `1.`, `{"a":1,"a":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := Canonical(nil, in)
		if err != nil {
			return
		}
		var was, is any
		if json.Unmarshal(in, &was) != nil {
			t.Fatalf("accepted %q, which is not JSON", in)
		}
		if err := json.Unmarshal(out, &is); err != nil {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Fatalf("%q became %q:\n%s", in, out, diff)
		}
		if again, err := Canonical(nil, out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%q is not a fixed point: %q, %v", out, again, err)
		}
	})
}

// TestPlanEqualsJSON fills every event there is with every kind of value: the fast way and
// encoding/json must agree on bytes and on values.
func TestPlanEqualsJSON(t *testing.T) {
	t.Parallel()
	catalog, err := domain.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	types := []reflect.Type{reflect.TypeFor[odd]()}
	for _, d := range catalog.Definitions() {
		types = append(types, reflect.TypeOf(d.Payload))
	}
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			if planOf(typ) == nil {
				t.Errorf("%s is read the slow way", typ)
			}
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ).Elem()
				fill(t, v)
				want, err := canonicalOf(nil, v.Interface())
				got, gotErr := marshal(v.Interface())
				if (err == nil) != (gotErr == nil) || !bytes.Equal(got, want) {
					t.Fatalf("written %s, %v\nwant    %s, %v", got, gotErr, want, err)
				}
				if err != nil {
					return
				}
				slow, fast := reflect.New(typ), reflect.New(typ)
				if err := json.Unmarshal(want, slow.Interface()); err != nil {
					t.Fatal(err)
				}
				if err := unmarshal(string(want), fast.Interface()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(slow.Interface(), fast.Interface()); diff != "" {
					t.Fatalf("read %s (-json +plan):\n%s", want, diff)
				}
			})
		})
	}
}

// odd has what no event has yet and one may have.
type odd struct {
	Any    any               `json:"any,omitzero"`
	Map    map[string]string `json:"map"`
	List   []int             `json:"list,omitzero"`
	Bytes  []byte            `json:"bytes"`
	Small  int8              `json:"small"`
	Short  float32           `json:"short"`
	Number json.Number       `json:"number"`
	Raw    *struct {
		X *bool `json:"x"`
	} `json:"raw"`
	Plain  string
	Hidden string `json:"-"`
}

func fill(t *rapid.T, v reflect.Value) {
	if v.Type() == typeTime {
		at := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
		v.Set(reflect.ValueOf(rapid.SampledFrom([]time.Time{at, at.Truncate(time.Second), {}, at.In(time.FixedZone("", -10800))}).Draw(t, "time")))
		return
	}
	switch v.Kind() { //nolint:exhaustive // the rest stays zero
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); (f.IsExported() || f.Anonymous) && f.Type != reflect.TypeFor[json.Number]() {
				fill(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.String(), rapid.Just(""), rapid.Just("a\xffb"), rapid.Just("<\u2028\n\"\\>\x7f"), rapid.StringMatching(`[a-z0-9-]{1,40}`)).Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-5, 5)).Draw(t, "int"))
	case reflect.Int8:
		v.SetInt(int64(rapid.Int8().Draw(t, "int8")))
	case reflect.Float32:
		v.SetFloat(float64(rapid.Float32().Draw(t, "float32")))
	case reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), 1e21, 1e-7, -34.6037})).Draw(t, "float"))
	case reflect.Slice:
		if n := rapid.IntRange(0, 3).Draw(t, "len"); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i))
			}
		}
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Uint8().Draw(t, "byte")))
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		m := rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "map")
		v.Set(reflect.ValueOf(m))
	}
}

func newCodec(tb testing.TB) *Codec {
	tb.Helper()
	catalog, err := domain.Catalog()
	if err != nil {
		tb.Fatal(err)
	}
	return New(catalog)
}

var recorded = eventstore.Recorded{
	Position: 258, Stream: "tarea-0192", Version: 3, Type: "tarea.iniciada", Schema: 1,
	RecordedAt: time.Date(2026, 1, 15, 12, 0, 0, 123_456_000, time.UTC),
	Metadata:   eventstore.Metadata{Actor: "usuario-é", Correlation: "c", Causation: ""},
	Command:    eventstore.CommandID{1, 2, 3, 15: 16},
	Payload:    []byte(`{"en":"2026-01-15T12:00:00Z"}`),
}

// TestRecordGolden fixes the format byte by byte: it is what auditors implement.
func TestRecordGolden(t *testing.T) {
	t.Parallel()
	const want = "0000000c" + "6761642f6576656e746f2f31" +
		"00000008" + "0000000000000102" +
		"0000000a" + "74617265612d30313932" +
		"00000008" + "0000000000000003" +
		"0000000e" + "74617265612e696e696369616461" +
		"00000004" + "00000001" +
		"00000008" + "0006486bf6d51240" +
		"0000000a" + "7573756172696f2dc3a9" +
		"00000001" + "63" +
		"00000000" +
		"00000010" + "01020300000000000000000000000010" +
		"0000001d" + "7b22656e223a22323032362d30312d31355431323a30303a30305a227d"
	record := AppendRecord(nil, &recorded)
	if got := hex.EncodeToString(record); got != want {
		t.Errorf("record\ngot  %s\nwant %s", got, want)
	}
	leaf, _ := Leaf(nil, &recorded)
	if want := sha256.Sum256(append([]byte{0}, record...)); leaf != want {
		t.Errorf("leaf %x, want %x", leaf, want)
	}
}

// TestRecordCoversTheEnvelope: whatever of an event changes, its leaf changes, also when two
// neighbouring parts change into each other.
func TestRecordCoversTheEnvelope(t *testing.T) {
	t.Parallel()
	leaf, _ := Leaf(nil, &recorded)
	changes := map[string]func(*eventstore.Recorded){
		"position":    func(r *eventstore.Recorded) { r.Position++ },
		"stream":      func(r *eventstore.Recorded) { r.Stream += "0" },
		"version":     func(r *eventstore.Recorded) { r.Version++ },
		"type":        func(r *eventstore.Recorded) { r.Type += "x" },
		"schema":      func(r *eventstore.Recorded) { r.Schema++ },
		"recorded_at": func(r *eventstore.Recorded) { r.RecordedAt = r.RecordedAt.Add(time.Microsecond) },
		"actor":       func(r *eventstore.Recorded) { r.Metadata.Actor = "" },
		"correlation": func(r *eventstore.Recorded) { r.Metadata.Correlation = "" },
		"causation":   func(r *eventstore.Recorded) { r.Metadata.Causation = "evento:1" },
		"moved text":  func(r *eventstore.Recorded) { r.Metadata.Correlation, r.Metadata.Causation = "", "c" },
		"moved byte": func(r *eventstore.Recorded) {
			r.Metadata.Actor, r.Metadata.Correlation = "usuario-", "éc"
		},
		"command": func(r *eventstore.Recorded) { r.Command[0]++ },
		"payload": func(r *eventstore.Recorded) { r.Payload = []byte(`{"en": "2026-01-15T12:00:00Z"}`) },
	}
	seen := map[Hash]string{leaf: "unchanged"}
	for name, change := range changes {
		r := recorded
		change(&r)
		got, _ := Leaf(nil, &r)
		if other, dup := seen[got]; dup {
			t.Errorf("%s has the leaf of %s", name, other)
		}
		seen[got] = name
	}
}

// TestRoot uses the tree of RFC 6962's reference implementation.
func TestRoot(t *testing.T) {
	t.Parallel()
	var leaves []Hash
	for _, in := range []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"} {
		b, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, sha256.Sum256(append([]byte{0}, b...)))
	}
	for n, want := range []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	} {
		if got := Root(leaves[:n]); hex.EncodeToString(got[:]) != want {
			t.Errorf("root of %d leaves is %x, want %s", n, got, want)
		}
	}
	// A node is not a leaf of its children's hashes.
	var forged Hash = sha256.Sum256(append(append([]byte{0}, leaves[0][:]...), leaves[1][:]...))
	if Root(leaves[:2]) == forged {
		t.Error("nodes and leaves are hashed alike")
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	got := Chain(Hash{}, Root(nil))
	const want = "9Ay9OhwfP3cfdAbHvzvHKQ0QAy3vyVn2y0dVR5dFJV0="
	if s := base64.StdEncoding.EncodeToString(got[:]); len(s) != len(want) {
		t.Errorf("chain %s", s)
	}
	var buf [64]byte
	root := Root(nil)
	copy(buf[32:], root[:])
	if got != Hash(sha256.Sum256(buf[:])) {
		t.Error("chain is not the hash of the chain before and the root")
	}
}

func TestDecodeNeverFailsTheRead(t *testing.T) {
	t.Parallel()
	c := newCodec(t)
	for name, change := range map[string]func(*eventstore.Recorded){
		"unknown type":   func(r *eventstore.Recorded) { r.Type = "tarea.del_futuro" },
		"unknown schema": func(r *eventstore.Recorded) { r.Schema = 99 },
		"damaged":        func(r *eventstore.Recorded) { r.Payload = []byte(`{"en":`) },
		"other shape":    func(r *eventstore.Recorded) { r.Payload = []byte(`{"en":17}`) },
	} {
		r := recorded
		change(&r)
		c.Decode(&r)
		if r.Event != nil || r.Err == nil {
			t.Errorf("%s: got %#v, %v", name, r.Event, r.Err)
		}
	}
	r := recorded
	r.Payload = []byte(`{"de_otra_version":[1,{"x":"\n"}],"en":"2026-01-15T12:00:00Z"}`)
	c.Decode(&r)
	if diff := cmp.Diff(event.Event(tarea.Iniciada{En: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}), r.Event); diff != "" || r.Err != nil {
		t.Errorf("unknown members: %v\n%s", r.Err, diff)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	c := newCodec(t)
	if _, err := c.Encode(tarea.Creada{Codigo: "a\xff"}); !errors.Is(err, errText) {
		t.Errorf("text that is not UTF-8: %v", err)
	}
	if _, err := c.Encode(stranger{}); !errors.Is(err, event.ErrUnknown) {
		t.Errorf("an event without definition: %v", err)
	}
}

type stranger struct{}

func (stranger) EventName() string { return "nadie.sabe" }

func BenchmarkDecode(b *testing.B) {
	c := newCodec(b)
	r := recorded
	r.Type = "efectivo.registrado"
	r.Payload = []byte(`{"codigo_interno":"EF-004711","en":"2026-01-15T12:00:00.123456Z","id":"01926d2e-7c3a-7f00-8a00-5e1f0c2b9d11","rango":"oficial","unidad":"comisaria 4","usuario":"4b8f1d7e-52a0-4a86-9f1c-0a7d2c9e6b34"}`)
	b.ReportAllocs()
	for b.Loop() {
		c.Decode(&r)
		if r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	c := newCodec(b)
	e := tarea.Creada{ID: "01926d2e-7c3a-7f00-8a00-5e1f0c2b9d11", Codigo: "T-2026-000123", Tipo: tarea.Emergencia, Prioridad: 3, InicioProgramado: recorded.RecordedAt, En: recorded.RecordedAt}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeaf(b *testing.B) {
	scratch := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		_, scratch = Leaf(scratch, &recorded)
	}
}
