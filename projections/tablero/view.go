package tablero

// Resumen is the strip of figures over every dashboard.
type Resumen struct {
	Tareas    map[string]int64 `json:"tareas"`    // open and ended, by estado
	Efectivos map[string]int64 `json:"efectivos"` // by disponibilidad
	Posicion  int64            `json:"posicion"`  // the log position the figures are true of
}
