package problem_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/domain/fault"
)

// refusal is one way in which the system says no, as it stands in the source.
type refusal struct {
	code, kind, sentence string
	status               int
	campos               map[string]bool // the inputs it is known to point at
	where                string
}

var kinds = map[string]fault.Kind{
	"Internal": fault.Internal, "Invalid": fault.Invalid, "Unauthorized": fault.Unauthorized, "Forbidden": fault.Forbidden, "NotFound": fault.NotFound,
	"Conflict": fault.Conflict, "Stale": fault.Stale, "Limited": fault.Limited, "Unavailable": fault.Unavailable,
}

// source is every refusal of the program, by where it is declared ("tarea.ErrDatos").
type source struct {
	t         *testing.T
	files     *token.FileSet
	refusals  []*refusal
	sentinels map[string]*refusal
	fields    map[string]map[string]bool // by sentinel
}

func readSource(t *testing.T, root string) *source {
	t.Helper()
	s := &source{t: t, files: token.NewFileSet(), sentinels: map[string]*refusal{}, fields: map[string]map[string]bool{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "node_modules" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution)
		if err == nil {
			s.read(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, campos := range s.fields {
		if r := s.sentinels[name]; r != nil {
			maps.Copy(r.campos, campos)
		}
	}
	return s
}

func (s *source) read(file *ast.File) {
	pkg, status := file.Name.Name, 0
	names := map[ast.Expr]string{} // the sentinel that a value is declared as
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			s.gathered(pkg, n)
		case *ast.ValueSpec:
			for i, v := range n.Values {
				names[v] = pkg + "." + n.Names[i].Name
				if u, ok := v.(*ast.UnaryExpr); ok { // &Error{Status, fault.New(...)}
					if lit, ok := u.X.(*ast.CompositeLit); ok && len(lit.Elts) == 2 {
						inner := lit.Elts[1]
						if kv, ok := inner.(*ast.KeyValueExpr); ok {
							inner = kv.Value
						}
						names[inner] = names[v]
					}
				}
			}
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Name == "http" && strings.HasPrefix(n.Sel.Name, "Status") {
				status = statusOf(n.Sel.Name)
			}
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Error" || isIdent(n.Type, "Error") {
				status = 0 // its own, which comes first in it
			}
		case *ast.CallExpr:
			if r := s.declared(n, status); r != nil {
				s.refusals = append(s.refusals, r)
				if name := names[n]; name != "" {
					s.sentinels[name] = r
				}
				status = 0
			}
			s.pointed(pkg, n)
		}
		return true
	})
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// statusOf translates the name of a constant of net/http.
func statusOf(name string) int {
	for code := 400; code < 600; code++ {
		if "Status"+strings.NewReplacer(" ", "", "-", "").Replace(http.StatusText(code)) == name {
			return code
		}
	}
	return 0
}

// declared reads fault.New(kind, code, sentence) with literals; also what decoding refuses.
func (s *source) declared(call *ast.CallExpr, status int) *refusal {
	if isIdent(call.Fun, "malformed") && len(call.Args) == 2 { // api/rest: a body that is not even read
		code, isCode := literal(call.Args[0])
		sentence, isText := literal(call.Args[1])
		if isCode && isText {
			return &refusal{code: code, kind: "Invalid", sentence: sentence, status: http.StatusBadRequest, campos: map[string]bool{}, where: s.files.Position(call.Pos()).String()}
		}
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "New" || !isIdent(sel.X, "fault") || len(call.Args) != 3 {
		return nil
	}
	kind, ok := call.Args[0].(*ast.SelectorExpr)
	code, isCode := literal(call.Args[1])
	sentence, isText := literal(call.Args[2])
	if !ok || !isCode || !isText {
		return nil // made of another one, which is declared elsewhere
	}
	if status == 0 {
		status = problem.From(fault.New(kinds[kind.Sel.Name], code, sentence), "", false).Status
	}
	return &refusal{code: code, kind: kind.Sel.Name, sentence: sentence, status: status, campos: map[string]bool{}, where: s.files.Position(call.Pos()).String()}
}

func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, ok := literal(e.X)
		y, also := literal(e.Y)
		return x + y, ok && also
	}
	return "", false
}

