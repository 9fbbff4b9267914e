package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/domain"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/postgres"
)

// auditCommand is for those who trust nobody.
func auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Revisa el registro y lo vuelve a contar",
		Example: `  gad audit verify                        revisa posiciones, versiones, hojas, lotes, claims y telemetría
  gad audit replay > registro.jsonl       el registro entero, un hecho por línea
  gad audit replay --stream tarea-0198…   una sola historia
  gad audit replay --into                 repite todo en un esquema aparte y compara con los modelos vivos`,
	}
	c.AddCommand(auditVerifyCommand(), auditReplayCommand())
	return c
}

func auditReplayCommand() *cobra.Command {
	var (
		stream string
		from   int64
		into   bool
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "replay",
		Short: "Vuelve a contar el registro, como líneas JSON o en un esquema aparte",
		Long: `Sin --into escribe un hecho por línea: {posicion, stream, version, tipo, schema,
registrado, actor, comando, correlacion, causa, datos}. Los textos y datos personales
no están en los hechos: donde los hubo hay un compromiso.

Con --into pliega el registro entero en un esquema aparte, compara el resumen de cada
tabla con el del modelo de lectura vivo en la misma posición, y borra el esquema.
Sale con 3 si algo difiere.`,
		Example: `  gad audit replay --from 1000 | jq .tipo
  gad audit replay --into`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if into {
				return replayInto(cmd, asJSON)
			}
			return replayLines(cmd, eventstore.StreamID(stream), eventstore.Position(from))
		},
	}
	c.Flags().StringVar(&stream, "stream", "", "solo esta historia (tarea-<uuid>, efectivo-<uuid>, …)")
	c.Flags().Int64Var(&from, "from", 1, "desde esta posición, inclusive")
	c.Flags().BoolVar(&into, "into", false, "en un esquema aparte, comparando con los modelos vivos")
	c.Flags().BoolVar(&asJSON, "json", false, "con --into: el resultado como JSON")
	c.MarkFlagsMutuallyExclusive("stream", "into")
	return c
}

// line is one fact as an auditor reads it. The payload is the stored bytes.
type line struct {
	Posicion    eventstore.Position  `json:"posicion"`
	Stream      eventstore.StreamID  `json:"stream"`
	Version     eventstore.Version   `json:"version"`
	Tipo        string               `json:"tipo"`
	Schema      int                  `json:"schema"`
	Registrado  time.Time            `json:"registrado"`
	Actor       string               `json:"actor"`
	Comando     eventstore.CommandID `json:"comando"`
	Correlacion string               `json:"correlacion,omitzero"`
	Causa       string               `json:"causa,omitzero"`
	Datos       json.RawMessage      `json:"datos"`
}

func replayLines(cmd *cobra.Command, stream eventstore.StreamID, from eventstore.Position) error {
	ctx := cmd.Context()
	store, closeStore, err := openLog(cmd)
	if err != nil {
		return err
	}
	defer closeStore()
	out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<20)
	write := lineWriter(out)
	if stream != "" {
		for r, err := range store.ReadStream(ctx, stream, 0) {
			if err != nil {
				return fmt.Errorf("leer %s: %w", stream, err)
			}
			if r.Position < from {
				continue
			}
			if err := write(r); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	head, err := store.Head(ctx)
	if err != nil {
		return fmt.Errorf("leer el registro: %w", err)
	}
	bar := newProgress(cmd, "registro", int64(head))
	for at := max(from, 1) - 1; at < head; {
		window, err := store.ReadLog(ctx, at, 2000)
		if err != nil {
			return fmt.Errorf("leer el registro después de %d: %w", at, err)
		}
		if len(window) == 0 {
			break
		}
		for _, r := range window {
			if err := write(r); err != nil {
				return err
			}
		}
		at = window[len(window)-1].Position
		bar.set(int64(at))
	}
	bar.done()
	return out.Flush()
}

func lineWriter(w io.Writer) func(eventstore.Recorded) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(r eventstore.Recorded) error {
		return encoder.Encode(line{
			Posicion: r.Position, Stream: r.Stream, Version: r.Version, Tipo: r.Type, Schema: r.Schema,
			Registrado: r.RecordedAt, Actor: r.Metadata.Actor, Comando: r.Command,
			Correlacion: r.Metadata.Correlation, Causa: r.Metadata.Causation, Datos: r.Payload,
		})
	}
}

// openLog opens the event store for reading only.
func openLog(cmd *cobra.Command) (*postgres.Store, func(), error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return nil, nil, err
	}
	settings = settings.Patient()
	pool, err := openPool(cmd.Context(), settings.DatabaseURL.Reveal, settings, nil)
	if err != nil {
		return nil, nil, err
	}
	catalog, err := domain.Catalog()
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	store, err := postgres.New(cmd.Context(), pool, postgres.Options{Catalog: catalog})
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return store, pool.Close, nil
}
