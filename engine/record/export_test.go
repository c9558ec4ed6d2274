package record

import "github.com/flowrider/flowrider/internal/durable"

var (
	FileName = fileName
	Parse    = parse
	Encode   = encode

	VerifyText = verifyText
)

// SearchHistory looks a config hash up in the content of a log.
func SearchHistory(data []byte, configHash string) ([]*Record, []*Problem) {
	return search(durable.ParseLog(data, historyFormat), configHash)
}

// OpenRuns opens the folder of records as another part of flowrider would.
func (s *Store) OpenRuns() (*durable.Dir, error) { return s.writer.OpenDir(s.selected("")) }

// ParseJournal reads the content of a journal.
func ParseJournal(data []byte) (*Apply, *Problem) { return parseJournal(data) }
