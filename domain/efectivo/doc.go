// Package efectivo is one of the field personnel: on duty or off, free or busy.
//
//	registrar -> fuera_servicio --turno_iniciado--> disponible <--> no_disponible
//	                  ^                               |    ^
//	                  |                       asignado|    |liberado (no other Tarea)
//	                  |                               v    |
//	                  +--------turno_finalizado----- en_tarea
//
// Being bound to a Tarea is decided here and in the Tarea, in one append: an
// Efectivo can therefore not be given to two orders at once.
package efectivo
