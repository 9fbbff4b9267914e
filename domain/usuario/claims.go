package usuario

import "github.com/grupo-gad/gad/domain/claim"

const espacioTelegram = "usuario.telegram_id"

// Claims says what e takes and gives back, always by secret: no personal value
// stands in a claim in clear.
func Claims(e Event) []claim.Change {
	switch e := e.(type) {
	case Registrado:
		changes := []claim.Change{{Space: "usuario.email", Secret: e.Email, Refusal: ErrEmailTomado}}
		if !e.DNI.IsZero() {
			changes = append(changes, claim.Change{Space: "usuario.dni", Secret: e.DNI, Refusal: ErrDNITomado})
		}
		return changes
	case TelegramVinculado:
		return []claim.Change{
			{Op: claim.Release, Space: espacioTelegram},
			{Space: espacioTelegram, Secret: e.TelegramID, Refusal: ErrTelegramTomado},
		}
	case TelegramDesvinculado:
		return []claim.Change{{Op: claim.Release, Space: espacioTelegram}}
	case DatosPersonalesEliminados:
		return []claim.Change{
			{Op: claim.Release, Space: "usuario.email"}, {Op: claim.Release, Space: "usuario.dni"}, {Op: claim.Release, Space: espacioTelegram},
		}
	case CredencialCambiada:
	}
	return nil
}
