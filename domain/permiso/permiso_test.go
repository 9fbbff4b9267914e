package permiso_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

var update = flag.Bool("update", false, "write the table anew")

// acciones reads the declared actions from the source, so that none is forgotten here.
func acciones(t *testing.T) (list []permiso.Accion) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "tabla.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Accion" {
			word, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			list = append(list, permiso.Accion(word))
		}
		return true
	})
	return list
}

// The table is a document: whoever changes who may do what changes this file, and is seen.
func TestTabla(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	fmt.Fprintf(&out, "%-24s", "")
	roles := append(permiso.Roles(), permiso.Sistema)
	for _, rol := range roles {
		fmt.Fprintf(&out, "%-14s", rol)
	}
	out.WriteString("\n")
	for _, a := range acciones(t) {
		fmt.Fprintf(&out, "%-24s", a)
		for _, rol := range roles {
			fmt.Fprintf(&out, "%-14s", permiso.De(rol, a))
		}
		out.WriteString("\n")
	}
	const path = "testdata/tabla.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), out.String()); diff != "" {
		t.Error(diff)
	}
}

// What is not in the table is denied.
func TestDefaultDeny(t *testing.T) {
	t.Parallel()
	all := acciones(t)
	if len(all) < 20 {
		t.Fatalf("only %d actions were found", len(all))
	}
	for _, a := range all {
		for _, rol := range []permiso.Rol{permiso.Nadie, "rey", "Supervisor"} {
			if permiso.De(rol, a) != permiso.Nada {
				t.Errorf("%q may %s", rol, a)
			}
		}
		if permiso.De(permiso.Administrador, a) != permiso.Todo && a != permiso.SesionPropia {
			t.Errorf("an administrator may not %s everywhere", a)
		}
	}
	for _, rol := range permiso.Roles() {
		if permiso.De(rol, "tarea.borrar") != permiso.Nada {
			t.Errorf("%s may do what nobody declared", rol)
		}
	}
}

// The auditor looks and never acts, but on his own account and to say that he has looked.
func TestAuditorOnlyReads(t *testing.T) {
	t.Parallel()
	for _, a := range acciones(t) {
		if permiso.De(permiso.Auditor, a) != permiso.Nada && !strings.HasSuffix(string(a), ".leer") &&
			a != permiso.UsuarioVinculo && a != permiso.UsuarioCredencial && a != permiso.SesionPropia && a != permiso.IncidenteAtender {
			t.Errorf("an auditor may %s", a)
		}
	}
}

// What binds people to a Tarea against their will, or takes it back, is for rol 2+ alone: a
// servicio has no level, however much else it may do.
func TestOnlyCommandersCommand(t *testing.T) {
	t.Parallel()
	for _, a := range []permiso.Accion{
		permiso.TareaAsignar, permiso.TareaCancelar, permiso.TareaReabrir, permiso.TareaEscalar, permiso.EfectivoForzar,
	} {
		for _, rol := range permiso.Roles() {
			if may := permiso.De(rol, a) != permiso.Nada; may != (rol.Nivel() >= 2) {
				t.Errorf("%s may %s: %t", rol, a, may)
			}
		}
	}
}

// A way in names an action of the table, or is open; there is no third.
func TestAcceso(t *testing.T) {
	t.Parallel()
	for a, ok := range map[permiso.Acceso]bool{
		{Nombre: "GET /tareas", Accion: permiso.TareaLeer}:         true,
		{Nombre: "POST /auth/login", Abierto: true}:                true,
		{Nombre: "nothing said"}:                                   false,
		{Nombre: "invented", Accion: "tarea.borrar"}:               false,
		{Nombre: "both", Accion: permiso.TareaLeer, Abierto: true}: false,
	} {
		if err := a.Declarado(); (err == nil) != ok {
			t.Errorf("%s: %v", a.Nombre, err)
		}
	}
	if a := (permiso.Acceso{Accion: permiso.TareaLeer}); a.Alcance(permiso.Efectivo) != permiso.Asignado || a.Alcance(permiso.Nadie) != permiso.Nada {
		t.Error("a way in reaches further than its action")
	}
	if a := (permiso.Acceso{Abierto: true}); a.Alcance(permiso.Nadie) != permiso.Todo {
		t.Error("an open way is not open")
	}
	declared := acciones(t)
	if list := permiso.Acciones(); len(list) != len(declared) {
		t.Errorf("%d actions are declared, %d are in the table", len(declared), len(list))
	}
}

func TestRol(t *testing.T) {
	t.Parallel()
	for rol, nivel := range map[permiso.Rol]int{
		permiso.Efectivo: 1, permiso.Supervisor: 2, permiso.Administrador: 3, permiso.Auditor: 0, permiso.Servicio: 0, permiso.Sistema: 0, "": 0, "rey": 0,
	} {
		if rol.Nivel() != nivel {
			t.Errorf("%q is of level %d", rol, rol.Nivel())
		}
	}
	for _, rol := range permiso.Roles() {
		if !rol.Valido() {
			t.Errorf("%s is not valid", rol)
		}
	}
	if permiso.Sistema.Valido() || permiso.Rol("").Valido() || permiso.Rol("rey").Valido() {
		t.Error("an unknown rol is valid")
	}
}

// A jurisdiction narrows whom the table says it may, and nobody else.
func TestJurisdiccion(t *testing.T) {
	t.Parallel()
	j := &permiso.Jurisdiccion{Zonas: []ident.Zona{"z1"}, Unidades: []string{"Norte"}}
	if !j.Zona("z1") || !j.Zona("") || j.Zona("z2") || !j.Unidad("Norte") || !j.Unidad("") || j.Unidad("norte") {
		t.Error("a jurisdiction does not hold what it names, or holds what it does not")
	}
	for _, all := range []*permiso.Jurisdiccion{nil, {}} {
		if !all.Vacia() || !all.Zona("z2") || !all.Unidad("Sur") {
			t.Error("an empty jurisdiction narrows")
		}
	}
	narrowed := 0
	for _, a := range acciones(t) {
		for _, rol := range append(permiso.Roles(), permiso.Sistema) {
			kept := permiso.De(rol, a)
			if got := (permiso.Autor{Rol: rol, Jurisdiccion: j}).Alcance(a); got != kept {
				t.Errorf("%s, %s: a jurisdiction makes %v of %v", rol, a, got, kept)
			}
			wide := (permiso.Autor{Rol: rol}).Alcance(a)
			if kept == permiso.EnJurisdiccion {
				narrowed++
				if rol != permiso.Supervisor || wide != permiso.Todo {
					t.Errorf("%s, %s: narrowed, and %v without a jurisdiction", rol, a, wide)
				}
			} else if wide != kept {
				t.Errorf("%s, %s: %v without a jurisdiction, not %v", rol, a, wide, kept)
			}
		}
	}
	if narrowed < 20 {
		t.Errorf("a jurisdiction narrows only %d actions", narrowed)
	}
}
