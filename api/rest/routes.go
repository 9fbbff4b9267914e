package rest

import (
	"net/http"
	"slices"

	"github.com/grupo-gad/gad/domain/permiso"
)

const prefix = "/api/v1"

// The limits of bodies in bytes.
const (
	limitJSON      = 64 << 10
	limitTelemetry = 256 << 10
	limitGeo       = 1 << 20
)

// route is one line of the table of routes.
type route struct {
	method string
	path   string // echo's form, parameters with a colon
	// accion is what the caller's rol must allow at all, whatever its scope; "" only where open.
	accion permiso.Accion
	open   bool // nobody is asked who he is
	early  bool // also for a session that has yet to set up the second factor its rol requires
	limit  int64
	geo    bool   // takes application/geo+json as well
	count  string // the limit it counts against, where its method does not say
	// uncounted: limited elsewhere (login), or asked by machines that must not be refused
	uncounted bool
	alias     *Alias // whose route this is, where it is one of the predecessor's
	handle    func(*request) error
}

func (rt route) bodyLimit() int64 {
	if rt.limit == 0 {
		return limitJSON
	}
	return rt.limit
}

// Accesos lists every way into this face, mounted in some process or not.
func Accesos() (list []permiso.Acceso) {
	a := &API{}
	for _, rt := range slices.Concat(a.orders(), a.probes(), a.sockets()) {
		list = append(list, rt.acceso())
	}
	return list
}

func (rt route) acceso() permiso.Acceso {
	return permiso.Acceso{Cara: permiso.CaraREST, Nombre: rt.method + " " + rt.path, Accion: rt.accion, Abierto: rt.open}
}

// routes is the table of everything this API serves.
func (a *API) routes() []route {
	table := a.orders()
	if a.Health != nil {
		table = append(table, a.probes()...)
	}
	if a.Live != nil {
		table = append(table, a.sockets()...)
	}
	return table
}

