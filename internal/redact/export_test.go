package redact

// SecretsOf hides just these patterns, and not their other forms.
func SecretsOf(patterns []string) *Secrets {
	s := &Secrets{}
	s.matcher.Store(newMatcher(patterns))
	return s
}

// Held is what a writer holds back.
func (w *Writer) Held() string { return string(w.scan.held) }
