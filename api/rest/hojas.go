package rest

import (
	"cmp"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/xuri/excelize/v2"

	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/projections/tareas"
)

// column is one column of a table that people open in a spreadsheet.
type column struct {
	name string
	of   func(tareas.Tarea) any // string, float64, int64, bool or time.Time; nil is empty
}

// nombres are what people call what a row names by its id; whoever may not know one finds the id.
type nombres struct {
	zonas     map[ident.Zona]string
	efectivos map[ident.Efectivo]string
}

// columnas of a table of Tareas: those for programs first, then how people call things.
func columnas(n nombres) []column { return append(slices.Clone(tareaColumns), n.columnas()...) }

func (n nombres) columnas() []column {
	return []column{
		{"zona_nombre", func(t tareas.Tarea) any { return n.zonas[t.Zona] }},
		{"efectivos_activos", func(t tareas.Tarea) any {
			return n.lista(t, func(e tarea.EstadoAsignacion) bool { return e.Activa() })
		}},
		{"efectivos_anteriores", func(t tareas.Tarea) any {
			return n.lista(t, func(e tarea.EstadoAsignacion) bool { return !e.Activa() })
		}},
	}
}

// lista are the codes of those whose part in a Tarea is such.
func (n nombres) lista(t tareas.Tarea, is func(tarea.EstadoAsignacion) bool) string {
	var codes []string
	for _, a := range t.Asignaciones {
		if is(a.Estado) {
			codes = append(codes, cmp.Or(n.efectivos[a.Efectivo], string(a.Efectivo)))
		}
	}
	return strings.Join(codes, " ")
}

var tareaColumns = []column{
	{"codigo", func(t tareas.Tarea) any { return t.Codigo }},
	{"titulo", func(t tareas.Tarea) any { return t.Titulo }},
	{"descripcion", func(t tareas.Tarea) any { return t.Descripcion }},
	{"tipo", func(t tareas.Tarea) any { return string(t.Tipo) }},
	{"prioridad", func(t tareas.Tarea) any { return int64(t.Prioridad) }},
	{"estado", func(t tareas.Tarea) any { return string(t.Estado) }},
	{"inicio_programado", func(t tareas.Tarea) any { return t.InicioProgramado }},
	{"fin_programado", func(t tareas.Tarea) any { return moment(t.FinProgramado) }},
	{"inicio_real", func(t tareas.Tarea) any { return moment(t.InicioReal) }},
	{"fin_real", func(t tareas.Tarea) any { return moment(t.FinReal) }},
	{"duracion_s", func(t tareas.Tarea) any { return figure(t.DuracionS) }},
	{"pausas_s", func(t tareas.Tarea) any { return t.PausasS }},
	{"lat", func(t tareas.Tarea) any { return place(t, func(u tareas.Ubicacion) any { return u.Lat }) }},
	{"lon", func(t tareas.Tarea) any { return place(t, func(u tareas.Ubicacion) any { return u.Lon }) }},
	{"lugar", func(t tareas.Tarea) any { return place(t, func(u tareas.Ubicacion) any { return u.Descripcion }) }},
	{"zona", func(t tareas.Tarea) any { return string(t.Zona) }},
	{"delegado", func(t tareas.Tarea) any { return string(t.Delegado) }},
	{"creador", func(t tareas.Tarea) any { return string(t.Creador) }},
	{"efectivos", func(t tareas.Tarea) any {
		ids := make([]string, len(t.Asignaciones))
		for i, a := range t.Asignaciones {
			ids[i] = string(a.Efectivo)
		}
		return strings.Join(ids, " ")
	}},
	{"creada", func(t tareas.Tarea) any { return t.Creada }},
	{"simulada", func(t tareas.Tarea) any { return t.Simulada }},
	{"id", func(t tareas.Tarea) any { return string(t.ID) }},
}

func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

