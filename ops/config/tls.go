package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS is how Redis and NATS are spoken to where their address says TLS: the server proves its
// name, at least TLS 1.2. There is no setting that skips it. PostgreSQL takes the same from
// its address (sslmode=verify-full&sslrootcert=...).
func (c Config) TLS() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLSCAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.TLSCAFile)
	if err != nil {
		return nil, fmt.Errorf("GAD_TLS_CA_FILE: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("GAD_TLS_CA_FILE: no contiene ningún certificado PEM")
	}
	return t, nil
}
