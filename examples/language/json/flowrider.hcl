# This file makes the folder the root folder. All blocks are in flows.flow.hcl.json.
