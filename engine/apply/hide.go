package apply

import "github.com/flowrider/flowrider/internal/redact"

// hiding emits events without what is sensitive in what they say: an error may
// quote what it is about. Logs come without it already.
func hiding(secrets *redact.Secrets, emit func(Event)) func(Event) {
	return func(event Event) {
		event.Reason, event.Tail = secrets.Text(event.Reason), secrets.Text(event.Tail)
		emit(event)
	}
}
