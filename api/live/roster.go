package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/eventstore"
)

// roster knows whom a fact concerns. It is folded from the log: an object met
// for the first time has its own stream read up to the fact at hand, so that the
// answer is exact at every position and a node starts without reading the past.
//
// A roster belongs to one goroutine.
type roster struct {
	log       Log
	tareas    map[ident.Tarea]*ficha
	efectivos map[ident.Efectivo]*persona
	cerradas  map[ident.Tarea]*ficha // the last ones, by when in orden
	orden     []ident.Tarea
}

// ficha is what is remembered of a Tarea.
type ficha struct {
	codigo    string
	creador   ident.Usuario
	delegado  ident.Usuario
	activos   []ident.Efectivo
	zona      ident.Zona
	prioridad tarea.Prioridad
	estado    tarea.Estado
	simulada  bool
	cerrada   bool
	version   eventstore.Version
}

// persona is what is remembered of an Efectivo.
type persona struct {
	usuario        ident.Usuario
	disponibilidad efectivo.Disponibilidad
	simulado       bool
	unidad         string
	sos            bool
	tareas         []ident.Tarea // bound to
	version        eventstore.Version
}

// audience is whom and what one fact concerns, as of its position.
type audience struct {
	aggregate string // "tarea", "efectivo", "zona", "marca", "usuario"; others concern nobody
	tarea     ident.Tarea
	efectivo  ident.Efectivo // whose stream it is
	usuario   ident.Usuario  // whose stream it is, or whose Efectivo, or who put a Marca
	duenos    [2]ident.Usuario
	asignados []ident.Efectivo
	zonas     [2]ident.Zona // of a Tarea, before and after; of a Marca, the first

	// Of an Efectivo, for those who answer for a part of everybody: his unidad before and after,
	// whether he calls for help, and the Tareas he is or was bound to.
	unidades [2]string
	sos      bool
	atado    []atadura
}

func newRoster(log Log) *roster {
	return &roster{log: log, tareas: map[ident.Tarea]*ficha{}, efectivos: map[ident.Efectivo]*persona{}, cerradas: map[ident.Tarea]*ficha{}}
}

// apply folds a fact and says whom it concerns. It may read the log and fails
// only when that does; applying again is then harmless.
func (r *roster) apply(ctx context.Context, rec *eventstore.Recorded) (audience, *alertFrame, error) {
	aggregate, id, _ := strings.Cut(string(rec.Stream), "-")
	switch aggregate {
	case "tarea":
		return r.applyTarea(ctx, ident.Tarea(id), rec)
	case "efectivo":
		a, err := r.applyEfectivo(ctx, ident.Efectivo(id), rec)
		alert := alertOf(ident.Efectivo(id), rec)
		if p := r.efectivos[ident.Efectivo(id)]; alert != nil && p != nil {
			alert.Simulada = p.simulado
		}
		return a, alert, err
	case "alerta":
		return r.applyAlerta(ctx, rec)
	case "zona":
		return audience{aggregate: aggregate, zonas: [2]ident.Zona{ident.Zona(id)}}, nil, nil
	case "marca":
		a, err := r.applyMarca(ctx, rec)
		return a, nil, err
	case "usuario":
		return audience{aggregate: aggregate, usuario: ident.Usuario(id)}, incidentOf(rec), nil
	case "auditoria", "sesion":
		return audience{}, incidentOf(rec), nil
	}
	return audience{}, nil, nil
}

