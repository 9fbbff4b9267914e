package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/grupo-gad/gad/ops/local"
)

// usageError is a mistake in the words of the command line.
type usageError struct{ error }

// usageTemplate is cobra's, in the language of the people who read it.
const usageTemplate = `Uso:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} SUBCOMANDO{{end}}{{if .HasExample}}

Ejemplos:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Subcomandos:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Opciones:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Opciones de todos:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} SUBCOMANDO --help" cuenta más de cada uno.{{end}}
`

// speakPlainly makes every mistake in the words of a command line count as one, say what
// was expected, and name the help that tells more.
func speakPlainly(root *cobra.Command) {
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagMistake(err)} })
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short, c.Hidden = "La ayuda de un subcomando", true
		case "completion":
			c.Short, c.Long = "Escribe lo que la consola necesita para completar las palabras de gad", ""
			c.Example = "  gad completion bash > /etc/bash_completion.d/gad\n  source <(gad completion zsh)"
			for _, shell := range c.Commands() {
				shell.Short = "Para " + shell.Name()
			}
		}
	}
	bindUsage(root)
}

func bindUsage(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	c.Flags().Lookup("help").Usage = "esta ayuda"
	check := c.Args
	if !c.Runnable() {
		// With something to run, an unknown word is an error and not a page of help.
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		check = cobra.NoArgs
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		if check != nil && check(cmd, args) != nil {
			if cmd.HasSubCommands() {
				return usageError{fmt.Errorf("no existe %s %s", cmd.CommandPath(), args[0])}
			}
			return usageError{fmt.Errorf("se espera: %s", cmd.UseLine())}
		}
		if missing := missingFlags(cmd); len(missing) > 0 {
			return usageError{fmt.Errorf("falta %s", strings.Join(missing, ", "))}
		}
		return nil
	}
	for _, sub := range c.Commands() {
		bindUsage(sub)
	}
}

// missingFlags lists the required flags that were not given.
func missingFlags(c *cobra.Command) (missing []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if len(f.Annotations[cobra.BashCompOneRequiredFlag]) > 0 && !f.Changed {
			missing = append(missing, "--"+f.Name)
		}
	})
	return missing
}

// flagMistake says what is wrong with a flag.
func flagMistake(err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if name := e.GetSpecifiedName(); e.GetSpecifiedShortnames() == "" {
			return fmt.Errorf("no existe la opción --%s", name)
		}
		return fmt.Errorf("no existe la opción -%s", e.GetSpecifiedShortnames())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("falta el valor de --%s", e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("%q no sirve como valor de --%s (%s)", e.GetValue(), e.GetFlag().Name, e.GetFlag().Value.Type())
	}
	return err
}

// remedy is what whoever reads an error can do about it; "" when the error says so itself.
func remedy(err error) string {
	switch {
	case errors.Is(err, local.ErrInUse):
		return "Ya corre un gad con ese directorio: usalo, detenelo, o elegí otro con --data."
	case errors.Is(err, syscall.EADDRINUSE):
		return "Otro programa atiende en esa dirección: detenelo, o elegí otra, por ejemplo --http 127.0.0.1:9000."
	case errors.Is(err, fs.ErrNotExist):
		return "Ese archivo o directorio no existe: revisá la ruta."
	case errors.Is(err, fs.ErrPermission):
		return "Falta permiso: revisá de quién es y con qué usuario corre gad."
	}
	return ""
}
