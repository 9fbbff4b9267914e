package main

import "github.com/spf13/cobra"

// benchCommand measures the program on this machine.
func benchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Mide el programa en esta máquina, con servidores privados",
		Long: `Cada medición arranca servidores propios, muestra su avance y escribe una tabla (o
--json). Sale con 1 cuando una razón no llega a lo que el diseño pide y se pidió --strict.`,
		Example: "  gad bench append\n  gad bench rebuild --json",
	}
	c.AddCommand(benchAppendCommand(), benchRebuildCommand(), benchE2ECommand(), benchGeoCommand(), benchHTTPCommand())
	return c
}
