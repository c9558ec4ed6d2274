package durable

// BackendOf lets tests do it wrong with the same backend.
func BackendOf(w Writer) Backend { return w.state().backend }

var (
	ExplainLock = explainLock
	IsAt        = isAt
	ParseHolder = parseHolder
	CommandName = command
	AppendFrame = appendFrame
)
