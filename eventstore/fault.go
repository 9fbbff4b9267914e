package eventstore

import "github.com/grupo-gad/gad/domain/fault"

// The refusals of a store.
var (
	ErrStale         = fault.New(fault.Stale, "version_vencida", "otra persona modificó lo mismo mientras tanto; vuelva a intentar")
	ErrCommandReused = fault.New(fault.Invalid, "comando_reutilizado", "ese identificador de comando ya se usó con otro contenido")
	ErrUnavailable   = fault.New(fault.Unavailable, "registro_no_disponible", "el registro no está disponible; la orden puede repetirse sin riesgo con la misma clave")
)

// TakenError is why a claim was refused: another stream holds what it asks for. It is the private
// cause of the claim's own refusal, since whoever asked may not be one who may know of that stream.
type TakenError struct{ By StreamID }

func (e TakenError) Error() string { return "held by " + string(e.By) }
