// Package compose_test checks docker-compose.yml as Docker Compose itself reads it, on
// machines without Docker.
package compose_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/grupo-gad/gad/ops/config"
)

const root = "../.."

func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// job reports whether others wait for a service to end.
func job(p *types.Project, name string) bool {
	for _, s := range p.Services {
		if s.DependsOn[name].Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}

func TestServices(t *testing.T) {
	t.Parallel()
	p := load(t)
	for _, name := range []string{"postgres", "redis", "nats", "keys", "migrate", "gad"} {
		if _, ok := p.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
	for name, s := range p.Services {
		if job(p, name) {
			if s.Restart != "no" {
				t.Errorf("%s: others wait for its end, and it restarts: %q", name, s.Restart)
			}
		} else if s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 {
			t.Errorf("%s: no health check", name)
		}
		if s.Build == nil && !regexp.MustCompile(`^[a-z/]+:\d+(\.\d+)*-`).MatchString(s.Image) {
			t.Errorf("%s: image %s has no version", name, s.Image)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is published to everybody", name, port.Published)
			}
		}
		for on, d := range s.DependsOn {
			if d.Condition == types.ServiceConditionHealthy && p.Services[on].HealthCheck == nil {
				t.Errorf("%s waits for %s to be healthy, which cannot be told", name, on)
			}
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				if _, err := os.Stat(v.Source); err != nil {
					t.Errorf("%s mounts what is not there: %v", name, err)
				}
			}
		}
	}
}

// TestSettings loads each container's environment as the program will.
func TestSettings(t *testing.T) {
	t.Parallel()
	p := load(t)
	for name, s := range p.Services {
		var environment []string
		for k, v := range s.Environment {
			if v != nil && strings.HasPrefix(k, config.Prefix) {
				environment = append(environment, k+"="+*v)
			}
		}
		if s.Image != "gad" {
			if len(environment) > 0 {
				t.Errorf("%s is not ours and gets %v", name, environment)
			}
			continue
		}
		c, err := config.Load(environment, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "gad" && (c.DatabaseURL.Reveal() == "" || c.VaultKEKFile == "" || c.JWTKeysDir == "") {
			t.Errorf("gad serve lacks settings: %+v", c)
		}
		if name == "migrate" && c.MigrateDatabaseURL.Reveal() == "" {
			t.Error("gad migrate has no database")
		}
	}
}

// TestNoCredentials: whoever clones this gets no password that somebody else knows.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?i)\w*(PASSWORD|SECRET|TOKEN)\w*\s*[:=]|://\w+:\w+@`).FindString(string(b)); m != "" {
		t.Errorf("a credential stands in the file: %s", m)
	}
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	p := load(t)
	build := p.Services["gad"].Build
	dockerfile, err := os.ReadFile(filepath.Join(build.Context, build.Dockerfile))
	if err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(gomod)[1]
	if !strings.Contains(string(dockerfile), "FROM golang:"+string(wanted)+"-") {
		t.Errorf("go.mod wants Go %s, the Dockerfile has another", wanted)
	}
	// COPY of what is not there fails only at the build.
	for _, m := range regexp.MustCompile(`(?m)^COPY ([^-\n].*) \S+$`).FindAllStringSubmatch(string(dockerfile), -1) {
		for source := range strings.FieldsSeq(m[1]) {
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Errorf("COPY %s: %v", source, err)
			}
		}
	}
}
