package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/domain/fault"
)

// withSystem opens the system for one piece of work from the command line, with
// its stores running, and closes it afterwards.
func withSystem(cmd *cobra.Command, work func(*system) error) error {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	s, err := openSystem(cmd.Context(), settings.Patient(), newLog(settings, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer s.close()
	base, stop := context.WithCancel(cmd.Context())
	defer stop()
	stores, base := errgroup.WithContext(base)
	stores.Go(func() error { return s.store.Run(base) })
	err = work(s)
	stop()
	return errors.Join(err, ignoreCanceled(stores.Wait()))
}

func asFault(err error) (*fault.Error, bool) { return errors.AsType[*fault.Error](err) }
