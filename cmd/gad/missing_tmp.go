package main

import (
	"context"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/eventstore/jetstream"
)

func (s *system) startBot(context.Context, *errgroup.Group, *jetstream.Consumer) error { return nil }
func auditVerifyCommand() *cobra.Command                                               { return &cobra.Command{Use: "verify"} }
