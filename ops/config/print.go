package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
)

// Setting documents one field of Config.
type Setting struct {
	Name    string // GAD_...
	Default string
	Meaning string
	Danger  string
	Secret  bool // may also be given as <Name>_FILE; never printed

	index int
}

// Settings lists every setting in the order of Config.
func Settings() []Setting {
	t := reflect.TypeFor[Config]()
	list := make([]Setting, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		list = append(list, Setting{
			Name: Prefix + f.Tag.Get("env"), Default: f.Tag.Get("envDefault"),
			Meaning: f.Tag.Get("mean"), Danger: f.Tag.Get("danger"),
			Secret: f.Type == reflect.TypeFor[Secret](), index: i,
		})
	}
	return list
}

// Shown is what people may see of the present value of a setting: a secret is masked by its type.
func (c Config) Shown(s Setting) string {
	v := reflect.ValueOf(c).Field(s.index).Interface()
	if secret, ok := v.(Secret); ok {
		return secret.String()
	}
	return strings.Trim(fmt.Sprint(v), "[]")
}

// Print writes every setting with its present value, masked where it is secret.
func Print(w io.Writer, c Config) error {
	table := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "AJUSTE\tVALOR\tPOR DEFECTO\tQUÉ ES")
	for _, s := range Settings() {
		meaning := s.Meaning
		if s.Danger != "" {
			meaning += " (peligro: " + s.Danger + ")"
		}
		name := s.Name
		if s.Secret {
			name += "[_FILE]"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, c.Shown(s), s.Default, meaning)
	}
	return table.Flush()
}
