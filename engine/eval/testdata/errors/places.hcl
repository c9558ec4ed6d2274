variable "n" {
  default = var.m # ERROR: Reference in a default
}

variable "m" {
  default = 1
}

project "p" {
  root = flow.a.run_id # ERROR: Reference not possible here
}

flow "command" "a" {
  argv = ["true", clean, workspaces, path.rooot, git] # ERROR: Unknown reference; Unknown reference; Unknown attribute; Incomplete reference
  env  = { NOW = timestamp(), ID = flow, V = local.m } # ERROR: Function not available; Incomplete reference; Unknown reference
}