// pointed notes which inputs a refusal points at: Err.With(fault.Field{Name: ...}), and the
// checks that an aggregate collects before it refuses its data.
func (s *source) pointed(pkg string, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	if field, ok := literal(call.Args[0]); ok && (sel.Sel.Name == "mal" || sel.Sel.Name == "texto") && isIdent(sel.X, "v") {
		s.point(pkg+".ErrDatos", field)
	}
	if sel.Sel.Name != "With" {
		return
	}
	name := nameOf(pkg, sel.X)
	for _, arg := range call.Args {
		lit, ok := arg.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok || !isIdent(kv.Key, "Name") {
				continue
			}
			if field, ok := literal(kv.Value); ok {
				s.point(name, field)
			}
		}
	}
}

// gathered notes the inputs that a function collects before it refuses all of them at once:
// append(wrong, fault.Field{Name: ...}) and, at its end, Err.With(wrong...). The calls of helpers
// that refuse by the name of an input are read the same way: missing("efectivo"),
// at("efectivo", ...), q.bad("tipo", ...), q.integer("horas", ...).
func (s *source) gathered(pkg string, decl *ast.FuncDecl) {
	fields, sentinels := map[string]bool{}, map[string]bool{}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Field" || n.Type == nil {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && isIdent(kv.Key, "Name") {
						if field, ok := literal(kv.Value); ok {
							fields[field] = true
						}
					}
				}
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "With" && n.Ellipsis.IsValid() {
				sentinels[nameOf(pkg, sel.X)] = true
			}
			if isIdent(n.Fun, "bad") && len(n.Args) > 0 {
				if field, ok := literal(n.Args[0]); ok {
					fields[field] = true
				}
			}
			s.byName(n)
		}
		return true
	})
	for name := range sentinels {
		for field := range fields {
			s.point(name, field)
		}
	}
}

// byName notes the inputs that are named to helpers of api/rest.
func (s *source) byName(call *ast.CallExpr) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if f.Name == "missing" {
			for _, arg := range call.Args {
				if field, ok := literal(arg); ok {
					s.point("rest.errFaltan", field)
				}
			}
		}
	case *ast.SelectorExpr:
		if !isIdent(f.X, "q") || len(call.Args) == 0 {
			return
		}
		if field, ok := literal(call.Args[0]); ok {
			s.point("rest.errParametro", field)
		}
	}
}

// nameOf is how a sentinel is known: "tarea.ErrDatos".
func nameOf(pkg string, e ast.Expr) string {
	switch x := e.(type) {
	case *ast.CallExpr: // Err.Because(err)
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Because" {
			return nameOf(pkg, sel.X)
		}
	case *ast.Ident:
		return pkg + "." + x.Name
	case *ast.SelectorExpr:
		if p, ok := x.X.(*ast.Ident); ok {
			return p.Name + "." + x.Sel.Name
		}
	}
	return ""
}

func (s *source) point(name, field string) {
	if s.fields[name] == nil {
		s.fields[name] = map[string]bool{}
	}
	s.fields[name][field] = true
}

var (
	stable  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	spanish = regexp.MustCompile(`(?i)(^|[^\pL])(el|la|los|las|lo|un|una|de|del|que|no|hay|es|son|ese|esa|eso|esos|esta|este|se|ya|tu|con|falta|faltan|para|por|a|al|en|sin|hace)([^\pL]|$)`)
	english = regexp.MustCompile(`(?i)(^|[^\pL])(the|is|are|of|not|with|and|must|cannot|invalid|missing|failed|unknown|was|has|this|that)([^\pL]|$)`)
	// voseo is what a face that says usted says otherwise; an SOS is none.
	voseo = regexp.MustCompile(`(^|[^\pL])(vos|tu|tus|te|sos|tenés|podés|querés|pedís|pedí|pedile|hablá|probá|volvé|esperá|elegí|abrí|ingresá|activá|activalo|decí|forzá|terminala|usá|revisá|iniciá|entrá)([^\pL]|$)`)
)

