package bot

import (
	"fmt"
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/tareas"
)

// What the bot says. Nothing that people read stands anywhere else.
const (
	textoBienvenida    = "Hola. Soy el bot de operaciones: acá te llegan tus tareas y contás cómo vas."
	textoSinVinculo    = "Todavía no sé quién sos. Pedí un código en el tablero (tu perfil, vincular Telegram) y mandámelo así:\n/vincular CODIGO"
	textoVincular      = "Mandame el código del tablero así:\n/vincular CODIGO"
	textoCodigoMal     = "Ese código no sirve: venció, ya se usó o está mal escrito. Pedí otro en el tablero."
	textoMuchosCodigos = "Demasiados códigos equivocados: esperá diez minutos y pedí otro."
	textoVinculado     = "Listo, tu cuenta quedó vinculada."
	textoAyuda         = "Qué podés hacer:\n" +
		"/mistareas: tus tareas, con botones para aceptar, avisar que vas, que llegaste y terminar\n" +
		"/sos: pedir ayuda; avisa a quienes están de turno en tu zona y a la central\n" +
		"/vincular CODIGO: vincular esta cuenta con tu usuario\n" +
		"/ayuda: esto mismo\n" +
		"Para que te vean en el mapa, compartí tu ubicación en tiempo real mientras estás de turno."
	textoNoEntiendo    = "No entendí. Probá con /mistareas o /ayuda."
	textoProhibido     = "Tu rol no permite eso."
	textoSinTareas     = "No tenés tareas pendientes."
	textoNoEfectivo    = "Tu usuario no es un efectivo: las tareas se ven en el tablero."
	textoNoRegistrado  = "No registrado: el sistema no responde. Lo guardo y lo reintento; si no te confirmo en unos minutos, probá de nuevo."
	textoNoRecibido    = "No registrado, probá de nuevo en unos minutos."
	textoFallo         = "Algo falló y no se registró. Quedó anotado para revisarlo."
	textoBotonViejo    = "Ese botón ya no sirve. Pedí /mistareas."
	textoUbicacionBien = "Recibo tu ubicación mientras la compartas y estés de turno."
	textoUbicacionFija = "Una ubicación fija no alcanza: compartí tu ubicación en tiempo real."
	textoFueraDeTurno  = "No estás de turno: tu ubicación no se guarda."
	textoUbicacionMal  = "Esa ubicación no se pudo guardar."

	botonMisTareas = "Mis tareas"
	botonAyuda     = "Ayuda"
	botonSOS       = "🆘 SOS"

	textoSOSPedido = "Ayuda pedida: ya avisé a quienes están de turno y a la central. Sigue abierta hasta que alguien la atienda."

	// What can be done about a Tarea that should have ended: by who carries it out, who is in
	// charge of it, who was only offered it, and who may but look.
	textoVencidaCumple = "Si ya está, tocá «Terminé». Si todavía falta, avisá a la central."
	textoVencidaACargo = "Si ya está, tocá «Terminé». Si todavía falta, cambiale la hora de fin en el tablero: se busca por su código."
	textoVencidaOferta = "Todavía no respondiste si podés ir: /mistareas."
	textoVencidaMira   = "En el tablero se busca por su código."

	// The descriptions in Telegram's own menu.
	menuInicio    = "Empezar"
	menuMisTareas = "Ver tus tareas"
	menuSOS       = "Pedir ayuda"
	menuVincular  = "Vincular tu cuenta con un código"
	menuAyuda     = "Qué puede hacer este bot"
)

// pasoFinalizar is the one button that is no step of an asignacion.
const pasoFinalizar = tarea.EstadoAsignacion("finalizada")

var botonDe = map[tarea.EstadoAsignacion]string{
	tarea.PasoAceptada:  "Acepto",
	tarea.PasoRechazada: "No puedo",
	tarea.PasoEnCamino:  "Voy en camino",
	tarea.PasoEnLugar:   "Llegué",
	pasoFinalizar:       "Terminé",
	pasoVista:           "La vi",
	pasoEnterado:        "Enterado",
}

var hechoDe = map[tarea.EstadoAsignacion]string{
	tarea.PasoAceptada:  "Aceptada.",
	tarea.PasoRechazada: "Rechazada: no contamos con vos para esta.",
	tarea.PasoEnCamino:  "En camino.",
	tarea.PasoEnLugar:   "En el lugar.",
	pasoFinalizar:       "Terminada.",
	pasoVista:           "Anotado: la viste.",
	pasoEnterado:        "Anotado.",
}

var estadoDe = map[tarea.EstadoAsignacion]string{
	tarea.PasoOfrecida: "te la ofrecieron: respondé ya",
	tarea.PasoAsignada: "te la asignaron",
	tarea.PasoAceptada: "aceptada",
	tarea.PasoEnCamino: "en camino",
	tarea.PasoEnLugar:  "en el lugar",
}

// marcaSimulacro stands before the name of what is only an exercise: nobody may
// take it for the real thing, nor the other way round.
const marcaSimulacro = "[SIMULACRO] "

