package estadisticas

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/domain/usuario"
	"github.com/grupo-gad/gad/projections"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// Persona returns the figures of one Usuario over the last days, today included. Who he is
// not, and may not see everybody, is told that he does not exist.
func (r *Reader) Persona(ctx context.Context, s projections.Scope, id ident.Usuario, days int) (Persona, error) {
	if days < 1 || days > 366 {
		return Persona{}, errPeriodo.With(fault.Field{Name: "dias", Message: "va de 1 a 366"})
	}
	if s.Nobody() || s.Alcance != permiso.Todo && !partial(s) && s.Usuario != id {
		return Persona{}, usuario.ErrNoExiste
	}
	today := r.now().In(r.zone)
	p := Periodo{Desde: time.Date(today.Year(), today.Month(), today.Day()-days+1, 0, 0, 0, 0, r.zone).UTC()}
	out := Persona{Usuario: id, Dias: days, Delegadas: map[tarea.Estado]int64{}, Serie: []DiaDePersona{}, Firma: r.sign(p)}
	out.Calculada = r.now().UTC().Truncate(time.Millisecond)
	err := r.reads.Snapshot(ctx, s, "calculate the figures of a person", []string{"usuarios", "usuarios_efectivos", "efectivos", "tiempos", "turnos"}, func(tx pgx.Tx) error {
		at, err := projections.Oldest(ctx, tx, append(Follows(), usuarios.Name)...)
		if err != nil {
			return err
		}
		out.Posicion = int64(at)
		var exists bool
		w := &projections.Where{}
		him := w.Arg(string(id))
		w.And("u.id = " + him)
		usuarios.Alcance(w, s)
		if err := tx.QueryRow(ctx, "select exists(select from lectura.usuarios u"+w.SQL()+"), (select efectivo::text from lectura.usuarios_efectivos where usuario = "+him+" limit 1)",
			w.Args()...).Scan(&exists, &out.Efectivo); err != nil {
			return err
		}
		if !exists {
			return usuario.ErrNoExiste
		}
		if err := inCharge(ctx, tx, p, &out); err != nil || out.Efectivo == nil {
			return err
		}
		if err := onStreet(ctx, tx, p, &out); err != nil {
			return err
		}
		if err := r.onDuty(ctx, tx, p, &out); err != nil {
			return err
		}
		return r.personDays(ctx, tx, p, &out)
	})
	return out, err
}

// inCharge counts what he created and what is in his charge. "ven" has the index.
func inCharge(ctx context.Context, tx pgx.Tx, p Periodo, out *Persona) error {
	rows, err := tx.Query(ctx, `select estado, count(*) filter (where creador = $1), count(*) filter (where delegado = $1)
		from lectura.tiempos where ven @> array[$1]::uuid[] and creada >= $2 group by estado`, string(out.Usuario), p.Desde)
	if err != nil {
		return err
	}
	var (
		estado           tarea.Estado
		created, charged int64
	)
	_, err = pgx.ForEachRow(rows, []any{&estado, &created, &charged}, func() error {
		out.Creadas += created
		if charged > 0 {
			out.Delegadas[estado] = charged
		}
		return nil
	})
	return err
}

// mine are the Tareas he was offered or assigned, with his own times. $1 is he, $2 since when.
const mine = ` from (select t.estado, t.duracion_s, t.creada, o.ofrecida, o.aceptada, o.rechazada, o.llegada, o.liberada, o.tomada
		from lectura.tiempos t cross join lateral unnest(t.efectivos, t.ofrecidas, t.aceptadas, t.rechazadas, t.llegadas, t.liberadas, t.tomadas)
			as o(efectivo, ofrecida, aceptada, rechazada, llegada, liberada, tomada)
		where t.ven @> array[$1]::uuid[] and t.creada >= $2 and o.efectivo = $1) m`

const (
	// took is a Tarea that was his: he took it, or was ordered to it and not freed before he said anything.
	took = "tomada is not false and rechazada is null and (liberada is null or aceptada is not null or llegada is not null)"
	// ended is one that he was on when it was finished.
	ended = "estado = 'finalizada' and tomada is not false and rechazada is null and liberada is null"
)

// since is how long one instant came after another; greatest alone would make no time of an
// instant that never came.
func since(from, to string) string {
	return "case when " + to + " is not null and " + from + " is not null then greatest(0, extract(epoch from " + to + " - " + from + "))::float8 end"
}

func onStreet(ctx context.Context, tx pgx.Tx, p Periodo, out *Persona) error {
	var accept, arrive, work []float64
	err := tx.QueryRow(ctx, "select count(*), count(aceptada), count(rechazada), count(*) filter (where "+ended+"), "+
		values(since("ofrecida", "aceptada"))+", "+values(since("aceptada", "llegada"))+", "+
		values("case when "+ended+" then duracion_s end")+mine, string(*out.Efectivo), p.Desde).
		Scan(&out.Ofrecidas, &out.Aceptadas, &out.Rechazadas, &out.Finalizadas, &accept, &arrive, &work)
	out.Aceptacion, out.Llegada, out.Duracion = percentiles(accept), percentiles(arrive), percentiles(work)
	return err
}

// onDuty adds up his shifts, as far as they lie in the period.
func (r *Reader) onDuty(ctx context.Context, tx pgx.Tx, p Periodo, out *Persona) error {
	return tx.QueryRow(ctx, `select count(*), coalesce(sum(extract(epoch from coalesce(fin, $3) - greatest(inicio, $2))), 0)::float8
		from lectura.turnos where efectivo = $1 and coalesce(fin, $3) > $2 and inicio < $3`,
		string(*out.Efectivo), p.Desde, r.now()).Scan(&out.Turnos, &out.EnTurnoS)
}

func (r *Reader) personDays(ctx context.Context, tx pgx.Tx, p Periodo, out *Persona) error {
	rows, err := tx.Query(ctx, `select to_char(creada at time zone $3::text, 'YYYY-MM-DD'), count(*), count(*) filter (where `+ended+")"+
		mine+" where "+took+" group by 1", string(*out.Efectivo), p.Desde, r.zone.String())
	if err != nil {
		return err
	}
	byDay := map[string]DiaDePersona{}
	var d DiaDePersona
	_, err = pgx.ForEachRow(rows, []any{&d.Dia, &d.Asignadas, &d.Finalizadas}, func() error {
		byDay[d.Dia] = d
		return nil
	})
	for _, day := range r.days(p) {
		one := byDay[day]
		one.Dia = day
		out.Serie = append(out.Serie, one)
	}
	return err
}
