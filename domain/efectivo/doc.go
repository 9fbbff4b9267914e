// Package efectivo is one of the field personnel: on duty or off, free or busy.
//
//	registrar -> fuera_servicio --turno_iniciado--> disponible <--> no_disponible
//	                  ^                               |    ^
//	                  |                       asignado|    |liberado (no other Tarea)
//	                  |                               v    |
//	                  +--------turno_finalizado----- en_tarea
//
// A granted leave takes him to en_licencia when it begins and back when it is over;
// with a Tarea in hand he finishes that first. What his fixes mean (arrival, a Zona
// entered, the signal lost) is ordered by the policies and said once per change.
//
// Being bound to a Tarea is decided here and in the Tarea, in one append: an
// Efectivo can therefore not be given to two orders at once.
package efectivo
