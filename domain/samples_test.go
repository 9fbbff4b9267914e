package domain_test

import (
	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/efectivo"
	"github.com/grupo-gad/gad/domain/event"
	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/marca"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/sesion"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/domain/zona"
)

const (
	unaTarea     = "0190f3c2-89ab-7cde-8000-000000000001"
	unEfectivo   = "0190f3c2-89ab-7cde-8000-0000000000e1"
	otroEfectivo = "0190f3c2-89ab-7cde-8000-0000000000e2"
	unaNota      = "0190f3c2-89ab-7cde-8000-0000000000d1"
	unAdjunto    = "0190f3c2-89ab-7cde-8000-0000000000d2"
	unaZona      = "0190f3c2-89ab-7cde-8000-00000000000f"
	unaMarca     = "0190f3c2-89ab-7cde-8000-0000000000c7"
	unaLicencia  = "0190f3c2-89ab-7cde-8000-0000000000b1"
	unTurno      = "0190f3c2-89ab-7cde-8000-0000000000a1"
	unUsuario    = "7b0c3a52-1111-4000-8000-0000000000c1"
	otroUsuario  = "7b0c3a52-1111-4000-8000-00000000000a"
	unSujeto     = "7b0c3a52-1111-4000-8000-0000000000f1"

	unaAprobacion = "0190f3c2-89ab-7cde-8000-0000000000ab"
)

func sello(owner, field string) sealed.Commitment {
	return sealed.Commit(owner, field, sealed.Salt{1, 2, 3}, "un texto")
}

