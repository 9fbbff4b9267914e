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
//
// An asignacion has a life of its own inside the Tarea:
//
//	asignada -> aceptada -> en_camino -> en_lugar -> liberada
//	        \-> rechazada      (each step may be skipped forwards, never taken back)
package tarea
