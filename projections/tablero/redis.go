package tablero

import (
	"context"
	_ "embed" // lua
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/grupo-gad/gad/eventstore"
)

// Tune sets what every client of ours needs: deadlines of the context count, and nothing is
// sent to Redis that older servers do not know.
func Tune(o *redis.Options) *redis.Options {
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
}

// The keys share a hash tag, so that they lie in one slot of a cluster: a script needs them
// all at once. The number rises when what was counted before has to be counted anew.
const (
	keyFiguras   = "gad:{tablero}:3:figuras"   // posicion, t:<estado>, e:<disponibilidad>
	keyTareas    = "gad:{tablero}:3:tareas"    // open Tareas: id -> estado
	keyEfectivos = "gad:{tablero}:3:efectivos" // id -> "<disponibilidad> <Tareas he is bound to>"
)

var keys = []string{keyFiguras, keyTareas, keyEfectivos}

//go:embed avanzar.lua
var avanzarLua string

//go:embed sembrar.lua
var sembrarLua string

var (
	avanzar = redis.NewScript(avanzarLua)
	sembrar = redis.NewScript(sembrarLua)
)

// errMoved says that somebody else moved the checkpoint first; nothing was written.
var errMoved = errors.New("the checkpoint of the tablero moved")

// cambio puts one thing into a state.
type cambio struct {
	clase  byte // 't' Tarea, 'e' Efectivo
	id     string
	estado string
	tareas int // an Efectivo's: by how many they change; in a cuenta, how many there are
}

func (c cambio) args() []any { return []any{string(c.clase), c.id, c.estado, c.tareas} }

// advance applies changes and moves the checkpoint from one position to another, or does
// nothing: the script compares first, so an older write never replaces a newer one.
func advance(ctx context.Context, rdb redis.Scripter, from, to eventstore.Position, cambios []cambio) error {
	args := make([]any, 0, 2+4*len(cambios))
	args = append(args, int64(from), int64(to))
	for _, c := range cambios {
		args = append(args, c.args()...)
	}
	return run(ctx, rdb, avanzar, args)
}

// seed replaces everything with the figures of a position, unless something as new is there.
func seed(ctx context.Context, rdb redis.Scripter, at eventstore.Position, c cuenta) error {
	args := make([]any, 0, 2+2*len(c.figuras)+4*len(c.vivos))
	args = append(args, int64(at), len(c.figuras))
	for k, n := range c.figuras {
		args = append(args, k, n)
	}
	for _, v := range c.vivos {
		args = append(args, v.args()...)
	}
	return run(ctx, rdb, sembrar, args)
}

func run(ctx context.Context, rdb redis.Scripter, script *redis.Script, args []any) error {
	done, err := script.Run(ctx, rdb, keys, args...).Int()
	switch {
	case err != nil:
		return fmt.Errorf("write the tablero: %w", err)
	case done != 1:
		return errMoved
	}
	return nil
}

// figures reads the counters and their position; ok is false when Redis knows nothing.
func figures(ctx context.Context, rdb redis.Cmdable) (Resumen, bool, error) {
	all, err := rdb.HGetAll(ctx, keyFiguras).Result()
	if err != nil {
		return Resumen{}, false, fmt.Errorf("read the tablero: %w", err)
	}
	if _, ok := all["posicion"]; !ok {
		return Resumen{}, false, nil
	}
	r := vacio()
	for k, text := range all {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return Resumen{}, false, fmt.Errorf("read the tablero: %s: %w", k, err)
		}
		switch {
		case k == "posicion":
			r.Posicion = n
		case k[:2] == "t:":
			r.Tareas[k[2:]] = n
		case k[:2] == "e:":
			r.Efectivos[k[2:]] = n
		}
	}
	return r, true, nil
}
