package local

import "syscall"

func processAttributes(s spec) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{
		Setpgid:   true, // a Ctrl-C at the terminal is for us; we stop the servers in order
		Pdeathsig: s.onDeath,
	}
	if s.account != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(s.account.uid), Gid: uint32(s.account.gid)}
	}
	return attr
}
