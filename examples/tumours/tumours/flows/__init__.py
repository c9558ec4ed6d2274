"""The flows, one a file. Each can be run by itself, or by flowrider."""
