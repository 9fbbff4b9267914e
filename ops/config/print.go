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

// Print writes every setting with its present value, masked where it is secret.
func Print(w io.Writer, c Config) error {
	table := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "AJUSTE\tVALOR\tPOR DEFECTO\tQUÉ ES")
	v := reflect.ValueOf(c)
	for _, s := range Settings() {
		meaning := s.Meaning
		if s.Danger != "" {
			meaning += " (peligro: " + s.Danger + ")"
		}
		name := s.Name
		if s.Secret {
			name += "[_FILE]"
		}
		value := strings.Trim(fmt.Sprint(v.Field(s.index).Interface()), "[]")
		if s.Secret {
			value = v.Field(s.index).Interface().(Secret).String()
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, value, s.Default, meaning)
	}
	return table.Flush()
}
