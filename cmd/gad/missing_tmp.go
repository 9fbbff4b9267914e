package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/eventstore/jetstream"
)

func (s *system) startBot(context.Context, *errgroup.Group, *jetstream.Consumer) error { return nil }