func (r *roster) applyTarea(ctx context.Context, id ident.Tarea, rec *eventstore.Recorded) (audience, *alertFrame, error) {
	f, known := r.tareas[id]
	if !known {
		delete(r.cerradas, id) // it is opened again
		f = &ficha{}
		for past, err := range r.before(ctx, rec) {
			if err != nil {
				return audience{}, nil, err
			}
			f.evolve(as[tarea.Event](&past))
		}
		r.tareas[id] = f
	}
	before := slices.Clone(f.activos)
	a := audience{aggregate: "tarea", tarea: id, zonas: [2]ident.Zona{f.zona}}
	e := as[tarea.Event](rec)
	urgent := f.prioridad
	f.evolve(e)
	f.version = rec.Version
	// Whoever this fact unbinds is still concerned by it, and so is the Zona it leaves.
	a.asignados = before
	for _, activo := range f.activos {
		if !slices.Contains(a.asignados, activo) {
			a.asignados = append(a.asignados, activo)
		}
	}
	a.duenos, a.zonas[1] = [2]ident.Usuario{f.creador, f.delegado}, f.zona
	if rec.Version == 1 {
		a.zonas[0] = f.zona // it was nowhere before
	}
	if f.cerrada {
		delete(r.tareas, id) // open Tareas are few, closed ones grow for ever
		r.cerrar(id, f)
	}
	return a, f.alert(id, urgent, e, rec), nil
}

// applyMarca says whose a Marca is. That never changes, and nothing of it is remembered: few are
// put, and each is taken away once.
func (r *roster) applyMarca(ctx context.Context, rec *eventstore.Recorded) (audience, error) {
	put, ok := rec.Event.(marca.Puesta)
	for past, err := range r.before(ctx, rec) {
		if err != nil {
			return audience{}, err
		}
		if put, ok = past.Event.(marca.Puesta); ok {
			break
		}
	}
	if !ok {
		return audience{}, nil
	}
	return audience{aggregate: "marca", usuario: put.Autor, zonas: [2]ident.Zona{put.Zona}}, nil
}

// textoCausa says of whoever an offer was taken from why; his name follows where it is known.
var textoCausa = map[tarea.CausaEscalada]string{
	tarea.PorVencimiento: "no respondió", tarea.PorRechazo: "la rechazó", tarea.PorOrden: "se le quitó por orden",
}

// alert announces that a Tarea is, or has become, of prioridad 4 or 5, is passed on, or should
// have ended.
func (f *ficha) alert(id ident.Tarea, before tarea.Prioridad, e tarea.Event, rec *eventstore.Recorded) *alertFrame {
	if e == nil {
		return nil
	}
	at := happened(rec)
	frame := alertFrame{
		Type: "alert", ID: fmt.Sprintf("%s@%d", rec.Stream, rec.Version), Priority: int(tarea.Critica), Position: rec.Position,
		Zona: string(f.zona), Tarea: string(id), Simulada: f.simulada, En: at,
	}
	if c, ok := e.(tarea.Creada); ok && c.Tipo == tarea.Emergencia {
		frame.Kind, frame.Text = "emergencia", fmt.Sprintf("Emergencia %s", f.codigo)
		return &frame
	}
	if x, ok := e.(tarea.Escalada); ok {
		frame.Kind, frame.Text, frame.Efectivo = "escalada", fmt.Sprintf("%s: pasó al siguiente; %s", f.codigo, textoCausa[x.Causa]), string(x.De)
		if x.SinEfectivos() {
			frame.Kind, frame.Text = "sin_efectivos", fmt.Sprintf("%s: no hay a quién ofrecerla", f.codigo)
			switch x.Causa {
			case tarea.PorOrden:
				frame.Text = fmt.Sprintf("%s: quedó sin nadie", f.codigo)
			case tarea.PorVencimiento, tarea.PorRechazo:
				frame.Text += "; el último " + textoCausa[x.Causa]
			case tarea.PorSinEfectivos:
			}
			frame.Efectivo = ""
		}
		return &frame
	}
	if x, ok := e.(tarea.RecordatorioEnviado); ok && x.Vencida() && !f.cerrada {
		frame.Kind, frame.Priority = "tarea_vencida", int(tarea.Urgente)
		frame.Text = fmt.Sprintf("Tarea %s: pasó su hora de fin y %s", f.codigo, textoSigue(f.estado))
		return &frame
	}
	if f.prioridad < tarea.Urgente || f.prioridad <= before {
		return nil
	}
	return &alertFrame{
		Type: "alert", ID: fmt.Sprintf("%s@%d", rec.Stream, rec.Version), Kind: "tarea_prioritaria",
		Priority: int(f.prioridad), Position: rec.Position, Zona: string(f.zona), Tarea: string(id), Simulada: f.simulada, En: at,
		Text: fmt.Sprintf("Tarea %s: prioridad %s", f.codigo, textoPrioridad(f.prioridad)),
	}
}

