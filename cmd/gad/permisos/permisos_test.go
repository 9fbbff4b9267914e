// Package permisos_test writes ops/docs/permisos.md from the tables of the faces, and holds it
// to them.
package permisos_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grupo-gad/gad/api/bot"
	"github.com/grupo-gad/gad/api/live"
	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
)

var update = flag.Bool("update", false, "write the document anew")

// TestDocument keeps ops/docs/permisos.md what the tables say.
func TestDocument(t *testing.T) {
	t.Parallel()
	for path, got := range map[string]string{"permisos.md": document(), "compatibilidad.md": compatibility()} {
		compare(t, "../../../ops/docs/"+path, got)
	}
}

// compatibility is what became of the predecessor's addresses.
func compatibility() string {
	var out strings.Builder
	out.WriteString(predecessor)
	for _, a := range rest.Aliases() {
		fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", a.Ruta, a.Sucesora, a.Nota)
	}
	out.WriteString(gone)
	return out.String()
}

const predecessor = `# Las direcciones del sistema anterior

Este documento sale de la tabla del programa (` + "`api/rest/aliases.go`" + `) y una prueba lo mantiene al día: ` + "`make golden`" + ` lo escribe de nuevo.

Cada una es una dirección de hoy con otro nombre: la atiende lo mismo, con los mismos permisos (` + "`permisos.md`" + `), y la contesta con los nombres
de antes además de los de ahora. Toda respuesta lleva ` + "`Deprecation`" + `, ` + "`Sunset`" + ` (` + "`GAD_ALIASES_UNTIL`" + `) y
` + "`Link: <…>; rel=\"successor-version\"`" + `: ahí está a dónde mudarse. Los errores son ` + "`application/problem+json`" + `, con los nombres de ahora. Las listas se piden
también con una barra al final, como hacían los clientes.

| Antes | Ahora | Qué cambia, y por qué |
|---|---|---|
`

const gone = `
## Lo que no quedó

| Antes | Por qué |
|---|---|
| ` + "`GET /api/v1/telegram/auth/:telegram_id`" + ` | Daba un token a quien dijera un número. Se ingresa con ` + "`init_data`" + `, que Telegram firma. |
| ` + "`GET /api/v1/telegram/auth/verify/:token`" + ` | Un token no va en una dirección: queda escrito en todos lados. Quién es el que lo tiene lo dice ` + "`GET /api/v1/auth/yo`" + `. |
| ` + "`GET /api/v1/telegram/tasks/user/:telegram_id`" + ` | Mostraba las tareas de cualquiera a cualquiera. Cada uno ve las suyas en ` + "`GET /api/v1/tareas`" + `. |
`

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), got); diff != "" {
		t.Errorf("make golden writes it anew:\n%s", diff)
	}
}

func document() string {
	var out strings.Builder
	roles := permiso.Roles()
	line := func(first string, cell func(permiso.Rol) string) {
		out.WriteString("| " + first)
		for _, rol := range roles {
			out.WriteString(" | " + cell(rol))
		}
		out.WriteString(" |\n")
	}
	table := func(title, of string, rows []permiso.Acceso) {
		fmt.Fprintf(&out, "\n## %s\n\n", title)
		line(of+" | Acción", func(r permiso.Rol) string { return string(r) })
		out.WriteString("|---|---" + strings.Repeat("|---", len(roles)) + "|\n")
		for _, a := range rows {
			accion := string(a.Accion)
			if a.Abierto {
				accion = "*cualquiera*"
			}
			line("`"+a.Nombre+"` | "+accion, func(r permiso.Rol) string { return a.Alcance(r).String() })
		}
	}
	out.WriteString(intro)
	actions := make([]permiso.Acceso, 0, len(permiso.Acciones()))
	for _, a := range permiso.Acciones() {
		actions = append(actions, permiso.Acceso{Nombre: string(a), Accion: a})
	}
	out.WriteString("\n## Acciones\n\n")
	line("Acción", func(r permiso.Rol) string { return string(r) })
	out.WriteString("|---" + strings.Repeat("|---", len(roles)) + "|\n")
	for _, a := range actions {
		line("`"+a.Nombre+"`", func(r permiso.Rol) string { return a.Alcance(r).String() })
	}
	table("Rutas", "Ruta", rest.Accesos())
	table("Temas del WebSocket", "Tema", live.Accesos())
	table("Bot de Telegram", "Qué se le pide", bot.Accesos())
	return out.String()
}

const intro = `# Quién puede qué

Este documento sale de las tablas del programa (` + "`domain/permiso/tabla.go`" + ` y las de cada puerta) y una prueba lo mantiene al día:
` + "`make golden`" + ` lo escribe de nuevo. Otra prueba recorre cada línea en un sistema que corre, con cada rol y sin ninguno.

Lo que no está en la tabla no se puede. Alcances: **propio**, lo que es de uno mismo (lo que creó, lo que tiene a cargo, su persona);
**asignado**, además lo que tiene asignado; **jurisdicción**, todo, salvo para quien tiene una: entonces lo de sus zonas y unidades, lo que
no es de ninguna y a quien pide auxilio (` + "`ops/docs/operacion.md`" + ` dice cómo se asigna); **todo**; **-**, nada. Lo que queda fuera del alcance de alguien responde 404, como si
no existiera; lo que su rol no permite en absoluto, 403; sin sesión, 401.
`