// samples holds one event of each name with every field filled, as it is read
// today from the newest kept payload.
var samples = func() map[string]event.Event {
	var (
		// One of every field, though no request has them all.
		pedido = aprobacion.Pedido{
			Clase: aprobacion.Salto, Usuario: unUsuario, Desde: at(1), Hasta: at(2), Proyeccion: "tareas", Clave: "tarea-" + unaTarea,
		}
		fin       = at(11)
		inicio    = at(9)
		titulo    = sello(unaTarea, "titulo")
		desc      = sello(unaTarea, "descripcion")
		tipo      = tarea.Vigilancia
		enZona    = tarea.Creada{Zona: unaZona}.Zona
		sargento  = "sargento"
		norte     = "Comisaría Norte"
		montada   = "montada"
		nombre    = sello(unSujeto, "nombre")
		apellido  = sello(unSujeto, "apellido")
		email     = sello(unSujeto, "email")
		dni       = sello(unSujeto, "dni")
		telefono  = sello(unSujeto, "telefono")
		ubicacion = &tarea.Ubicacion{Punto: geo.Punto{Lat: -34.603722, Lon: -58.381592}, Descripcion: sello(unaTarea, "ubicacion.descripcion")}
	)
	byName := map[string]event.Event{}
	for _, e := range []event.Event{
		tarea.Creada{
			ID: unaTarea, Codigo: "T-2026-000123", Titulo: titulo, Descripcion: desc,
			Tipo: tarea.Intervencion, Prioridad: tarea.Urgente, InicioProgramado: inicio, FinProgramado: &fin,
			Creador: otroUsuario, Delegado: unUsuario, DelegadoNombrado: true,
			Ubicacion: ubicacion, Zona: unaZona, Simulada: true, En: at(8),
		},
		tarea.Modificada{
			Titulo: &titulo, Descripcion: &desc, Tipo: &tipo, InicioProgramado: &inicio, FinProgramado: &fin,
			Ubicacion: ubicacion, Zona: &enZona, Delegado: unUsuario, Horario: &tarea.Horario{Desde: inicio, Hasta: fin},
			SolapePermitidoPor: otroUsuario, En: at(8),
		},
		tarea.PrioridadCambiada{Prioridad: tarea.Critica, En: at(8)},
		tarea.EfectivoAsignado{Efectivo: unEfectivo, Forzado: true, En: at(8)},
		tarea.AsignacionAceptada{Efectivo: unEfectivo, En: at(8)},
		tarea.AsignacionRechazada{Efectivo: unEfectivo, Motivo: sello(unaTarea, "motivo"), En: at(8)},
		tarea.EfectivoEnCamino{Efectivo: unEfectivo, En: at(8)},
		tarea.EfectivoEnLugar{Efectivo: unEfectivo, En: at(9)},
		tarea.EfectivoLiberado{Efectivo: unEfectivo, En: at(11)},
		tarea.Iniciada{Implicito: true, En: at(9)},
		tarea.Pausada{Motivo: sello(unaTarea, "motivo"), En: at(9)},
		tarea.Reanudada{En: at(10)},
		tarea.Finalizada{Observaciones: sello(unaTarea, "observaciones"), En: at(11)},
		tarea.Cancelada{Motivo: sello(unaTarea, "motivo"), En: at(11)},
		tarea.Reabierta{
			Motivo: sello(unaTarea, "motivo"), Delegado: unUsuario, Horario: &tarea.Horario{Desde: inicio, Hasta: fin},
			SolapePermitidoPor: otroUsuario, En: at(12),
		},
		tarea.Delegada{
			Delegado: unUsuario, Horario: &tarea.Horario{Desde: inicio, Hasta: fin}, SolapePermitidoPor: otroUsuario, En: at(8),
		},
		tarea.NotaAgregada{Nota: unaNota, Texto: sello(unaTarea, "nota"), Autor: unUsuario, En: at(9)},
		tarea.AdjuntoAgregado{
			Adjunto: unAdjunto, Nombre: sello(unaTarea, "adjunto"), Tipo: "image/jpeg", Tamano: 183_402,
			SHA256: sello("adjunto", "contenido").String(), Autor: unUsuario, En: at(9),
		},
		tarea.ListaDefinida{Puntos: []tarea.PuntoDeLista{
			{Punto: 1, Texto: sello(unaTarea, "lista.1")}, {Punto: 2, Texto: sello(unaTarea, "lista.2")},
		}, En: at(8)},
		tarea.PuntoDeListaCumplido{Punto: 2, Deshecho: true, Autor: unUsuario, En: at(9)},
		tarea.RecomendacionEmitida{Recomendacion: tarea.Recomendacion{
			Criterios: tarea.CriteriosPorDefecto(),
			Candidatos: []tarea.Candidato{{
				Aspirante: tarea.Aspirante{
					Efectivo: unEfectivo, Disponibilidad: "disponible", EnTurno: true, DistanciaM: new(812.44),
					AntiguedadS: new(12.5), Carga: 2, DescansoS: 1830.5,
				},
				EtaS: 127, Puntaje: 98.38, Gana: tarea.PorDistancia,
			}},
			Mas: 12,
			Descartados: []tarea.Descartado{{
				Aspirante: tarea.Aspirante{
					Efectivo: otroEfectivo, Disponibilidad: "en_tarea", EnTurno: true, DistanciaM: new(90.5), AntiguedadS: new(3.0),
					Carga: 1, DescansoS: 20,
				},
				Causa: tarea.Ocupado,
			}},
			Exclusiones: []tarea.Cuenta{{Causa: tarea.Ocupado, Cantidad: 40}},
		}, En: at(8)},
		tarea.EfectivoOfrecido{Efectivo: unEfectivo, Puesto: 1, Vence: at(9), En: at(8)},
		tarea.Escalada{Causa: tarea.PorVencimiento, De: unEfectivo, A: otroEfectivo, Nivel: 1, En: at(9)},
		tarea.RecordatorioEnviado{Clase: "t-40", Efectivo: unEfectivo, Vence: at(8), En: at(8)},
		tarea.RecordatorioAcusado{Clase: "t-40", Efectivo: unEfectivo, Vence: at(8), En: at(8)},

		efectivo.Registrado{
			ID: unEfectivo, Usuario: unUsuario, CodigoInterno: "M-01", Rango: "cabo", Unidad: "norte",
			Especialidad: "montada", Simulado: true, Aceleracion: 60, En: at(7),
		},
		efectivo.FichaModificada{Rango: &sargento, Unidad: &norte, Especialidad: &montada, En: at(7)},
		efectivo.TurnoIniciado{Turno: unTurno, En: at(8)},
		efectivo.TurnoFinalizado{Turno: unTurno, Forzado: true, En: at(16)},
		efectivo.DisponibilidadCambiada{
			Disponibilidad: efectivo.EnTarea, Causa: efectivo.PorAsignacion, Tarea: unaTarea, Forzada: true, En: at(8),
		},
		efectivo.UbicacionConfirmada{Tarea: unaTarea, Origen: efectivo.Origen{Lote: 7, Fila: 12}, En: at(9)},
		efectivo.SenalPerdida{Turno: unTurno, Ultima: at(8), En: at(9)},
		efectivo.SenalRecuperada{Turno: unTurno, Origen: efectivo.Origen{Lote: 9, Fila: 1}, En: at(9)},
		efectivo.ZonaIngresada{Zona: unaZona, Origen: efectivo.Origen{Lote: 7, Fila: 12}, Alarma: true, En: at(9)},
		efectivo.ZonaAbandonada{Zona: unaZona, Origen: efectivo.Origen{Lote: 8, Fila: 3}, Alarma: true, En: at(10)},
		efectivo.SOSActivado{Ubicacion: &geo.Punto{Lat: -34.603722, Lon: -58.381592}, En: at(9)},
		efectivo.SOSAtendido{Observaciones: sello(unSujeto, "observaciones"), En: at(9)},
		efectivo.LicenciaSolicitada{Licencia: unaLicencia, Desde: inicio, Hasta: fin, Motivo: sello(unSujeto, "motivo"), En: at(8)},
		efectivo.LicenciaAprobada{Licencia: unaLicencia, Desde: inicio, Hasta: fin, En: at(8)},
		efectivo.LicenciaRechazada{Licencia: unaLicencia, Motivo: sello(unSujeto, "motivo"), En: at(8)},
		efectivo.DadoDeBaja{Motivo: sello(unSujeto, "motivo"), En: at(16)},

		usuario.Registrado{
			ID: unUsuario, Sujeto: unSujeto, Rol: permiso.Efectivo, Nombre: sello(unSujeto, "nombre"), Apellido: sello(unSujeto, "apellido"),
			Email: sello(unSujeto, "email"), DNI: sello(unSujeto, "dni"), Telefono: sello(unSujeto, "telefono"), Simulado: true, En: at(7),
		},
		usuario.DatosModificados{Nombre: &nombre, Apellido: &apellido, Email: &email, DNI: &dni, Telefono: &telefono, En: at(7)},
		usuario.JurisdiccionAsignada{Zonas: []ident.Zona{unaZona}, Unidades: []string{norte}, En: at(7)},
		usuario.RolCambiado{Anterior: permiso.Supervisor, Rol: permiso.Administrador, Aprobacion: unaTarea, EnServidor: true, En: at(7)},
		usuario.Verificado{En: at(7)},
		usuario.Bloqueado{Motivo: sello(unSujeto, "motivo"), En: at(7)},
		usuario.Desbloqueado{En: at(7)},
		usuario.DadoDeBaja{Motivo: sello(unSujeto, "motivo"), En: at(7)},
		usuario.SegundoFactorActivado{En: at(7)},
		usuario.SegundoFactorDesactivado{En: at(7)},
		usuario.CredencialCambiada{En: at(7)},
		usuario.TelegramVinculado{Sujeto: unSujeto, TelegramID: sello(unSujeto, "telegram_id"), En: at(7)},
		usuario.TelegramDesvinculado{En: at(7)},
		usuario.DatosPersonalesEliminados{Sujeto: unSujeto, Aprobacion: unaAprobacion, En: at(7)},

		sesion.Iniciada{Usuario: unUsuario, Medio: sesion.PorContrasena, Segundo: sesion.TOTP, En: at(7)},
		sesion.Fallida{Usuario: unUsuario, Medio: sesion.PorTelegram, Motivo: sesion.Bloqueado, En: at(7)},
		sesion.Cerrada{Usuario: unUsuario, Motivo: sesion.Salida, En: at(7)},
		sesion.FamiliaRevocada{Usuario: unUsuario, En: at(7)},

		zona.Definida{ID: unaZona, Nombre: "Monserrat", Clase: zona.Jurisdiccion, Poligonos: []zona.Poligono{{
			{{Lat: -34.61, Lon: -58.39}, {Lat: -34.61, Lon: -58.37}, {Lat: -34.62, Lon: -58.37}, {Lat: -34.61, Lon: -58.39}},
		}}, En: at(7)},
		zona.Eliminada{En: at(7)},
		zona.Modificada{
			Nombre: "Plaza", Clase: zona.Interes, Poligonos: []zona.Poligono{{
				{{Lat: -34.61, Lon: -58.39}, {Lat: -34.61, Lon: -58.37}, {Lat: -34.62, Lon: -58.37}, {Lat: -34.61, Lon: -58.39}},
			}},
			Circulo: &zona.Circulo{Centro: geo.Punto{Lat: -34.61, Lon: -58.38}, RadioM: 200},
			Reglas:  zona.Reglas{Entrada: true, Salida: true, VaciaMin: 15}, Horarios: []zona.Franja{{Dias: []int{1, 7}, Desde: "08:00", Hasta: "20:00"}}, En: at(7),
		},
		zona.QuedoVacia{Desde: at(7), En: at(8)},
		zona.Cubierta{En: at(8)},

		marca.Puesta{
			ID: unaMarca, Clase: marca.PuestoDeMando, Titulo: sello(unaMarca, "titulo"), Punto: geo.Punto{Lat: -34.603722, Lon: -58.381592},
			Zona: unaZona, Autor: unUsuario, Caduca: &fin, En: at(8),
		},
		marca.Retirada{Por: otroUsuario, En: at(9)},

		aprobacion.Solicitada{ID: unaAprobacion, Pedido: pedido, Por: otroUsuario, Motivo: sello(unaAprobacion, "motivo"), Vence: at(23), En: at(7)},
		aprobacion.Aprobada{Por: unUsuario, En: at(7)},
		aprobacion.Rechazada{Por: unUsuario, Motivo: sello(unaAprobacion, "motivo"), En: at(7)},
		aprobacion.Vencida{En: at(7)},
		aprobacion.Ejecutada{Pedido: pedido, Por: otroUsuario, Posicion: 7, Desde: 1, Hasta: 100, En: at(7)},

		auditoria.DatosPersonalesLeidos{Usuario: unUsuario, Campos: []string{"dni", "email"}, Motivo: sello(otroUsuario, "motivo"), En: at(7)},
		auditoria.RecorridoLeido{Efectivo: unEfectivo, Desde: at(6), Hasta: at(7), Motivo: sello(otroUsuario, "motivo"), En: at(7)},
		auditoria.LecturaMasiva{Usuario: otroUsuario, Lecturas: 51, En: at(7)},
		auditoria.ReconstruccionOrdenada{Proyeccion: "tareas", Clase: auditoria.Reconstruir, Aceptar: true, Motivo: sello(otroUsuario, "motivo"), En: at(7)},

		operacion.AlertaEntregada{Usuario: unUsuario, Canal: "telegram", En: at(8)},
		operacion.AlertaAcusada{Usuario: unUsuario, En: at(8)},
		operacion.AlertaAtendida{Usuario: unUsuario, En: at(9)},
		operacion.AlertaEscalada{Efectivo: unEfectivo, Nivel: 1, En: at(8)},

		operacion.TelemetriaSellada{Primero: 1, Ultimo: 60, Fixes: 12_000, Raiz: sello("telemetria", "raiz").String(), En: at(8)},
	} {
		byName[e.EventName()] = e
	}
	return byName
}()

// variants are written by fields that came to a version later; their payloads are kept beside the first.
var variants = map[string][]event.Event{
	"efectivo.disponibilidad_cambiada": {efectivo.DisponibilidadCambiada{
		Disponibilidad: efectivo.Disponible, Causa: efectivo.PorLiberacion, Tarea: unaTarea, SinTomar: true, En: at(8),
	}},
	"tarea.modificada": {tarea.Modificada{SinDescripcion: true, SinFin: true, SinUbicacion: true, SinZona: true, En: at(8)}},
}
