package process

import "sync"

// hurry is how little time there is for stops, and who is to be told of less.
var hurry = struct {
	sync.Mutex
	grace *Grace        // nil: as much as there is
	less  chan struct{} // closed by the next Hurry
}{less: make(chan struct{})}

// Hurry shortens the waits of every stop of this program: of those that are
// under way, and of those that come. Nothing is ever prolonged.
func Hurry(grace Grace) {
	hurry.Lock()
	defer hurry.Unlock()
	hurry.grace = &grace
	close(hurry.less)
	hurry.less = make(chan struct{})
}

// hasten shortens an ending by what Hurry has said. less is closed when it is
// to be done again.
func hasten(end *ending) (less <-chan struct{}) {
	hurry.Lock()
	defer hurry.Unlock()
	if hurry.grace != nil && end.begun {
		end.ask(*hurry.grace, awake())
	}
	return hurry.less
}
