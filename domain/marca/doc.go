// Package marca is a marker that people share on the map: a closed road, a meeting point.
//
//	(nada) --poner--> puesta --retirar--> retirada
//	                    |
//	                    +-- past caduca nobody is shown it any more; nothing has to happen for that
//
// A Marca may belong to a Zona: then only those see it who reach that Zona, and who put it. One of
// none is everybody's. Whoever put it may take it away, and rol 2 and above within their scope.
package marca
