package schema

// BlockTable is what may be written in one kind of block, for documentation.
type BlockTable struct {
	Header    string // flow "metaflow" "NAME"
	Arguments []Argument
	Blocks    []string // nested blocks
}

// Blocks lists the tables of all blocks, in the order in which a reader meets
// them.
func Blocks() []BlockTable {
	list := []struct {
		header string
		table  *table
	}{
		{"flowrider", settingsTable},
		{`variable "NAME"`, variableTable},
		{"validation in a variable", validationTable},
		{`project "NAME"`, projectTable},
		{`environment "pip" "NAME"`, pipTable},
		{`hook "python" "NAME"`, pythonHookTable},
		{`hook "command" "NAME"`, commandHookTable},
		{`profile "NAME"`, profileTable},
		{`flow "metaflow" "NAME"`, metaflowTable},
		{`output "NAME" in a flow "metaflow"`, metaflowOutputTable},
		{`flow "command" "NAME"`, commandTable},
		{`output "NAME" in a flow "command"`, commandOutputTable},
		{`bundle in a flow`, bundleTable},
		{`pin in a flow`, pinTable},
		{`stop in a flow`, stopTable},
		{`retry in a flow`, retryTable},
		{`resources in a flow`, resourcesTable},
		{`pool "NAME"`, poolTable},
		{`output "NAME"`, outputTable},
		{"moved", movedTable},
		{"import", importTable},
	}
	var tables []BlockTable
	for _, entry := range list {
		t := BlockTable{Header: entry.header, Arguments: entry.table.arguments}
		for _, block := range entry.table.blocks {
			t.Blocks = append(t.Blocks, block.Type)
		}
		tables = append(tables, t)
	}
	return tables
}
