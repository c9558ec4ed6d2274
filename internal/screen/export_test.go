package screen

// Shown is what a line shows in so many columns, without colour.
func Shown(line Line, width int) string { return Look{Unicode: true}.row(line, width) }
