package auditoria_test

import (
	"testing"
	"time"

	"github.com/grupo-gad/gad/domain/auditoria"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/sealed"
	"github.com/grupo-gad/gad/domain/spec"
)

const (
	lectora ident.Usuario  = "7b0c3a52-0000-4000-8000-00000000000a"
	persona ident.Usuario  = "7b0c3a52-0000-4000-8000-00000000000b"
	unidad  ident.Efectivo = "0190f3c2-0000-7000-8000-0000000000e1"
)

var (
	ocho   = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	motivo = sealed.Text{Owner: auditoria.Stream(lectora), Field: "motivo", Value: "denuncia 33/26"}
	autora = permiso.Autor{Usuario: lectora, Rol: permiso.Supervisor}
)

func leer(en time.Time) auditoria.LeerDatosPersonales {
	return auditoria.LeerDatosPersonales{Por: autora, Usuario: persona, Campos: []string{"dni"}, Motivo: motivo, En: en}
}

func leida(en time.Time) auditoria.DatosPersonalesLeidos {
	return auditoria.DatosPersonalesLeidos{Usuario: persona, Campos: []string{"dni"}, Motivo: motivo.Commitment(), En: en}
}

func recorrido(en time.Time) auditoria.LeerRecorrido {
	return auditoria.LeerRecorrido{Por: autora, Efectivo: unidad, Desde: ocho.Add(-time.Hour), Hasta: ocho, Motivo: motivo, En: en}
}

func TestEveryLookIsAFact(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, auditoria.Decider)
	s.When(leer(ocho)).Then(leida(ocho))
	s.Given(leida(ocho)).When(leer(ocho)).Then(leida(ocho)) // also the same look again
	s.When(recorrido(ocho)).Then(auditoria.RecorridoLeido{
		Efectivo: unidad, Desde: ocho.Add(-time.Hour), Hasta: ocho, Motivo: motivo.Commitment(), En: ocho,
	})
}

func TestNoReasonNoLook(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, auditoria.Decider)
	mute, vague := leer(ocho), recorrido(ocho)
	mute.Motivo, vague.Motivo.Value = sealed.Text{}, "x"
	s.When(mute).Refused(auditoria.ErrMotivo)
	s.When(vague).Refused(auditoria.ErrMotivo)
	backwards := recorrido(ocho)
	backwards.Hasta = backwards.Desde
	s.When(backwards).Refused(auditoria.ErrLapso)
}

func TestWho(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, auditoria.Decider)
	for _, rol := range append(permiso.Roles(), permiso.Nadie) {
		datos, track := leer(ocho), recorrido(ocho)
		datos.Por.Rol, track.Por.Rol = rol, rol
		if permiso.De(rol, permiso.DatosPersonalesLeer) == permiso.Nada {
			s.When(datos).Refused(permiso.ErrProhibido)
		}
		if permiso.De(rol, permiso.RecorridoLeer) == permiso.Nada {
			s.When(track).Refused(permiso.ErrProhibido)
		}
		if permiso.De(rol, permiso.DatosPersonalesLeer) == permiso.Propio {
			s.When(datos).Refused(auditoria.ErrAjeno)
			datos.Usuario = lectora
			own := leida(ocho)
			own.Usuario = lectora
			s.When(datos).Then(own)
		}
		if permiso.De(rol, permiso.RecorridoLeer) == permiso.Propio {
			s.When(track).Refused(auditoria.ErrAjeno)
		}
		for _, c := range []auditoria.Command{datos, track} {
			if c.StreamID() != "auditoria-"+string(lectora) || c.Autor().Rol != rol || len(c.Texts()) != 1 {
				t.Errorf("%T: %s %v %v", c, c.StreamID(), c.Autor(), c.Texts())
			}
		}
	}
}

// The 51st look within ten minutes raises the alarm, once until ten minutes have passed.
func TestTooMany(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, auditoria.Decider)
	var past []auditoria.Event
	at := ocho
	for range auditoria.Tope {
		past = append(past, leida(at))
		at = at.Add(time.Second)
	}
	alarma := auditoria.LecturaMasiva{Usuario: lectora, Lecturas: auditoria.Tope + 1, En: at}
	s.Given(past[1:]...).When(leer(at)).Then(leida(at))
	s.Given(past...).When(leer(at)).Then(leida(at), alarma)
	again := append(past, leida(at), alarma)
	soon := at.Add(time.Second)
	s.Given(again...).When(leer(soon)).Then(leida(soon))
	// A setting may be stricter.
	strict := leer(ocho.Add(2 * time.Second))
	strict.Limite = auditoria.Limite{Tope: 2, Lapso: time.Minute}
	s.Given(past[:2]...).When(strict).Then(leida(strict.En), auditoria.LecturaMasiva{Usuario: lectora, Lecturas: 3, En: strict.En})
	// The first ones are too old: fifty in eleven minutes are no alarm.
	late := ocho.Add(auditoria.Lapso)
	s.Given(past...).When(leer(late)).Then(leida(late))
}

func TestWhoHasWhatIsReadMadeAnew(t *testing.T) {
	t.Parallel()
	s := spec.Of(t, auditoria.Decider)
	jefa := permiso.Autor{Usuario: lectora, Rol: permiso.Administrador}
	order := auditoria.OrdenarReconstruccion{Por: jefa, Proyeccion: "tareas", Clase: auditoria.Reconstruir, Aceptar: true, Motivo: motivo, En: ocho}
	done := auditoria.ReconstruccionOrdenada{Proyeccion: "tareas", Clase: auditoria.Reconstruir, Aceptar: true, Motivo: motivo.Commitment(), En: ocho}
	s.When(order).Then(done)
	s.Given(done).When(leer(ocho)).Then(leida(ocho)) // it counts as no look
	mute, what, who := order, order, order
	mute.Motivo = sealed.Text{}
	s.When(mute).Refused(auditoria.ErrMotivo)
	what.Clase = "borrar"
	s.When(what).Refused(auditoria.ErrReconstruccion)
	who.Por = autora
	s.When(who).Refused(permiso.ErrProhibido)
}
