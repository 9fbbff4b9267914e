package codec

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// errPlain asks encoding/json to read a payload, and to say what is wrong with it.
var errPlain = errors.New("not plain canonical JSON")

// unmarshal reads a payload into the struct that v points to. Canonical payloads of plain
// events, which is all that are ever stored, are read in one pass without any allocation but
// those of the values: strings are parts of text.
func unmarshal(text string, v any) error {
	rv := reflect.ValueOf(v).Elem()
	p := planOf(rv.Type())
	if p == nil {
		return json.Unmarshal([]byte(text), v)
	}
	r := reader{text: text}
	if err := r.object(p, rv); err == nil && r.at == len(text) {
		return nil
	}
	rv.SetZero()
	return json.Unmarshal([]byte(text), v)
}

type reader struct {
	text string
	at   int
}

// eat takes one byte that has to be there.
func (r *reader) eat(b byte) bool {
	if r.at < len(r.text) && r.text[r.at] == b {
		r.at++
		return true
	}
	return false
}

func (r *reader) object(p *plan, v reflect.Value) error {
	if !r.eat('{') {
		return errPlain
	}
	if r.eat('}') {
		return nil
	}
	next := 0 // members come in the order of the fields
	for {
		name, err := r.string()
		if err != nil || !r.eat(':') {
			return errPlain
		}
		at := next
		for at < len(p.fields) && p.fields[at].name != name {
			at++
		}
		if at == len(p.fields) {
			return errPlain // a member of another version: rare enough
		}
		next = at + 1
		if err := r.member(&p.fields[at], v.FieldByIndex(p.fields[at].index)); err != nil {
			return err
		}
		if r.eat(',') {
			continue
		}
		if r.eat('}') {
			return nil
		}
		return errPlain
	}
}

func (r *reader) member(f *field, v reflect.Value) error {
	if f.ptr {
		if strings.HasPrefix(r.text[r.at:], "null") {
			r.at += len("null")
			return nil
		}
		v.Set(reflect.New(f.typ))
		v = v.Elem()
	}
	switch f.kind {
	case kindString:
		s, err := r.string()
		if err != nil {
			return err
		}
		v.SetString(s)
		return nil
	case kindBool:
		return r.bool(v)
	case kindInt:
		n, err := strconv.ParseInt(r.number(), 10, 64)
		if err != nil || v.OverflowInt(n) {
			return errPlain
		}
		v.SetInt(n)
		return nil
	case kindFloat:
		n, err := strconv.ParseFloat(r.number(), 64)
		if err != nil {
			return errPlain
		}
		v.SetFloat(n)
		return nil
	case kindTime:
		return r.time(v)
	case kindText:
		s, err := r.string()
		if err != nil {
			return err
		}
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	case kindStruct:
		return r.object(f.sub, v)
	case kindOther:
	}
	start := r.at
	if err := r.skip(); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(r.text[start:r.at]), v.Addr().Interface()); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// string reads a string without escapes.
func (r *reader) string() (string, error) {
	if !r.eat('"') {
		return "", errPlain
	}
	for i := r.at; i < len(r.text); i++ {
		switch b := r.text[i]; {
		case b == '"':
			s := r.text[r.at:i]
			r.at = i + 1
			return s, nil
		case b == '\\' || b < 0x20:
			return "", errPlain
		}
	}
	return "", errPlain
}

func (r *reader) bool(v reflect.Value) error {
	switch rest := r.text[r.at:]; {
	case strings.HasPrefix(rest, "true"):
		r.at += len("true")
		v.SetBool(true)
	case strings.HasPrefix(rest, "false"):
		r.at += len("false")
	default:
		return errPlain
	}
	return nil
}

// number returns the characters of a number.
func (r *reader) number() string {
	start := r.at
	for r.at < len(r.text) {
		switch b := r.text[r.at]; {
		case b >= '0' && b <= '9', b == '-', b == '+', b == '.', b == 'e':
			r.at++
		default:
			return r.text[start:r.at]
		}
	}
	return r.text[start:]
}

func (r *reader) time(v reflect.Value) error {
	s, err := r.string()
	if err != nil {
		return err
	}
	if !strings.HasSuffix(s, "Z") {
		return errPlain
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errPlain
	}
	*v.Addr().Interface().(*time.Time) = t
	return nil
}

// skip passes over a value of any kind.
func (r *reader) skip() error {
	depth := 0
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case '"':
			if _, err := r.string(); err != nil {
				return err
			}
			if depth == 0 {
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return nil // the end of what holds a number or a word
			}
			if depth == 0 {
				r.at++
				return nil
			}
		case ',':
			if depth == 0 {
				return nil
			}
		}
		r.at++
	}
	return errPlain
}
