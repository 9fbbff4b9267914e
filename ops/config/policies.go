package config

import (
	"fmt"
	"slices"
	"time"
)

// What the rows of the policies have room for.
const (
	maxReminders = 3
	maxSOS       = 5
)

// checkPolicies lists what is wrong with the delays of the policies.
func (c Config) checkPolicies() (mistakes []error) {
	wrong := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	// rising also refuses the same delay twice: it would fire twice at once.
	rising := func(list []time.Duration) bool {
		return !slices.ContainsFunc(list, func(d time.Duration) bool { return d <= 0 }) && slices.IsSorted(list) && len(slices.Compact(slices.Clone(list))) == len(list)
	}
	reminders := slices.Clone(c.Recordatorios)
	slices.Reverse(reminders)
	whole := func(d time.Duration) bool { return d%time.Minute == 0 }
	if n := len(reminders); n < 1 || n > maxReminders || !rising(reminders) || slices.ContainsFunc(reminders, func(d time.Duration) bool { return !whole(d) }) {
		wrong("GAD_RECORDATORIOS: de uno a %d plazos en minutos enteros, de mayor a menor (40m,10m)", maxReminders)
	}
	if n := len(c.SOSRepetir); n < 1 || n > maxSOS || !rising(c.SOSRepetir) {
		wrong("GAD_SOS_REPETIR: de uno a %d plazos mayores que cero, de menor a mayor (1m,3m,10m)", maxSOS)
	}
	if c.VencidaTolerancia < 0 {
		wrong("GAD_VENCIDA_TOLERANCIA: no puede ser negativa")
	}
	for name, d := range map[string]time.Duration{
		"GAD_EMERGENCIA_PLAZO": c.EmergenciaPlazo, "GAD_EMERGENCIA_ANTIGUEDAD": c.EmergenciaAntiguedad, "GAD_SIN_EFECTIVOS_BUSCAR": c.SinEfectivosBuscar,
		"GAD_SIGNAL_PERIOD": c.SignalPeriod, "GAD_COBERTURA_CADA": c.CoberturaCada,
	} {
		if d < time.Second {
			wrong("%s: al menos 1s", name)
		}
	}
	if c.CruceEspera < 0 || c.LlegadaEspera < 0 {
		wrong("GAD_CRUCE_ESPERA y GAD_LLEGADA_ESPERA: no pueden ser negativas")
	}
	if c.SignalMissed < 1 || c.CrucePosiciones < 1 {
		wrong("GAD_SIGNAL_MISSED y GAD_CRUCE_POSICIONES: al menos 1")
	}
	if !(c.PosicionPrecision > 0 && c.PosicionPrecision <= 100_000) {
		wrong("GAD_POSICION_PRECISION_M va de 1 a 100000")
	}
	if !(c.LlegadaRadio > 0 && c.LlegadaRadio <= 10_000) || !(c.EmergenciaRadio > 0) || !(c.EmergenciaVelocidad > 0) {
		wrong("GAD_LLEGADA_RADIO_M va de 1 a 10000; GAD_EMERGENCIA_RADIO_M y GAD_EMERGENCIA_VELOCIDAD_MPS son mayores que cero")
	}
	slices.SortFunc(mistakes, func(a, b error) int { // maps have no order of their own
		if a.Error() < b.Error() {
			return -1
		}
		return 1
	})
	return mistakes
}
