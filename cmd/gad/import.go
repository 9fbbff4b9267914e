package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// importCommand brings in what others keep in files.
func importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Trae datos de archivos",
		Example: `  gad import zonas barrios.geojson.gz
  gad import zonas --help`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(importZonasCommand())
	return c
}

func importZonasCommand() *cobra.Command {
	var (
		o     simulateOptions
		clase string
	)
	c := &cobra.Command{
		Use:   "zonas ARCHIVO",
		Short: "Define como zonas los polígonos de un GeoJSON, comprimido o no",
		Long: `Define una zona por cada polígono del archivo, con su propiedad nombre (o name, o
BARRIO), a través de la API pública. Se puede repetir: lo que ya está igual queda
como está, y lo que se dibujó distinto se corrige.`,
		Example: `  gad import zonas barrios.geojson.gz
  gad import zonas --clase interes --url http://127.0.0.1:9000 plazas.geojson`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, desk, _, err := simulateCredentials(cmd, o)
			if err != nil {
				return err
			}
			zones, err := readZones(args[0])
			if err != nil {
				return err
			}
			return importZonas(cmd, newSimClient(o.baseURL, desk), clase, zones)
		},
	}
	c.Flags().StringVar(&o.baseURL, "url", "http://127.0.0.1:8080", "dirección del sistema")
	c.Flags().StringVar(&o.credentials, "credentials", "", "archivo de credenciales; sin él, las de desarrollo en --data")
	c.Flags().StringVar(&clase, "clase", "jurisdiccion", "jurisdiccion, restringida, interes o corredor")
	return c
}

// importZonas draws what is not drawn, by name.
func importZonas(cmd *cobra.Command, desk *simClient, clase string, zones []simZone) error {
	ctx := cmd.Context()
	var list struct {
		Datos []struct {
			ID     string `json:"id"`
			Nombre string `json:"nombre"`
		} `json:"datos"`
	}
	if err := desk.do(ctx, http.MethodGet, "/zonas", nil, &list); err != nil {
		return fmt.Errorf("leer las zonas: %w", err)
	}
	known := map[string]string{}
	for _, z := range list.Datos {
		known[strings.ToLower(z.Nombre)] = z.ID
	}
	bar := newProgress(cmd, "zonas", int64(len(zones)))
	defined, redrawn, same := 0, 0, 0
	for i, z := range zones {
		body := map[string]any{"nombre": z.name, "clase": clase, "geometria": z.geometry}
		id, there := known[strings.ToLower(z.name)]
		var answer struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		}
		var before struct {
			Version  int64           `json:"version"`
			Reglas   json.RawMessage `json:"reglas"`
			Horarios json.RawMessage `json:"horarios"`
		}
		var err error
		if !there {
			if err = desk.do(ctx, http.MethodPost, "/zonas", body, &answer); err == nil {
				defined++
				known[strings.ToLower(z.name)] = answer.ID
			}
		} else if err = desk.do(ctx, http.MethodGet, "/zonas/"+id, nil, &before); err == nil {
			// The shape comes from the file; the rules are what people gave it here.
			body["reglas"] = before.Reglas
			if before.Horarios != nil {
				body["horarios"] = before.Horarios
			}
			if err = desk.do(ctx, http.MethodPut, "/zonas/"+id, body, &answer); err == nil && answer.Version == before.Version {
				same++
			} else if err == nil {
				redrawn++
			}
		}
		if err != nil {
			return fmt.Errorf("definir la zona %s: %w", z.name, err)
		}
		bar.set(int64(i + 1))
	}
	bar.done()
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d zonas definidas, %d corregidas, %d iguales\n", defined, redrawn, same)
	return err
}