// alertOf announces what an Efectivo may need somebody for at once. A call for help
// is above everything else.
func alertOf(id ident.Efectivo, rec *eventstore.Recorded) *alertFrame {
	a := &alertFrame{
		Type: "alert", ID: fmt.Sprintf("%s@%d", rec.Stream, rec.Version), Position: rec.Position, Efectivo: string(id), En: happened(rec),
	}
	switch e := as[efectivo.Event](rec).(type) {
	case efectivo.SOSActivado:
		a.Kind, a.Priority, a.Text = "sos", prioridadSOS, "SOS: un efectivo pide ayuda"
	case efectivo.SenalPerdida:
		a.Kind, a.Priority, a.Text = "senal_perdida", int(tarea.Urgente), "Se perdió la señal de un efectivo de turno"
	case efectivo.ZonaIngresada:
		if !e.Alarma {
			return nil
		}
		a.Kind, a.Priority, a.Zona, a.Text = "zona_ingresada", int(tarea.Urgente), string(e.Zona), "Un efectivo entró en una zona"
	case efectivo.ZonaAbandonada:
		if !e.Alarma {
			return nil
		}
		a.Kind, a.Priority, a.Zona, a.Text = "zona_abandonada", int(tarea.Urgente), string(e.Zona), "Un efectivo salió de una zona"
	case efectivo.Registrado, efectivo.FichaModificada, efectivo.TurnoIniciado, efectivo.TurnoFinalizado, efectivo.DisponibilidadCambiada,
		efectivo.UbicacionConfirmada, efectivo.SenalRecuperada, efectivo.SOSAtendido, efectivo.LicenciaSolicitada,
		efectivo.LicenciaAprobada, efectivo.LicenciaRechazada, efectivo.DadoDeBaja:
		return nil
	default: // nothing that this build knows
		return nil
	}
	return a
}

// incidentOf announces an alarm about the use of the system itself, to those who may read of it.
func incidentOf(rec *eventstore.Recorded) *alertFrame {
	a := &alertFrame{
		Type: "alert", ID: fmt.Sprintf("%s@%d", rec.Stream, rec.Version), Priority: int(tarea.Urgente), Position: rec.Position,
		En: happened(rec), accion: permiso.IncidenteLeer,
	}
	switch e := rec.Event.(type) {
	case auditoria.LecturaMasiva:
		a.Kind, a.Text = "lectura_masiva", fmt.Sprintf("Alguien leyó datos de %d personas en poco tiempo", e.Lecturas)
	case usuario.RolCambiado:
		if !e.EnServidor {
			return nil
		}
		a.Kind, a.Text = "administrador_en_servidor", "En el servidor se dio el rol de administrador"
	case sesion.FamiliaRevocada:
		a.Kind, a.Text = "sesion_duplicada", "Un token de sesión se usó dos veces: alguien tiene una copia; la sesión se cerró"
	default:
		return nil
	}
	return a
}

// heard reports whether somebody hears of the alert; visible: he may hear of its fact.
func (a *alertFrame) heard(por permiso.Autor, visible bool) bool {
	if a.accion != "" {
		return por.Alcance(a.accion) == permiso.Todo
	}
	return visible || a.forAll()
}

// forAll reports whether everybody hears it, whatever else they may see.
func (a *alertFrame) forAll() bool { return a.Kind == "sos" || a.Kind == "sos_escalado" }

// prioridadSOS is that of a Tarea of prioridad critica: there is nothing above it.
const prioridadSOS = int(tarea.Critica)

