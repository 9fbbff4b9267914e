package aprobacion_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/aprobacion"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
)

const (
	id   ident.Aprobacion = "0190f3c2-0000-7000-8000-0000000000ab"
	ana  ident.Usuario    = "7b0c3a52-0000-4000-8000-00000000000a"
	bea  ident.Usuario    = "7b0c3a52-0000-4000-8000-00000000000b"
	otro ident.Usuario    = "7b0c3a52-0000-4000-8000-00000000000c"
)

var (
	ocho   = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	vence  = ocho.Add(24 * time.Hour)
	motivo = sealed.Text{Owner: string(id), Field: "motivo", Value: "lo pidió por nota 12"}
	borrar = aprobacion.Pedido{Clase: aprobacion.BorradoDatos, Usuario: otro}

	pedida    = aprobacion.Solicitada{ID: id, Pedido: borrar, Por: ana, Motivo: motivo.Commitment(), Vence: vence, En: ocho}
	concedida = aprobacion.Aprobada{Por: bea, En: ocho}
	negada    = aprobacion.Rechazada{Por: bea, Motivo: motivo.Commitment(), En: ocho}
	cumplida  = aprobacion.Ejecutada{Pedido: borrar, Por: ana, En: ocho}
	caducada  = aprobacion.Vencida{En: vence}
)

func por(u ident.Usuario, en time.Time) aprobacion.Orden {
	return aprobacion.Orden{ID: id, Por: permiso.Autor{Usuario: u, Rol: permiso.Administrador}, En: en}
}

func solicitar(p aprobacion.Pedido) aprobacion.Solicitar {
	return aprobacion.Solicitar{Orden: por(ana, ocho), Pedido: p, Motivo: motivo, Vence: vence}
}

func TestSolicitar(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, aprobacion.Decider)
	s.When(solicitar(borrar)).Then(pedida)
	s.Given(pedida).When(solicitar(borrar)).Refused(aprobacion.ErrYaExiste)

	for _, bad := range []aprobacion.Pedido{
		{},
		{Clase: "otra"},
		{Clase: aprobacion.BorradoDatos},
		{Clase: aprobacion.RolAdministrador},
		{Clase: aprobacion.Exportacion},
		{Clase: aprobacion.Exportacion, Desde: vence, Hasta: ocho},
		{Clase: aprobacion.Salto, Proyeccion: "tareas"},
		{Clase: aprobacion.Salto, Clave: "tarea-1"},
	} {
		s.When(solicitar(bad)).Refused(aprobacion.ErrDatos)
	}
	for _, good := range []aprobacion.Pedido{
		{Clase: aprobacion.Exportacion, Desde: ocho, Hasta: vence},
		{Clase: aprobacion.Salto, Proyeccion: "tareas", Clave: "tarea-1"},
		{Clase: aprobacion.RolAdministrador, Usuario: otro},
	} {
		want := pedida
		want.Pedido = good
		s.When(solicitar(good)).Then(want)
	}
	// Nobody asks for power for himself.
	s.When(solicitar(aprobacion.Pedido{Clase: aprobacion.RolAdministrador, Usuario: ana})).Refused(aprobacion.ErrPropia)
	mute := solicitar(borrar)
	mute.Motivo.Value = "no"
	s.When(mute).Refused(aprobacion.ErrDatos)
	late := solicitar(borrar)
	late.Vence = ocho
	s.When(late).Refused(aprobacion.ErrDatos)
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, aprobacion.Decider)
	aprobar := aprobacion.Aprobar{Orden: por(bea, ocho)}
	rechazar := aprobacion.Rechazar{Orden: por(bea, ocho), Motivo: motivo}
	ejecutar := aprobacion.Ejecutar{Orden: por(ana, ocho), Pedido: borrar}

	s.When(aprobar).Refused(aprobacion.ErrNoExiste)
	s.Given(pedida).When(aprobacion.Aprobar{Orden: por(ana, ocho)}).Refused(aprobacion.ErrPropia)
	s.Given(pedida).When(aprobacion.Aprobar{Orden: por("", ocho)}).Refused(aprobacion.ErrPropia)
	s.Given(pedida).When(aprobar).Then(concedida)
	s.Given(pedida, concedida).When(aprobar).Then()
	s.Given(pedida, negada).When(aprobar).Refused(aprobacion.ErrResuelta)
	s.Given(pedida).When(aprobacion.Aprobar{Orden: por(bea, vence)}).Refused(aprobacion.ErrVencida)

	s.Given(pedida).When(rechazar).Then(negada)
	s.Given(pedida, concedida).When(rechazar).Then(negada)
	s.Given(pedida, negada).When(rechazar).Then()
	s.Given(pedida, concedida, cumplida).When(rechazar).Refused(aprobacion.ErrResuelta)
	s.Given(pedida).When(aprobacion.Rechazar{Orden: por(bea, ocho)}).Refused(aprobacion.ErrDatos)

	s.Given(pedida).When(ejecutar).Refused(aprobacion.ErrSinAprobar)
	s.Given(pedida, concedida).When(ejecutar).Then(cumplida)
	s.Given(pedida, concedida, cumplida).When(ejecutar).Refused(aprobacion.ErrYaEjecutada)
	s.Given(pedida, concedida, negada).When(ejecutar).Refused(aprobacion.ErrSinAprobar)
	s.Given(pedida, concedida).When(aprobacion.Ejecutar{Orden: por(ana, vence), Pedido: borrar}).Refused(aprobacion.ErrVencida)
	for _, other := range []aprobacion.Pedido{{Clase: aprobacion.BorradoDatos, Usuario: bea}, {Clase: aprobacion.RolAdministrador, Usuario: otro}} {
		s.Given(pedida, concedida).When(aprobacion.Ejecutar{Orden: por(ana, ocho), Pedido: other}).Refused(aprobacion.ErrOtroPedido)
	}
}

