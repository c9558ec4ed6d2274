package battery_test

// entry is one number of the battery.
type entry struct {
	id   string
	does string
	late string // why there is no such test yet; "" if there is
}

// catalogue lists all numbers.
var catalogue = []entry{
	{id: "T01", does: "SIGKILL of apply at random instants, with 200 flows, 16 at once; then plan and apply"},
	{id: "T02", does: "SIGKILL of apply at each system call of each kind that changes something"},
	{id: "T03", does: "power cuts of a real ext4 under an apply of 20 flows: every write to the disk, with random subsets of what was not flushed"},
	{id: "T04", does: "power cuts in a model of the disk, which promises less than any real one: every instant of whole applies, with up to 512 subsets (8 in the first tier) of the last 12 changes that were not synced"},
	{id: "T05", does: "disks of all sizes in steps of 4 KiB, and all numbers of files, that are too small for an apply"},
	{id: "T06", does: "nine errors of the operating system, at each durable operation of an apply, once and from then on"},
	{id: "T07", does: "file systems, folders and records that cannot be written"},
	{id: "T08", does: "50 applies of one project at once"},
	{id: "T09", does: "many clients on one store of records that fails", late: "comes with shared stores"},
	{id: "T10", does: "a holder that was stopped for longer than its lease, with clocks off by a day", late: "comes with shared stores"},
	{id: "T11", does: "stores that ignore the headers that writing safely needs", late: "comes with shared stores"},
	{id: "T12", does: "flows that fork, double-fork, call setsid, trap signals and clear their environment"},
	{id: "T13", does: "SIGKILL of apply, of its guard, and of both"},
	{id: "T14", does: "floods of output: 10 GB, a line of 1 GB, random bytes"},
	{id: "T15", does: "descendants that keep a pipe of a flow that has ended"},
	{id: "T16", does: "one, two and three signals at random instants, under nohup and with a closed output"},
	{id: "T17", does: "exit codes, signals, and run IDs that are missing, old or torn"},
	{id: "T18", does: "a batch service that fails in scripted ways", late: "comes with the environment batch"},
	{id: "T19", does: "a real Slurm that requeues, cancels and restarts", late: "comes with the environment batch"},
	{id: "T20", does: "the network, cut at each step of saving elsewhere", late: "comes with shared stores"},
	{id: "T21", does: "files of a flow that are written over and over while it is bundled"},
	{id: "T22", does: "trees with pipes, devices, loops, huge and very many files"},
	{id: "T23", does: "configurations that are made to exhaust whoever reads them"},
	{id: "T24", does: "random input for everything that reads a file", late: "the fuzz targets there are run by hand"},
	{id: "T25", does: "each byte of records, journals and blobs flipped, cut off and inserted"},
	{id: "T26", does: "results that were made to mislead", late: "comes with shared stores"},
	{id: "T27", does: "secrets, looked for in every byte that was written"},
	{id: "T28", does: "hostile names and arguments, and programs that pose as tools"},
	{id: "T29", does: "requests to the local page from elsewhere", late: "comes with the command ui"},
	{id: "T30", does: "the clock of the machine, set by a year between any two steps"},
	{id: "T31", does: "random histories of two branches, merged by git"},
	{id: "T32", does: "the building of an environment, killed"},
	{id: "T33", does: "random edits, crashes, merges and damages, against a model"},
	{id: "T34", does: "files of every format so far, and of the next one"},
	{id: "T35", does: "10,000 flows, and hours of applies", late: "has an issue of its own, on speed"},
	{id: "T36", does: "the rules of this page, broken on purpose one by one: each must be noticed"},
	{id: "T37", does: "the detector of races, and tests in random order"},
}
