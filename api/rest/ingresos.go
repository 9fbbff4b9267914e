package rest

import (
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/projections/usuarios"
)

// vistaUsuario is a Usuario with what he has to come in with, which no fact tells: passwords
// and links stand beside the log.
type vistaUsuario struct {
	usuarios.Usuario
	Contrasena bool `json:"contrasena"`
	Enlace     bool `json:"enlace_sin_usar"`
}

// conIngreso shows Usuarios to whoever asks.
func (a *API) conIngreso(r *request, list ...usuarios.Usuario) ([]vistaUsuario, error) {
	ids := make([]ident.Usuario, len(list))
	for i, u := range list {
		ids[i] = u.ID
	}
	ways, err := a.Door.Ways(r.Request().Context(), ids)
	if err != nil {
		return nil, err
	}
	shown := make([]vistaUsuario, len(list))
	for i, u := range list {
		maskUsuario(r, &u)
		shown[i] = vistaUsuario{u, ways[u.ID].Password, ways[u.ID].Link}
	}
	return shown, nil
}
