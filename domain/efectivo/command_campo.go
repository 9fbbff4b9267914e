package efectivo

import (
	"time"

	"github.com/grupo-gad/gad/domain/geo"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
)

// ActivarSOS calls for help: one tap, on duty or not. A second tap changes nothing.
type ActivarSOS struct {
	Orden
	Ubicacion *geo.Punto
}

// AtenderSOS takes charge of it. Only rol 2+ may: whoever called may be made to say
// that all is well.
type AtenderSOS struct {
	Orden
	Observaciones sealed.Text
}

// SolicitarLicencia asks for leave from Desde until Hasta, excluded.
type SolicitarLicencia struct {
	Orden
	Licencia     ident.Licencia
	Desde, Hasta time.Time
	Motivo       sealed.Text // sealed under the person: a reason is personal
}

// AprobarLicencia grants it. Nobody grants his own.
type AprobarLicencia struct {
	Orden
	Licencia ident.Licencia
}

// RechazarLicencia does not grant it.
type RechazarLicencia struct {
	Orden
	Licencia ident.Licencia
	Motivo   sealed.Text
}

// ComenzarLicencia applies a granted leave once it begins.
type ComenzarLicencia struct {
	Orden
	Licencia ident.Licencia
}

// TerminarLicencia ends it once it is over.
type TerminarLicencia struct {
	Orden
	Licencia ident.Licencia
}

// DarDeBaja ends his life as an Efectivo.
type DarDeBaja struct {
	Orden
	Motivo sealed.Text
}

// ConfirmarUbicacion records the fix by which he was found to be where a Tarea is.
type ConfirmarUbicacion struct {
	Orden
	Tarea  ident.Tarea
	Origen Origen
}

// PerderSenal records that he was last heard at Ultima.
type PerderSenal struct {
	Orden
	Turno  ident.Turno // of which it is said; over by now, it changes nothing
	Ultima time.Time
}

// RecuperarSenal records that he reports again.
type RecuperarSenal struct {
	Orden
	Turno  ident.Turno
	Origen Origen
}

// IngresarZona records that he is inside a Zona.
type IngresarZona struct {
	Orden
	Turno  ident.Turno
	Zona   ident.Zona
	Origen Origen
	Alarma bool
}

// AbandonarZona records that he is outside it again.
type AbandonarZona struct {
	Orden
	Turno  ident.Turno
	Zona   ident.Zona
	Origen Origen
	Alarma bool
}

// Texts lists what the order seals.
func (c AtenderSOS) Texts() []sealed.Text { return []sealed.Text{c.Observaciones} }

// Texts lists what the order seals.
func (c SolicitarLicencia) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c RechazarLicencia) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Texts lists what the order seals.
func (c DarDeBaja) Texts() []sealed.Text { return []sealed.Text{c.Motivo} }

// Autoriza names the action in the table of permissions.
func (ActivarSOS) Autoriza() permiso.Accion { return permiso.EfectivoSOS }

// Autoriza names the action in the table of permissions.
func (AtenderSOS) Autoriza() permiso.Accion { return permiso.EfectivoAtender }

// Autoriza names the action in the table of permissions.
func (SolicitarLicencia) Autoriza() permiso.Accion { return permiso.LicenciaPedir }

// Autoriza names the action in the table of permissions.
func (AprobarLicencia) Autoriza() permiso.Accion { return permiso.LicenciaResolver }

// Autoriza names the action in the table of permissions.
func (RechazarLicencia) Autoriza() permiso.Accion { return permiso.LicenciaResolver }

// Autoriza names the action in the table of permissions.
func (ComenzarLicencia) Autoriza() permiso.Accion { return permiso.LicenciaAplicar }

// Autoriza names the action in the table of permissions.
func (TerminarLicencia) Autoriza() permiso.Accion { return permiso.LicenciaAplicar }

// Autoriza names the action in the table of permissions.
func (DarDeBaja) Autoriza() permiso.Accion { return permiso.EfectivoAlta }

// Autoriza names the action in the table of permissions.
func (ConfirmarUbicacion) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (PerderSenal) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (RecuperarSenal) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (IngresarZona) Autoriza() permiso.Accion { return permiso.EfectivoObservar }

// Autoriza names the action in the table of permissions.
func (AbandonarZona) Autoriza() permiso.Accion { return permiso.EfectivoObservar }
