package permiso

// Accion is something that can be ordered or read; it is named like the command.
type Accion string

// The actions.
const (
	TareaCrear       Accion = "tarea.crear"
	TareaModificar   Accion = "tarea.modificar"
	TareaAsignar     Accion = "tarea.asignar"
	TareaResponder   Accion = "tarea.responder" // accept, reject, on my way, arrived
	TareaEjecutar    Accion = "tarea.ejecutar"  // start, pause, resume, finish
	TareaCancelar    Accion = "tarea.cancelar"
	TareaReabrir     Accion = "tarea.reabrir"
	TareaAnotar      Accion = "tarea.anotar"   // notes and attachments
	TareaEscalar     Accion = "tarea.escalar"  // offer to the next one
	TareaRecordar    Accion = "tarea.recordar" // remind somebody of it
	TareaLeer        Accion = "tarea.leer"
	EmergenciaCrear  Accion = "emergencia.crear"
	EfectivoAlta     Accion = "efectivo.registrar"
	EfectivoTurno    Accion = "efectivo.turno"
	EfectivoEstado   Accion = "efectivo.disponibilidad"
	EfectivoPosicion Accion = "efectivo.posiciones"
	EfectivoLeer     Accion = "efectivo.leer"
	EfectivoForzar   Accion = "efectivo.forzar"
	EfectivoSOS      Accion = "efectivo.sos"
	EfectivoAtender  Accion = "efectivo.sos.atender"
	EfectivoObservar Accion = "efectivo.observar" // what a fix means: signal, arrival, Zonas
	LicenciaPedir    Accion = "licencia.solicitar"
	LicenciaResolver Accion = "licencia.resolver"
	LicenciaAplicar  Accion = "licencia.aplicar" // it begins, it ends
	LicenciaLeer     Accion = "licencia.leer"
	AlertaAcusar     Accion = "alerta.acusar"
	AlertaEscalar    Accion = "alerta.escalar" // and record whom it reached
	MapaLeer         Accion = "mapa.leer"
	UsuarioAlta      Accion = "usuario.registrar"
	UsuarioVinculo   Accion = "usuario.vincular"
	ZonaDefinir      Accion = "zona.definir"
	ZonaLeer         Accion = "zona.leer" // drawn for everybody
	MarcaPoner       Accion = "marca.poner"
	MarcaRetirar     Accion = "marca.retirar"
	MarcaLeer        Accion = "marca.leer" // those of a Zona: by who reaches it
	LogLeer          Accion = "log.leer"
	FigurasLeer      Accion = "figuras.leer"
	FigurasPersona   Accion = "figuras_persona.leer"
	SistemaLeer      Accion = "sistema.leer"
	ConfigLeer       Accion = "config.leer" // the settings it runs with, without the secrets
	CacheOlvidar     Accion = "cache.olvidar"

	ProyeccionReconstruir Accion = "proyeccion.reconstruir" // or put back as it was

	UsuarioLeer       Accion = "usuario.leer"
	UsuarioModificar  Accion = "usuario.modificar"
	UsuarioRol        Accion = "usuario.rol"
	UsuarioAlcance    Accion = "usuario.jurisdiccion" // which Zonas and unidades he reaches
	UsuarioBloqueo    Accion = "usuario.bloqueo"
	UsuarioBaja       Accion = "usuario.baja"
	UsuarioCredencial Accion = "usuario.credencial" //nolint:gosec // the name of an action: password, second factor, sessions

	AprobacionPedir     Accion = "aprobacion.solicitar"
	AprobacionResolver  Accion = "aprobacion.resolver"
	AprobacionVencer    Accion = "aprobacion.vencer"
	AprobacionLeer      Accion = "aprobacion.leer"
	DatosPersonalesLeer Accion = "datos_personales.leer" // of others, with a reason
	RecorridoLeer       Accion = "recorrido.leer"        // where somebody was, with a reason

	SesionPropia      Accion = "sesion.propia"      // who one is, one's own sessions: nobody's but one's own
	ComandoLeer       Accion = "comando.leer"       // what became of an order
	RecomendacionLeer Accion = "recomendacion.leer" // who should go, and who should not
	VivoLeer          Accion = "vivo.leer"          // open a socket; what it hears is asked topic by topic
	AlertaLeer        Accion = "alerta.leer"
	IncidenteLeer     Accion = "incidente.leer"    // alarms about the use of the system
	IncidenteAtender  Accion = "incidente.atender" // say that one has looked into such an alarm
	AdjuntoLeer       Accion = "adjunto.leer"      // a picture cannot be masked
)

