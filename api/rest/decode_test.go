package rest_test

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/api/rest"
)

type sample struct {
	Titulo string   `json:"titulo"`
	Lat    *float64 `json:"lat"`
	Inner  *sample  `json:"inner"`
	List   []sample `json:"list"`
}

// FuzzDecode: whatever the bytes, the decoder answers with a problem or with what
// the standard library reads too, and never takes what the promise excludes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"titulo":"a"}`, `{"titulo":"a","titulo":"b"}`, `{"lat":NaN}`, `{"lat":1e999}`, `{"x":1}`, `[]`, `{"titulo":"\u0000"}`, "{\"titulo\":\"\xff\"}",
		`{"inner":{"inner":{"inner":{}}}}`, `{"list":[{"titulo":"\ud800"}]} `, `{"titulo":"a"}x`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got sample
		err := rest.Decode(body, &got)
		if err != nil {
			p := problem.From(err, "", false)
			if p.Status != 400 || p.Code == "" || p.Detail == "" || !utf8.ValidString(p.Detail) {
				t.Fatalf("%q: problem %+v", body, p)
			}
			for _, field := range p.Fields {
				if !utf8.ValidString(field.Name) {
					t.Fatalf("%q: field %q", body, field.Name)
				}
			}
			return
		}
		if !utf8.Valid(body) || bytes.ContainsRune([]byte(got.Titulo), 0) {
			t.Fatalf("%q was taken", body)
		}
		d := stdjson.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		var want sample
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%q: the standard library refuses it: %v", body, err)
		}
		if want.Titulo != got.Titulo || (want.Lat == nil) != (got.Lat == nil) {
			t.Fatalf("%q: read as %+v and as %+v", body, got, want)
		}
	})
}

func TestDecodeNamesTheField(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"inner":{"list":[{},{"lat":"x"}]}}`:    "inner.list[1].lat",
		`{"inner":{"list":[{},{"otra":1}]}}`:     "inner.list[1].otra",
		`{"list":[{"titulo":"a","titulo":"b"}]}`: "list[0].titulo",
		`{"list":[{"titulo":"a\u0000"}]}`:        "list[0].titulo",
	} {
		var v sample
		err := rest.Decode([]byte(body), &v)
		e, ok := errors.AsType[*problem.Error](err)
		if !ok || len(e.Fault.Fields) != 1 || e.Fault.Fields[0].Name != want {
			t.Errorf("%s: %v", body, problem.From(err, "", false).Fields)
		}
	}
}
