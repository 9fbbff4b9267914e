//go:build unix && !linux

package local

import "syscall"

// processAttributes without the kernel's signal at the parent's death, which only Linux has:
// after a kill -9 the orphan is stopped by the next Start.
func processAttributes(s spec) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if s.account != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(s.account.uid), Gid: uint32(s.account.gid)}
	}
	return attr
}