func nombreDe(t tareas.Tarea) string {
	name := t.Codigo
	if t.Titulo != "" { // else its text was erased
		name = fmt.Sprintf("%s «%s»", t.Codigo, t.Titulo)
	}
	if t.Simulada {
		return marcaSimulacro + name
	}
	return name
}

// marcaEmergencia stands before everything else that is said of an emergency.
const marcaEmergencia = "🚨 EMERGENCIA\n"

func textoDada(t tareas.Tarea, paso tarea.EstadoAsignacion) string {
	verbo := "Te asignaron"
	if paso == tarea.PasoOfrecida {
		verbo = "¿Podés ir? Respondé ya:"
	}
	text := fmt.Sprintf("%s %s\nPrioridad %s.", verbo, nombreDe(t), t.Prioridad.Nombre())
	if t.Tipo == tarea.Emergencia {
		text = marcaEmergencia + text
	}
	if u := t.Ubicacion; u != nil {
		if u.Descripcion != "" {
			text += "\nLugar: " + u.Descripcion
		}
		text += fmt.Sprintf("\nMapa: geo:%.6f,%.6f", u.Lat, u.Lon)
	}
	return text
}

// textoSOS says it with lugar, lines about where from.
func textoSOS(codigo, lugar string, again, simulado bool) string {
	text := "🆘 SOS\n" + codigo + " pide ayuda."
	if again {
		text = "🆘 SOS SIN ATENDER\n" + codigo + " sigue esperando ayuda."
	}
	if simulado {
		text = marcaSimulacro + text
	}
	return text + lugar
}

func textoLugar(p *geo.Punto) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("\nMapa: geo:%.6f,%.6f", p.Lat, p.Lon)
}

func textoMovido(p geo.Punto, age time.Duration) string {
	return fmt.Sprintf("\nDespués se movió. Hace %s estaba en geo:%.6f,%.6f", lapso(age), p.Lat, p.Lon)
}

// textoLugarViejo must not be taken for where he is: at is an hour of the operation's zone.
func textoLugarViejo(p geo.Punto, at time.Time, age time.Duration) string {
	return fmt.Sprintf("\nNo se sabe dónde está. Su última posición es de hace %s (%s): geo:%.6f,%.6f", lapso(age), at.Format("02/01 a las 15:04"), p.Lat, p.Lon)
}

// lapso says how long something is, in minutes up to two hours.
func lapso(d time.Duration) string {
	minutes := max(0, int(d.Round(time.Minute)/time.Minute))
	switch {
	case minutes == 0:
		return "menos de un minuto"
	case minutes == 1:
		return "1 minuto"
	case minutes < 2*60:
		return fmt.Sprintf("%d minutos", minutes)
	case minutes >= 2*24*60:
		return fmt.Sprintf("%d días", minutes/(24*60))
	case minutes%60 == 0:
		return fmt.Sprintf("%d horas", minutes/60)
	}
	return fmt.Sprintf("%d horas y %s", minutes/60, lapso(time.Duration(minutes%60)*time.Minute))
}

func textoUrgente(t tareas.Tarea) string {
	text := fmt.Sprintf("⚠️ Prioridad %s en tu zona\n%s", t.Prioridad.Nombre(), nombreDe(t))
	if u := t.Ubicacion; u != nil {
		text += fmt.Sprintf("\nMapa: geo:%.6f,%.6f", u.Lat, u.Lon)
	}
	return text
}

// textoEmpieza stands before the Tarea it is about.
func textoEmpieza(left time.Duration) string {
	if left < 0 {
		return "⏰ Debía empezar hace " + lapso(-left) + ": "
	}
	return "⏰ Empieza en " + lapso(left) + ": "
}

// textoSinNadie says it to whoever is in charge.
func textoSinNadie(t tareas.Tarea) string {
	return nombreDe(t) + "\nNadie la tiene asignada.\n" + textoVencidaMira
}

// textoVencida says of a Tarea that it should have ended at fin, an hour of the operation's zone.
func textoVencida(t tareas.Tarea, fin time.Time, what string) string {
	sigue := "sigue en curso"
	switch t.Estado {
	case tarea.EstadoProgramada:
		sigue = "todavía no empezó"
	case tarea.EstadoPausada:
		sigue = "sigue en pausa"
	case tarea.EstadoEnCurso, tarea.EstadoFinalizada, tarea.EstadoCancelada:
	}
	return fmt.Sprintf("⌛ Pasó su hora de fin: %s\nDebía terminar el %s y %s.\n%s", nombreDe(t), fin.Format("02/01 a las 15:04"), sigue, what)
}

func textoEnLista(t tareas.Tarea, paso tarea.EstadoAsignacion) string {
	return fmt.Sprintf("%s\nPrioridad %s, %s.", nombreDe(t), t.Prioridad.Nombre(), estadoDe[paso])
}

func textoHecho(t tareas.Tarea, paso tarea.EstadoAsignacion) string {
	return nombreDe(t) + "\n" + hechoDe[paso]
}

func textoRechazo(mensaje string) string {
	return "No se registró: " + mensaje + "."
}
