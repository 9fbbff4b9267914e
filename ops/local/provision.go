package local

import (
	"context"
	_ "embed" // roles.sql
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

//go:embed roles.sql
var rolesSQL string

// RolesSQL returns the statements that make the roles, for a server that is not ours: a
// superuser runs them there once.
func RolesSQL() string { return rolesSQL }

// Roles are the addresses of one database for each of its three kinds of user.
type Roles struct {
	OwnerURL  string // migrations
	AppURL    string // every role of the program but the notary
	NotaryURL string
}

// provisionLock keeps two processes from making the same role at once, which PostgreSQL
// answers with an internal error instead of "already exists".
const provisionLock = 0x67616400

// Provision makes the roles, the database and its extension PostGIS, in whatever part they
// are missing. superuserURL may address any database of the server.
func Provision(ctx context.Context, superuserURL, dbname string) (Roles, error) {
	roles, err := rolesOf(superuserURL, dbname)
	if err != nil {
		return Roles{}, err
	}
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return Roles{}, fmt.Errorf("connect to provision %s: %w", dbname, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	// Advisory locks belong to a database: every caller must come through the same one. The
	// lock ends with the connection.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", provisionLock); err != nil {
		return Roles{}, fmt.Errorf("lock to provision %s: %w", dbname, err)
	}
	if _, err := conn.Exec(ctx, rolesSQL); err != nil {
		return Roles{}, fmt.Errorf("create roles: %w", err)
	}
	if err := createDatabase(ctx, conn, dbname); err != nil {
		return Roles{}, err
	}
	if err := extend(ctx, superuserURL, dbname); err != nil {
		return Roles{}, err
	}
	return roles, nil
}

func createDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	var there bool
	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for database %s: %w", name, err)
	}
	if there {
		return nil
	}
	// template0: nothing that an administrator may have put into template1.
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+
		" OWNER gad_owner TEMPLATE template0 ENCODING 'UTF8'")
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func extend(ctx context.Context, superuserURL, dbname string) error {
	address, err := withDatabase(superuserURL, dbname, "")
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", dbname, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis"); err != nil {
		return fmt.Errorf("create extension postgis in %s: %w", dbname, err)
	}
	return nil
}

func rolesOf(superuserURL, dbname string) (Roles, error) {
	var r Roles
	var errs [3]error
	r.OwnerURL, errs[0] = withDatabase(superuserURL, dbname, "gad_owner")
	r.AppURL, errs[1] = withDatabase(superuserURL, dbname, "gad_app")
	r.NotaryURL, errs[2] = withDatabase(superuserURL, dbname, "gad_notary")
	return r, errors.Join(errs[:]...)
}

// withDatabase is address with another database and, unless it is empty, another user.
func withDatabase(address, dbname, user string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("parse database address: %w", err)
	}
	u.Path = "/" + dbname
	if user != "" {
		u.User = url.User(user)
	}
	return u.String(), nil
}