// applyAlerta announces again a call for help that nobody has attended to.
func (r *roster) applyAlerta(ctx context.Context, rec *eventstore.Recorded) (audience, *alertFrame, error) {
	e, ok := rec.Event.(operacion.AlertaEscalada)
	if !ok {
		return audience{}, nil, nil
	}
	id := strings.TrimPrefix(string(rec.Stream), operacion.StreamAlerta(""))
	p := r.efectivos[e.Efectivo]
	if p == nil { // who calls has done nothing since this node began
		var err error
		if p, err = recall(ctx, r.log, e.Efectivo); err != nil {
			return audience{}, nil, err
		}
	}
	return audience{aggregate: "alerta"}, &alertFrame{
		Type: "alert", ID: id, Kind: "sos_escalado", Priority: prioridadSOS, Position: rec.Position, Efectivo: string(e.Efectivo),
		Simulada: p.simulado, En: happened(rec), Text: fmt.Sprintf("SOS sin atender, nivel %d", e.Nivel),
	}, nil
}

func textoPrioridad(p tarea.Prioridad) string {
	if p == tarea.Critica {
		return "crítica"
	}
	return p.Nombre()
}

// textoSigue says where a Tarea that should have ended still is.
func textoSigue(e tarea.Estado) string {
	switch e {
	case tarea.EstadoProgramada:
		return "todavía no empezó"
	case tarea.EstadoPausada:
		return "sigue en pausa"
	case tarea.EstadoEnCurso, tarea.EstadoFinalizada, tarea.EstadoCancelada:
	}
	return "sigue en curso"
}

// evolve folds a fact; one that this build cannot read changes nothing here.
func (f *ficha) evolve(e tarea.Event) {
	switch e := e.(type) {
	case tarea.Creada:
		*f = ficha{codigo: e.Codigo, creador: e.Creador, delegado: e.Delegado, zona: e.Zona, prioridad: e.Prioridad, estado: tarea.EstadoProgramada, simulada: e.Simulada}
	case tarea.Modificada:
		if e.Zona != nil {
			f.zona = *e.Zona
		}
		if e.SinZona {
			f.zona = ""
		}
		if e.Delegado != "" {
			f.delegado = e.Delegado
		}
	case tarea.PrioridadCambiada:
		f.prioridad = e.Prioridad
	case tarea.Delegada:
		f.delegado = e.Delegado
	case tarea.EfectivoOfrecido:
		f.liberar(e.Efectivo)
		f.activos = append(f.activos, e.Efectivo)
	case tarea.EfectivoAsignado:
		f.liberar(e.Efectivo)
		f.activos = append(f.activos, e.Efectivo)
	case tarea.AsignacionRechazada:
		f.liberar(e.Efectivo)
	case tarea.EfectivoLiberado:
		f.liberar(e.Efectivo)
	case tarea.Iniciada, tarea.Reanudada:
		f.estado = tarea.EstadoEnCurso
	case tarea.Pausada:
		f.estado = tarea.EstadoPausada
	case tarea.Finalizada, tarea.Cancelada:
		f.cerrada = true
	case tarea.Reabierta:
		f.estado, f.cerrada = tarea.EstadoEnCurso, false
	case tarea.AsignacionAceptada, tarea.EfectivoEnCamino, tarea.EfectivoEnLugar, tarea.NotaAgregada, tarea.AdjuntoAgregado, tarea.ListaDefinida,
		tarea.PuntoDeListaCumplido, tarea.RecomendacionEmitida, tarea.Escalada, tarea.RecordatorioEnviado, tarea.RecordatorioAcusado:
	}
}

func (f *ficha) liberar(id ident.Efectivo) {
	f.activos = slices.DeleteFunc(slices.Clone(f.activos), func(e ident.Efectivo) bool { return e == id })
}