func figure(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func place(t tareas.Tarea, of func(tareas.Ubicacion) any) any {
	if t.Ubicacion == nil {
		return nil
	}
	return of(*t.Ubicacion)
}

// inert keeps a spreadsheet from running what somebody typed: a text that it would take for
// a formula gets an apostrophe in front, which shows it as text. Leading blanks do not make
// a formula harmless everywhere, so they are looked through.
func inert(s string) string {
	trimmed := strings.TrimLeft(s, " \u00a0\ufeff")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}

// csvSheet writes RFC 4180 in UTF-8.
type csvSheet struct {
	to      http.ResponseWriter
	w       *csv.Writer
	marked  bool // begins with the mark by which Excel knows UTF-8
	columns []column
	line    []string
}

func newCSV(w http.ResponseWriter, n nombres, _ *time.Location) sheet {
	return &csvSheet{to: w, w: csv.NewWriter(w), columns: columnas(n)}
}

func (s *csvSheet) begin() error {
	if s.marked {
		if _, err := io.WriteString(s.to, "\ufeff"); err != nil {
			return err
		}
	}
	s.line = make([]string, len(s.columns))
	for i, c := range s.columns {
		s.line[i] = c.name
	}
	return s.w.Write(s.line)
}

func (s *csvSheet) take(t tareas.Tarea) error {
	for i, c := range s.columns {
		switch v := c.of(t).(type) {
		case string:
			s.line[i] = inert(v)
		case float64:
			s.line[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case int64:
			s.line[i] = strconv.FormatInt(v, 10)
		case bool:
			s.line[i] = strconv.FormatBool(v)
		case time.Time:
			s.line[i] = v.UTC().Format(time.RFC3339Nano)
		default:
			s.line[i] = ""
		}
	}
	return s.w.Write(s.line)
}

func (s *csvSheet) end() error {
	s.w.Flush()
	return s.w.Error()
}

// xlsxSheet writes a workbook. Its rows wait in a temporary file, not in memory, until the
// archive can be made. A spreadsheet knows no zones: its dates are those of the operation.
type xlsxSheet struct {
	to      http.ResponseWriter
	columns []column
	zone    *time.Location
	file    *excelize.File
	stream  *excelize.StreamWriter
	date    int // style
	row     int
}

func newXLSX(w http.ResponseWriter, n nombres, zone *time.Location) sheet {
	return &xlsxSheet{to: w, columns: columnas(n), zone: zone}
}

func (s *xlsxSheet) begin() (err error) {
	s.file = excelize.NewFile()
	const name = "tareas"
	if err = s.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	format := "yyyy-mm-dd hh:mm:ss"
	if s.date, err = s.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return err
	}
	if s.stream, err = s.file.NewStreamWriter(name); err != nil {
		return err
	}
	if err = s.file.SetDocProps(&excelize.DocProperties{Title: "Tareas", Description: "Fechas en hora de " + s.zone.String()}); err != nil {
		return err
	}
	header := make([]any, len(s.columns))
	for i, c := range s.columns {
		header[i] = c.name
	}
	s.row = 1
	return s.stream.SetRow("A1", header)
}

func (s *xlsxSheet) take(t tareas.Tarea) error {
	s.row++
	cells := make([]any, len(s.columns))
	for i, c := range s.columns {
		switch v := c.of(t).(type) {
		case string:
			// The cell is a text whatever it holds; but the sheet may be saved as CSV later.
			cells[i] = inert(v)
		case time.Time:
			cells[i] = excelize.Cell{StyleID: s.date, Value: enHora(v, s.zone)}
		default:
			cells[i] = v
		}
	}
	at, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(at, cells)
}

// enHora is the time that a clock on the wall of the zone shows.
func enHora(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func (s *xlsxSheet) end() error {
	defer func() { _ = s.file.Close() }() // removes the temporary file
	if err := s.stream.Flush(); err != nil {
		return err
	}
	_, err := s.file.WriteTo(s.to)
	return err
}

// geoSheet writes a FeatureCollection (RFC 7946), a feature at a time.
type geoSheet struct {
	to   http.ResponseWriter
	some bool
}

func newGeo(w http.ResponseWriter, _ nombres, _ *time.Location) sheet { return &geoSheet{to: w} }

func (s *geoSheet) begin() error {
	_, err := s.to.Write([]byte(`{"type":"FeatureCollection","features":[`))
	return err
}

func (s *geoSheet) take(t tareas.Tarea) error {
	feature := struct {
		Type       string       `json:"type"`
		ID         string       `json:"id"`
		Geometry   *geoPoint    `json:"geometry"`
		Properties tareas.Tarea `json:"properties"`
	}{Type: "Feature", ID: string(t.ID), Properties: t}
	if t.Ubicacion != nil {
		feature.Geometry = &geoPoint{"Point", [2]float64{t.Ubicacion.Lon, t.Ubicacion.Lat}}
	}
	body, err := json.Marshal(feature, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return err
	}
	if s.some {
		body = append([]byte(",\n"), body...)
	}
	s.some = true
	_, err = s.to.Write(body)
	return err
}

func (s *geoSheet) end() error {
	_, err := s.to.Write([]byte("]}\n"))
	return err
}

type geoPoint struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"` // longitude first
}
