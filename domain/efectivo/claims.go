package efectivo

import (
	"strings"

	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
)

// What was asked for is somebody else's: the refusals point at it.
var (
	errCodigoTomado  = ErrCodigoTomado.With(fault.Field{Name: "codigo_interno", Message: ErrCodigoTomado.Message})
	errUsuarioTomado = ErrUsuarioTomado.With(fault.Field{Name: "usuario", Message: ErrUsuarioTomado.Message})
)

// Claims says what e takes: an internal code and a Usuario, for ever.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Registrado:
		return []claim.Change{
			{Space: "efectivo.codigo_interno", Key: strings.ToUpper(e.CodigoInterno), Refusal: errCodigoTomado},
			{Space: "efectivo.usuario", Key: string(e.Usuario), Refusal: errUsuarioTomado},
		}
	case FichaModificada, TurnoIniciado, TurnoFinalizado, DisponibilidadCambiada, UbicacionConfirmada, SenalPerdida,
		SenalRecuperada, ZonaIngresada, ZonaAbandonada, SOSActivado, SOSAtendido, LicenciaSolicitada, LicenciaAprobada,
		LicenciaRechazada, DadoDeBaja:
	}
	return nil
}