func (r *roster) applyEfectivo(ctx context.Context, id ident.Efectivo, rec *eventstore.Recorded) (audience, error) {
	p, known := r.efectivos[id]
	if !known {
		p = &persona{}
		for past, err := range r.before(ctx, rec) {
			if err != nil {
				return audience{}, err
			}
			p.evolve(&past)
		}
		r.efectivos[id] = p
	}
	a := audience{aggregate: "efectivo", efectivo: id, unidades: [2]string{p.unidad}, sos: p.sos}
	bound := p.tareas
	if c, ok := rec.Event.(efectivo.DisponibilidadCambiada); ok {
		a.tarea = c.Tarea
		if c.Tarea != "" && !slices.Contains(bound, c.Tarea) {
			bound = append(slices.Clone(bound), c.Tarea)
		}
	}
	var err error
	if a.atado, err = r.ataduras(ctx, bound, rec.Position); err != nil {
		return audience{}, err
	}
	p.evolve(rec)
	a.usuario, a.unidades[1], a.sos = p.usuario, p.unidad, a.sos || p.sos
	if rec.Version == 1 {
		a.unidades[0] = p.unidad
	}
	return a, nil
}

func (p *persona) evolve(rec *eventstore.Recorded) {
	p.version = rec.Version
	switch e := as[efectivo.Event](rec).(type) {
	case efectivo.Registrado:
		p.usuario, p.simulado, p.disponibilidad, p.unidad = e.Usuario, e.Simulado, efectivo.FueraServicio, e.Unidad
	case efectivo.FichaModificada:
		if e.Unidad != nil {
			p.unidad = *e.Unidad
		}
	case efectivo.SOSActivado:
		p.sos = true
	case efectivo.SOSAtendido:
		p.sos = false
	case efectivo.TurnoIniciado:
		p.disponibilidad = efectivo.Disponible
	case efectivo.TurnoFinalizado:
		p.disponibilidad = efectivo.FueraServicio
	case efectivo.DisponibilidadCambiada:
		p.disponibilidad = e.Disponibilidad
		switch e.Causa {
		case efectivo.PorAsignacion:
			p.tareas = append(p.sin(e.Tarea), e.Tarea)
		case efectivo.PorLiberacion:
			p.tareas = p.sin(e.Tarea)
		case efectivo.PorOrden, efectivo.PorLicencia, efectivo.PorFinLicencia:
		}
	case efectivo.UbicacionConfirmada, efectivo.SenalPerdida, efectivo.SenalRecuperada,
		efectivo.ZonaIngresada, efectivo.ZonaAbandonada,
		efectivo.LicenciaSolicitada, efectivo.LicenciaAprobada, efectivo.LicenciaRechazada, efectivo.DadoDeBaja:
	}
}

// sin returns the Tareas he is bound to but for one; the old list stays as it was.
func (p *persona) sin(id ident.Tarea) []ident.Tarea {
	return slices.DeleteFunc(slices.Clone(p.tareas), func(t ident.Tarea) bool { return t == id })
}

// before reads what happened to a fact's object before it.
func (r *roster) before(ctx context.Context, rec *eventstore.Recorded) func(yield func(eventstore.Recorded, error) bool) {
	return func(yield func(eventstore.Recorded, error) bool) {
		if rec.Version <= 1 {
			return
		}
		for past, err := range r.log.ReadStream(ctx, rec.Stream, 0) {
			if err != nil {
				yield(past, fmt.Errorf("read %s before position %d: %w", rec.Stream, rec.Position, err))
				return
			}
			if past.Version >= rec.Version || !yield(past, nil) {
				return
			}
		}
	}
}

// as returns a fact as an event of one aggregate, or nil.
func as[E any](rec *eventstore.Recorded) (e E) {
	e, _ = rec.Event.(E)
	return e
}

// happened returns when a fact happened, by its payload.
func happened(rec *eventstore.Recorded) time.Time {
	var payload struct {
		En time.Time `json:"en"`
	}
	if json.Unmarshal(rec.Payload, &payload) != nil || payload.En.IsZero() {
		return rec.RecordedAt
	}
	return payload.En
}
