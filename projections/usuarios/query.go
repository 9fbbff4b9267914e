package usuarios

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/efectivos"
)

// Reader answers who somebody is. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

const columns = `u.id::text, u.sujeto::text, u.rol, u.nombre, u.telegram, u.simulado, u.estado, u.verificado, u.segundo_factor,
	u.version_permiso, u.zonas::text[], u.unidades, u.version, u.posicion,
	-- One person may be entered twice; the last registration is who he is now.
	coalesce((select v.efectivo::text from lectura.usuarios_efectivos v where v.usuario = u.id order by v.posicion desc limit 1), '')`

const from = `lectura.usuarios u`

func (u *Usuario) lee(row pgx.Row, more ...any) error {
	var j Jurisdiccion
	err := row.Scan(append([]any{
		&u.ID, &u.Sujeto, &u.Rol, &u.Nombre, &u.Telegram, &u.Simulado, &u.Estado, &u.Verificado, &u.SegundoFactor,
		&u.Permiso, &j.Zonas, &j.Unidades, &u.Version, &u.Posicion, &u.Efectivo,
	}, more...)...)
	if len(j.Zonas)+len(j.Unidades) > 0 {
		u.Jurisdiccion = &j
	}
	return err
}

// Get returns one Usuario, or usuario.ErrNoExiste. It is for the doors, which ask
// before anybody is known to be asking.
func (r *Reader) Get(ctx context.Context, id ident.Usuario) (Usuario, error) {
	parsed, err := ident.Parse[ident.Usuario](string(id))
	if err != nil {
		return Usuario{}, usuario.ErrNoExiste
	}
	var u Usuario
	err = u.lee(r.reads.QueryRow(ctx, projections.System, `select `+columns+` from `+from+` where u.id = $1`, string(parsed)))
	if errors.Is(err, pgx.ErrNoRows) {
		return Usuario{}, usuario.ErrNoExiste
	}
	return u, projections.Translate(err, "read a usuario")
}

// Ver returns one Usuario, or usuario.ErrNoExiste also when he is out of reach.
func (r *Reader) Ver(ctx context.Context, s projections.Scope, id ident.Usuario) (Usuario, error) {
	w := &projections.Where{}
	parsed, err := ident.Parse[ident.Usuario](string(id))
	if err != nil || !Alcance(w, s) {
		return Usuario{}, usuario.ErrNoExiste
	}
	w.And("u.id = %s", string(parsed))
	var u Usuario
	err = u.lee(r.reads.QueryRow(ctx, s, `select `+columns+` from `+from+w.SQL(), w.Args()...))
	if errors.Is(err, pgx.ErrNoRows) {
		return Usuario{}, usuario.ErrNoExiste
	}
	return u, projections.Translate(err, "read a usuario")
}

// Permiso is what a Usuario may do at present.
type Permiso struct {
	Version      int64 // at which it changed last
	Entra        bool  // he may come in at all
	Jurisdiccion *permiso.Jurisdiccion
}

// Permiso returns what a Usuario may do; of somebody who is not known (yet), that he may come in.
func (r *Reader) Permiso(ctx context.Context, id ident.Usuario) (Permiso, error) {
	var (
		p      Permiso
		estado Estado
		j      Jurisdiccion
	)
	err := r.reads.QueryRow(ctx, projections.System, `select version_permiso, estado, zonas::text[], unidades from lectura.usuarios where id = $1`, string(id)).
		Scan(&p.Version, &estado, &j.Zonas, &j.Unidades)
	if errors.Is(err, pgx.ErrNoRows) {
		return Permiso{Entra: true}, nil
	}
	p.Entra, p.Jurisdiccion = estado == Activo, j.Alcance()
	return p, projections.Translate(err, "read what a usuario may do")
}

var sortable = map[string]projections.Sortable{
	"nombre":   {SQL: "u.nombre_orden", Type: "text"},
	"rol":      {SQL: "u.rol", Type: "text"},
	"estado":   {SQL: "u.estado", Type: "text"},
	"posicion": {SQL: "u.posicion", Type: "bigint"},
}

var byID = projections.Sortable{SQL: "u.id", Type: "uuid"}

// List returns one page of the Usuarios that match a filter, how many there are in all, and
// the position both are true of.
func (r *Reader) List(ctx context.Context, s projections.Scope, f Filter) (List, error) {
	w, visible, err := where(s, f)
	if err != nil {
		return List{}, err
	}
	return listing.Page(ctx, r.reads, s, projections.Question{Orden: f.Orden, Cursor: f.Cursor, Limite: f.Limite, Where: w, Visible: visible})
}

var listing = projections.Listing[Usuario]{
	Name: "usuarios", Follows: []string{Name}, Tables: []string{"usuarios", "usuarios_efectivos", "efectivos"},
	Columns: columns, From: from, Fields: sortable, ID: byID, Orden: "nombre",
	Scan: func(row pgx.Row, keys *[]string) (u Usuario, err error) {
		err = u.lee(row, keys)
		return u, err
	},
}

// Alcance adds which Usuarios a scope may see; false when none. Those who are no Efectivo have no
// unidad: they may be put in charge anywhere, and everybody who answers for a part knows them.
func Alcance(w *projections.Where, s projections.Scope) bool {
	switch {
	case s.Nobody():
		return false
	case s.Alcance == permiso.Todo:
	case s.Alcance == permiso.EnJurisdiccion && s.Jurisdiccion != nil:
		inner := w.Beside()
		efectivos.Alcance(inner, s)
		w.Adopt(inner)
		w.And("u.rol <> 'efectivo' or u.id = %s or u.id in (select e.usuario from lectura.efectivos e"+inner.SQL()+")", string(s.Usuario))
	default:
		w.And("u.id = %s", string(s.Usuario))
	}
	return true
}

func where(s projections.Scope, f Filter) (w *projections.Where, visible bool, err error) {
	w = &projections.Where{}
	visible = Alcance(w, s)
	if f.IDs != nil {
		w.And("u.id = any(%s)", texts(f.IDs))
	}
	if len(f.Roles) > 0 {
		w.And("u.rol = any(%s)", texts(f.Roles))
	}
	if len(f.Estados) > 0 {
		w.And("u.estado = any(%s)", texts(f.Estados))
	}
	if err := projections.CheckQuery(f.Q); err != nil {
		return w, visible, err
	}
	// Every word must begin some word of the name. Letters and digits only: nothing to escape.
	words := strings.Fields(projections.Searchable(f.Q))
	for _, word := range words {
		w.And("to_tsvector('simple', u.busqueda) @@ %s::text::tsquery", "'"+word+"':*")
	}
	if len(words) == 0 && strings.TrimSpace(f.Q) != "" {
		w.And("false") // only punctuation: no name has that
	}
	return w, visible, nil
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
