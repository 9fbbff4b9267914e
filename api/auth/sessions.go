package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
)

// Logout ends the session of whoever asks.
func (d *Door) Logout(ctx context.Context, who Identity) error {
	return d.end(ctx, who.Autor, who.Usuario, who.Session, sesion.Salida)
}

// Open lists the sessions of a Usuario, newest first.
func (d *Door) Open(ctx context.Context, id ident.Usuario) ([]Session, error) {
	list, err := d.Sessions.List(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// CloseSession ends one of the caller's sessions; sesion.ErrNoExiste when it is not his
// or has ended.
func (d *Door) CloseSession(ctx context.Context, who Identity, session string) error {
	list, err := d.Open(ctx, who.Usuario)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(s Session) bool { return s.ID == session }) {
		return sesion.ErrNoExiste
	}
	motivo := sesion.CerradaDesde
	if session == who.Session {
		motivo = sesion.Salida
	}
	return d.end(ctx, who.Autor, who.Usuario, session, motivo)
}

// CloseOthers ends every session of the caller but the one he asks from.
func (d *Door) CloseOthers(ctx context.Context, who Identity) error {
	return d.endAll(ctx, who.Autor, who.Usuario, sesion.CerradaDesde, who.Session)
}

// Expel ends every session of a Usuario who was shut out.
func (d *Door) Expel(ctx context.Context, por permiso.Autor, id ident.Usuario, motivo sesion.Motivo) error {
	return d.endAll(ctx, por, id, motivo, "")
}

// Retire is Expel for somebody who will not come back: nothing by which he could is left.
func (d *Door) Retire(ctx context.Context, por permiso.Autor, id ident.Usuario) error {
	if err := d.Kept.DropCredential(ctx, string(id)); err != nil {
		return fmt.Errorf("drop a credential: %w", err)
	}
	if err := d.Kept.DropSecond(ctx, string(id)); err != nil {
		return fmt.Errorf("drop a second factor: %w", err)
	}
	return d.Expel(ctx, por, id, sesion.BajaUsuario)
}

func (d *Door) end(ctx context.Context, por permiso.Autor, id ident.Usuario, session string, motivo sesion.Motivo) error {
	if err := d.Sessions.Close(ctx, session, string(motivo)); err != nil {
		return fmt.Errorf("close a session: %w", err)
	}
	return d.ended(ctx, por, id, motivo, session)
}

func (d *Door) endAll(ctx context.Context, por permiso.Autor, id ident.Usuario, motivo sesion.Motivo, except string) error {
	ended, err := d.Sessions.CloseAll(ctx, id, string(motivo), except)
	if err != nil {
		return fmt.Errorf("close the sessions of a usuario: %w", err)
	}
	return d.ended(ctx, por, id, motivo, ended...)
}

// ended records what is over already: this process believes no token of it any more.
func (d *Door) ended(ctx context.Context, por permiso.Autor, id ident.Usuario, motivo sesion.Motivo, sessions ...string) error {
	for _, s := range sessions {
		d.Issuer.End(s)
	}
	for some := range slices.Chunk(sessions, 50) {
		orders := make([]commands.Command, len(some))
		for i, s := range some {
			orders[i] = sesion.Cerrar{Orden: sesion.Orden{ID: ident.Sesion(s), Usuario: id, Por: por, En: d.now()}, Motivo: motivo}
		}
		if err := d.record(ctx, orders...); err != nil {
			return fmt.Errorf("record the end of a session: %w", err)
		}
	}
	return nil
}
