package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
)

// maxDepth bounds nesting; a GeoJSON MultiPolygon inside an order needs seven.
const maxDepth = 16

// The refusals of a body; all answer 400.
var (
	errRepetido    = malformed("campo_repetido", "hay un campo repetido")
	errDesconocido = malformed("campo_desconocido", "hay un campo que no se conoce")
	errClase       = malformed("campo_de_otro_tipo", "hay un campo con un valor de otro tipo")
	errProfundo    = malformed("json_demasiado_profundo", "el cuerpo tiene demasiados niveles (máximo 16)")
	errNulo        = malformed("caracter_no_admitido", "hay un texto con un carácter no admitido (U+0000)")
	errUTF8        = malformed("texto_no_utf8", "el cuerpo no es UTF-8 válido")
	errVacio       = malformed("cuerpo_vacio", "falta el cuerpo de la petición")
)

func malformed(code, message string) *problem.Error {
	return &problem.Error{Status: problem.ErrMalformado.Status, Fault: fault.New(fault.Invalid, code, message)}
}

// decode reads one JSON value into v: every member known and once, valid UTF-8,
// nothing after the end. Its error is a problem that names the field.
func decode(body []byte, v any) error {
	if err := scan(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		field := fieldName(e.JSONPointer)
		if errors.Is(e.Err, json.ErrUnknownName) {
			return errDesconocido.Because(err).With(fault.Field{Name: field, Message: "no se conoce"})
		}
		if refusal, ok := errors.AsType[*fault.Error](e.Err); ok {
			return refusal
		}
		return errClase.Because(err).With(fault.Field{Name: field, Message: expected(e.GoType)})
	}
	return syntax(err)
}

// scan walks the tokens for what unmarshalling alone would let pass: depth, and
// U+0000, which no text column of the database can hold.
func scan(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return errVacio
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return syntax(err)
		}
		if d.StackDepth() > maxDepth {
			return errProfundo
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return errNulo.With(fault.Field{Name: fieldName(d.StackPointer()), Message: "tiene un carácter no admitido"})
		}
		// A body is an object, and a reason a text, or they are left out; null would pass for empty ones.
		switch {
		case token.Kind() != 'n':
		case d.StackDepth() == 0:
			return errClase.With(fault.Field{Message: expected(reflect.TypeFor[struct{}]())})
		case d.StackPointer() == "/motivo":
			return errClase.With(fault.Field{Name: "motivo", Message: expected(reflect.TypeFor[string]())})
		}
	}
}

func syntax(err error) error {
	e, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return problem.ErrMalformado.Because(err)
	}
	field := fieldName(e.JSONPointer)
	switch {
	case errors.Is(e.Err, jsontext.ErrDuplicateName):
		return errRepetido.Because(err).With(fault.Field{Name: field, Message: "está repetido"})
	case strings.Contains(e.Error(), "UTF-8"):
		return errUTF8.Because(err)
	}
	where := fmt.Sprintf("no se puede leer a partir del byte %d", e.ByteOffset)
	return problem.ErrMalformado.Because(err).With(fault.Field{Name: field, Message: where})
}

// fieldName turns a JSON pointer into the form people read: fixes[3].lat.
func fieldName(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	name := b.String()
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}

// expected says what a Go type takes, for people.
func expected(t reflect.Type) string {
	if t == nil {
		return "no tiene el tipo esperado"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[time.Time]() {
		return "tiene que ser una fecha y hora RFC 3339, por ejemplo 2026-03-01T12:00:00Z"
	}
	switch t.Kind() {
	case reflect.String:
		return "tiene que ser un texto"
	case reflect.Bool:
		return "tiene que ser true o false"
	case reflect.Float32, reflect.Float64:
		return "tiene que ser un número"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "tiene que ser un número entero"
	case reflect.Slice, reflect.Array:
		return "tiene que ser una lista"
	case reflect.Struct, reflect.Map:
		return "tiene que ser un objeto"
	default:
		return "no tiene el tipo esperado"
	}
}
