flow "command" "list" {
  for_each = ["x", "y"] # ERROR: Unsuitable for_each
  argv     = ["true"]
}

flow "command" "upstream" {
  for_each = { run = flow.list } # ERROR: Unknown for_each
  argv     = ["true"]
}

flow "command" "secret" {
  for_each = { key = sensitive("secret") } # ERROR: Sensitive for_each
  argv     = ["true"]
}
