package operacion_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/spec"
)

// An alarm is attended to once, by whoever answers for the use of the system and is not the
// one it is about.
func TestAtenderAlarma(t *testing.T) {
	t.Parallel()
	const ana, bea ident.Usuario = "7b0c3a52-0000-4000-8000-00000000000a", "7b0c3a52-0000-4000-8000-00000000000b"
	now := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	by := func(who ident.Usuario, rol permiso.Rol) operacion.AtenderAlarma {
		return operacion.AtenderAlarma{
			OrdenAlerta: operacion.OrdenAlerta{ID: "auditoria-" + string(ana) + "@3", Por: permiso.Autor{Usuario: who, Rol: rol}, En: now}, De: ana,
		}
	}
	s := spec.Of(t, operacion.Alerta)
	seen := operacion.AlertaAtendida{Usuario: bea, En: now}
	s.When(by(bea, permiso.Auditor)).Then(seen)
	s.When(by(bea, permiso.Administrador)).Then(seen)
	s.Given(operacion.AlertaAcusada{Usuario: bea, En: now}).When(by(bea, permiso.Auditor)).Then(seen)
	s.Given(seen).When(by(bea, permiso.Administrador)).Then()
	s.When(by(ana, permiso.Administrador)).Refused(operacion.ErrAlarmaPropia)
	for _, rol := range []permiso.Rol{permiso.Efectivo, permiso.Supervisor, permiso.Servicio, permiso.Sistema, ""} {
		s.When(by(bea, rol)).Refused(permiso.ErrProhibido)
	}
}
