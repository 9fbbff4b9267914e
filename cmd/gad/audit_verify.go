package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/eventstore/telemetry"
)

func auditVerifyCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Revisa el registro y la telemetría, de punta a punta",
		Long: `Lee el registro entero y vuelve a calcular todo lo que se sigue de él: posiciones y
versiones sin huecos, la hoja de cada hecho a partir de los bytes guardados, la raíz y la
cadena de cada lote, qué comando escribió qué, las versiones de las historias y lo que
reclaman. Después, la telemetría: lotes, hojas, y los sellos que la atan al registro.

Se detiene en lo primero que está mal, lo nombra y sale con 3. Conviene anotar la cadena:
quien la tenga puede probar más adelante que nada anterior cambió.`,
		Example: "  gad audit verify\n  gad audit verify --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSystem(cmd, func(s *system) error { return verify(cmd, s, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "como JSON")
	return c
}

// verified is the answer of gad audit verify, as --json gives it.
type verified struct {
	Registro   logVerified       `json:"registro"`
	Telemetria telemetryVerified `json:"telemetria"`
	Mal        string            `json:"mal,omitzero"` // the first thing that does not hold
}

type logVerified struct {
	Hechos    eventstore.Position `json:"hechos"`
	Lotes     int64               `json:"lotes"`
	Comandos  int64               `json:"comandos"`
	Historias int64               `json:"historias"`
	Reclamos  int64               `json:"reclamos"`
	Cadena    string              `json:"cadena"` // hexadecimal
}

type telemetryVerified struct {
	Posiciones    int64            `json:"posiciones"`
	Lotes         eventstore.Batch `json:"lotes"`
	Borradas      int64            `json:"borradas"`
	Sellos        int64            `json:"sellos"`
	SelladasHasta eventstore.Batch `json:"selladas_hasta_lote"`
}

func verify(cmd *cobra.Command, s *system, asJSON bool) error {
	ctx := cmd.Context()
	var v verified
	bar := newProgress(cmd, "registro", 1)
	r, err := s.store.Verify(ctx, bar.report)
	bar.done()
	if err != nil {
		return fmt.Errorf("leer el registro: %w", err)
	}
	v.Registro = logVerified{r.Head, r.Batches, r.Commands, r.Streams, r.Claims, hex.EncodeToString(r.Chain[:])}
	if r.Wrong != nil {
		v.Mal = r.Wrong.String()
	} else {
		t, err := s.verifyTelemetry(cmd)
		if wrong, ok := errors.AsType[*telemetry.WrongError](err); ok {
			v.Mal = "telemetría: " + wrong.Error()
		} else if err != nil {
			return fmt.Errorf("leer la telemetría: %w", err)
		}
		v.Telemetria = telemetryVerified{t.Fixes, t.Head, t.Erased, t.Seals, t.Sealed}
	}
	if err := printVerified(cmd, v, asJSON); err != nil {
		return err
	}
	if v.Mal != "" {
		return fmt.Errorf("%w: %s", errFound, v.Mal)
	}
	return nil
}

func (s *system) verifyTelemetry(cmd *cobra.Command) (telemetry.Report, error) {
	bar := newProgress(cmd, "telemetría", 1)
	defer bar.done()
	return telemetry.Verify(cmd.Context(), s.pool, seals(cmd.Context(), s.store), func(done, head eventstore.Batch) {
		bar.report(int64(done), int64(head))
	})
}

// seals yields every seal over the telemetry log, in log order.
func seals(ctx context.Context, log eventstore.LogReader) iter.Seq2[operacion.TelemetriaSellada, error] {
	return func(yield func(operacion.TelemetriaSellada, error) bool) {
		for at := eventstore.Position(0); ; {
			window, err := log.ReadLog(ctx, at, 5000)
			if err != nil {
				yield(operacion.TelemetriaSellada{}, err)
				return
			}
			if len(window) == 0 {
				return
			}
			for _, r := range window {
				if seal, ok := r.Event.(operacion.TelemetriaSellada); ok && !yield(seal, nil) {
					return
				}
			}
			at = window[len(window)-1].Position
		}
	}
}

func printVerified(cmd *cobra.Command, v verified, asJSON bool) error {
	if asJSON {
		return writeJSON(cmd, v)
	}
	r, t := v.Registro, v.Telemetria
	if v.Mal != "" {
		return nil // the error says it
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), `registro    %d hechos en %d lotes, %d comandos, %d historias, %d reclamos: en orden
cadena      %s
telemetría  %d posiciones en %d lotes (%d borradas por plazo), selladas hasta el lote %d en %d sellos: en orden
`, r.Hechos, r.Lotes, r.Comandos, r.Historias, r.Reclamos, r.Cadena, t.Posiciones, t.Lotes, t.Borradas, t.SelladasHasta, t.Sellos)
	return err
}
