// Package tarea is the life of a field task.
//
//	        crear            iniciar           finalizar
//	(nada) ------> programada ------> en_curso ----------> finalizada
//	                                   |   ^
//	                             pausar|   |reanudar
//	                                   v   |
//	                                 pausada
//	finalizar also from pausada (closes the pause) and programada (implicit start)
//	cancelar (motivo) from programada, en_curso, pausada --> cancelada
//	reabrir (rol 2+, motivo) from finalizada --> en_curso; the time it was closed counts as a pause
//
// An asignacion has a life of its own inside the Tarea:
//
//	ofrecida or asignada -> aceptada -> en_camino -> en_lugar -> liberada
//	                    \-> rechazada   (each step may be skipped forwards, never taken back)
//
// An emergency is ranked and offered in one order: Crear, EmitirRecomendacion, Ofrecer.
// The ranking (Recomendar) is a pure function of what its fact keeps. An offer binds its
// Efectivo like an order of a dispatcher and stands until EfectivoOfrecido.Vence; rejected
// or lapsed, the Tarea goes to the next free candidate in the same append (Escalada, and
// EfectivoOfrecido unless nobody is left: Escalada.SinEfectivos). Who is free is known to
// the Efectivos, not to the Tarea: see Ofertante.
//
// Two orders are meant for timers, with permiso.DelSistema as their author. Both are
// idempotent, so that a timer may fire late, twice, or after the matter is settled:
//
//   - Escalar{Efectivo}, due at Vence of an EfectivoOfrecido: passes the offer on if he has
//     not answered and it has lapsed at En, and changes nothing otherwise;
//   - Recordar{Clase, Efectivo, Vence, Base}: once per (Tarea, Clase, Efectivo, Vence); changes
//     nothing when he is not bound any more, the Tarea has ended, or what it says of its start or
//     its end does not hold any more. AcusarRecordatorio is his answer.
package tarea