// tabla is the whole truth; a missing cell is Nada.
var tabla = map[Accion]map[Rol]Alcance{
	TareaCrear:       {Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo, Efectivo: Propio},
	TareaModificar:   {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo},
	TareaAsignar:     {Supervisor: EnJurisdiccion, Administrador: Todo},
	TareaResponder:   {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo, Sistema: Todo},
	TareaEjecutar:    {Efectivo: Asignado, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	TareaCancelar:    {Supervisor: EnJurisdiccion, Administrador: Todo},
	TareaReabrir:     {Supervisor: EnJurisdiccion, Administrador: Todo},
	TareaAnotar:      {Efectivo: Asignado, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	TareaEscalar:     {Supervisor: EnJurisdiccion, Administrador: Todo, Sistema: Todo},
	TareaRecordar:    {Supervisor: EnJurisdiccion, Administrador: Todo, Sistema: Todo},
	EmergenciaCrear:  {Efectivo: Propio, Supervisor: Todo, Administrador: Todo, Servicio: Todo},
	TareaLeer:        {Efectivo: Asignado, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	EfectivoAlta:     {Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	EfectivoTurno:    {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	EfectivoEstado:   {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	EfectivoPosicion: {Efectivo: Propio, Servicio: Todo, Administrador: Todo},
	EfectivoLeer:     {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	EfectivoForzar:   {Supervisor: Todo, Administrador: Todo},
	EfectivoSOS:      {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	EfectivoAtender:  {Supervisor: EnJurisdiccion, Administrador: Todo},
	EfectivoObservar: {Administrador: Todo, Sistema: Todo},
	LicenciaPedir:    {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo},
	LicenciaResolver: {Supervisor: EnJurisdiccion, Administrador: Todo},
	LicenciaAplicar:  {Administrador: Todo, Sistema: Todo},
	AlertaAcusar:     {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	AlertaEscalar:    {Administrador: Todo, Sistema: Todo},
	LicenciaLeer:     {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo},
	MapaLeer:         {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	UsuarioAlta:      {Administrador: Todo},
	UsuarioVinculo:   {Efectivo: Propio, Supervisor: Propio, Administrador: Todo, Auditor: Propio},
	ZonaLeer:         {Efectivo: Todo, Supervisor: Todo, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	ZonaDefinir:      {Supervisor: EnJurisdiccion, Administrador: Todo},
	MarcaPoner:       {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	MarcaRetirar:     {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Propio},
	MarcaLeer:        {Efectivo: Todo, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	LogLeer:          {Administrador: Todo, Auditor: Todo},
	FigurasLeer:      {Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	FigurasPersona:   {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	SistemaLeer:      {Administrador: Todo, Auditor: Todo},
	ConfigLeer:       {Administrador: Todo},
	CacheOlvidar:     {Administrador: Todo},

	ProyeccionReconstruir: {Administrador: Todo},

	UsuarioLeer:       {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Propio},
	UsuarioModificar:  {Efectivo: Propio, Supervisor: Propio, Administrador: Todo},
	UsuarioRol:        {Administrador: Todo},
	UsuarioAlcance:    {Administrador: Todo},
	UsuarioBloqueo:    {Administrador: Todo},
	UsuarioBaja:       {Administrador: Todo},
	UsuarioCredencial: {Efectivo: Propio, Supervisor: Propio, Administrador: Todo, Auditor: Propio, Servicio: Propio, Sistema: Todo},

	AprobacionPedir:     {Administrador: Todo},
	AprobacionResolver:  {Administrador: Todo},
	AprobacionVencer:    {Administrador: Todo, Sistema: Todo},
	AprobacionLeer:      {Administrador: Todo, Auditor: Todo},
	DatosPersonalesLeer: {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Propio, Servicio: Propio},
	RecorridoLeer:       {Efectivo: Propio, Supervisor: EnJurisdiccion, Administrador: Todo},

	SesionPropia:      {Efectivo: Propio, Supervisor: Propio, Administrador: Propio, Auditor: Propio, Servicio: Propio},
	ComandoLeer:       {Efectivo: Propio, Supervisor: Propio, Administrador: Todo, Auditor: Todo, Servicio: Propio},
	RecomendacionLeer: {Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	VivoLeer:          {Efectivo: Propio, Supervisor: Todo, Administrador: Todo, Auditor: Todo, Servicio: Todo},
	IncidenteLeer:     {Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo}, // of which none lies in a part
	IncidenteAtender:  {Administrador: Todo, Auditor: Todo},
	AdjuntoLeer:       {Efectivo: Asignado, Supervisor: EnJurisdiccion, Administrador: Todo, Servicio: Todo},
	AlertaLeer:        {Efectivo: Asignado, Supervisor: EnJurisdiccion, Administrador: Todo, Auditor: Todo, Servicio: Todo},
}

// De returns how far rol may go with a.
func De(rol Rol, a Accion) Alcance { return tabla[a][rol] }
