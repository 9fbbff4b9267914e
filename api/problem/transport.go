package problem

import (
	"net/http"

	"github.com/grupo-gad/gad/domain/fault"
)

// The refusals of the transport.
var (
	ErrMalformado = &Error{http.StatusBadRequest, fault.New(fault.Invalid, "json_malformado", "el cuerpo no es JSON válido")}
	ErrPeticion   = &Error{http.StatusBadRequest, fault.New(fault.Invalid, "peticion_invalida", "la petición no se puede interpretar")}
	ErrRuta       = &Error{http.StatusNotFound, fault.New(fault.NotFound, "ruta_no_existe", "esa dirección no existe")}
	ErrMetodo     = &Error{http.StatusMethodNotAllowed, fault.New(fault.Invalid, "metodo_no_permitido", "esa dirección no admite ese método")}
	ErrGrande     = &Error{http.StatusRequestEntityTooLarge, fault.New(fault.Invalid, "cuerpo_demasiado_grande", "el cuerpo de la petición es demasiado grande")}
	ErrTipo       = &Error{http.StatusUnsupportedMediaType, fault.New(fault.Invalid, "tipo_no_admitido", "el cuerpo tiene que ser application/json, sin comprimir")}
	ErrServidor   = &Error{http.StatusMisdirectedRequest, fault.New(fault.Invalid, "servidor_desconocido", "este servidor no atiende ese nombre")}
	ErrCabeceras  = &Error{http.StatusRequestHeaderFieldsTooLarge, fault.New(fault.Invalid, "cabeceras_demasiado_grandes", "las cabeceras de la petición son demasiado grandes")}
	ErrOrigen     = &Error{http.StatusForbidden, fault.New(fault.Forbidden, "origen_no_admitido", "la petición viene de un sitio que no está admitido")}
	ErrAparte     = &Error{http.StatusServiceUnavailable, fault.New(fault.Unavailable, "no_disponible", "una parte del sistema no está disponible; la petición puede repetirse")}
	ErrDemora     = &Error{http.StatusServiceUnavailable, fault.New(fault.Unavailable, "sin_tiempo", "la respuesta tardó demasiado; la petición puede repetirse")}
)

// transport are the refusals by status, for errors that come from the framework.
var transport = map[int]*Error{
	http.StatusBadRequest:                  ErrPeticion,
	http.StatusNotFound:                    ErrRuta,
	http.StatusMethodNotAllowed:            ErrMetodo,
	http.StatusRequestEntityTooLarge:       ErrGrande,
	http.StatusUnsupportedMediaType:        ErrTipo,
	http.StatusMisdirectedRequest:          ErrServidor,
	http.StatusRequestHeaderFieldsTooLarge: ErrCabeceras,
	http.StatusServiceUnavailable:          ErrDemora,
}

// ByStatus returns the refusal that a framework expressed as a bare status, or
// nil when it is none of ours.
func ByStatus(code int) error {
	if e, ok := transport[code]; ok {
		return e
	}
	return nil
}

// Because returns a copy that remembers why, for the log only.
func (e *Error) Because(cause error) *Error { return &Error{e.Status, e.Fault.Because(cause)} }

// With returns a copy that points at the wrong inputs.
func (e *Error) With(fields ...fault.Field) *Error { return &Error{e.Status, e.Fault.With(fields...)} }

// titles of the statuses that problems use, in Spanish.
var titles = map[int]string{
	http.StatusBadRequest:                  "Petición incorrecta",
	http.StatusUnauthorized:                "Falta identificarse",
	http.StatusForbidden:                   "No permitido",
	http.StatusNotFound:                    "No existe",
	http.StatusMethodNotAllowed:            "Método no permitido",
	http.StatusConflict:                    "En conflicto",
	http.StatusPreconditionFailed:          "Versión vencida",
	http.StatusRequestEntityTooLarge:       "Demasiado grande",
	http.StatusUnsupportedMediaType:        "Tipo no admitido",
	http.StatusMisdirectedRequest:          "Servidor equivocado",
	http.StatusUnprocessableEntity:         "Datos no válidos",
	http.StatusTooManyRequests:             "Demasiadas peticiones",
	http.StatusRequestHeaderFieldsTooLarge: "Cabeceras demasiado grandes",
	http.StatusInternalServerError:         "Error interno",
	http.StatusServiceUnavailable:          "No disponible",
}
