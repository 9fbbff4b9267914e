package usuario

import (
	"github.com/grupo-gad/gad/domain/claim"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/sealed"
)

// The spaces in which a value belongs to one Usuario only.
const (
	espacioEmail    = "usuario.email"
	espacioDNI      = "usuario.dni"
	espacioTelegram = "usuario.telegram_id"
)

// What was asked for is somebody else's: the refusals point at it.
var (
	errEmailTomado = ErrEmailTomado.With(fault.Field{Name: "email", Message: ErrEmailTomado.Message})
	errDNITomado   = ErrDNITomado.With(fault.Field{Name: "dni", Message: ErrDNITomado.Message})
)

// Claims says what e takes and gives back, always by secret: no personal value
// stands in a claim in clear.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Registrado:
		return append(take(espacioEmail, e.Email, errEmailTomado), take(espacioDNI, e.DNI, errDNITomado)...)
	case DatosModificados:
		return append(replace(espacioEmail, e.Email, errEmailTomado), replace(espacioDNI, e.DNI, errDNITomado)...)
	case TelegramVinculado:
		return replace(espacioTelegram, &e.TelegramID, ErrTelegramTomado)
	case TelegramDesvinculado:
		return []claim.Change{{Op: claim.Release, Space: espacioTelegram}}
	case DadoDeBaja, DatosPersonalesEliminados:
		return []claim.Change{
			{Op: claim.Release, Space: espacioEmail}, {Op: claim.Release, Space: espacioDNI}, {Op: claim.Release, Space: espacioTelegram},
		}
	case CredencialCambiada, RolCambiado, JurisdiccionAsignada, Verificado, Bloqueado, Desbloqueado, SegundoFactorActivado, SegundoFactorDesactivado:
	}
	return nil
}

func take(space string, c sealed.Commitment, refusal *fault.Error) []claim.Change {
	if c.IsZero() {
		return nil
	}
	return []claim.Change{{Space: space, Secret: c, Refusal: refusal}}
}

func replace(space string, c *sealed.Commitment, refusal *fault.Error) []claim.Change {
	if c == nil {
		return nil
	}
	return append([]claim.Change{{Op: claim.Release, Space: space}}, take(space, *c, refusal)...)
}
