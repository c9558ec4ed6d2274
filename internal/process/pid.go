package process

// PID is the number of the process, and of its process group.
func (p *Process) PID() int { return p.leader.handle.Pid }
