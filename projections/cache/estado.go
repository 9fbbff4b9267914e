package cache

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Estado is what operators are shown of the cache.
type Estado struct {
	Redis    string  `json:"redis"` // disponible, caido or sin_configurar
	Aciertos int64   `json:"aciertos"`
	Fallos   int64   `json:"fallos"`   // asked for and not there, or too old
	Calculos int64   `json:"calculos"` // values calculated here
	Esperas  int64   `json:"esperas"`  // looks at what another process calculates
	Errores  int64   `json:"errores"`  // commands that Redis did not answer
	Bytes    int64   `json:"bytes"`    // of all values
	Claves   []Clave `json:"claves"`
}

// Clave is one stored value.
type Clave struct {
	Clave    string  `json:"clave"`
	Posicion int64   `json:"posicion"` // the log position it is true of
	Bytes    int64   `json:"bytes"`
	EdadS    float64 `json:"edad_s"` // since it was calculated
}

// maxKeys bounds what Estado lists.
const maxKeys = 1000

// Estado returns the figures of this process and the values that all of them share.
func (c *Cache) Estado(ctx context.Context) Estado {
	e := Estado{
		Redis: "sin_configurar", Claves: []Clave{}, Aciertos: c.counts.hits.Load(), Fallos: c.counts.misses.Load(),
		Calculos: c.counts.fills.Load(), Esperas: c.counts.waits.Load(), Errores: c.counts.failures.Load(),
	}
	if c.rdb == nil {
		return e
	}
	e.Redis = "caido"
	ctx, cancel := context.WithTimeout(ctx, max(2*time.Second, c.wait))
	defer cancel()
	all, err := c.keys(ctx)
	if err != nil {
		return e
	}
	e.Redis = "disponible"
	for _, key := range all {
		v, ok := c.read(ctx, strings.TrimPrefix(key, prefix))
		if !ok {
			continue
		}
		size := int64(len(v.Bytes))
		e.Bytes += size
		e.Claves = append(e.Claves, Clave{
			Clave: strings.TrimPrefix(key, prefix), Posicion: int64(v.Position), Bytes: size,
			EdadS: time.Since(v.Calculated).Round(time.Millisecond).Seconds(),
		})
	}
	return e
}

func (c *Cache) keys(ctx context.Context) ([]string, error) {
	var all []string
	scan := c.rdb.Scan(ctx, 0, strings.NewReplacer("{", "[{]", "}", "[}]").Replace(prefix)+"*", 500).Iterator()
	for scan.Next(ctx) && len(all) < maxKeys {
		all = append(all, scan.Val())
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("list the cached values: %w", err)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
