package client

import "reflect"

// mapType makes nested CBOR maps the kind of map that JSON can say.
var mapType = reflect.TypeFor[map[string]any]()
