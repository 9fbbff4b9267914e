// Package usuario is a person who may order something.
//
// Who he is stands in the vault; the facts hold commitments under his
// sujeto_id. Password hashes never enter a fact, sealed or not.
package usuario