func TestVencer(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, aprobacion.Decider)
	system := aprobacion.Vencer{Orden: aprobacion.Orden{ID: id, Por: permiso.Autor{Rol: permiso.Administrador}, En: vence}}
	s.Given(pedida).When(aprobacion.Vencer{Orden: por(ana, ocho)}).Then()
	s.Given(pedida).When(system).Then(caducada)
	s.Given(pedida, concedida).When(system).Then(caducada)
	s.Given(pedida, caducada).When(system).Then()
	s.Given(pedida, caducada).When(aprobacion.Aprobar{Orden: por(bea, ocho)}).Refused(aprobacion.ErrResuelta)
}

// Only administrators take part.
func TestWho(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, aprobacion.Decider)
	for _, rol := range append(permiso.Roles(), permiso.Nadie) {
		if rol == permiso.Administrador {
			continue
		}
		o := aprobacion.Orden{ID: id, Por: permiso.Autor{Usuario: bea, Rol: rol}, En: ocho}
		for _, c := range []aprobacion.Command{
			aprobacion.Solicitar{Orden: o, Pedido: borrar, Motivo: motivo, Vence: vence},
			aprobacion.Aprobar{Orden: o},
			aprobacion.Rechazar{Orden: o, Motivo: motivo},
			aprobacion.Vencer{Orden: o},
			aprobacion.Ejecutar{Orden: o, Pedido: borrar},
		} {
			s.Given(pedida, concedida).When(c).Refused(permiso.ErrProhibido)
			if c.StreamID() != "aprobacion-"+string(id) || c.Autor().Rol != rol {
				t.Errorf("%T is decided on %s for %v", c, c.StreamID(), c.Autor())
			}
		}
	}
	if len(solicitar(borrar).Texts()) != 1 || len(aprobacion.Rechazar{Motivo: motivo}.Texts()) != 1 || len(aprobacion.Aprobar{}.Texts()) != 0 {
		t.Error("which texts are sealed")
	}
	if fault.KindOf(aprobacion.ErrPropia) != fault.Forbidden {
		t.Error("approving one's own request is forbidden, not a conflict")
	}
	got := aprobacion.Decider.Fold(aprobacion.State{}, pedida, concedida)
	if got.Pedido() != borrar || got.Estado() != aprobacion.EstadoAprobada {
		t.Errorf("state %+v", got)
	}
}
