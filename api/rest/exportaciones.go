package rest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// Exporter writes a stretch of the log with its ledger. It keeps nothing.
type Exporter interface {
	Export(ctx context.Context, first, last eventstore.Position, w io.Writer) error
}

// Eraser destroys what the facts about a person commit to, and what else is kept of him
// outside of the read models. It may be repeated.
type Eraser interface {
	Erase(ctx context.Context, id ident.Usuario, sujeto ident.Sujeto) error
}

var (
	errSinExportar = fault.New(fault.Unavailable, "exportaciones_no_disponibles", "este proceso no puede exportar el registro")
	errSinBorrar   = fault.New(fault.Unavailable, "borrado_no_disponible", "este proceso no puede borrar datos personales")
	errVacia       = fault.New(fault.Conflict, "exportacion_vacia", "en ese lapso no se registró nada")
)

// pedirExportacion serves POST /auditoria/exportaciones: a request, for somebody else to approve.
func (a *API) pedirExportacion(r *request) error {
	var body struct {
		Desde  time.Time `json:"desde"`
		Hasta  time.Time `json:"hasta"`
		Motivo string    `json:"motivo"`
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	return a.pedir(r, "/auditoria/exportaciones", aprobacion.Pedido{
		Clase: aprobacion.Exportacion, Desde: instant(body.Desde), Hasta: instant(body.Hasta),
	}, body.Motivo)
}

// exportacion serves GET /auditoria/exportaciones/{id}: the approved stretch of the log, once.
// That it was taken is a fact before the first byte leaves, and nothing of it stays here.
func (a *API) exportacion(r *request) error {
	if err := a.awaitLog(r); err != nil {
		return err
	}
	id, err := pathID[ident.Aprobacion](r, "id")
	if err != nil {
		return err
	}
	if a.Exporter == nil {
		return errSinExportar
	}
	ctx := r.Request().Context()
	state, err := a.Orders.Aprobacion(ctx, id)
	if err != nil {
		return err
	}
	p := state.Pedido()
	if p.Clase != aprobacion.Exportacion {
		return aprobacion.ErrNoExiste
	}
	head, err := a.Log.Head(ctx)
	if err != nil {
		return err
	}
	first, err := a.firstSince(ctx, head, p.Desde)
	if err != nil {
		return err
	}
	next, err := a.firstSince(ctx, head, p.Hasta)
	if err != nil {
		return err
	}
	if next <= first {
		return errVacia
	}
	if _, err := a.order(r, aprobacion.Ejecutar{
		Orden: aprobacion.Orden{ID: id, Por: r.who.Autor, En: r.now}, Pedido: p, Desde: int64(first), Hasta: int64(next - 1),
	}); err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Content-Disposition", `attachment; filename="registro-`+string(id)+`.jsonl"`)
	r.Response().WriteHeader(http.StatusOK)
	// A long export outlives the deadline of an answer; a reader that stops taking it does not.
	return a.Exporter.Export(ctx, first, next-1, patient{r.Response(), http.NewResponseController(r.Response().Writer)})
}

// patient gives every piece of a long answer its own time to be taken.
type patient struct {
	io.Writer
	control *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(30 * time.Second)) // where it is not supported there is none to extend
	return p.Writer.Write(b)
}

// exports reports the addresses whose answers take as long as they are.
func exports(method, path string) bool {
	return method == http.MethodGet && strings.HasPrefix(path, prefix+"/auditoria/exportaciones/")
}

// pedirBorrado serves POST /usuarios/{id}/borrado-datos: a request, for somebody else to approve.
func (a *API) pedirBorrado(r *request) error {
	var body struct {
		Motivo string `json:"motivo"`
	}
	id, err := pathID[ident.Usuario](r, "id")
	if err != nil {
		return err
	}
	if err := r.bind(&body, false); err != nil {
		return err
	}
	state, err := a.Orders.Usuario(r.Request().Context(), id)
	if err != nil {
		return err
	}
	if !state.Existe() {
		return usuario.ErrNoExiste
	}
	return a.pedir(r, "/aprobaciones", aprobacion.Pedido{Clase: aprobacion.BorradoDatos, Usuario: id}, body.Motivo)
}

// borrarDatos carries out an approved erasure: the facts first, then the destruction. A crash
// between the two is made good by whoever follows the log (Eraser's own process).
func (a *API) borrarDatos(r *request, spend aprobacion.Ejecutar) error {
	if a.Eraser == nil {
		return errSinBorrar
	}
	ctx, id := r.Request().Context(), spend.Pedido.Usuario
	state, err := a.Orders.Usuario(ctx, id)
	if err != nil {
		return err
	}
	answer, err := a.order(r, spend, usuario.BorrarDatos{
		Orden: usuario.Orden{ID: id, Por: r.who.Autor, En: r.now}, Aprobacion: string(spend.ID),
	})
	if err != nil {
		return err
	}
	if err := a.Eraser.Erase(ctx, id, state.Sujeto()); err != nil {
		return err
	}
	return r.did(http.StatusOK, answer)
}