// Refusals of what was sent that point at no input that the source names, and why.
var pointless = map[string]string{
	"campo_desconocido": "the field is as the sender named it", "campo_repetido": "the field is as the sender named it",
	"caracter_no_admitido": "the field is as the sender named it", "referencia_inexistente": "the field is an argument of whoever looks it up",
	"cuerpo_demasiado_grande": "the whole body", "cuerpo_vacio": "the whole body", "json_demasiado_profundo": "the whole body",
	"json_malformado": "the whole body", "texto_no_utf8": "the whole body", "formulario_esperado": "the media type",
	"tipo_no_admitido": "the media type", "cabeceras_demasiado_grandes": "the headers", "metodo_no_permitido": "the method",
	"servidor_desconocido": "the host", "demasiados_temas": "a frame of the socket", "tema_desconocido": "a frame of the socket",
	"vista_invalida": "a frame of the socket", "comando_reutilizado": "the header Idempotency-Key",
}

// TestRechazos lists every refusal there is: its stable code, its kind and status, its sentence
// and the inputs it points at. The list is a document that whoever writes a client reads.
func TestRechazos(t *testing.T) {
	t.Parallel()
	all := readSource(t, filepath.Join("..", "..")).refusals
	if len(all) < 120 {
		t.Fatalf("only %d refusals were found", len(all))
	}
	byCode := map[string]*refusal{}
	for _, r := range all {
		switch other := byCode[r.code]; {
		case !stable.MatchString(r.code):
			t.Errorf("%s: %q is no stable code", r.where, r.code)
		case strings.TrimSpace(r.sentence) == "" || strings.HasSuffix(r.sentence, "."):
			t.Errorf("%s: %s says %q", r.where, r.code, r.sentence)
		case !spanish.MatchString(r.sentence) || english.MatchString(r.sentence):
			t.Errorf("%s: %s does not speak Spanish: %q", r.where, r.code, r.sentence)
		case voseo.MatchString(r.sentence):
			t.Errorf("%s: %s does not say usted: %q", r.where, r.code, r.sentence)
		case other == nil:
			byCode[r.code] = r
		case other.kind != r.kind || other.status != r.status || other.sentence != r.sentence:
			// Two faces may refuse in the same words; one word for two things misleads.
			t.Errorf("%s and %s both are %s, and differ", other.where, r.where, r.code)
		default:
			maps.Copy(other.campos, r.campos)
		}
	}
	var out strings.Builder
	out.WriteString("# Rechazos\n\nTodo lo que el sistema rechaza, por su código estable (`codigo` de problem+json). El estado HTTP sale de la clase; con `If-Match`, un\n" +
		"`Stale` es 412. Los campos son los que el rechazo puede señalar en `campos`; los que dependen de lo que se envió (`lista[3].texto`) no se\n" +
		"listan. Esta página sale del código: `go test ./api/problem -update`.\n\n| Código | Clase | HTTP | Frase | Campos |\n|---|---|---|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		r := byCode[code]
		campos := slices.Sorted(maps.Keys(r.campos))
		if why := pointless[code]; r.kind == "Invalid" && (why == "") == (len(campos) == 0) {
			t.Errorf("%s: %s points at %v, and is known to point at nothing because of %q", r.where, code, campos, why)
		}
		for i, c := range campos {
			campos[i] = "`" + c + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %d | %s | %s |\n", code, r.kind, r.status, r.sentence, strings.Join(campos, ", "))
	}
	path := filepath.Join("..", "..", "ops", "docs", "rechazos.md")
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), out.String()); diff != "" {
		t.Errorf("ops/docs/rechazos.md is not what the code says (-kept +code):\n%s", diff)
	}
}
