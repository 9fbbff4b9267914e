package contracttest

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Case is a request that the contract allows, nearly.
type Case struct {
	Method string
	Path   string // of the contract, with {names}
	Target string // the path and query to ask
	Header http.Header
	Body   []byte
	Open   bool // nobody has to say who he is
}

// Drawing makes cases out of a contract by chance: the same again for the same chance.
type Drawing struct {
	Contract *Contract
	Rng      *rand.Rand
	IDs      []string // of what there is; not empty
}

// Cases draws one for every operation but those whose "METHOD /path" is left out.
func (d Drawing) Cases(leftOut ...string) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for i, op := range d.Contract.operations {
			if slices.Contains(leftOut, op.method+" "+op.path) {
				continue
			}
			c := Case{Method: op.method, Path: op.path, Open: op.open}
			c.Target, c.Header, c.Body = d.Contract.text.draw(d, i)
			if !yield(c) {
				return
			}
		}
	}
}

// drawn makes one case, out of the library's reading of the contract.
type drawn struct{ Drawing }

func (t *document) draw(d Drawing, operation int) (target string, header http.Header, body []byte) {
	op := t.operations[operation]
	target, header = drawn{d}.address(op.path, op.parameters)
	if op.body != nil && d.Rng.IntN(20) > 0 {
		body = drawn{d}.body(op.body, header)
	}
	return target, header, body
}

// address fills in the parameters of a path.
func (d drawn) address(path string, parameters []*v3.Parameter) (target string, header http.Header) {
	header, query := http.Header{}, url.Values{}
	for _, p := range parameters {
		value := fmt.Sprint(d.value(p.Schema.Schema(), 0))
		switch {
		case p.In == "path":
			if d.Rng.IntN(10) < 7 {
				value = d.id()
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.Required == nil && d.Rng.IntN(10) < 6:
		case p.In == "query":
			query.Set(p.Name, value)
		case p.Name == "X-Gad-Min-Position" && d.Rng.IntN(10) > 0: // those beyond the log are waited for
			header.Set(p.Name, fmt.Sprint(d.Rng.IntN(20)))
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

func (d drawn) id() string {
	if d.Rng.IntN(4) == 0 {
		return uuid.Must(uuid.NewRandomFromReader(chance{d.Rng})).String()
	}
	return d.IDs[d.Rng.IntN(len(d.IDs))]
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

func (d drawn) body(b *v3.RequestBody, header http.Header) []byte {
	for kind, media := range b.Content.FromOldest() {
		header.Set("Content-Type", kind)
		if !strings.Contains(kind, "json") {
			return []byte(fmt.Sprint(d.nonsense()))
		}
		text, err := json.Marshal(d.value(media.Schema.Schema(), 0))
		if err != nil {
			panic(err) // every value that is drawn has a form in JSON
		}
		switch d.Rng.IntN(25) {
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
func (d drawn) value(s *base.Schema, depth int) any {
	if s == nil || depth > 6 || d.Rng.IntN(12) == 0 {
		return d.nonsense()
	}
	for _, choices := range [][]*base.SchemaProxy{s.OneOf, s.AnyOf} {
		if len(choices) > 0 {
			return d.value(choices[d.Rng.IntN(len(choices))].Schema(), depth+1)
		}
	}
	if len(s.Enum) > 0 {
		return s.Enum[d.Rng.IntN(len(s.Enum))].Value
	}
	kind := ""
	if len(s.Type) > 0 {
		kind = s.Type[d.Rng.IntN(len(s.Type))]
	}
	switch kind {
	case "string":
		return d.words(s)
	case "integer":
		return d.Rng.IntN(250) - 2
	case "number":
		return d.Rng.Float64()*400 - 200
	case "boolean":
		return d.Rng.IntN(2) == 0
	case "array":
		list := make([]any, d.Rng.IntN(4))
		for i := range list {
			if s.Items != nil && s.Items.IsA() {
				list[i] = d.value(s.Items.A.Schema(), depth+1)
			}
		}
		return list
	case "null":
		return nil
	}
	object := map[string]any{}
	for _, part := range s.AllOf {
		if m, ok := d.value(part.Schema(), depth+1).(map[string]any); ok {
			maps.Copy(object, m)
		}
	}
	if s.Properties != nil {
		for name, property := range s.Properties.FromOldest() {
			if slices.Contains(s.Required, name) || d.Rng.IntN(10) < 6 {
				object[name] = d.value(property.Schema(), depth+1)
			}
		}
	}
	if d.Rng.IntN(30) == 0 {
		object["nadie_lo_pidió"] = d.nonsense()
	}
	return object
}

func (d drawn) words(s *base.Schema) string {
	switch s.Format {
	case "uuid":
		return d.id()
	case "date-time":
		return time.Date(2026, time.Month(1+d.Rng.IntN(12)), 1+d.Rng.IntN(28), d.Rng.IntN(24), 0, 0, 0, time.UTC).Format(time.RFC3339)
	case "email":
		return fmt.Sprintf("persona%d@ejemplo.gob.ar", d.Rng.IntN(1000))
	}
	length := 5 + d.Rng.IntN(20)
	if s.MaxLength != nil && d.Rng.IntN(8) == 0 {
		length = int(min(*s.MaxLength, 5000)) + d.Rng.IntN(2)
	}
	letters := []rune("abcdefghijklmn ñáü0123456789-.'")
	text := make([]rune, length)
	for i := range text {
		text[i] = letters[d.Rng.IntN(len(letters))]
	}
	return string(text)
}

// nonsense is what nobody should send.
func (d drawn) nonsense() any {
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
	return list[d.Rng.IntN(len(list))]
}
