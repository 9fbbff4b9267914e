package usuario

import "github.com/grupo-gad/gad/domain/event"

// Definitions lists every version of every Usuario event ever stored.
func Definitions() []event.Definition {
	return []event.Definition{
		event.Current[Registrado](1),
		event.Current[DatosModificados](1),
		event.Current[RolCambiado](1),
		event.Current[JurisdiccionAsignada](1),
		event.Current[Verificado](1),
		event.Current[Bloqueado](1),
		event.Current[Desbloqueado](1),
		event.Current[DadoDeBaja](1),
		event.Current[SegundoFactorActivado](1),
		event.Current[SegundoFactorDesactivado](1),
		event.Current[CredencialCambiada](1),
		event.Current[TelegramVinculado](1),
		event.Current[TelegramDesvinculado](1),
		event.Current[DatosPersonalesEliminados](1),
	}
}
