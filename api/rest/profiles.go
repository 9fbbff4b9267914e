package rest

import (
	"context"
	"fmt"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/eventstore"
)

// Profiles answers auth's question what a Usuario may do, out of the read model.
type Profiles struct {
	Usuarios UsuariosReader
	Log      interface {
		Head(ctx context.Context) (eventstore.Position, error)
	}
	Waiter Waiter
}

// Profile implements auth.Profiles. Somebody who knows his password and is not in
// the read model was registered a moment ago: the read model is given time to
// catch up before he is sent away.
func (p Profiles) Profile(ctx context.Context, id ident.Usuario) (auth.Profile, error) {
	u, err := p.Usuarios.Get(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		head, headErr := p.Log.Head(ctx)
		if headErr != nil {
			return auth.Profile{}, fmt.Errorf("find the head of the log: %w", headErr)
		}
		if err := p.Waiter.WaitFor(ctx, "usuarios", head); err != nil {
			return auth.Profile{}, err
		}
		u, err = p.Usuarios.Get(ctx, id)
	}
	if err != nil {
		return auth.Profile{}, err
	}
	return auth.Profile{Rol: u.Rol, Efectivo: u.Efectivo, Version: u.Permiso}, nil
}
