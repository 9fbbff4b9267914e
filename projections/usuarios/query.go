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
)

// Reader answers who somebody is. It is safe for concurrent use.
type Reader struct{ reads projections.Reads }

// NewReader returns a Reader over the living read model.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{projections.NewReads(pool)} }

const columns = `u.id::text, u.sujeto::text, u.rol, u.nombre, u.telegram, u.simulado, u.estado, u.verificado, u.segundo_factor,
	u.version_permiso, u.version, u.posicion,
	-- One person may be entered twice; the last registration is who he is now.
	coalesce((select v.efectivo::text from lectura.usuarios_efectivos v where v.usuario = u.id order by v.posicion desc limit 1), '')`

const from = `lectura.usuarios u`

func (u *Usuario) lee(row pgx.Row, more ...any) error {
	return row.Scan(append([]any{
		&u.ID, &u.Sujeto, &u.Rol, &u.Nombre, &u.Telegram, &u.Simulado, &u.Estado, &u.Verificado, &u.SegundoFactor,
		&u.Permiso, &u.Version, &u.Posicion, &u.Efectivo,
	}, more...)...)
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

// Permiso returns the version of what a Usuario may do and whether he may come in;
// 0 for somebody who is not known (yet).
func (r *Reader) Permiso(ctx context.Context, id ident.Usuario) (version int64, entra bool, err error) {
	var estado Estado
	err = r.reads.QueryRow(ctx, projections.System, `select version_permiso, estado from lectura.usuarios where id = $1`, string(id)).Scan(&version, &estado)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, true, nil
	}
	return version, estado == Activo, projections.Translate(err, "read what a usuario may do")
}

var sortable = map[string]projections.Sortable{
	"nombre":   {SQL: "u.nombre", Type: "text"},
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
	Name: "usuarios", Follows: []string{Name}, Tables: []string{"usuarios", "usuarios_efectivos"},
	Columns: columns, From: from, Fields: sortable, ID: byID, Orden: "nombre",
	Scan: func(row pgx.Row, keys *[]string) (u Usuario, err error) {
		err = u.lee(row, keys)
		return u, err
	},
}

func where(s projections.Scope, f Filter) (w *projections.Where, visible bool, err error) {
	w = &projections.Where{}
	if visible = !s.Nobody(); visible && s.Alcance != permiso.Todo {
		w.And("u.id = %s", string(s.Usuario))
	}
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