// orders are the routes by which somebody asks or orders.
func (a *API) orders() []route {
	const (
		get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
		v1                         = prefix
	)
	table := []route{
		{method: get, path: "/openapi.yaml", open: true, handle: a.contract},
		{method: get, path: "/.well-known/jwks.json", open: true, handle: a.jwks},

		{method: post, path: v1 + "/auth/login", open: true, uncounted: true, handle: a.login},
		{method: post, path: v1 + "/auth/refresh", open: true, uncounted: true, handle: a.refresh},
		{method: post, path: v1 + "/auth/telegram", open: true, uncounted: true, handle: a.loginTelegram},
		{method: post, path: v1 + "/auth/activacion", open: true, uncounted: true, handle: a.activate},
		{method: post, path: v1 + "/auth/logout", accion: permiso.SesionPropia, early: true, handle: a.logout},
		{method: get, path: v1 + "/auth/yo", accion: permiso.SesionPropia, early: true, handle: a.yo},
		{method: get, path: v1 + "/auth/sesiones", accion: permiso.SesionPropia, early: true, handle: a.sesiones},
		{method: del, path: v1 + "/auth/sesiones", accion: permiso.SesionPropia, early: true, handle: a.cerrarOtras},
		{method: del, path: v1 + "/auth/sesiones/:id", accion: permiso.SesionPropia, early: true, handle: a.cerrarSesion},
		{method: post, path: v1 + "/auth/password", accion: permiso.UsuarioCredencial, early: true, handle: a.cambiarContrasena},
		{method: post, path: v1 + "/auth/totp", accion: permiso.UsuarioCredencial, early: true, handle: a.segundoFactor},
		{method: del, path: v1 + "/auth/totp", accion: permiso.UsuarioCredencial, handle: a.quitarSegundoFactor},

		{method: get, path: v1 + "/usuarios", accion: permiso.UsuarioLeer, handle: a.usuarios},
		{method: post, path: v1 + "/usuarios", accion: permiso.UsuarioAlta, handle: a.registrarUsuario},
		{method: get, path: v1 + "/usuarios/:id", accion: permiso.UsuarioLeer, handle: a.usuario},
		{method: patch, path: v1 + "/usuarios/:id", accion: permiso.UsuarioModificar, handle: a.modificarUsuario},
		{method: put, path: v1 + "/usuarios/:id/rol", accion: permiso.UsuarioRol, handle: a.cambiarRol},
		{method: put, path: v1 + "/usuarios/:id/jurisdiccion", accion: permiso.UsuarioAlcance, handle: a.asignarJurisdiccion},
		{method: post, path: v1 + "/usuarios/:id/bloqueo", accion: permiso.UsuarioBloqueo, handle: a.bloquear},
		{method: del, path: v1 + "/usuarios/:id/bloqueo", accion: permiso.UsuarioBloqueo, handle: a.desbloquear},
		{method: post, path: v1 + "/usuarios/:id/baja", accion: permiso.UsuarioBaja, handle: a.bajaUsuario},
		{method: post, path: v1 + "/usuarios/:id/activacion", accion: permiso.UsuarioAlta, handle: a.nuevoEnlace},
		{method: post, path: v1 + "/usuarios/:id/vinculo-telegram", accion: permiso.UsuarioVinculo, handle: a.codigoTelegram},
		{method: del, path: v1 + "/usuarios/:id/vinculo-telegram", accion: permiso.UsuarioVinculo, handle: a.desvincularTelegram},

		{method: get, path: v1 + "/efectivos", accion: permiso.EfectivoLeer, handle: a.efectivos},
		{method: post, path: v1 + "/efectivos", accion: permiso.EfectivoAlta, handle: a.registrarEfectivo},
		{method: get, path: v1 + "/efectivos/:id", accion: permiso.EfectivoLeer, handle: a.efectivo},
		{method: patch, path: v1 + "/efectivos/:id", accion: permiso.EfectivoAlta, handle: a.modificarFicha},
		{method: put, path: v1 + "/efectivos/:id/disponibilidad", accion: permiso.EfectivoEstado, handle: a.cambiarDisponibilidad},
		{method: post, path: v1 + "/efectivos/:id/turno", accion: permiso.EfectivoTurno, handle: a.iniciarTurno},
		{method: del, path: v1 + "/efectivos/:id/turno", accion: permiso.EfectivoTurno, handle: a.finalizarTurno},
		{method: post, path: v1 + "/efectivos/:id/posiciones", accion: permiso.EfectivoPosicion, limit: limitTelemetry, count: countTelemetry, handle: a.posiciones},
		{method: post, path: v1 + "/efectivos/:id/recorrido", accion: permiso.RecorridoLeer, handle: a.recorrido},
		{method: post, path: v1 + "/efectivos/:id/sos", accion: permiso.EfectivoSOS, handle: a.activarSOS},
		{method: del, path: v1 + "/efectivos/:id/sos", accion: permiso.EfectivoAtender, handle: a.atenderSOS},
		{method: post, path: v1 + "/efectivos/:id/baja", accion: permiso.EfectivoAlta, handle: a.darDeBaja},
		{method: get, path: v1 + "/avisos", accion: permiso.TareaLeer, handle: a.avisos},
		{method: post, path: v1 + "/avisos/:id/lectura", accion: permiso.TareaResponder, handle: a.leerAviso},
		{method: post, path: v1 + "/alertas/:id/acuse", accion: permiso.AlertaAcusar, handle: a.acusarAlerta},
		{method: get, path: v1 + "/marcas", accion: permiso.MarcaLeer, handle: a.marcas},
		{method: post, path: v1 + "/marcas", accion: permiso.MarcaPoner, handle: a.ponerMarca},
		{method: get, path: v1 + "/marcas/:id", accion: permiso.MarcaLeer, handle: a.marca},
		{method: del, path: v1 + "/marcas/:id", accion: permiso.MarcaRetirar, handle: a.retirarMarca},
		{method: get, path: v1 + "/licencias", accion: permiso.LicenciaLeer, handle: a.licencias},
		{method: post, path: v1 + "/licencias", accion: permiso.LicenciaPedir, handle: a.solicitarLicencia},
		{method: post, path: v1 + "/licencias/:id/aprobacion", accion: permiso.LicenciaResolver, handle: a.aprobarLicencia},
		{method: post, path: v1 + "/licencias/:id/rechazo", accion: permiso.LicenciaResolver, handle: a.rechazarLicencia},

		{method: get, path: v1 + "/tareas", accion: permiso.TareaLeer, handle: a.tareas},
		{method: post, path: v1 + "/tareas", accion: permiso.TareaCrear, handle: a.crearTarea},
		{method: get, path: v1 + "/tareas.csv", accion: permiso.TareaLeer, handle: a.exportar(hojaCSV, "text/csv; charset=utf-8", newCSV)},
		{method: get, path: v1 + "/tareas.xlsx", accion: permiso.TareaLeer, handle: a.exportar("tareas.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newXLSX)},
		{method: get, path: v1 + "/tareas.geojson", accion: permiso.TareaLeer, handle: a.exportar("tareas.geojson", "application/geo+json", newGeo)},
		{method: get, path: v1 + "/tareas/:id", accion: permiso.TareaLeer, handle: a.tarea},
		{method: patch, path: v1 + "/tareas/:id", accion: permiso.TareaModificar, handle: a.modificarTarea},
		{method: post, path: v1 + "/tareas/:id/asignaciones", accion: permiso.TareaAsignar, handle: a.asignar},
		{method: post, path: v1 + "/tareas/:id/ofertas", accion: permiso.TareaEscalar, handle: a.ofrecer},
		{method: put, path: v1 + "/tareas/:id/asignaciones/:efectivo", accion: permiso.TareaResponder, handle: a.responder},
		{method: del, path: v1 + "/tareas/:id/asignaciones/:efectivo", accion: permiso.TareaAsignar, handle: a.liberar},
		{method: post, path: v1 + "/tareas/:id/inicio", accion: permiso.TareaEjecutar, handle: a.iniciar},
		{method: post, path: v1 + "/tareas/:id/pausa", accion: permiso.TareaEjecutar, handle: a.pausar},
		{method: post, path: v1 + "/tareas/:id/reanudacion", accion: permiso.TareaEjecutar, handle: a.reanudar},
		{method: post, path: v1 + "/tareas/:id/finalizacion", accion: permiso.TareaEjecutar, handle: a.finalizar},
		{method: post, path: v1 + "/tareas/:id/cancelacion", accion: permiso.TareaCancelar, handle: a.cancelar},
		{method: post, path: v1 + "/tareas/:id/reapertura", accion: permiso.TareaReabrir, handle: a.reabrir},
		{method: post, path: v1 + "/tareas/:id/notas", accion: permiso.TareaAnotar, handle: a.agregarNota},
		{method: post, path: adjuntosPath, accion: permiso.TareaAnotar, limit: a.Settings.Attachments.MaxBytes + limitEnvelope, handle: a.adjuntar},
		{method: get, path: adjuntosPath + "/:adjunto", accion: permiso.AdjuntoLeer, handle: a.adjunto},
		{method: put, path: v1 + "/tareas/:id/lista/:punto", accion: permiso.TareaEjecutar, handle: a.cumplirPunto},
		{method: get, path: v1 + "/tareas/:id/recomendacion", accion: permiso.RecomendacionLeer, handle: a.recomendacion},
		{method: get, path: v1 + "/tareas/:id/historial", accion: permiso.TareaLeer, handle: a.historial},

		{method: post, path: v1 + "/emergencias", accion: permiso.EmergenciaCrear, handle: a.crearEmergencia},

		{method: get, path: v1 + "/geo/cercanos", accion: permiso.MapaLeer, handle: a.cercanos},
		{method: get, path: v1 + "/geo/mapa", accion: permiso.MapaLeer, handle: a.mapa},
		{method: get, path: v1 + "/zonas", accion: permiso.ZonaLeer, handle: a.zonas},
		{method: post, path: v1 + "/zonas", accion: permiso.ZonaDefinir, limit: limitGeo, geo: true, handle: a.definirZona},
		{method: get, path: v1 + "/zonas/:id", accion: permiso.ZonaLeer, handle: a.zona},
		{method: put, path: v1 + "/zonas/:id", accion: permiso.ZonaDefinir, limit: limitGeo, geo: true, handle: a.modificarZona},
		{method: del, path: v1 + "/zonas/:id", accion: permiso.ZonaDefinir, handle: a.eliminarZona},

		{method: get, path: v1 + "/estadisticas/resumen", accion: permiso.FigurasLeer, handle: a.resumen},
		{method: get, path: v1 + "/estadisticas/tareas", accion: permiso.FigurasLeer, handle: a.contarTareas},
		{method: get, path: v1 + "/estadisticas/tiempos", accion: permiso.FigurasLeer, handle: a.tiempos},
		{method: get, path: v1 + "/estadisticas/usuarios/:id", accion: permiso.FigurasPersona, handle: a.figurasDePersona},
		{method: get, path: v1 + "/estadisticas/dotacion", accion: permiso.FigurasLeer, handle: a.dotacion},
		{method: get, path: v1 + "/geo/calor", accion: permiso.FigurasLeer, handle: a.calor},

		{method: get, path: v1 + "/admin/config", accion: permiso.ConfigLeer, handle: a.config},
		{method: get, path: v1 + "/admin/cache", accion: permiso.SistemaLeer, handle: a.cacheEstado},
		{method: del, path: v1 + "/admin/cache", accion: permiso.CacheOlvidar, handle: a.olvidarCache},
		{method: get, path: v1 + "/admin/proyecciones", accion: permiso.SistemaLeer, handle: a.proyecciones},

		{method: get, path: v1 + "/admin/proyecciones/:nombre", accion: permiso.SistemaLeer, handle: a.proyeccion},
		{method: post, path: v1 + "/admin/proyecciones/:nombre/reconstruccion", accion: permiso.ProyeccionReconstruir, handle: a.reconstruir},
		{method: post, path: v1 + "/admin/proyecciones/:nombre/vuelta", accion: permiso.ProyeccionReconstruir, handle: a.volver},

		{method: get, path: v1 + "/eventos", accion: permiso.LogLeer, handle: a.eventos},
		{method: get, path: v1 + "/eventos/:posicion", accion: permiso.LogLeer, handle: a.evento},
		{method: post, path: v1 + "/auditoria/exportaciones", accion: permiso.AprobacionPedir, handle: a.pedirExportacion},
		{method: get, path: v1 + "/auditoria/exportaciones/:id", accion: permiso.AprobacionPedir, handle: a.exportacion},
		{method: get, path: v1 + "/auditoria/incidentes", accion: permiso.LogLeer, handle: a.incidentes},
		{method: get, path: v1 + "/auditoria/alarmas", accion: permiso.IncidenteLeer, handle: a.alarmas},
		{method: post, path: v1 + "/auditoria/alarmas/:id/atencion", accion: permiso.IncidenteAtender, handle: a.atenderAlarma},
		{method: get, path: v1 + "/auditoria/actividad", accion: permiso.LogLeer, handle: a.actividad},

		{method: get, path: v1 + "/aprobaciones", accion: permiso.AprobacionLeer, handle: a.aprobaciones},
		{method: post, path: v1 + "/aprobaciones", accion: permiso.AprobacionPedir, handle: a.pedirAprobacion},
		{method: get, path: v1 + "/aprobaciones/:id", accion: permiso.AprobacionLeer, handle: a.aprobacion},
		{method: post, path: v1 + "/aprobaciones/:id/aprobacion", accion: permiso.AprobacionResolver, handle: a.aprobar},
		{method: post, path: v1 + "/aprobaciones/:id/rechazo", accion: permiso.AprobacionResolver, handle: a.rechazar},
		{method: post, path: v1 + "/aprobaciones/:id/ejecucion", accion: permiso.AprobacionPedir, handle: a.ejecutar},
		{method: post, path: v1 + "/usuarios/:id/borrado-datos", accion: permiso.AprobacionPedir, handle: a.pedirBorrado},
		{method: post, path: v1 + "/usuarios/:id/datos-personales", accion: permiso.DatosPersonalesLeer, handle: a.datosPersonales},

		{method: get, path: v1 + "/comandos/:id", accion: permiso.ComandoLeer, handle: a.comando},
	}
	return append(table, a.aliased(table)...)
}

// probes are the routes of those who watch the process.
func (a *API) probes() []route {
	const get = http.MethodGet
	return []route{
		{method: get, path: "/livez", open: true, uncounted: true, handle: a.livez},
		{method: get, path: "/readyz", open: true, uncounted: true, handle: a.readyz},
		{method: get, path: "/health", open: true, uncounted: true, handle: a.health},
		{method: get, path: "/health/ready", open: true, uncounted: true, handle: a.readyz},
	}
}

// sockets are the routes of the live layer. A socket says who it is in its first frame.
func (a *API) sockets() []route {
	table := []route{
		{method: http.MethodGet, path: "/ws", open: true, uncounted: true, handle: a.socket},
		{method: http.MethodPost, path: prefix + "/ws/tickets", accion: permiso.VivoLeer, handle: a.ticket},
		{method: http.MethodGet, path: prefix + "/ws/estado", accion: permiso.SistemaLeer, handle: a.estadoLive},
	}
	return append(table, a.aliased(table)...)
}
