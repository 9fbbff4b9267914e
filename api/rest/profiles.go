package rest

import (
	"context"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
)

// Profiles answers auth's question what a Usuario may do, out of the read model.
type Profiles struct {
	Usuarios UsuariosReader
	Log      eventstore.StreamReader
	Waiter   Waiter
}

// Profile implements auth.Profiles. Somebody who was registered a moment ago, or whose rol,
// jurisdiction or access changed, is not yet so in the read model: it is given time to catch up
// with what the log has of him. A token of before would be refused as soon as it had, and who
// was let in again would still be kept out. Who is known comes in even so when it is late.
func (p Profiles) Profile(ctx context.Context, id ident.Usuario) (auth.Profile, error) {
	u, err := p.Usuarios.Get(ctx, id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return auth.Profile{}, err
	}
	known := err == nil
	newest, lateErr := p.newest(ctx, id, eventstore.Version(u.Version))
	if lateErr == nil && newest > 0 {
		lateErr = p.Waiter.WaitFor(ctx, "usuarios", newest)
	}
	switch {
	case lateErr != nil && (!known || ctx.Err() != nil):
		return auth.Profile{}, lateErr
	case lateErr == nil && newest > 0:
		if u, err = p.Usuarios.Get(ctx, id); err != nil {
			return auth.Profile{}, err
		}
	case !known:
		return auth.Profile{}, err
	}
	return auth.Profile{Rol: u.Rol, Efectivo: u.Efectivo, Version: u.Permiso}, nil
}

// newest is the position of the last fact of a Usuario after a version of his, 0 when there is
// none: mostly nothing is read.
func (p Profiles) newest(ctx context.Context, id ident.Usuario, after eventstore.Version) (at eventstore.Position, err error) {
	for r, err := range p.Log.ReadStream(ctx, eventstore.StreamID(id.Stream()), after) {
		if err != nil {
			return 0, err
		}
		at = r.Position
	}
	return at, nil
}
