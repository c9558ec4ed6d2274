package record

// As is the record as it was when its newest run had a config hash: what has
// confirmed it later, for other configurations, is left out. It is nil if none
// of its runs had that hash.
func (rec *Record) As(configHash string) *Record {
	as := *rec
	for i := len(rec.Equivalent) - 1; i >= 0; i-- {
		if rec.Equivalent[i].ConfigHash == configHash {
			as.Equivalent = rec.Equivalent[:i+1]
			return &as
		}
	}
	if rec.ConfigHash != configHash {
		return nil
	}
	as.Equivalent = nil
	return &as
}

// Forms are the record as it was for each of its config hashes.
func (rec *Record) Forms() []*Record {
	var list []*Record
	for _, hash := range rec.hashes() {
		list = append(list, rec.As(hash))
	}
	return list
}
