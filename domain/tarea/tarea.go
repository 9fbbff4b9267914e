package tarea

import (
	"slices"
	"time"

	"github.com/grupo-gad/gad/domain/decider"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// Decider is the behaviour of a Tarea.
var Decider = decider.Decider[State, Command, Event]{Decide: Decide, Evolve: Evolve}

// State is what Decide needs to remember. It holds nothing else. States are
// shared between goroutines: Evolve replaces slices, it never writes into them.
type State struct {
	id               ident.Tarea
	estado           Estado
	prioridad        Prioridad
	creador          ident.Usuario
	delegado         ident.Usuario
	zona             ident.Zona
	delegadoNombrado bool
	horario          Horario
	conFin           bool
	descrita         bool
	solape           ident.Usuario // who allowed the hours to overlap
	asignaciones     []asignacion
	lista            []punto
	puntos           int              // numbers given to points so far
	candidatos       []ident.Efectivo // of the last recommendation, best first
	criterios        Criterios        // it was made by
	lugar            *geo.Punto
	escaladas        int
	recordados       []recuerdo
	ultimo           time.Time // when the last transition happened in the field
}

type asignacion struct {
	efectivo ident.Efectivo
	estado   EstadoAsignacion
	en       time.Time // of the step
	vence    time.Time // of an offer
	// cerrada: the end of the Tarea freed him, and nothing of his own.
	cerrada bool
}

// Existe reports whether the Tarea was ever created.
func (s State) Existe() bool { return s.estado != "" }

// Estado returns where the Tarea is in its life.
func (s State) Estado() Estado { return s.estado }

// Activos lists the Efectivos bound to the Tarea, in order of assignment.
func (s State) Activos() (ids []ident.Efectivo) {
	for _, a := range s.asignaciones {
		if a.estado.Activa() {
			ids = append(ids, a.efectivo)
		}
	}
	return ids
}

// Espera reports whether an Efectivo was offered the Tarea and has not answered.
func (s State) Espera(id ident.Efectivo) bool {
	paso, _ := s.asignacion(id)
	return paso == PasoOfrecida
}

func (s State) asignacion(id ident.Efectivo) (EstadoAsignacion, bool) {
	for _, a := range s.asignaciones {
		if a.efectivo == id {
			return a.estado, true
		}
	}
	return "", false
}

// Alcanza reports whether a scope of the author covers this Tarea.
func (s State) Alcanza(por permiso.Autor, alcance permiso.Alcance) bool {
	switch alcance {
	case permiso.Todo:
		return true
	case permiso.EnJurisdiccion:
		return por.Jurisdiccion.Zona(s.zona) || s.Alcanza(por, permiso.Asignado)
	case permiso.Asignado:
		if paso, ok := s.asignacion(por.Efectivo); ok && paso.Activa() {
			return true
		}
		return s.propia(por)
	case permiso.Propio:
		return s.propia(por)
	case permiso.Nada:
	}
	return false
}

func (s State) propia(por permiso.Autor) bool {
	return por.Usuario != "" && (por.Usuario == s.creador || por.Usuario == s.delegado)
}

// Decide answers a command with events or a refusal.
func Decide(s State, c Command) ([]Event, error) {
	switch c := c.(type) {
	case Crear:
		return s.crear(c)
	case Modificar:
		return s.modificar(c)
	case Asignar:
		return s.asignar(c)
	case Responder:
		return s.responder(c)
	case Liberar:
		return s.liberar(c)
	case Iniciar:
		return s.iniciar(c)
	case Pausar:
		return s.pausar(c)
	case Reanudar:
		return s.reanudar(c)
	case Finalizar:
		return s.finalizar(c)
	case Cancelar:
		return s.cancelar(c)
	case Reabrir:
		return s.reabrir(c)
	case AgregarNota:
		return s.agregarNota(c)
	case AgregarAdjunto:
		return s.agregarAdjunto(c)
	case CumplirPunto:
		return s.cumplirPunto(c)
	case EmitirRecomendacion:
		return s.emitirRecomendacion(c)
	case Ofrecer:
		return s.ofrecer(c)
	case OfrecerA:
		return s.ofrecerA(c)
	case Rebuscar:
		return s.rebuscar(c)
	case Escalar:
		return s.escalar(c)
	case Recordar:
		return s.recordar(c)
	case AcusarRecordatorio:
		return s.acusarRecordatorio(c)
	}
	panic("unreachable: Command is sealed")
}

// Evolve applies a fact.
func Evolve(s State, e Event) State {
	switch e := e.(type) {
	case Creada:
		s = State{
			id: e.ID, estado: EstadoProgramada, prioridad: e.Prioridad, creador: e.Creador,
			delegado: e.Delegado, delegadoNombrado: e.DelegadoNombrado, zona: e.Zona,
			horario: Horario{Desde: e.InicioProgramado}, solape: e.SolapePermitidoPor, ultimo: e.En,
			descrita: !e.Descripcion.IsZero(),
		}
		if e.FinProgramado != nil {
			s.horario.Hasta, s.conFin = *e.FinProgramado, true
		}
		s.lugar = e.Ubicacion.punto()
	case Modificada:
		if e.InicioProgramado != nil {
			s.horario.Desde = *e.InicioProgramado
		}
		if e.FinProgramado != nil {
			s.horario.Hasta, s.conFin = *e.FinProgramado, true
		}
		if e.SinFin {
			s.horario.Hasta, s.conFin = time.Time{}, false
		}
		if e.Horario != nil {
			s.solape = e.SolapePermitidoPor
		}
		if e.Ubicacion != nil || e.SinUbicacion {
			s.lugar = e.Ubicacion.punto()
		}
		if e.Zona != nil {
			s.zona = *e.Zona
		}
		if e.SinZona {
			s.zona = ""
		}
		if e.Descripcion != nil || e.SinDescripcion {
			s.descrita = !e.SinDescripcion
		}
	case PrioridadCambiada:
		s.prioridad = e.Prioridad
	case Delegada:
		s.delegado, s.delegadoNombrado, s.solape = e.Delegado, true, e.SolapePermitidoPor
	case EfectivoOfrecido:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoOfrecida, en: e.En, vence: e.Vence})
	case EfectivoAsignado:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoAsignada, en: e.En})
	case AsignacionAceptada:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoAceptada, en: e.En})
	case AsignacionRechazada:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoRechazada, en: e.En})
	case EfectivoEnCamino:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoEnCamino, en: e.En})
	case EfectivoEnLugar:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoEnLugar, en: e.En})
	case EfectivoLiberado:
		s.asignaciones = s.con(asignacion{efectivo: e.Efectivo, estado: PasoLiberada, en: e.En})
	case Iniciada:
		s.estado, s.ultimo = EstadoEnCurso, e.En
	case Pausada:
		s.estado, s.ultimo = EstadoPausada, e.En
	case Reanudada:
		s.estado, s.ultimo = EstadoEnCurso, e.En
	case Finalizada:
		s.estado, s.ultimo, s.asignaciones = EstadoFinalizada, e.En, s.cerradas(e.En)
	case Cancelada:
		s.estado, s.ultimo = EstadoCancelada, e.En
	case Reabierta:
		s.estado, s.solape, s.ultimo = EstadoEnCurso, e.SolapePermitidoPor, e.En
	case ListaDefinida:
		s.lista, s.puntos = s.definida(e)
	case PuntoDeListaCumplido:
		s.lista = s.marcada(e)
	case RecomendacionEmitida:
		s.candidatos, s.criterios = e.Efectivos(), e.Criterios
	case RecordatorioEnviado:
		s.recordados = append(slices.Clone(s.recordados), recuerdo{clave: claveDe(e)})
	case RecordatorioAcusado:
		s.recordados = s.acusado(e)
	case Escalada:
		s.escaladas = e.Nivel
	case NotaAgregada, AdjuntoAgregado: // nothing is decided on them
	}
	return s
}

// con returns the asignaciones with one of them replaced, or added.
func (s State) con(a asignacion) []asignacion {
	next := slices.Clone(s.asignaciones)
	for i := range next {
		if next[i].efectivo == a.efectivo {
			next[i] = a
			return next
		}
	}
	return append(next, a)
}

// cerradas are the asignaciones once the Tarea has ended: whom it freed was bound until then.
func (s State) cerradas(en time.Time) []asignacion {
	next := slices.Clone(s.asignaciones)
	for i := range next {
		next[i].cerrada = next[i].cerrada || next[i].estado == PasoLiberada && next[i].en.Equal(en)
	}
	return next
}
