package efectivo

import (
	"strings"

	"github.com/grupo-gad/gad/domain/claim"
)

// Claims says what e takes: an internal code and a Usuario, for ever.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Registrado:
		return []claim.Change{
			{Space: "efectivo.codigo_interno", Key: strings.ToUpper(e.CodigoInterno), Refusal: ErrCodigoTomado},
			{Space: "efectivo.usuario", Key: string(e.Usuario), Refusal: ErrUsuarioTomado},
		}
	case FichaModificada, TurnoIniciado, TurnoFinalizado, DisponibilidadCambiada, UbicacionConfirmada, SenalPerdida,
		SenalRecuperada, ZonaIngresada, ZonaAbandonada, SOSActivado, SOSAtendido, LicenciaSolicitada, LicenciaAprobada,
		LicenciaRechazada, DadoDeBaja:
	}
	return nil
}
