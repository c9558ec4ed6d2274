package diag

import "strings"

// ShellQuote writes an address so that it can be pasted into a shell.
func ShellQuote(address string) string {
	if strings.ContainsAny(address, `["$ '`) {
		return "'" + strings.ReplaceAll(address, "'", `'\''`) + "'"
	}
	return address
}
