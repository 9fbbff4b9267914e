// Command gad is the whole system: one binary, one file per subcommand.
//
// Exit codes: 0 done; 1 something failed, and the last line says what to do;
// 2 the words of the command line are wrong; 3 an audit found the log or a read
// model to be other than it claims.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the operation's zone, also where the machine has none

	"github.com/redis/go-redis/v9/logging"
	"github.com/spf13/cobra"
)

// version is set by the linker for releases.
var version = "desarrollo"

func main() {
	unhurriedCollector()
	logging.Disable() // redisGuard says what fails of Redis, in our log
	// The first signal asks everything to end in order; the second one is the
	// operating system's business again.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errFound is wrapped by an audit that found something: not a failure of the
// program but an answer.
var errFound = errors.New("la auditoría encontró diferencias")

// run is main without the process: tests call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runRoot(ctx, rootCommand(), args, stdout, stderr)
}

func runRoot(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch usage := (usageError{}); {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		// Half an audit is no audit: whoever reads the code must not take it for a whole one.
		_, _ = fmt.Fprintln(stderr, "gad: interrumpido antes de terminar")
		return 1
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(stderr, "gad: %v\nProbá: %s --help\n", err, cmd.CommandPath())
		return 2
	case errors.Is(err, errFound):
		_, _ = fmt.Fprintf(stderr, "gad: %v\n", err)
		return 3
	}
	_, _ = fmt.Fprintf(stderr, "gad: %v\n", err)
	if help := remedy(err); help != "" {
		_, _ = fmt.Fprintln(stderr, help)
	}
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "gad",
		Short: "Operaciones de campo: órdenes, hechos, mapa vivo y auditoría",
		Long: `gad es un backend por eventos para operaciones de campo del Estado.

Las órdenes se vuelven hechos en un registro que nadie reescribe; los hechos se
vuelven filas, mensajes y puntos que se mueven en el mapa.

Códigos de salida: 0 bien · 1 falló, y la última línea dice qué hacer · 2 la línea
de comandos está mal escrita · 3 una auditoría encontró diferencias.`,
		Example: `  gad dev                        todo en un proceso, con servicios privados
  gad serve --roles=api,live     algunos roles, contra servicios propios
  gad audit verify               revisa el registro entero`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().String("config", "", "archivo de ajustes (CLAVE=valor por línea); sin él valen las variables GAD_* y, si existe, el entorno de desarrollo en --data")
	root.PersistentFlags().String("data", ".gad", "directorio del entorno de desarrollo")
	root.AddCommand(
		devCommand(), serveCommand(), migrateCommand(), rebuildCommand(), auditCommand(),
		adminCommand(), simulateCommand(), importCommand(), benchCommand(), configCommand(),
	)
	speakPlainly(root)
	return root
}
